"""Transports for the loop's tests: what comes is fixed, and comes at its time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from realtime_cli.core.inputs import ConnectionLost, ConnectionOpened
from realtime_cli.runtime.ports import Inbound, Post


class TimedTransport:
    """Opens, posts each thing at its second of the loop's time, and stays open until it is closed."""

    def __init__(self, *inbound: tuple[float, Inbound]) -> None:
        self._inbound = inbound
        self._closing = asyncio.Event()
        self.sent: list[str] = []
        self.has_ended = False
        self.queued_bytes = 0

    async def run(self, post: Post) -> None:
        loop = asyncio.get_running_loop()
        try:
            post(ConnectionOpened())
            for at_s, inbound in self._inbound:
                await asyncio.sleep(at_s - loop.time())
                post(inbound)
            await self._closing.wait()
            post(ConnectionLost(1000, by_us=True))
        finally:
            self.has_ended = True

    def send(self, text: str) -> None:
        self.sent.append(text)

    def close(self) -> None:
        self._closing.set()


class EndingTransport:
    """Posts what it has and ends by itself; with an error, that is how it ends."""

    def __init__(self, inbound: Iterable[Inbound] = (), *, error: Exception | None = None) -> None:
        self._inbound = tuple(inbound)
        self._error = error
        self.queued_bytes = 0

    async def run(self, post: Post) -> None:
        for each in self._inbound:
            post(each)
        if self._error is not None:
            raise self._error

    def send(self, text: str) -> None:
        """Nobody listens."""

    def close(self) -> None:
        """It ends anyway."""
