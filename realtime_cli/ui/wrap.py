"""Breaks one line of words into the rows of a column, and says where in the words each row stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from .flow import TAB, chopped, is_space, pieces
from .theme import can_show


@dataclass(slots=True)
class _Breaker:
    """The rows so far; the last one is filled up to `column` of its `room`."""

    room: int
    rooms: int
    is_fresh: bool
    rows: list[tuple[int, int]] = field(default_factory=lambda: [(0, 0)])
    column: int = 0

    def place(self, gap: str, at: int, word: str) -> None:
        """Puts a word behind the last one, or into a new row."""
        size = cell_len(word)
        lead = self._width(gap)
        if self.column + lead + size <= self.room:
            begin, _ = self.rows[-1]
            self.column += lead + size
            self.rows[-1] = begin, at + len(word)
        elif self.is_fresh:
            self.column = size
            self.rows[-1] = at, at + len(word)
        else:
            self.room, self.column = self.rooms, size
            self.rows.append((at, at + len(word)))
        self.is_fresh = False

    def _width(self, gap: str) -> int:
        """The spaces before a word, tabs as far as their stops."""
        return len((" " * self.column + gap).expandtabs(TAB)) - self.column


def rows_of(line: str, *, width: int, indent: int, lead: int = 0) -> list[tuple[int, int]]:
    """Where the rows of the line begin and end, in a column whose first `indent` cells are its margin.

    Before the first row `lead` cells more are taken.
    """
    left = indent if indent + 2 <= width else 0
    breaker = _Breaker(max(0, width - indent - lead), width - left, is_fresh=left == indent and not lead)
    gap, at = "", 0
    for piece in pieces(line):
        if is_space(piece):
            gap, at = piece, at + len(piece)
            continue
        for part in chopped(piece, width - left):
            breaker.place(gap, at, part)
            gap, at = "", at + len(part)
    return breaker.rows


def parts_of(line: str, *, room: int) -> list[tuple[int, int]]:
    """Where the rows of a line begin and end that breaks anywhere, as code does."""
    rows, at = list[tuple[int, int]](), 0
    for part in chopped(line, max(1, room)):
        rows.append((at, at + len(part)))
        at += len(part)
    return rows


def cut(words: Text, rows: Sequence[tuple[int, int]]) -> list[Text]:
    """The words in these rows, in one pass."""
    edges: Iterable[int] = (edge for row in rows for edge in row)
    return list(words.divide(edges))[1::2]


def wrapped(words: Text, *, width: int, indent: int = 0) -> list[Text]:
    """One line of words in the rows of a column, whose first `indent` cells are taken."""
    return cut(words, rows_of(words.plain, width=width, indent=indent))


def wrapped_below(words: Text, *, width: int, indent: int = 4) -> list[Text]:
    """One line of words in rows; all but the first begin `indent` cells to the right, where there is room."""
    first, *more = rows_of(words.plain, width=width, indent=0)
    if not more:
        return cut(words, [first])
    left = indent if 2 * indent < width else 0
    rest = wrapped(words[more[0][0] :], width=width, indent=left)
    return [*cut(words, [first]), *(Text(" " * left) + row for row in rest)]


def untabbed(text: str) -> str:
    """The text with its tabs as spaces, as far as their stops."""
    first, *rest = text.split("\t")
    parts, column = [first], cell_len(first)
    for part in rest:
        gap = TAB - column % TAB
        parts.append(" " * gap + part)
        column += gap + cell_len(part)
    return "".join(parts)


def shortened(console: Console, row: Text, width: int) -> Text:
    """The row, cut off where it is too wide."""
    row.truncate(max(1, width), overflow="ellipsis" if can_show(console, "…") else "crop")
    return row
