"""What becomes of drawn rows when a window gets narrower: many terminals wrap them, some cut them."""

from __future__ import annotations

from collections.abc import Mapping

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


def rows_added(screen: Screen, *, cursor_row: int, cursor_column: int, width: int) -> int:
    """How many rows more there are above the cursor, now that the terminal has wrapped them."""
    above = (_cells(screen, row) for row in range(cursor_row))
    return sum(max(0, cells - 1) // width for cells in above) + cursor_column // width


def _cells(screen: Screen, row: int) -> int:
    return max(
        (column + char.width for column, char in screen.data_buffer[row].items() if char.char.strip()),
        default=0,
    )
