"""The microphone of one engine and the speaker of another: a file and a device."""

from __future__ import annotations

import asyncio
from typing import Protocol

from realtime_cli.core.effects import FinishAudio, PlayAudio
from realtime_cli.core.inputs import AudioReady
from realtime_cli.protocol.encoding import Encoding
from realtime_cli.runtime.ports import AudioEngine, Inbound, Levels, Post


class OpenableEngine(AudioEngine, Protocol):
    """An engine that can tell what it has before it runs."""

    async def open(self) -> AudioReady: ...


class CombinedEngine:
    """A `realtime_cli.runtime.ports.AudioEngine` that hears with one engine and speaks with another.

    Each of the two should have been told to do without its other half.
    """

    def __init__(self, microphone: OpenableEngine, speaker: OpenableEngine) -> None:
        self._microphone = microphone
        self._speaker = speaker
        self._ready: AudioReady | None = None

    async def open(self) -> AudioReady:
        """Opens both halves."""
        if self._ready is None:
            hears = await self._microphone.open()
            try:
                sounds = await self._speaker.open()
            except BaseException:
                self._microphone.close()
                raise
            self._ready = AudioReady(hears.microphone, sounds.speaker)
        return self._ready

    async def run(self, post: Post) -> None:
        """Posts what both halves post; what is ready is told for both together."""
        await self.open()
        both = _Both(post)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._microphone.run(both.from_microphone), name="microphone")
            tasks.create_task(self._speaker.run(both.from_speaker), name="speaker")

    def listen(self, encoding: Encoding) -> None:
        """Lets the microphone's blocks come."""
        self._microphone.listen(encoding)

    def play(self, chunk: PlayAudio) -> None:
        """Queues audio of a part."""
        self._speaker.play(chunk)

    def finish(self, part: FinishAudio) -> None:
        """Knows that this was all audio of the part."""
        self._speaker.finish(part)

    def stop(self) -> None:
        """Fades out and drops the rest."""
        self._speaker.stop()

    def levels(self) -> Levels:
        """How loud both sides are."""
        return Levels(self._microphone.levels().microphone_dbfs, self._speaker.levels().speaker_dbfs)

    def close(self) -> None:
        """Lets go of both."""
        self._microphone.close()
        self._speaker.close()


class _Both:
    """Passes on what both engines post; what is ready, once both have told, and whenever that changes."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._microphone: str | None = None
        self._speaker: str | None = None
        self._told: AudioReady | None = None

    def from_microphone(self, inbound: Inbound) -> None:
        if isinstance(inbound, AudioReady):
            self._microphone = inbound.microphone
            self._tell()
        else:
            self._post(inbound)

    def from_speaker(self, inbound: Inbound) -> None:
        if isinstance(inbound, AudioReady):
            self._speaker = inbound.speaker
            self._tell()
        else:
            self._post(inbound)

    def _tell(self) -> None:
        if self._microphone is None or self._speaker is None:
            return
        ready = AudioReady(self._microphone, self._speaker)
        if ready != self._told:
            self._told = ready
            self._post(ready)
