"""The rows of the live region, in groups, and which of them it has room for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

# Where nobody says how much room there is.
MOST_LIVE_ROWS = 200
# What is not the main thing is seen by its end.
_GLIMPSE = 2
# Below the row where it happens, so much of what is to come.
_AHEAD = 2


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that belong together; the one at `focus` is what happens now.

    Where it `is_asked`, the user has to see all of them.
    """

    rows: list[Text]
    focus: int = 0
    is_main: bool = False
    is_asked: bool = False


def fitted(groups: Sequence[Group], *, room: int) -> list[Text]:
    """The rows to show, at most `room`: of the answer those around its focus, of others the last ones.

    What the user is asked has its room first.
    """
    if not groups:
        return []
    asked = next((index for index, group in enumerate(groups) if group.is_asked), None)
    if asked is not None:
        return _with_question(groups, asked, room)
    main = max((index for index, group in enumerate(groups) if group.is_main), default=len(groups) - 1)
    taken = sum(min(_GLIMPSE, len(group.rows)) for group in groups) - min(_GLIMPSE, len(groups[main].rows))
    shown: list[Text] = []
    for index, group in enumerate(groups):
        shown += _around(group, max(1, room - taken)) if index == main else group.rows[-_GLIMPSE:]
    return shown[-room:]


def _with_question(groups: Sequence[Group], asked: int, room: int) -> list[Text]:
    """The question, and of the others what is left room for: the next ones, then those before."""
    shown = {asked: groups[asked].rows[:room]}
    for index in [*range(asked + 1, len(groups)), *reversed(range(asked))]:
        rows, left = groups[index].rows, room - sum(map(len, shown.values()))
        some = rows[-_GLIMPSE:] if not groups[index].is_asked else rows if len(rows) <= left else rows[:1]
        if len(some) <= left:
            shown[index] = some
    return [row for index in sorted(shown) for row in shown[index]]


def _around(group: Group, size: int) -> list[Text]:
    last = min(len(group.rows), group.focus + 1 + _AHEAD) if group.focus else size
    start = max(0, min(last, len(group.rows)) - size)
    return group.rows[start : start + size]
