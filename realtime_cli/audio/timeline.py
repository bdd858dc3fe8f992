"""Rebuilds from a log, or from the session as it goes, what was said and what was heard, and when.

Both voices are 16-bit mono PCM at 24 kHz, on one line of time that begins with the first entry:

- The user's is what was sent, block behind block; where the clock is further, silence lies between.
- The assistant's is what the speaker played, where `playback.progress` and `playback.stopped` say that it
  sounded. What was never heard is not there. Where there is no speaker (the recording of another program), an
  answer sounds as it arrives, until the user begins to speak.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Protocol

from realtime_cli.core.part_id import PartId
from realtime_cli.protocol.encoding import PCM_24K, Encoding
from realtime_cli.runtime.ports import Direction
from realtime_cli.samples.conversion import Converter

from .channel import Channel
from .config import RATE_HZ, SAMPLE_BYTES
from .traces import (
    Answered,
    Complete,
    Configured,
    Played,
    ResponseConfigured,
    Silenced,
    SpeakerReady,
    SpeechStarted,
    Spoken,
    Trace,
    Tracker,
)

_BLOCK_SAMPLES = RATE_HZ // 10
# So much later an entry may still tell about a moment; a voice that is further ahead waits in memory.
_HORIZON_SAMPLES = 2 * RATE_HZ
_AHEAD_SAMPLES = 600 * RATE_HZ
# The clock wins where it is further than this: a block comes a little late now and then.
_USER_DRIFT_SAMPLES = RATE_HZ // 10
_PLAYBACK_DRIFT_SAMPLES = RATE_HZ * 6 // 100
_FADE_SAMPLES = RATE_HZ * 5 // 1000
# A clock that jumps must not fill the disk.
_LONGEST_S = 12 * 3600.0


class Entry(Protocol):
    """A frame or local input, as a log holds it."""

    @property
    def t_s(self) -> float: ...
    @property
    def direction(self) -> Direction: ...
    @property
    def raw(self) -> str | bytes: ...


@dataclass(frozen=True, slots=True)
class SoundBlock:
    """A tenth of a second (the last one may be shorter) of both voices, from session time `t_s` on."""

    t_s: float
    user: bytes
    assistant: bytes


@dataclass(slots=True)
class _Answer:
    """A part of an answer, at 24 kHz; what of it was not heard yet waits."""

    converter: Converter
    heard_bytes: int = 0
    waiting: bytearray = field(default_factory=bytearray)

    def hear(self, heard_ms: float) -> bytes:
        """What was heard since the last call."""
        samples = round(heard_ms * RATE_HZ / 1000)
        size = min(max(0, samples * SAMPLE_BYTES - self.heard_bytes), len(self.waiting))
        heard = bytes(self.waiting[:size])
        del self.waiting[:size]
        self.heard_bytes += size
        return heard


@dataclass(slots=True)
class _Stretch:
    """What the user said without a pause; a conversion may not have given all of it yet."""

    began: int = 0
    duration_ms: float = 0.0

    @property
    def end(self) -> int:
        return self.began + round(self.duration_ms * RATE_HZ / 1000)


class Timeline:
    """Takes entries in their order, and gives the sound of both voices as soon as it is certain."""

    def __init__(self) -> None:
        self._tracker = Tracker()
        self._user, self._assistant = Channel(), Channel()
        self._input, self._output = PCM_24K, PCM_24K
        self._from_user = Converter(PCM_24K, PCM_24K)
        self._stretch = _Stretch()
        self._outputs: dict[str, Encoding] = {}
        self._answers: dict[PartId, _Answer] = {}
        self._has_speaker = False
        self._delay = 0
        self._start_s: float | None = None
        self._now = 0
        self._given = 0

    def add(self, direction: Direction, raw: str | bytes, *, t_s: float) -> Iterator[SoundBlock]:
        """Takes an entry in at once; gives what is certain because of it, as it is asked for."""
        if self._start_s is None:
            self._start_s = t_s
        if not 0 <= t_s - self._start_s <= _LONGEST_S:
            return iter(())
        self._now = max(self._now, self._position(t_s))
        trace = self._tracker.trace(direction, raw)
        if trace is not None:
            self._take(trace, self._position(t_s))
        end = max(self._user.end, self._assistant.end)
        return self._blocks(max(self._now - _HORIZON_SAMPLES, end - _AHEAD_SAMPLES))

    def finish(self) -> Iterator[SoundBlock]:
        """Gives the rest."""
        self._end_stretch()
        end = max(self._now, self._user.end, self._assistant.end)
        yield from self._blocks(end)
        if end > self._given:
            yield self._block(end - self._given)

    def _position(self, t_s: float) -> int:
        return round((t_s - (self._start_s or 0.0)) * RATE_HZ)

    def _blocks(self, until: int) -> Iterator[SoundBlock]:
        while self._given + _BLOCK_SAMPLES <= until:
            yield self._block(_BLOCK_SAMPLES)

    def _block(self, samples: int) -> SoundBlock:
        t_s = (self._start_s or 0.0) + self._given / RATE_HZ
        self._given += samples
        return SoundBlock(t_s, self._user.take(samples), self._assistant.take(samples))

    def _take(self, trace: Trace, now: int) -> None:
        match trace:
            case Spoken(audio):
                self._spoken(audio, now)
            case Answered():
                self._answered(trace, now)
            case Complete(part):
                self._add(part, b"", now, is_last=True)
            case Played():
                self._delay = round(trace.delay_ms * RATE_HZ / 1000)
                self._played(trace, now + self._delay)
            case Silenced():
                self._silenced(trace, now + self._delay)
            case SpeechStarted():
                if not self._has_speaker:
                    self._assistant.cut(max(now, self._user.end))
            case SpeakerReady(name):
                # One that is lost plays nothing, and tells so.
                self._has_speaker = self._has_speaker or bool(name)
            case Configured():
                self._configure(trace)
            case ResponseConfigured(response_id, output):
                self._outputs[response_id] = output

    def _configure(self, configured: Configured) -> None:
        if configured.output is not None:
            self._output = configured.output
        if configured.input is not None and configured.input != self._input:
            self._end_stretch()
            self._input = configured.input
            self._from_user = Converter(self._input, PCM_24K)

    def _spoken(self, audio: bytes, now: int) -> None:
        """A block goes out when it is complete: it began earlier by its own length."""
        duration_ms = self._input.ms(len(audio))
        began = now - round(duration_ms * RATE_HZ / 1000)
        if began > max(self._user.end, self._stretch.end) + _USER_DRIFT_SAMPLES:
            self._end_stretch()
            self._stretch = _Stretch(began)
        self._stretch.duration_ms += duration_ms
        self._user.place(self._from_user.convert(audio), at=self._stretch.began)

    def _end_stretch(self) -> None:
        """Places what a conversion has held back of the user's audio."""
        self._user.place(self._from_user.convert(b"", is_last=True), at=self._user.end)
        self._stretch = _Stretch(self._user.end)

    def _answered(self, answered: Answered, now: int) -> None:
        if answered.part not in self._answers:
            encoding = self._outputs.get(answered.response_id, self._output)
            self._answers[answered.part] = _Answer(Converter(encoding, PCM_24K))
        self._add(answered.part, answered.audio, now)

    def _add(self, part: PartId, audio: bytes, now: int, *, is_last: bool = False) -> None:
        answer = self._answers.get(part)
        if answer is None:
            return
        pcm = answer.converter.convert(audio, is_last=is_last)
        if self._has_speaker:
            answer.waiting += pcm
            return
        # Where entries have no times, the user's audio tells how much has passed.
        began = max(now, self._user.end)
        is_next = began <= self._assistant.end + _PLAYBACK_DRIFT_SAMPLES
        self._assistant.place(pcm, at=self._assistant.end if is_next else began)

    def _played(self, played: Played, until: int) -> None:
        self._has_speaker = True
        answer = self._answers.get(played.part)
        if answer is not None:
            self._forget_unheard(played.part)
            is_first = not answer.heard_bytes
            self._sounded(answer.hear(played.heard_ms), until, is_first=is_first)

    def _sounded(self, pcm: bytes, until: int, *, is_first: bool) -> None:
        began = until - len(pcm) // SAMPLE_BYTES
        drift = began - self._assistant.end
        is_next = not is_first and drift <= _PLAYBACK_DRIFT_SAMPLES
        self._assistant.place(pcm, at=self._assistant.end if is_next else began)

    def _silenced(self, silenced: Silenced, until: int) -> None:
        answer = self._answers.get(silenced.part)
        if answer is not None:
            is_first = not answer.heard_bytes
            pcm = answer.hear(silenced.heard_ms)
            self._sounded(_faded(pcm) if answer.waiting else pcm, until, is_first=is_first)
            self._forget(until=silenced.part)

    def _forget(self, *, until: PartId) -> None:
        """Drops that part and all before it. What came behind it may have waited for this moment."""
        parts = list(self._answers)
        for part in parts[: parts.index(until) + 1]:
            del self._answers[part]

    def _forget_unheard(self, playing: PartId) -> None:
        """Drops what came before and was not played: an answer beside the conversation."""
        before = takewhile(lambda part: part != playing, list(self._answers))
        for part in before:
            if not self._answers[part].heard_bytes:
                del self._answers[part]


def _faded(pcm: bytes) -> bytes:
    """The end of what was stopped before its end."""
    samples = array("h", pcm)
    length = min(len(samples), _FADE_SAMPLES)
    for left in range(length):
        samples[-1 - left] = samples[-1 - left] * left // length
    return samples.tobytes()


def sound_of(entries: Iterable[Entry]) -> Iterator[SoundBlock]:
    """The sound of a recorded session, from its first entry to its last."""
    timeline = Timeline()
    for entry in entries:
        yield from timeline.add(entry.direction, entry.raw, t_s=entry.t_s)
    yield from timeline.finish()
