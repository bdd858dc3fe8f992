"""The sound devices in this process: an asyncio shell round a `DeviceCore`."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from dataclasses import replace
from threading import Thread
from typing import Final, assert_never

from realtime_cli.core.effects import FinishAudio, PlayAudio
from realtime_cli.core.inputs import (
    AudioNotice,
    AudioReady,
    LocalInput,
    MicrophoneBlock,
    PlaybackProgress,
    PlaybackStopped,
)
from realtime_cli.errors import RealtimeError, UsageError
from realtime_cli.protocol.encoding import PCM_24K, Encoding
from realtime_cli.runtime.ports import Levels, Post
from realtime_cli.samples.conversion import Converter

from .config import AudioConfig
from .device_events import (
    Block,
    DeviceEvent,
    DeviceGap,
    Gap,
    Part,
    Progress,
    Ready,
    SpeakerLevel,
    Stopped,
    Trouble,
)
from .in_step import EchoCanceller
from .streams import DeviceCore
from .wire import Speech

# A callback that waits for the interpreter waits this long for each thread that computes (the default: 5 ms).
_SWITCH_INTERVAL_S: Final = 0.001


class LocalEngine:
    """An `AudioEngine` with the devices of this machine, in this process."""

    def __init__(self, config: AudioConfig, *, canceller: EchoCanceller | None = None) -> None:
        self._core = DeviceCore(config, self._hand_over, canceller=canceller)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready: asyncio.Future[AudioReady] | None = None
        self._closing = asyncio.Event()
        self._closer: Thread | None = None
        self._post: Post | None = None
        self._unposted: list[LocalInput] = []
        self._speech = Speech()
        self._to_wire: Converter | None = None
        self._levels = Levels()

    async def open(self) -> AudioReady:
        """Opens the devices and tells what there is. Raises `UsageError` for a bad device name."""
        sys.setswitchinterval(_SWITCH_INTERVAL_S)
        self._loop = asyncio.get_running_loop()
        self._ready = self._loop.create_future()
        try:
            await asyncio.to_thread(self._core.start)
        except UsageError:
            raise
        except RealtimeError as error:
            self._tell(AudioNotice("warning", str(error), error.hint))
            self._be_ready(AudioReady())
        return await self._ready

    async def run(self, post: Post) -> None:
        """Posts `AudioReady` and everything after it, until `close`. Opens the devices if nobody has."""
        post(await (self.open() if self._ready is None else self._ready))
        for happened in self._unposted:
            post(happened)
        self._post = post
        try:
            await self._closing.wait()
        finally:
            self.close()
            if self._closer is not None:
                await asyncio.to_thread(self._closer.join)

    def listen(self, encoding: Encoding) -> None:
        """Lets the microphone's blocks come, in this encoding."""
        self._to_wire = Converter(PCM_24K, encoding)
        self._core.listen()

    def play(self, chunk: PlayAudio) -> None:
        """Queues audio of a part."""
        self._core.play(Part(chunk.item_id, chunk.content_index), self._speech.take(chunk))

    def finish(self, part: FinishAudio) -> None:
        """Knows that this was all audio of the part."""
        ended = Part(part.item_id, part.content_index)
        self._core.play(ended, self._speech.finish(ended))
        self._core.finish(ended)

    def stop(self) -> None:
        """Fades out in the next block and drops the rest."""
        self._core.stop()

    def levels(self) -> Levels:
        """How loud both sides are."""
        return self._levels

    def close(self) -> None:
        """Lets go of the devices, in a thread: what was handed out sounds first."""
        self._closing.set()
        if self._closer is None:
            self._closer = Thread(target=self._core.close, name="closing audio")
            self._closer.start()

    def _hand_over(self, event: DeviceEvent) -> None:
        assert self._loop is not None
        with suppress(RuntimeError):  # the loop is closed, and nobody is left to tell
            self._loop.call_soon_threadsafe(self._take, event)

    def _take(self, event: DeviceEvent) -> None:
        match event:
            case Block(pcm, level_dbfs):
                self._hear(pcm, level_dbfs)
            case Progress(part, samples, is_end, delay_ms):
                heard_ms = self._speech.heard_ms(part, samples, is_end=is_end)
                self._tell(PlaybackProgress(part.item_id, part.content_index, heard_ms, delay_ms))
            case Stopped(part, samples):
                self._answer_stop(part, samples)
            case SpeakerLevel(level_dbfs):
                self._levels = replace(self._levels, speaker_dbfs=level_dbfs)
            case Ready(microphone, speaker):
                self._be_ready(AudioReady(microphone, speaker))
            case Trouble(level, text, hint):
                self._tell(AudioNotice(level, text, hint))
            case DeviceGap(duration_ms, device):
                self._tell(AudioNotice("info", f"The {device} had a gap of {duration_ms:.0f} ms"))
            case Gap(samples):
                self._tell(
                    AudioNotice("info", f"Speech came late: {PCM_24K.ms(2 * samples):.0f} ms of silence")
                )
            case _:
                assert_never(event)

    def _hear(self, pcm: bytes, level_dbfs: float) -> None:
        self._levels = replace(self._levels, microphone_dbfs=level_dbfs)
        if self._to_wire is not None and (audio := self._to_wire.convert(pcm)):
            self._tell(MicrophoneBlock(audio))

    def _answer_stop(self, part: Part | None, samples: int) -> None:
        if part is None:
            self._tell(PlaybackStopped())
            return
        heard_ms = self._speech.heard_ms(part, samples)
        self._tell(PlaybackStopped(part.item_id, part.content_index, heard_ms))

    def _be_ready(self, ready: AudioReady) -> None:
        if self._ready is not None and not self._ready.done():
            self._ready.set_result(ready)
        else:
            self._tell(ready)

    def _tell(self, happened: LocalInput | MicrophoneBlock) -> None:
        if self._post is not None:
            self._post(happened)
        elif not isinstance(happened, MicrophoneBlock):
            self._unposted.append(happened)
