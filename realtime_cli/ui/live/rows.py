"""Words laid out in rows, each of which knows how much of the words it took."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.text import Text

from realtime_cli.ui.wrap import rows_of, untabbed


@dataclass(frozen=True, slots=True)
class Row:
    """A line, without its margin; `size` characters of the words lead to the row below."""

    text: str
    size: int


def laid_out(words: str, *, width: int, indent: int, lead: int = 0) -> list[Row]:
    """The words in rows of a column with a margin of `indent` cells, and `lead` more before the first row."""
    first, *lines = words.split("\n")
    rows = list(_broken(first, width=width, indent=indent, lead=lead))
    return rows + [row for line in lines for row in _broken(line, width=width, indent=indent, lead=0)]


def margin(width: int, indent: int) -> str:
    """What stands before each row but the first; nothing where the column is too narrow for it."""
    return " " * indent if indent + 2 <= width else ""


def shaded(rows: Sequence[Row], bright: int, *, style: str, rest: str) -> list[Text]:
    """The rows in their style, all but the first `bright` characters of the words in another."""
    shown: list[Text] = []
    for row in rows:
        shown.append(Text.assemble((row.text[:bright], style), (row.text[bright:], rest)))
        bright = max(0, bright - row.size)
    return shown


def word_end(words: str, share: float) -> int:
    """Where the word ends that is being said when this share of the words has been."""
    at = int(len(words) * min(1.0, max(0.0, share)))
    while 0 < at < len(words) and not (words[at].isspace() or words[at - 1].isspace()):
        at += 1
    return at


def _broken(line: str, *, width: int, indent: int, lead: int) -> Iterator[Row]:
    rows = rows_of(line, width=width, indent=indent, lead=lead)
    nexts = [*(begin for begin, _ in rows[1:]), len(line) + 1]
    at = 0
    for (begin, end), following in zip(rows, nexts, strict=True):
        yield Row(untabbed(line[begin:end]), following - at)
        at = following
