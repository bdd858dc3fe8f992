"""What the device's clock says: how long until a block sounds, and whether time is missing between blocks."""

from __future__ import annotations

from collections import deque
from statistics import median
from typing import NamedTuple

# A host API may give 0, or a time that cannot be: then the stream's own latency is the better guess.
_FAR_S = 2.0
# Shorter ones are told apart from jitter by nobody.
_GAP_S = 0.008
# Some clocks leap by a block and back: what most of so many blocks say is so.
_WITNESSES = 9
# While the device fills its buffers for the first time its clock makes leaps.
_SETTLING_BLOCKS = 10
_DRIFT_SHARE = 0.02
# A machine that stands still does so twice or three times within a second.
_ONE_EVENT_S = 1.0
_UNSTEADY_S = 10.0


class Mark(NamedTuple):
    """One callback: frames, when they meet the converter, the device's and our own time of the call (s)."""

    frames: int
    converter_s: float
    device_now_s: float
    called_s: float


class DeviceClock:
    """Follows a stream's marks, one direction of one device."""

    def __init__(self, rate_hz: int, *, latency_s: float) -> None:
        self._rate_hz = rate_hz
        self._latency_s = latency_s
        self._done_s = 0.0
        self._origin_s = 0.0
        self._blocks = 0
        self._has_clock = False
        self._origins_s: deque[float] = deque(maxlen=_WITNESSES)

    def delay_s(self, mark: Mark) -> float:
        """Seconds from the callback to the block's first sample at the converter, of an output."""
        delay_s = mark.converter_s - mark.device_now_s
        return delay_s if mark.converter_s and 0 <= delay_s <= _FAR_S else self._latency_s

    def gap_s(self, mark: Mark) -> float:
        """Seconds that are missing before this block; 0 in a steady stream.

        The first sample's time, seen from each block, stays where it is unless the device went without.
        """
        is_told = mark.converter_s > 0 and abs(mark.converter_s - mark.device_now_s) <= _FAR_S
        if not self._blocks:
            self._has_clock = is_told
        now_s = mark.converter_s if self._has_clock else mark.called_s
        origin_s = now_s - self._done_s
        self._done_s += mark.frames / self._rate_hz
        self._blocks += 1
        if self._has_clock and not is_told:
            return 0.0
        self._origins_s.append(origin_s)
        if self._blocks <= _SETTLING_BLOCKS:
            self._origins_s.clear()
            self._origin_s = origin_s
            return 0.0
        late_s = median(self._origins_s) - self._origin_s
        self._origin_s += late_s if abs(late_s) >= _GAP_S else late_s * _DRIFT_SHARE
        return late_s if late_s >= _GAP_S else 0.0


class Steadiness:
    """Tells a stream that has gaps again and again from one whose machine stood still for once."""

    def __init__(self) -> None:
        self._event_s = float("-inf")

    def is_lost(self, gap_at_s: float) -> bool:
        """Whether this gap is one too many: the second event within ten seconds."""
        since_s = gap_at_s - self._event_s
        if since_s < _ONE_EVENT_S:
            return False
        self._event_s = gap_at_s
        return since_s <= _UNSTEADY_S
