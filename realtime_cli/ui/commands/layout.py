"""Rows of text, made for a width."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from realtime_cli.ui.theme import can_show
from realtime_cli.visible import one_line, visible

from .desk import Desk

_GAP = 2
# Names may take this share of the width, as a rule; longer ones stand on a row of their own.
_SHARE = 0.4
_LEAST = 8
_LONGEST = 1_000


def wrapped(console: Console, words: Text, *, width: int, indent: int = 0) -> list[Text]:
    """The words in rows, the ones below the first indented."""
    indent = indent if indent + _LEAST <= width else 0
    lines = words.wrap(console, max(1, width - indent))
    rows: list[Text] = []
    for line in lines:
        line.rstrip()
        rows.append(Text.assemble(" " * indent, line) if rows else line)
    return rows


def column_of(names: Iterable[Text], *, width: int, share: float = _SHARE) -> int:
    """Cells for names, which take at most a share of the width, and the gap behind them."""
    return min(max((name.cell_len for name in names), default=0), int(width * share)) + _GAP


def definitions(
    console: Console, entries: Sequence[tuple[Text, Text]], *, width: int, column: int | None = None
) -> list[Text]:
    """Names and what is to be said of them, side by side as far as there is room."""
    column = column_of((name for name, _ in entries), width=width) if column is None else column
    return [
        row for name, words in entries for row in _defined(console, name, words, column=column, width=width)
    ]


def tell(desk: Desk, words: str, style: str = "info") -> None:
    """Says something in a line, or as many as the words need."""
    desk.show(*wrapped(desk.console, Text(one_line(words, limit=_LONGEST), style), width=desk.width))


def paragraph(desk: Desk, words: str, style: str = "") -> None:
    """Shows a text of somebody else's, with its own lines."""
    lines = visible(words).split("\n")
    desk.show(*(row for line in lines for row in wrapped(desk.console, Text(line, style), width=desk.width)))


def dotted(console: Console, parts: Iterable[str]) -> str:
    """The parts that say something, in one line."""
    dot = " · " if can_show(console, "·") else ", "
    return dot.join(part for part in parts if part)


def excerpt(console: Console, text: str, *, limit: int) -> str:
    """The beginning of a text on one line."""
    words = one_line(text, limit=max(1, limit))
    return words if can_show(console, "…") else words.replace("…", "~")


def _defined(console: Console, name: Text, words: Text, *, column: int, width: int) -> list[Text]:
    if not words:
        return wrapped(console, name, width=width, indent=_GAP)
    if width - column < _LEAST:
        return wrapped(console, Text.assemble(name, "  ", words), width=width)
    left = Text(" " * column)
    lines = wrapped(console, words, width=width - column)
    if name.cell_len + _GAP > column:
        return [*wrapped(console, name, width=width, indent=_GAP), *(left + line for line in lines)]
    first, *more = lines
    beside = Text.assemble(name, " " * (column - name.cell_len), first)
    return [beside, *(left + line for line in more)]
