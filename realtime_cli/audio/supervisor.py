"""Keeps an audio child running: a child that dies is replaced, a few times a minute at most."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeAlias

from .pipe import Report
from .process import ChildProcess, Exited

# How long to wait before the next child, by how many have died within a minute.
_BACKOFF_S: Final = (0.0, 0.2, 1.0, 3.0)
_MEMORY_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Died:
    """A child has gone without being asked to, and the next one comes; `is_last`: none comes."""

    exited: Exited
    is_last: bool


Happening: TypeAlias = Report | Died


class Supervisor:
    """The present child, if there is one. Belongs to the running loop.

    `furnish` is called with every new child, before it does anything; `take` with all that it reports.
    """

    def __init__(
        self,
        *,
        furnish: Callable[[ChildProcess], None],
        take: Callable[[Happening], None],
        environment: Mapping[str, str],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._furnish = furnish
        self._take = take
        self._environment = environment
        self._deaths: deque[float] = deque()
        self._is_closing = False
        self._ended = asyncio.Event()
        self.child: ChildProcess | None = None

    def start(self) -> None:
        """Starts a child."""
        if self._is_closing:
            return
        try:
            self.child = ChildProcess(self._from_thread, environment=self._environment)
        except OSError as error:
            self._bury(Exited(str(error)))
            return
        self._furnish(self.child)

    def close(self) -> None:
        """Ends the child; it is not replaced."""
        self._is_closing = True
        if self.child is None:
            self._ended.set()
        else:
            self.child.close()

    async def wait_closed(self) -> None:
        """Returns when the last child has gone after `close`."""
        await self._ended.wait()

    def _from_thread(self, report: Report | Exited) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody wants to know any more
            self._loop.call_soon_threadsafe(self._receive, report)

    def _receive(self, report: Report | Exited) -> None:
        if not isinstance(report, Exited):
            self._take(report)
        elif self._is_closing:
            self.child = None
            self._ended.set()
        else:
            self._bury(report)

    def _bury(self, exited: Exited) -> None:
        self.child = None
        now_s = self._loop.time()
        self._deaths.append(now_s)
        while now_s - self._deaths[0] > _MEMORY_S:
            self._deaths.popleft()
        is_last = len(self._deaths) > len(_BACKOFF_S)
        if not is_last:
            self._loop.call_later(_BACKOFF_S[len(self._deaths) - 1], self.start)
        self._take(Died(exited, is_last))
