"""The last events of a session, as the text that went over the wire."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from sys import getsizeof
from typing import TypeAlias

from realtime_cli.runtime.ports import Direction

# A quarter of an hour with an open microphone, by either.
_MOST_EVENTS, _MOST_BYTES = 50_000, 64 * 2**20

_Entry: TypeAlias = tuple[Direction, str | bytes, float, bool]


@dataclass(frozen=True, slots=True)
class Event:
    """A frame or a local input; `number` counts from 1 and stays the same, whatever is dropped."""

    number: int
    direction: Direction
    raw: str | bytes
    at_s: float
    is_object: bool


class EventRing:
    """An `Observer` that keeps the last events, as text: an object for each would slow every collection down.

    `max_bytes` bounds the memory of the frames; the newest one is kept in any case.
    """

    def __init__(self, *, max_events: int = _MOST_EVENTS, max_bytes: int = _MOST_BYTES) -> None:
        self._max_events = max_events
        self._max_bytes = max_bytes
        self._entries: deque[_Entry] = deque()
        self._size_bytes = 0
        self._dropped = 0
        self.dropped_session: str | None = None

    def saw(self, direction: Direction, raw: str | bytes, *, now_s: float, is_object: bool) -> None:
        """Keeps an event."""
        self._entries.append((direction, raw, now_s, is_object))
        self._size_bytes += getsizeof(raw)
        if len(self._entries) > self._max_events or self._size_bytes > self._max_bytes:
            self._drop()

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def first(self) -> int:
        """The oldest event's number; one more than `last` where there is none."""
        return self._dropped + 1

    @property
    def last(self) -> int:
        """The newest event's number, which is how many there have been."""
        return self._dropped + len(self._entries)

    def event(self, number: int) -> Event | None:
        """The event of that number; None where it is not kept, or not there yet."""
        if not self.first <= number <= self.last:
            return None
        return Event(number, *self._entries[number - self.first])

    def after(self, number: int) -> Iterator[Event]:
        """The events behind a number, oldest first."""
        for later in range(max(number + 1, self.first), self.last + 1):
            yield Event(later, *self._entries[later - self.first])

    def before(self, number: int) -> Iterator[Event]:
        """The events in front of a number, newest first."""
        for earlier in range(min(number - 1, self.last), self.first - 1, -1):
            yield Event(earlier, *self._entries[earlier - self.first])

    def _drop(self) -> None:
        """Drops the oldest, and remembers the session's configuration: the audio behind it is written so."""
        while len(self._entries) > 1 and (
            len(self._entries) > self._max_events or self._size_bytes > self._max_bytes
        ):
            direction, raw, _, _ = self._entries.popleft()
            self._dropped += 1
            self._size_bytes -= getsizeof(raw)
            if direction == "in" and isinstance(raw, str) and '"session.' in raw[:120]:
                self.dropped_session = raw
