"""A text that has to be seen before something is done with it: whole, or its two ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from rich.text import Text

from realtime_cli.visible import visible

from .wrap import cut, rows_of, untabbed, wrapped_below

_STEP = 2


def whole(lines: Sequence[str], *, width: int) -> list[Text]:
    """All words of the lines; what is too long goes on below, further to the right."""
    shown = [Text(untabbed(visible(line))) for line in lines]
    return [row for line in shown for row in wrapped_below(line, width=width, indent=_margin(line.plain))]


def both_ends(text: str, *, width: int, room: int, between: Callable[[int], Text]) -> list[Text]:
    """The text in at most `room` rows, at least three: all of it, or its beginning and its end.

    `between` says how many characters are left out.
    """
    line = _on_one_line(text)
    enough = room * width
    if len(line) <= enough and len(rows := rows_of(line, width=width, indent=0)) <= room:
        return cut(Text(line), rows)
    tail = max(1, (room - 1) // 2)
    first = rows_of(line[:enough], width=width, indent=0)[: max(1, room - 1 - tail)]
    start = max(first[-1][1], len(line) - enough)
    last = _moved(rows_of(line[start:], width=width, indent=0)[-tail:], start)
    left_out = between(last[0][0] - first[-1][1])
    return [*cut(Text(line), first), left_out, *cut(Text(line), last)]


def _margin(line: str) -> int:
    return len(line) - len(line.lstrip(" ")) + _STEP


def _moved(rows: Sequence[tuple[int, int]], by: int) -> list[tuple[int, int]]:
    return [(begin + by, end + by) for begin, end in rows]


@lru_cache(maxsize=8)
def _on_one_line(text: str) -> str:
    return " ".join(visible(text).split())
