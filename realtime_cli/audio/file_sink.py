"""Writes audio to a file or a pipe in a thread of its own: disks and the readers of pipes are slow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import closing, suppress
from queue import SimpleQueue
from threading import Thread

from .file_target import AudioWriter

_MAX_WAITING_BYTES = 64 * 2**20
_CLOSE_TIMEOUT_S = 2.0


class Sink:
    """Writes PCM in a thread, in the order that it came. Belongs to the running loop.

    The first failure is told once, and everything after it is dropped.
    """

    def __init__(self, open_target: Callable[[], AudioWriter], *, on_failure: Callable[[str], None]) -> None:
        self._open = open_target
        self._on_failure = on_failure
        self._loop = asyncio.get_running_loop()
        self._waiting = SimpleQueue[bytes | None]()
        self._queued_bytes = 0
        self._written_bytes = 0
        self._has_failed = False
        self._has_ended = asyncio.Event()
        Thread(target=self._run, name="realtime-speaker", daemon=True).start()

    def write(self, pcm: bytes) -> None:
        """Queues audio and returns at once."""
        if self._has_failed:
            return
        self._queued_bytes += len(pcm)
        self._waiting.put(pcm)
        if self._queued_bytes - self._written_bytes > _MAX_WAITING_BYTES:
            self._fail("its reader is too slow")

    async def close(self) -> None:
        """Writes what is waiting, and closes the file; gives up on a reader that does not read."""
        self._waiting.put(None)
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                await self._has_ended.wait()

    def _run(self) -> None:
        try:
            self._write_all()
        except OSError as error:
            self._tell_loop(self._fail, error.strerror or str(error))
        self._tell_loop(self._has_ended.set)

    def _write_all(self) -> None:
        with closing(self._open()) as writer:
            while (pcm := self._waiting.get()) is not None and not self._has_failed:
                writer.write(pcm)
                self._written_bytes += len(pcm)

    def _tell_loop(self, what: Callable[..., None], *values: str) -> None:
        with suppress(RuntimeError):  # the loop has closed: nobody wants to know any more
            self._loop.call_soon_threadsafe(what, *values)

    def _fail(self, reason: str) -> None:
        if not self._has_failed:
            self._has_failed = True
            self._on_failure(reason)
