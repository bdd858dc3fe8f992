"""Words laid out in rows, each of which knows how much of the words it took."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.text import Text

from realtime_cli.ui.flow import Column


@dataclass(frozen=True, slots=True)
class Row:
    """A line, without its margin; `size` characters of the words lead to the row below."""

    text: str
    size: int


def laid_out(words: str, *, width: int, indent: int) -> list[Row]:
    """The words in rows of a column whose first `indent` cells are its margin."""
    return [row for line in words.split("\n") for row in _broken(line, width=width, indent=indent)]


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


def _broken(line: str, *, width: int, indent: int) -> Iterator[Row]:
    column = Column(width=width, indent=indent)
    left = margin(width, indent)
    *rows, last = (left + column.add(line) + column.end()).removesuffix("\n").split("\n")
    at = 0
    for row in rows:
        end = at + _index(line[at:], _solid(row))
        end += len(line[end:]) - len(line[end:].lstrip())
        yield Row(row.removeprefix(left), end - at)
        at = end
    yield Row(last.removeprefix(left), len(line) - at + 1)


def _solid(text: str) -> int:
    """How many characters of the text are not spaces: the column may take those away, and no others."""
    return len("".join(text.split()))


def _index(text: str, solid: int) -> int:
    """Where so many characters that are not spaces are over."""
    for at, char in enumerate(text):
        if solid == 0:
            return at
        solid -= not char.isspace()
    return len(text)
