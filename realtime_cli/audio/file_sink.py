"""Writes audio to a file or a pipe in a thread of its own: disks and the readers of pipes are slow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import closing, suppress
from queue import SimpleQueue
from threading import Thread

from realtime_cli.protocol.encoding import PCM_24K

from .file_target import AudioWriter

_MAX_WAITING_BYTES = 64 * 2**20
# What a reader takes is seen in pieces of this size.
_PIECE_BYTES = 4096
_PATIENCE_S = 5.0


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
        """Writes what is waiting, as slowly as it is read, and closes the file.

        Gives up on a reader that stands still, and where it is cancelled; what is lost then is told.
        """
        self._waiting.put(None)
        try:
            await self._until_nothing_moves()
        finally:
            self._tell_loss()

    async def _until_nothing_moves(self) -> None:
        seen_bytes = -1
        while seen_bytes != self._written_bytes and not self._has_ended.is_set():
            seen_bytes = self._written_bytes
            with suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE_S):
                    await self._has_ended.wait()

    def _tell_loss(self) -> None:
        unread_bytes = self._queued_bytes - self._written_bytes
        if unread_bytes:
            self._fail(f"{PCM_24K.ms(unread_bytes) / 1000:.1f} s of it were not read")

    def _run(self) -> None:
        try:
            self._write_all()
        except OSError as error:
            self._tell_loop(self._fail, error.strerror or str(error))
        self._tell_loop(self._has_ended.set)

    def _write_all(self) -> None:
        with closing(self._open()) as writer:
            while (pcm := self._waiting.get()) is not None and not self._has_failed:
                self._write_pieces(writer, pcm)

    def _write_pieces(self, writer: AudioWriter, pcm: bytes) -> None:
        for start in range(0, len(pcm), _PIECE_BYTES):
            if self._has_failed:
                return
            piece = pcm[start : start + _PIECE_BYTES]
            writer.write(piece)
            self._written_bytes += len(piece)

    def _tell_loop(self, what: Callable[..., None], *values: str) -> None:
        with suppress(RuntimeError):  # the loop has closed: nobody wants to know any more
            self._loop.call_soon_threadsafe(what, *values)

    def _fail(self, reason: str) -> None:
        if not self._has_failed:
            self._has_failed = True
            self._on_failure(reason)
