"""What becomes of drawn rows when a window gets narrower: many terminals wrap them, some cut them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest

from prompt_toolkit.layout.screen import Screen

# Variables of terminals that wrap; in a multiplexer its own rule counts, and GNU screen cuts.
_WRAPPING = (
    "ALACRITTY_WINDOW_ID",
    "GHOSTTY_RESOURCES_DIR",
    "KITTY_WINDOW_ID",
    "KONSOLE_VERSION",
    "VTE_VERSION",
    "WEZTERM_PANE",
    "WT_SESSION",
)
_WRAPPING_PROGRAMS = frozenset({"Apple_Terminal", "iTerm.app", "vscode"})


def wraps_rows(environ: Mapping[str, str]) -> bool:
    """Whether the terminal wraps rows that are too wide for it after a resize."""
    if environ.get("TMUX"):
        return True
    if environ.get("STY"):
        return False
    return any(map(environ.get, _WRAPPING)) or environ.get("TERM_PROGRAM") in _WRAPPING_PROGRAMS


class Wear:
    """How many cells of each row were drawn since all rows were erased.

    What is erased behind the end of a row still is a part of it for tmux, which wraps it with the rest.
    """

    def __init__(self) -> None:
        self._most: list[int] = []

    def erased(self) -> None:
        """All rows are new again."""
        self._most = []

    def drawn(self, screen: Screen, *, cursor_row: int) -> bool:
        """Notes what was drawn; whether a row down to the cursor's was longer before."""
        cells = [_cells(screen, row) for row in range(screen.height)]
        self._most = [max(pair) for pair in zip_longest(cells, self._most, fillvalue=0)]
        return cells[: cursor_row + 1] != self._most[: cursor_row + 1]


def rows_added(screen: Screen, *, cursor_row: int, cursor_column: int, width: int) -> int:
    """How many rows more there are above the cursor, now that the terminal has wrapped them.

    A cursor behind the end of its row stays with the end.
    """
    above = sum(_breaks(screen, row, _cells(screen, row), width) for row in range(cursor_row))
    before = min(cursor_column + 1, _cells(screen, cursor_row))
    return above + _breaks(screen, cursor_row, before, width)


def _breaks(screen: Screen, row: int, cells: int, width: int) -> int:
    """How often the first cells of a row are broken; no character is broken in two."""
    if cells <= width:
        return 0
    chars, column, breaks, used = screen.data_buffer[row], 0, 0, 0
    while column < cells:
        char = chars.get(column)
        size = 1 if char is None else char.width
        breaks, used = (breaks + 1, size) if used + size > width else (breaks, used + size)
        column += max(1, size)
    return breaks


def _cells(screen: Screen, row: int) -> int:
    return max(
        (column + char.width for column, char in screen.data_buffer[row].items() if char.char.strip()),
        default=0,
    )
