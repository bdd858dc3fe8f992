"""The sound of a replay: through the speaker while it plays at its own speed, or into a file."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, takewhile
from pathlib import Path
from typing import Protocol

from realtime_cli.audio.config import NO_DEVICE, AudioConfig
from realtime_cli.audio.sound import Voices, mono, save_sound
from realtime_cli.audio.timeline import Entry, SoundBlock, sound_of
from realtime_cli.core.effects import FinishAudio, PlayAudio
from realtime_cli.core.inputs import AudioNotice, PlaybackProgress, PlaybackStopped
from realtime_cli.errors import RealtimeError
from realtime_cli.log import LogEntry
from realtime_cli.protocol.encoding import PCM_24K
from realtime_cli.runtime.pace import Pace
from realtime_cli.runtime.playback import Playback
from realtime_cli.runtime.ports import AudioEngine, Inbound
from realtime_cli.ui.summary import duration

_ITEM = "replay"
_LOOK_EVERY_S = 0.05
# Sound is handed over so much before it is due, and not at all when it is so much too late.
_LEAD_S = 0.15
_TOO_LATE_S = 0.1
_PATIENCE_S = 2.0
# So many tenths of a second are in memory at least, and read at once.
_FEWEST, _AT_ONCE = 10, 20


@dataclass(frozen=True, slots=True)
class Stretch:
    """The part of a recording that is wanted, in session seconds."""

    start_s: float = 0.0
    end_s: float = float("inf")


def write_sound(entries: Iterable[LogEntry], path: Path, *, voices: Voices, part: Stretch) -> str:
    """Writes what was heard into a WAV file, and tells how much that is. Raises `BadInput`."""
    written_s = 0.0

    def counted() -> Iterator[SoundBlock]:
        nonlocal written_s
        for block in _within(sound_of(entries), part):
            written_s += _length_s(block)
            yield block

    save_sound(counted(), path, voices=voices)
    return f"{duration(written_s)} of sound in {path}"


class MakeSpeaker(Protocol):
    """Makes the loudspeaker of a replay, once it is known where its warnings go."""

    def __call__(
        self, entries: Callable[[float], Iterable[LogEntry]], *, warn: Callable[[str], None]
    ) -> Loudspeaker: ...


@dataclass(frozen=True, slots=True)
class _Sound:
    """A tenth of a second of what is to be heard, at its session time."""

    t_s: float
    pcm: bytes


class _Reader:
    """Reads sound a little ahead of its time, in a thread: a log has megabytes for each minute of it."""

    def __init__(self, sounds: Iterator[_Sound]) -> None:
        self._sounds = sounds
        self._waiting: deque[_Sound] = deque()
        self.has_more = True

    async def read_on(self, now_s: float) -> None:
        """Has the next seconds in memory; what is late already is left out."""
        while self._waiting and self._waiting[0].t_s < now_s - _TOO_LATE_S:
            self._waiting.popleft()
        if self.has_more and len(self._waiting) < _FEWEST:
            more = await asyncio.to_thread(self._read, now_s - _TOO_LATE_S)
            self.has_more = bool(more)
            self._waiting += more

    def due(self, until_s: float) -> Iterator[bytes]:
        """What is to be heard before that time."""
        while self._waiting and self._waiting[0].t_s < until_s:
            yield self._waiting.popleft().pcm

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing left."""
        return not (self.has_more or self._waiting)

    def _read(self, after_s: float) -> list[_Sound]:
        return list(islice((sound for sound in self._sounds if sound.t_s > after_s), _AT_ONCE))


class Loudspeaker:
    """Plays a recording's sound beside its `Playback`; opens the speaker when there is something to hear.

    `entries` gives what of the recording is needed to hear it from a session time on. At another speed than
    its own, muted, and while it pauses, a recording is silent. `warn` hears why there is no sound where there
    is none.
    """

    def __init__(
        self,
        pace: Pace,
        entries: Callable[[float], Iterable[LogEntry]],
        *,
        voices: Voices,
        part: Stretch,
        output_device: str,
        warn: Callable[[str], None],
    ) -> None:
        self._pace = pace
        self._entries = entries
        self._voices: Voices = voices
        self._part = part
        self._output_device = output_device
        self._warn = warn
        self._engine: AudioEngine | None = None
        self._reader = _Reader(iter(()))
        self._jumps = -1
        self._sent_ms = self._heard_ms = self._delay_s = 0.0
        self._has_ended = asyncio.Event()
        self._over: tuple[float, float] | None = None

    async def run(self, playback: Playback) -> None:
        """Plays along until the recording is over, where nobody stays, or until `close`."""
        async with asyncio.TaskGroup() as tasks:
            while not self._has_ended.is_set() and (self._pace.stays or not self._is_done):
                await self._play_on(playback, tasks)
                await self._pause(_LOOK_EVERY_S)
            await self._sound_out()
            if self._engine is not None:
                self._engine.close()

    def last_entry(self) -> None:
        """No more entries will be played; the sound of the last ones may still be."""
        if self._pace.speed != 1 or self._pace.wants_to_leave:
            self.close()

    def close(self) -> None:
        """Falls silent."""
        self._has_ended.set()

    @property
    def _is_done(self) -> bool:
        return self._jumps >= 0 and self._reader.is_empty

    async def _play_on(self, playback: Playback, tasks: asyncio.TaskGroup) -> None:
        if playback.target is not None or self._is_silent:
            self._hush()
            return
        if playback.jumps != self._jumps:
            self._hush()
            self._jumps = playback.jumps
            self._reader = _Reader(self._sounds_from(playback.position_s, playback))
        await self._reader.read_on(self._now_s(playback))
        if playback.jumps == self._jumps and not self._is_silent:
            for pcm in self._reader.due(self._now_s(playback) + _LEAD_S):
                self._play(pcm, tasks)

    @property
    def _is_silent(self) -> bool:
        return self._pace.is_paused or self._pace.is_muted or self._pace.speed != 1

    def _sounds_from(self, t_s: float, playback: Playback) -> Iterator[_Sound]:
        """Runs in a thread: it ends when something else is wanted."""
        jumps = playback.jumps

        def is_wanted(_: Entry) -> bool:
            return playback.jumps == jumps and not self._has_ended.is_set()

        blocks = sound_of(takewhile(is_wanted, self._entries(t_s)))
        part = Stretch(max(t_s - _TOO_LATE_S, self._part.start_s), self._part.end_s)
        return (_Sound(block.t_s, mono(block, self._voices)) for block in _within(blocks, part))

    def _now_s(self, playback: Playback) -> float:
        """The session time, which goes on when the last entry was played."""
        if not playback.is_over:
            self._over = None
            return playback.now_s
        if self._over is None:
            self._over = playback.now_s, time.monotonic()
        position_s, at_s = self._over
        return position_s + time.monotonic() - at_s

    def _play(self, pcm: bytes, tasks: asyncio.TaskGroup) -> None:
        if self._engine is None:
            if not any(pcm):
                return
            self._engine = _speaker(self._output_device)
            tasks.create_task(self._run(self._engine), name="loudspeaker")
        self._sent_ms += PCM_24K.ms(len(pcm))
        self._engine.play(PlayAudio(_ITEM, 0, pcm, PCM_24K))

    def _hush(self) -> None:
        if self._engine is not None and self._sent_ms > self._heard_ms:
            self._sent_ms = self._heard_ms
            self._engine.stop()

    async def _run(self, engine: AudioEngine) -> None:
        try:
            await engine.run(self._heard)
        except RealtimeError as error:
            self._warn(f"no sound: {error}")
            self.close()

    def _heard(self, happened: Inbound) -> None:
        match happened:
            case PlaybackProgress(heard_ms=heard_ms, delay_ms=delay_ms):
                self._heard_ms, self._delay_s = max(self._heard_ms, heard_ms), delay_ms / 1000
            case PlaybackStopped(heard_ms=heard_ms):
                self._heard_ms = max(self._heard_ms, heard_ms)
            case AudioNotice(level="warning" | "error", text=text, hint=hint):
                self._warn(f"{text} ({hint})" if hint else text)
            case _:
                pass

    async def _sound_out(self) -> None:
        """Waits until the last of it was heard."""
        if self._engine is None or self._has_ended.is_set():
            return
        self._engine.finish(FinishAudio(_ITEM, 0))
        for _ in range(round(_PATIENCE_S / _LOOK_EVERY_S)):
            if self._heard_ms >= self._sent_ms - 1:
                await self._pause(self._delay_s)  # it is in the device, on its way
                return
            await self._pause(_LOOK_EVERY_S)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._has_ended.wait()
        except TimeoutError:
            return


def _speaker(output_device: str) -> AudioEngine:
    from realtime_cli.audio.child import ChildEngine  # noqa: PLC0415  (a silent replay needs none)

    return ChildEngine(AudioConfig(input_device=NO_DEVICE, output_device=output_device))


def _within(blocks: Iterable[SoundBlock], part: Stretch) -> Iterator[SoundBlock]:
    for block in blocks:
        if block.t_s > part.end_s:
            return
        if block.t_s >= part.start_s:
            yield block


def _length_s(block: SoundBlock) -> float:
    return PCM_24K.ms(len(block.user)) / 1000
