"""The sound devices in a child process: nothing that this process does can make the sound stutter.

A child that dies is replaced; what was queued and not heard is played by the next one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Final

from realtime_cli.core.effects import FinishAudio, PlayAudio
from realtime_cli.core.inputs import AudioReady
from realtime_cli.core.part_id import PartId
from realtime_cli.errors import RealtimeError, UsageError
from realtime_cli.protocol.encoding import PCM_24K, Encoding
from realtime_cli.runtime.ports import Levels, Post

from .config import AudioConfig, Role
from .device_events import Block, Progress, SpeakerLatency, SpeakerLevel, Stopped, Trouble
from .pipe import Finish, Heard, Listen, Refused, Start, Stop
from .process import ChildProcess
from .session_inputs import SessionInputs
from .supervisor import Died, Happening, Supervisor
from .unheard import Unheard

_OPEN_LIMIT_S: Final = 10.0
_SILENT_DBFS: Final = float("-inf")
_BOTH: Final[frozenset[Role]] = frozenset({"microphone", "speaker"})


class NoChild(RealtimeError):
    """The child process cannot be started; whether the devices work nobody knows."""


class ChildEngine:
    """An `AudioEngine` whose devices run in a child process. `environment` is added to the child's."""

    def __init__(self, config: AudioConfig, *, environment: Mapping[str, str] | None = None) -> None:
        self._config = config
        self._environment = environment or {}
        self._inputs = SessionInputs()
        self._supervisor: Supervisor | None = None
        self._refusal: UsageError | NoChild | None = None
        self._unheard = Unheard()
        self._is_listening = False
        self._has_given_up = False
        self._has_been_retried = False
        self._lost_bytes = 0
        self._closing = asyncio.Event()

    async def open(self) -> AudioReady:
        """Starts the child and tells what it found.

        Raises `UsageError` for a bad device name, `NoChild` where no child can be started.
        """
        self._supervisor = Supervisor(furnish=self._furnish, take=self._take, environment=self._environment)
        self._supervisor.start()
        try:
            await self._wait_for_child()
        except BaseException:
            self.close()
            raise
        return self._inputs.ready

    async def run(self, post: Post) -> None:
        """Posts `AudioReady` and everything after it, until `close`. Opens the devices if nobody has."""
        if self._supervisor is None:
            await self.open()
        assert self._supervisor is not None
        self._inputs.attach(post)
        try:
            await self._closing.wait()
        finally:
            self.close()
        await self._supervisor.wait_closed()

    def listen(self, encoding: Encoding) -> None:
        """Lets the microphone's blocks come, in this encoding."""
        self._inputs.listen(encoding)
        self._is_listening = True
        if self._child is not None:
            self._child.send(Listen())

    def play(self, chunk: PlayAudio) -> None:
        """Queues audio of a part."""
        self._queue(*self._inputs.speech(chunk))

    def finish(self, part: FinishAudio) -> None:
        """Knows that this was all audio of the part."""
        ended, rest = self._inputs.end_of_speech(part)
        self._queue(ended, rest)
        self._unheard.finish(ended)
        if self._child is not None:
            self._child.send(Finish(ended))

    def stop(self) -> None:
        """Fades out and drops the rest; where there is no child, the last that one told is the answer."""
        self._unheard.stop()
        if self._child is not None:
            self._child.send(Stop())
        else:
            self._inputs.take(self._unheard.give_up_stop())

    def levels(self) -> Levels:
        """How loud both sides are."""
        return self._inputs.levels

    def close(self) -> None:
        """Ends the child; one that does not leave by itself is killed."""
        self._closing.set()
        if self._supervisor is not None:
            self._supervisor.close()

    @property
    def _child(self) -> ChildProcess | None:
        return self._supervisor.child if self._supervisor and not self._has_given_up else None

    async def _wait_for_child(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_OPEN_LIMIT_S):
                await self._inputs.opened.wait()
        if self._refusal is not None:
            raise self._refusal
        if not self._inputs.opened.is_set():
            self._give_up(f"the sound process said nothing for {_OPEN_LIMIT_S:g} s")

    def _queue(self, part: PartId, pcm: bytes) -> None:
        if not pcm or self._has_given_up:
            return
        self._unheard.play(part, pcm)
        if self._child is not None:
            self._child.play(part, pcm)

    def _furnish(self, child: ChildProcess) -> None:
        self._lost_bytes = 0
        if self._inputs.opened.is_set():  # its devices were there when the session began
            self._config = replace(self._config, wishes=_BOTH)
        child.send(Start(self._config))
        if self._is_listening:
            child.send(Listen())
        for part, pcm, is_finished in self._unheard.again():
            child.play(part, pcm)
            if is_finished:
                child.send(Finish(part))

    def _take(self, happened: Happening) -> None:
        match happened:
            case Heard(until, level_dbfs):
                self._hear(until, level_dbfs)
            case Progress():
                self._inputs.take(self._unheard.hear(happened))
            case Stopped():
                self._inputs.take(self._unheard.stopped(happened))
            case SpeakerLatency(latency_s):
                self._config = replace(self._config, speaker_latency_s=latency_s)
            case Refused(text, hint):
                self._refuse(text, hint)
            case Died():
                self._mourn(happened)
            case _:
                self._inputs.take(happened)

    def _hear(self, until: int, level_dbfs: float) -> None:
        if self._child is None:
            return
        ring = self._child.microphone
        self._inputs.take(Block(ring.read(until), level_dbfs))
        if ring.lost_bytes > self._lost_bytes:
            lost_ms = PCM_24K.ms(ring.lost_bytes - self._lost_bytes)
            self._lost_bytes = ring.lost_bytes
            self._warn(f"{lost_ms:.0f} ms of the microphone are lost: this program stood still")

    def _refuse(self, text: str, hint: str) -> None:
        self._refusal = UsageError(text, hint=hint)
        self._inputs.opened.set()

    def _mourn(self, died: Died) -> None:
        while self._unheard.is_stopping:
            self._inputs.take(self._unheard.give_up_stop())
        self._inputs.take(SpeakerLevel(_SILENT_DBFS))
        what = f"the sound process ended ({died.exited.cause})"
        if died.exited.last_words:
            what += f": {died.exited.last_words}"
        if not (self._inputs.opened.is_set() or died.exited.has_crashed):
            self._refusal = NoChild(died.exited.last_words or died.exited.cause)
            self._inputs.opened.set()
        elif died.is_last or (self._has_been_retried and not self._inputs.opened.is_set()):
            self._give_up(what)
        else:
            self._has_been_retried = True
            self._warn(f"{what}; it is started again")

    def _give_up(self, why: str) -> None:
        self._has_given_up = True
        self._unheard = Unheard()
        if self._supervisor is not None:
            self._supervisor.close()
        self._inputs.give_up(why)

    def _warn(self, text: str) -> None:
        self._inputs.take(Trouble("warning", text))
