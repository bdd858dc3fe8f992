"""When the user's speech ended: a server counts the samples that it was sent, we know when they went out."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from operator import itemgetter

# Blocks of 20 ms that are remembered: a server that needs longer to notice an end has no use for its time.
_REMEMBERED = 1500


class SentAudio:
    """The stream of audio that a session was sent, in milliseconds from its beginning."""

    def __init__(self) -> None:
        self._position_ms = 0.0
        self._ends: deque[tuple[float, float]] = deque([(0.0, 0.0)], maxlen=_REMEMBERED)

    def add(self, duration_ms: float, now: float) -> None:
        """So much more went out."""
        self._position_ms += duration_ms
        self._ends.append((self._position_ms, now))

    def went_out_s(self, position_ms: float) -> float | None:
        """When the sample at the position was heard by us, in session seconds; None where nobody knows."""
        place = bisect_left(self._ends, position_ms, key=itemgetter(0))
        if not 0 < place < len(self._ends):
            return None
        end_ms, sent_s = self._ends[place]
        # A block went out when its last sample had been heard, though not before the block in front of it.
        return max(self._ends[place - 1][1], sent_s - (end_ms - position_ms) / 1000)
