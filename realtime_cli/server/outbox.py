"""What waits to be sent to one client. Who lets more than 32 MiB wait is closed with 1013."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

_LIMIT_CHARS = 32 * 1024 * 1024
# Answers wait while this much is queued, so that a slow client slows down its answers only.
_FULL_CHARS = 1024 * 1024


class OutboxFullError(Exception):
    """The client does not read, and has more than 32 MiB waiting."""


class Outbox:
    """A queue of frames that remembers its size."""

    def __init__(self) -> None:
        self._frames: asyncio.Queue[str] = asyncio.Queue()
        self._size_chars = 0
        self._has_room = asyncio.Event()
        self._has_room.set()

    def put(self, frame: str) -> None:
        """Queues a frame. Raises `OutboxFullError`."""
        self._resize(len(frame))
        if self._size_chars > _LIMIT_CHARS:
            raise OutboxFullError
        self._frames.put_nowait(frame)

    async def room(self) -> None:
        """Returns once the client has read most of what was sent."""
        await self._has_room.wait()

    async def send_all(self, send: Callable[[str], Awaitable[None]]) -> None:
        """Sends frames for ever."""
        while True:
            frame = await self._frames.get()
            await send(frame)
            self._resize(-len(frame))
            self._frames.task_done()

    async def sent(self) -> None:
        """Returns once everything was sent."""
        await self._frames.join()

    def _resize(self, chars: int) -> None:
        self._size_chars += chars
        if self._size_chars < _FULL_CHARS:
            self._has_room.set()
        else:
            self._has_room.clear()
