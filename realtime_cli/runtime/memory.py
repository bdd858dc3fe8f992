"""Ports in memory: a server that is a function, and a screen that is a list. For tests, and for dry runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from realtime_cli.core.inputs import ConnectionLost, ConnectionOpened
from realtime_cli.core.view import SessionView

from .ports import Post


class MemoryTransport:
    """A connection whose server answers each frame with the frames that `answer` gives."""

    def __init__(self, answer: Callable[[str], Iterable[str]], *, greeting: Iterable[str] = ()) -> None:
        self._answer = answer
        self._greeting = tuple(greeting)
        self._frames: asyncio.Queue[str | None] = asyncio.Queue()
        self.sent: list[str] = []

    async def run(self, post: Post) -> None:
        """Greets, answers, and closes normally when told to."""
        post(ConnectionOpened())
        for frame in self._greeting:
            post(frame)
        while (asked := await self._frames.get()) is not None:
            for answer in self._answer(asked):
                post(answer)
        post(ConnectionLost(1000, by_us=True))

    def send(self, text: str) -> None:
        """Takes a frame from the client."""
        self.sent.append(text)
        self._frames.put_nowait(text)

    def close(self) -> None:
        """Ends the connection after the frames before it."""
        self._frames.put_nowait(None)


class MemoryScreen:
    """Keeps every view."""

    def __init__(self) -> None:
        self.views: list[SessionView] = []

    def update(self, view: SessionView) -> None:
        """Keeps the view."""
        self.views.append(view)

    def close(self, view: SessionView) -> None:
        """Keeps the last view."""
        self.views.append(view)


class MemoryObserver:
    """Keeps everything that went by."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str | bytes, float, bool]] = []

    def saw(self, direction: str, raw: str | bytes, *, now_s: float, is_object: bool) -> None:
        """Keeps the frame or input."""
        self.seen.append((direction, raw, now_s, is_object))
