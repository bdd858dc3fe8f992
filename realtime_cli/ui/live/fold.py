"""One line out of many parts: what matters most gets its room first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.text import Text


@dataclass(frozen=True, slots=True)
class Part:
    """What a place of the line says, where there is room for it.

    `room` is how many cells are kept for it: what stands behind keeps its place while the words change.
    """

    place: str
    text: Text
    room: int = 0

    @property
    def cells(self) -> int:
        """The room that it takes."""
        return max(self.room, self.text.cell_len)


def folded(parts: Iterable[Part], groups: Sequence[Sequence[str]], *, width: int, dot: str) -> Text:
    """The parts that fit below `width`, the most important first; a later one takes an earlier one's place.

    The line ends its choice where one does not fit: a wider line never shows less. `groups` are the places in
    their order; within a group `dot` parts them.
    """
    shown: dict[str, Part] = {}
    for part in parts:
        more = {**shown, part.place: part}
        if _cells(more, groups, len(dot)) >= width:
            break
        shown = more
    return _joined(shown, groups, dot)


def _cells(shown: Mapping[str, Part], groups: Sequence[Sequence[str]], gap: int) -> int:
    taken = [[shown[place].cells for place in places if place in shown] for places in groups]
    return sum(sum(cells) + gap * (len(cells) - 1) + 2 for cells in taken if cells) - 2


def _joined(shown: Mapping[str, Part], groups: Sequence[Sequence[str]], dot: str) -> Text:
    line, rest = Text(), 0
    for places in groups:
        gap = "  " if line else ""
        for place in places:
            if place in shown:
                line.append(" " * rest + gap, "info").append_text(shown[place].text)
                gap, rest = dot, shown[place].cells - shown[place].text.cell_len
    return line
