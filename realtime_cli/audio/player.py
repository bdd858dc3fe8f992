"""What the speaker plays next, and how much of each part it has played. No I/O, no clock, no lock.

One thread calls `read` (the output callback), another one the rest. They meet in two deques, whose ends are
safe to use from both sides; everything else belongs to `read`.
"""

from __future__ import annotations

import math
from array import array
from collections import deque
from dataclasses import dataclass
from itertools import accumulate

from realtime_cli.core.part_id import PartId

from .config import SAMPLE_BYTES
from .parts import KEPT_PARTS, Gap, PlayerEvent, Progress, Stopped
from .waiting import Waiting

_PROGRESS_S = 0.1
_CALM_S = 30
# How the prebuffer grows with each underrun: 60, 120, 200 ms.
_PREBUFFER_STEPS = (1.0, 2.0, 10 / 3)


@dataclass(frozen=True, slots=True)
class _Play:
    part: PartId
    pcm: bytes


@dataclass(frozen=True, slots=True)
class _Finish:
    part: PartId


@dataclass(frozen=True, slots=True)
class _Stop:
    pass


class Player:
    """What the speaker plays next, and how much of each part it has played. 16-bit mono PCM at one rate.

    Parts play in the order of their first audio. Before the first audio after idle, and after an underrun,
    `prebuffer_ms` (growing with every underrun, shrinking after 30 calm seconds) of it must have come.
    """

    def __init__(self, rate_hz: int, *, prebuffer_ms: float = 60, fade_ms: float = 5) -> None:
        self._rate_hz = rate_hz
        self._prebuffer_bytes = prebuffer_ms * rate_hz / 1000 * SAMPLE_BYTES
        self._fade = _falling_gains(round(fade_ms * rate_hz / 1000))
        self._commands: deque[_Play | _Finish | _Stop] = deque()
        self._events: deque[PlayerEvent] = deque()
        self._queue: deque[Waiting] = deque()
        self._queued: dict[PartId, Waiting] = {}
        self._heard_samples: dict[PartId, int] = {}
        self._is_holding = True
        self._is_starving = False
        self._starved_samples = 0
        self._step = 0
        self._calm_samples = 0

    def play(self, part: PartId, pcm: bytes) -> None:
        """Queues whole samples of a part, behind what of it is queued already."""
        if pcm:
            self._commands.append(_Play(part, pcm))

    def finish(self, part: PartId) -> None:
        """Knows that this was all audio of the part: a short rest plays at once, its end is no underrun."""
        self._commands.append(_Finish(part))

    def stop(self) -> None:
        """Fades out in the next `read` and drops everything that was queued before this call."""
        self._commands.append(_Stop())

    @property
    def is_idle(self) -> bool:
        """Whether nothing is queued, playing or awaited."""
        return not (self._commands or self._queue)

    def events(self) -> list[PlayerEvent]:
        """What happened since the last call, oldest first."""
        found: list[PlayerEvent] = []
        while self._events:
            found.append(self._events.popleft())
        return found

    def read(self, size_bytes: int) -> bytes:
        """Exactly so many bytes for the device; silence where nothing is due. Never blocks."""
        pieces: list[memoryview | bytes] = []
        missing = size_bytes - self._obey(size_bytes, pieces)
        if self._may_play(missing):
            missing -= self._fill(missing, pieces)
        self._keep_time(size_bytes, silent_samples=missing // SAMPLE_BYTES)
        pieces.append(bytes(missing))
        return b"".join(pieces)

    def _obey(self, size_bytes: int, pieces: list[memoryview | bytes]) -> int:
        faded_bytes = 0
        while self._commands:
            # Removed only after it took effect, so that `is_idle` never lies in between.
            match self._commands[0]:
                case _Play(part, pcm):
                    self._waiting(part).add(pcm)
                case _Finish(part):
                    self._finish(part)
                case _Stop():
                    pieces.append(tail := self._fade_out(size_bytes - faded_bytes))
                    faded_bytes += len(tail)
            self._commands.popleft()
        return faded_bytes

    def _waiting(self, part: PartId) -> Waiting:
        waiting = self._queued.get(part)
        if waiting is None:
            waiting = self._queued[part] = Waiting(part, heard_samples=self._heard_samples.get(part, 0))
            self._queue.append(waiting)
        return waiting

    def _pop(self) -> Waiting:
        spent = self._queue.popleft()
        del self._queued[spent.part]
        return spent

    def _finish(self, part: PartId) -> None:
        if part in self._queued:
            self._queued[part].is_finished = True

    def _fade_out(self, size_bytes: int) -> bytes:
        self._retire()
        if not self._queue:
            self._events.append(Stopped())
            return b""
        head = self._queue[0]
        fade_bytes = 0 if self._is_holding else min(size_bytes, len(self._fade) * SAMPLE_BYTES)
        tail = self._faded(b"".join(head.take(fade_bytes)))
        self._events.append(Stopped(head.part, self._count(head.part, len(tail))))
        self._queue.clear()
        self._queued.clear()
        self._rest()
        return tail

    def _faded(self, pcm: bytes) -> bytes:
        samples = array("h", pcm)
        for index, sample in enumerate(samples):
            samples[index] = int(sample * self._fade[index * len(self._fade) // len(samples)])
        return samples.tobytes()

    def _may_play(self, size_bytes: int) -> bool:
        self._retire()
        if not self._queue:
            self._rest()
            return False
        if not self._is_holding:
            return True
        if not size_bytes or not self._has_enough():
            return False
        if self._is_starving:
            self._recover()
        self._is_holding = False
        return True

    def _recover(self) -> None:
        self._events.append(Gap(self._starved_samples))
        self._is_starving = False
        self._step = min(self._step + 1, len(_PREBUFFER_STEPS) - 1)
        self._calm_samples = 0

    def _has_enough(self) -> bool:
        needed_bytes = self._needed_bytes()
        queued_bytes = accumulate(waiting.size_bytes for waiting in self._queue)
        return self._queue[0].is_finished or any(size_bytes >= needed_bytes for size_bytes in queued_bytes)

    def _needed_bytes(self) -> float:
        step = min(self._step + self._is_starving, len(_PREBUFFER_STEPS) - 1)
        return max(1, self._prebuffer_bytes * _PREBUFFER_STEPS[step])

    def _fill(self, size_bytes: int, pieces: list[memoryview | bytes]) -> int:
        filled = 0
        while self._queue:
            head = self._queue[0]
            taken = head.take(size_bytes - filled)
            pieces.extend(taken)
            filled += (taken_bytes := sum(map(len, taken)))
            self._report(head, taken_bytes, is_dry=filled < size_bytes)
            if not self._is_spent(head):
                break
            self._pop()
        if filled < size_bytes:
            self._rest()
            # What is left is a part without its end: this is an underrun if more of it comes.
            self._is_starving = bool(self._queue)
        return filled

    def _rest(self) -> None:
        self._is_holding = True
        self._is_starving = False
        self._starved_samples = 0

    def _retire(self) -> None:
        while self._queue and self._is_spent(self._queue[0]):
            spent = self._pop()
            self._is_starving = False
            if spent.is_finished:
                self._events.append(Progress(spent.part, self._heard_samples.get(spent.part, 0), is_end=True))

    def _is_spent(self, waiting: Waiting) -> bool:
        # A part without an end does not keep the next one waiting.
        return not waiting.size_bytes and (waiting.is_finished or len(self._queue) > 1)

    def _count(self, part: PartId, size_bytes: int) -> int:
        heard = self._heard_samples.get(part, 0) + size_bytes // SAMPLE_BYTES
        self._heard_samples[part] = heard
        if len(self._heard_samples) > KEPT_PARTS:
            del self._heard_samples[next(iter(self._heard_samples))]
        return heard

    def _report(self, head: Waiting, taken_bytes: int, *, is_dry: bool) -> None:
        heard = self._count(head.part, taken_bytes)
        is_end = head.is_finished and not head.size_bytes
        since_samples = heard - head.reported_samples
        is_first = since_samples == heard
        if is_end or (since_samples and (is_first or is_dry)) or since_samples >= self._rate_hz * _PROGRESS_S:
            head.reported_samples = heard
            self._events.append(Progress(head.part, heard, is_end=is_end))

    def _keep_time(self, size_bytes: int, *, silent_samples: int) -> None:
        if self._is_starving:
            self._starved_samples += silent_samples
        self._calm_samples += size_bytes // SAMPLE_BYTES
        if self._calm_samples >= _CALM_S * self._rate_hz:
            self._calm_samples = 0
            self._step = max(0, self._step - 1)


def _falling_gains(samples: int) -> tuple[float, ...]:
    """A raised cosine from nearly 1 to nearly 0."""
    return tuple(0.5 + 0.5 * math.cos(math.pi * (index + 1) / (samples + 1)) for index in range(samples))
