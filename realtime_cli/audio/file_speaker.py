"""A file or a pipe as the speaker."""

from __future__ import annotations

import asyncio
import errno
import os
from dataclasses import replace
from math import inf
from typing import Protocol

from realtime_cli.core.effects import FinishAudio, PlayAudio
from realtime_cli.core.inputs import AudioNotice, PlaybackProgress, PlaybackStopped
from realtime_cli.core.part_id import PartId
from realtime_cli.core.view import Level
from realtime_cli.runtime.ports import Post
from realtime_cli.samples.level import dbfs

from .beat import Beat
from .config import RATE_HZ, SAMPLE_BYTES
from .file_sink import Sink
from .file_target import AudioTarget
from .parts import PlayerEvent, Progress, Stopped
from .player import Player
from .session_inputs import SessionInputs
from .wire import Speech


class Speaker(Protocol):
    """What `FileEngine` needs of the one who writes."""

    def play(self, chunk: PlayAudio) -> None: ...
    def finish(self, part: FinishAudio) -> None: ...
    def stop(self) -> None: ...
    async def run(self) -> None: ...

    @property
    def level_dbfs(self) -> float: ...


class RealTimeSpeaker:
    """Plays into a file as a device would, by the clock: from the first audio on, pauses included."""

    def __init__(self, sink: Sink, *, block_ms: float, post: Post) -> None:
        self._block_samples = max(1, round(block_ms * RATE_HZ / 1000))
        self._sink = sink
        self._inputs = SessionInputs(post)
        self._player = Player(RATE_HZ)
        self._has_audio = asyncio.Event()
        self._last_block = b""

    def play(self, chunk: PlayAudio) -> None:
        """Queues audio."""
        self._player.play(*self._inputs.speech(chunk))
        self._has_audio.set()

    def finish(self, part: FinishAudio) -> None:
        """Queues the rest of a part."""
        ended, rest = self._inputs.end_of_speech(part)
        self._player.play(ended, rest)
        self._player.finish(ended)

    def stop(self) -> None:
        """Fades out in the next block."""
        if self._has_audio.is_set():
            self._player.stop()
        else:
            self._inputs.take(Stopped())

    @property
    def level_dbfs(self) -> float:
        """How loud the last block was."""
        return dbfs(self._last_block)

    async def run(self) -> None:
        """Plays until it is cancelled; then everything that was played is in the file."""
        try:
            await self._has_audio.wait()
            await self._play()
        finally:
            await self._sink.close()

    async def _play(self) -> None:
        beat = Beat()
        while True:
            self._last_block = self._player.read(self._block_samples * SAMPLE_BYTES)
            self._sink.write(self._last_block)
            for event in self._player.events():
                self._tell(event)
            beat.add(self._block_ms)
            await beat.wait()

    @property
    def _block_ms(self) -> float:
        return self._block_samples * 1000 / RATE_HZ

    def _tell(self, event: PlayerEvent) -> None:
        if isinstance(event, Progress):
            event = replace(event, delay_ms=self._block_ms)
        self._inputs.take(event)


class InstantSpeaker:
    """Writes all audio as it comes, and nothing else: it counts as heard at once."""

    def __init__(self, sink: Sink, *, post: Post) -> None:
        self._sink = sink
        self._post = post
        self._speech = Speech()

    def play(self, chunk: PlayAudio) -> None:
        """Writes audio."""
        part = PartId(chunk.item_id, chunk.content_index)
        self._sink.write(self._speech.take(chunk))
        self._tell(part)

    def finish(self, part: FinishAudio) -> None:
        """Writes the rest of a part."""
        ended = PartId(part.item_id, part.content_index)
        self._sink.write(self._speech.finish(ended))
        self._tell(ended)
        self._speech.leave(ended)

    def _tell(self, part: PartId) -> None:
        self._post(PlaybackProgress(*part, self._speech.heard_ms(part, 0, is_end=True)))

    def stop(self) -> None:
        """Nothing is waiting to be heard."""
        self._post(PlaybackStopped())

    @property
    def level_dbfs(self) -> float:
        """Nothing sounds."""
        return -inf

    async def run(self) -> None:
        """Waits to be cancelled; then everything is in the file."""
        try:
            await asyncio.Event().wait()
        finally:
            await self._sink.close()


def lost(target: AudioTarget, reason: str) -> AudioNotice:
    """What the user is told when nothing can be written any more."""
    is_reader_gone = reason == os.strerror(errno.EPIPE)  # who leaves early has heard enough
    level: Level = "warning" if is_reader_gone else "error"
    text = f"the answer's audio is no longer written to {target.name}: {reason}"
    return AudioNotice(level, text, side="speaker")
