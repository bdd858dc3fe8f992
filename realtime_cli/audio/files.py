"""Files and pipes as microphone and speaker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Literal, TypeAlias

from realtime_cli.core.effects import FinishAudio, PlayAudio
from realtime_cli.core.inputs import AudioReady, PlaybackStopped
from realtime_cli.errors import UsageError
from realtime_cli.protocol.encoding import Encoding
from realtime_cli.runtime.ports import Inbound, Levels, Post

from .file_microphone import FileMicrophone
from .file_sink import Sink
from .file_source import STANDARD_STREAM, AudioSource
from .file_speaker import InstantSpeaker, RealTimeSpeaker, Speaker, lost
from .file_target import AudioTarget, AudioWriter

Pace: TypeAlias = Literal["real-time", "max"]


@dataclass(frozen=True, slots=True)
class FileConfig:
    """What hears and what sounds: paths, "-" for the standard streams, "" for nothing.

    Files are WAV unless `raw_input` or `raw_output` says how they are encoded; stdin without a WAV header is
    PCM at 24 kHz. `repeat_silence`: after its end the microphone hears silence, so that a turn can end.
    """

    input: str = ""
    output: str = ""
    raw_input: Encoding | None = None
    raw_output: Encoding | None = None
    pace: Pace = "real-time"
    block_ms: float = 20.0
    repeat_silence: bool = False
    stdin_fd: int = 0
    stdout_fd: int = 1


class FileEngine:
    """A `realtime_cli.runtime.ports.AudioEngine` of files; make it in the loop that runs it.

    At the pace `max` the microphone waits while the connection has much to send (`queued_bytes` tells), and
    the speaker's audio is heard as it comes.
    """

    def __init__(self, config: FileConfig, *, queued_bytes: Callable[[], int] = lambda: 0) -> None:
        self._config = config
        self._microphone = _microphone(config, queued_bytes) if config.input else None
        self._target = AudioTarget(config.output, config.raw_output, config.stdout_fd)
        self._writer: AudioWriter | None = None
        self._speaker: Speaker | None = None
        self._post: Post = _nobody
        self._ready: AudioReady | None = None
        self._is_closing = asyncio.Event()
        self._running: list[asyncio.Task[None]] = []

    async def open(self) -> AudioReady:
        """Opens the files, and tells their names; raises `BadInput` or `UsageError` where one is no good."""
        if self._ready is None:
            self._check()
            if self._microphone is not None:
                await self._microphone.open()
            if self._config.output:
                await self._open_target()
            self._ready = AudioReady(
                self._microphone.source.name if self._microphone else "",
                self._target.name if self._config.output else "",
            )
        return self._ready

    async def run(self, post: Post) -> None:
        """Posts what is heard and played, until `close`; then everything that was played is in its file."""
        self._post = post
        ready = await self.open()
        async with asyncio.TaskGroup() as tasks:
            if self._config.output:
                self._speaker = self._new_speaker(post)
                self._running.append(tasks.create_task(self._speaker.run(), name="file speaker"))
            if self._microphone is not None:
                microphone = tasks.create_task(self._microphone.run(post), name="file microphone")
                self._running.append(microphone)
            post(ready)
            await self._is_closing.wait()
            self._cancel()

    def listen(self, encoding: Encoding) -> None:
        """Begins to read the microphone's file, or goes on in another encoding."""
        if self._microphone is not None:
            self._microphone.listen(encoding)

    def play(self, chunk: PlayAudio) -> None:
        """Queues audio of a part."""
        if self._speaker is not None:
            self._speaker.play(chunk)

    def finish(self, part: FinishAudio) -> None:
        """Knows that this was all audio of the part."""
        if self._speaker is not None:
            self._speaker.finish(part)

    def stop(self) -> None:
        """Fades out and drops the rest."""
        if self._speaker is not None:
            self._speaker.stop()
        else:
            self._post(PlaybackStopped())

    def levels(self) -> Levels:
        """How loud the last blocks were."""
        return Levels(
            self._microphone.level_dbfs if self._microphone else -inf,
            self._speaker.level_dbfs if self._speaker else -inf,
        )

    def close(self) -> None:
        """Lets go of the files; what was played is written. Called again, it waits for no reader any more."""
        if self._is_closing.is_set():
            self._cancel()
        self._is_closing.set()
        if self._microphone is not None:
            self._microphone.close()
        if self._writer is not None and self._speaker is None:
            self._writer.close()

    def _cancel(self) -> None:
        for task in self._running:
            task.cancel()

    def _check(self) -> None:
        if self._config.output:
            self._target.check()
        if _is_one_file(self._config.input, self._config.output):
            raise UsageError(
                f"{self._config.output} is the microphone and the speaker", hint="write to another file"
            )

    async def _open_target(self) -> None:
        if self._target.is_pipe:
            return
        try:
            self._writer = await asyncio.to_thread(self._target.open)
        except (OSError, ValueError) as error:
            raise self._target.refusal(error) from error

    def _opened_target(self) -> AudioWriter:
        return self._writer or self._target.open()

    def _new_speaker(self, post: Post) -> Speaker:
        def failed(reason: str) -> None:
            post(lost(self._target, reason))

        sink = Sink(self._opened_target, on_failure=failed)
        if self._config.pace == "max":
            return InstantSpeaker(sink, post=post)
        return RealTimeSpeaker(sink, block_ms=self._config.block_ms, post=post)


def _microphone(config: FileConfig, queued_bytes: Callable[[], int]) -> FileMicrophone:
    return FileMicrophone(
        AudioSource(config.input, config.raw_input, config.stdin_fd),
        block_ms=config.block_ms,
        repeat_silence=config.repeat_silence,
        queued_bytes=queued_bytes if config.pace == "max" else None,
    )


def _is_one_file(first: str, second: str) -> bool:
    if not first or not second or STANDARD_STREAM in {first, second}:
        return False
    with suppress(OSError, ValueError):
        return Path(first).samefile(second)
    return False


def _nobody(inbound: Inbound) -> None:
    """Hears what is posted before `run`."""
