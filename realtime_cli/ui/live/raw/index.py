"""The rows of the raw view: which events a filter lets through, and which of them are folded into one."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from .filter import Filter
from .formats import Formats
from .reading import is_stream, stream_of, type_of
from .ring import Event, EventRing

_LONGEST_RUN = 250
# So many kinds of runs can grow side by side; a run is looked for among as many rows.
_SIDE_BY_SIDE = 16


@dataclass(frozen=True, slots=True)
class Run:
    """Events of one type, and of one item, that nothing but other runs came between.

    `anchor` is the first one's number.
    """

    anchor: int
    numbers: deque[int]


Row: TypeAlias = int | Run


def anchor_of(row: Row) -> int:
    """The number that a row is known by."""
    return row if isinstance(row, int) else row.anchor


def numbers_of(row: Row) -> Sequence[int]:
    """The events of a row."""
    return (row,) if isinstance(row, int) else row.numbers


class Index:
    """Rows in the order of their first events; each event is looked at once."""

    def __init__(self, ring: EventRing, formats: Formats, *, keeps: Filter, folds: bool) -> None:
        self.rows: deque[Row] = deque()
        self.matched = 0
        self._ring = ring
        self._formats = formats
        self._keeps = keeps
        self._folds = folds
        self._seen = 0
        self._open: dict[tuple[str, str, str], Run] = {}

    def catch_up(self) -> None:
        """Takes what is new, and lets go of what the ring has dropped."""
        for event in self._ring.after(self._seen):
            type_ = type_of(event)
            self._formats.note(event, type_)
            if self._keeps.lets_through(event, type_):
                self.matched += 1
                self._take(event, type_)
        self._seen = self._ring.last
        self._prune()

    def position(self, number: int) -> int:
        """Where the event's row is, or else the one before it; -1 where there is none before it."""
        at = bisect_right(self.rows, number, key=anchor_of) - 1
        for earlier in range(at, max(-1, at - _SIDE_BY_SIDE), -1):
            if number in numbers_of(self.rows[earlier]):
                return earlier
        return at

    def _take(self, event: Event, type_: str) -> None:
        if not (self._folds and is_stream(type_)):
            self._open.clear()
            self.rows.append(event.number)
            return
        key = (event.direction, type_, stream_of(event))
        run = self._open.get(key)
        # A run without events has left the rows: all that was in it was dropped.
        if run is None or not 0 < len(run.numbers) < _LONGEST_RUN:
            if len(self._open) >= _SIDE_BY_SIDE:
                self._open.clear()
            run = self._open[key] = Run(event.number, deque())
            self.rows.append(run)
        run.numbers.append(event.number)

    def _prune(self) -> None:
        first, at = self._ring.first, 0
        while at < len(self.rows) and anchor_of(self.rows[at]) < first:
            row = self.rows[at]
            if isinstance(row, Run):
                while row.numbers and row.numbers[0] < first:
                    row.numbers.popleft()
                    self.matched -= 1
                if row.numbers:
                    at += 1
                    continue
            else:
                self.matched -= 1
            del self.rows[at]
