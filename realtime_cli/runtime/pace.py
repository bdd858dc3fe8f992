"""How time passes while a recording plays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

# What playback lost to a busy machine is caught up with; what it lost to a longer stop (Ctrl-Z) is not.
_CATCH_UP_S = 0.5
# Recorded times have no smaller parts.
_TICK_S = 1e-6


@dataclass(slots=True)
class Pace:
    """How time passes: `speed` times as fast as it did (None: no waiting), no pause over `idle_limit_s`.

    A person may change it while it plays. Whoever `stays` is not done when the recording is over.
    """

    speed: float | None = 1.0
    idle_limit_s: float | None = None
    is_paused: bool = False
    is_muted: bool = False
    steps: int = 0
    stays: bool = False
    wants_to_leave: bool = False


class Countdown:
    """Counts down to what is due next, in session time, with the speed that there is at each moment."""

    def __init__(self, pace: Pace, clock: Callable[[], float]) -> None:
        self._pace = pace
        self._clock = clock
        self._due_s = 0.0
        self._ahead_s = 0.0
        self._looked_at = 0.0
        self._running_at = 0.0

    @property
    def now_s(self) -> float:
        """The session time that it is now."""
        self._pass_time()
        return self._due_s - self._ahead_s

    def start(self, t_s: float) -> None:
        """It is this session time now, and nothing is owed."""
        self._due_s, self._ahead_s = t_s, 0.0
        self._looked_at, self._running_at = self._clock(), self._speed

    def aim(self, t_s: float) -> None:
        """Something is due at this session time."""
        gap_s = t_s - self._due_s
        if self._pace.idle_limit_s is not None:
            gap_s = min(gap_s, self._pace.idle_limit_s)
        self._ahead_s += gap_s
        self._due_s = t_s

    def skip(self) -> None:
        """It is due now, whatever the clock says."""
        self._pass_time()
        self._ahead_s = 0.0

    @property
    def is_over(self) -> bool:
        """Whether it is due."""
        self._pass_time()
        return not self._pace.is_paused and self._ahead_s < _TICK_S

    @property
    def wait_s(self) -> float | None:
        """How long to wait for it; None where it does not come by itself."""
        if self._pace.is_paused or self._pace.speed is None:
            return None
        return self._ahead_s / self._pace.speed

    @property
    def _speed(self) -> float:
        return 0.0 if self._pace.is_paused else self._pace.speed or 0.0

    def _pass_time(self) -> None:
        """Takes off the time since the last look, at the speed that it had until now."""
        now = self._clock()
        passed_s = (now - self._looked_at) * self._running_at
        self._ahead_s = max(self._ahead_s - passed_s, -_CATCH_UP_S * self._running_at)
        if self._pace.speed is None:
            self._ahead_s = 0.0
        self._looked_at, self._running_at = now, self._speed
