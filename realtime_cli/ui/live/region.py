"""Chooses the rows that the live region has room for."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from .story import Group

# What is not the main thing is seen by its end.
_GLIMPSE = 2
# Below the row where it happens, so much of what is to come.
_AHEAD = 2


def fitted(groups: Sequence[Group], *, room: int) -> list[Text]:
    """The rows to show, at most `room`: of the answer those around its focus, of others the last ones."""
    if not groups:
        return []
    main = max((index for index, group in enumerate(groups) if group.is_main), default=len(groups) - 1)
    taken = sum(min(_GLIMPSE, len(group.rows)) for group in groups) - min(_GLIMPSE, len(groups[main].rows))
    shown: list[Text] = []
    for index, group in enumerate(groups):
        shown += _around(group, max(1, room - taken)) if index == main else group.rows[-_GLIMPSE:]
    return shown[-room:]


def _around(group: Group, size: int) -> list[Text]:
    last = min(len(group.rows), group.focus + 1 + _AHEAD) if group.focus else size
    start = max(0, min(last, len(group.rows)) - size)
    return group.rows[start : start + size]
