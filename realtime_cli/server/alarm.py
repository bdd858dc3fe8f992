"""One deadline that moves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


class Alarm:
    """Calls back at a Unix time. To move it to a later one costs nothing: the old timer looks at it again."""

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._deadline = float("inf")
        self._timer: asyncio.TimerHandle | None = None

    def set(self, deadline: float) -> None:
        """Rings at this time, and not at any other that was set before."""
        if deadline == self._deadline:
            return
        is_sooner, self._deadline = deadline < self._deadline, deadline
        if is_sooner or self._timer is None:
            self._wind()

    def stop(self) -> None:
        """Never rings."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        self._deadline = float("inf")

    def _wind(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        wait_s = max(0.0, self._deadline - time.time())
        self._timer = asyncio.get_running_loop().call_later(wait_s, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._deadline > time.time():
            self._wind()
            return
        self._deadline = float("inf")
        self._ring()
