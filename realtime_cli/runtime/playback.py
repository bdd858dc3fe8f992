"""Plays a recording through the same core and screen that the live session had."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from realtime_cli.core.session import Session
from realtime_cli.core.view import SessionView
from realtime_cli.protocol.codec import Codec

from .ports import Screen
from .replayer import RecordedEntry, Replayer

# At full speed the screen and the keyboard still want their turn now and then.
_SHARE_EVERY = 256
# What playback lost to a busy machine is caught up with; what it lost to a longer stop (Ctrl-Z) is not.
_CATCH_UP_S = 0.5
# Recorded times have no smaller parts.
_TICK_S = 1e-6


@dataclass(slots=True)
class Pace:
    """How time passes: `speed` times as fast as it did (None: no waiting), no pause over `idle_limit_s`.

    A person may change it while it plays.
    """

    speed: float | None = 1.0
    idle_limit_s: float | None = None
    is_paused: bool = False
    steps: int = 0
    wants_to_leave: bool = False


class Playback:
    """A recording as it plays. `poke` tells it that the pace was changed from outside."""

    def __init__(
        self,
        session: Session,
        *,
        codec: Codec,
        screen: Screen,
        pace: Pace,
        has_inputs: bool,
        refresh_s: float = 1 / 12,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = session
        self._replayer = Replayer(session, codec, has_inputs=has_inputs)
        self._screen = screen
        self.pace = pace
        self._refresh_s = refresh_s
        self._clock = clock
        self._poked = asyncio.Event()
        self._shown_at = float("-inf")
        self._is_stale = False
        self._position_s = 0.0
        self._due_s = 0.0
        self._ahead_s = 0.0
        self._looked_at = 0.0
        self._running_at = 0.0

    @property
    def position_s(self) -> float:
        """The session time of the last entry that was played."""
        return self._position_s

    @property
    def now_s(self) -> float:
        """The session time that it is now, between the entries too."""
        self._pass_time()
        return max(self._position_s, self._due_s - self._ahead_s)

    def poke(self) -> None:
        """Wakes the playback: the pace was changed."""
        self._poked.set()

    def skip(self, entry: RecordedEntry) -> None:
        """Takes an entry in without showing it or waiting for it."""
        self._take(entry)

    async def run(self, entries: Iterable[RecordedEntry]) -> SessionView:
        """Plays the entries to their end, or until somebody leaves."""
        self._looked_at = self._clock()
        self._pass_time()
        for number, entry in enumerate(entries):
            if number % _SHARE_EVERY == 0:
                await asyncio.sleep(0)
            await self._wait_for(entry.t_s)
            if self.pace.wants_to_leave:
                break
            self._take(entry)
            self._refresh()
        view = self._session.view()
        self._screen.close(view)
        return view

    def _take(self, entry: RecordedEntry) -> None:
        self._position_s = entry.t_s
        self._is_stale = True
        self._replayer.take(entry)

    async def _wait_for(self, t_s: float) -> None:
        gap_s = t_s - self._position_s
        if self.pace.idle_limit_s is not None:
            gap_s = min(gap_s, self.pace.idle_limit_s)
        self._ahead_s += gap_s
        self._due_s = t_s
        while not self._is_time():
            self._refresh()
            await self._nap()

    def _is_time(self) -> bool:
        """Whether the next entry is due, by the time that passed or by the wish of a person."""
        self._pass_time()
        if self.pace.wants_to_leave:
            return True
        if self.pace.steps:
            self.pace.steps -= 1
            self._ahead_s = 0.0
            return True
        return not self.pace.is_paused and self._ahead_s < _TICK_S

    def _pass_time(self) -> None:
        """Takes off the time since the last look, at the speed that it had until now."""
        now, speed = self._clock(), self.pace.speed
        passed_s = (now - self._looked_at) * self._running_at
        self._ahead_s = max(self._ahead_s - passed_s, -_CATCH_UP_S * self._running_at)
        if speed is None:
            self._ahead_s = 0.0
        self._looked_at, self._running_at = now, 0.0 if self.pace.is_paused else speed or 0.0

    async def _nap(self) -> None:
        """Sleeps until something is due, or somebody pokes."""
        self._poked.clear()
        try:
            async with asyncio.timeout(self._patience_s()):
                await self._poked.wait()
        except TimeoutError:
            return

    def _patience_s(self) -> float | None:
        if self.pace.is_paused or self.pace.speed is None:
            return None
        wait_s = self._ahead_s / self.pace.speed
        if not self._is_stale:
            return wait_s
        return min(wait_s, max(_TICK_S, self._shown_at + self._refresh_s - self._clock()))

    def _refresh(self) -> None:
        """Shows what is new, if it is time; while nothing moves it always is."""
        now = self._clock()
        if self._is_stale and (self.pace.is_paused or now - self._shown_at >= self._refresh_s):
            self._shown_at, self._is_stale = now, False
            self._screen.update(self._session.view())
