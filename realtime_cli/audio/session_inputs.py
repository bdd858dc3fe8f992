"""What device events mean to a session: its inputs, in its own encodings and milliseconds."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import assert_never

from realtime_cli.core.effects import FinishAudio, PlayAudio
from realtime_cli.core.inputs import (
    AudioGap,
    AudioNotice,
    AudioReady,
    LocalInput,
    MicrophoneBlock,
    PlaybackProgress,
    PlaybackStopped,
)
from realtime_cli.core.part_id import PartId
from realtime_cli.protocol.encoding import PCM_24K, Encoding
from realtime_cli.runtime.ports import Levels, Post
from realtime_cli.samples.conversion import Converter

from .config import SAMPLE_BYTES
from .device_events import (
    Block,
    DeviceEvent,
    DeviceGap,
    Gap,
    Progress,
    Ready,
    SpeakerLatency,
    SpeakerLevel,
    Stopped,
    Trouble,
)
from .wire import Speech


class SessionInputs:
    """Takes device events and posts inputs. Before it has a `post`, it keeps `ready` and notices."""

    def __init__(self, post: Post | None = None) -> None:
        self.levels = Levels()
        self.ready = AudioReady()
        self.opened = asyncio.Event()
        self._post = post
        self._unposted: list[AudioNotice] = []
        self._speech = Speech()
        self._to_wire: Converter | None = None

    def attach(self, post: Post) -> None:
        """Posts what there is, what happened, and from now on what happens."""
        self._post = post
        post(self.ready)
        for notice in self._unposted:
            post(notice)

    def listen(self, encoding: Encoding) -> None:
        """Gives the microphone's blocks this encoding from now on."""
        self._to_wire = Converter(PCM_24K, encoding)

    def speech(self, chunk: PlayAudio) -> tuple[PartId, bytes]:
        """More of a part, as our sound."""
        return PartId(chunk.item_id, chunk.content_index), self._speech.take(chunk)

    def end_of_speech(self, ended: FinishAudio) -> tuple[PartId, bytes]:
        """The rest of a part, as our sound."""
        part = PartId(ended.item_id, ended.content_index)
        return part, self._speech.finish(part)

    def take(self, event: DeviceEvent) -> None:
        """Something happened to the devices."""
        match event:
            case Block(pcm, level_dbfs):
                self._hear(pcm, level_dbfs)
            case Progress(part, samples, is_end, delay_ms):
                heard_ms = self._speech.heard_ms(part, samples, is_end=is_end)
                self._tell(PlaybackProgress(*part, heard_ms=heard_ms, delay_ms=delay_ms))
                if is_end:
                    self._speech.leave(part)
            case Stopped(PartId() as part, samples):
                self._tell(PlaybackStopped(*part, heard_ms=self._speech.heard_ms(part, samples)))
                self._speech.leave(part)
            case Stopped():
                self._tell(PlaybackStopped())
            case SpeakerLevel(level_dbfs):
                self.levels = replace(self.levels, speaker_dbfs=level_dbfs)
            case SpeakerLatency():
                pass  # for whoever opens the devices
            case Ready(microphone, speaker):
                self._be_ready(AudioReady(microphone, speaker))
            case Trouble(level, text, hint, device):
                self._tell(AudioNotice(level, text, hint, device))
            case DeviceGap(duration_ms, device):
                self._tell(AudioGap(device, duration_ms))
            case Gap(samples):
                self._tell(AudioGap("network", PCM_24K.ms(samples * SAMPLE_BYTES)))
            case _:
                assert_never(event)

    def give_up(self, why: str) -> None:
        """There is no sound from here on; tells so."""
        self.take(Ready())
        self.take(Trouble("error", f"no sound from here on: {why}", "try `realtime devices --test`"))

    def _hear(self, pcm: bytes, level_dbfs: float) -> None:
        self.levels = replace(self.levels, microphone_dbfs=level_dbfs)
        if self._to_wire is not None and (audio := self._to_wire.convert(pcm)):
            self._tell(MicrophoneBlock(audio))

    def _be_ready(self, ready: AudioReady) -> None:
        has_changed, self.ready = ready != self.ready, ready
        if has_changed:
            self._tell(ready)
        self.opened.set()

    def _tell(self, happened: LocalInput | MicrophoneBlock) -> None:
        if self._post is not None:
            self._post(happened)
        elif isinstance(happened, AudioNotice):  # everything else is old, or in `ready`, by then
            self._unposted.append(happened)
