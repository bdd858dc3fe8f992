"""The audio of events as small pictures: how loud it was from moment to moment."""

from __future__ import annotations

import math
import sys
from array import array
from binascii import a2b_base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from operator import mul
from typing import TypeAlias

from rich.console import Console

from realtime_cli.protocol.encoding import Encoding
from realtime_cli.ui.theme import can_show

from .formats import Formats
from .reading import Frame, object_in
from .ring import Event, EventRing

_BARS, _PLAIN_BARS = " ▁▂▃▄▅▆▇█", " .,:-=+*#"
_QUIET_DBFS, _LOUD_DBFS = -54.0, -3.0
_FULL_SCALE = 32768
_MOMENT_MS = 20
# Every eighth sample tells a small picture enough, and takes an eighth of the time.
_STRIDE = 8
_MOST_SAMPLES = 200_000
_REMEMBERED = 20_000
# Twice as many as a row has cells for its picture.
_MOST_HEARD = 96

Samples: TypeAlias = "array[int]"


@dataclass(frozen=True, slots=True)
class Sound:
    """How long audio is, and its peak in each moment (of 20 ms)."""

    ms: float
    peaks: Samples


@dataclass(frozen=True, slots=True)
class Loudness:
    """Levels of audio in dBFS; -inf is silence."""

    peak_dbfs: float
    rms_dbfs: float


class Sounds:
    """The sound of events, worked out once for each."""

    def __init__(self, ring: EventRing, formats: Formats) -> None:
        self._ring = ring
        self._formats = formats
        self._known: dict[int, Sound | None] = {}
        self._lengths_ms: dict[int, float] = {}

    def of_event(self, number: int) -> Sound | None:
        """An event's sound; None where it has none."""
        if number not in self._known:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[number] = self._heard(number)
        return self._known[number]

    def of_events(self, numbers: Sequence[int]) -> Sound | None:
        """The sound of events one after the other; None where the last one has none.

        Of a long run some events stand for all, as far as peaks go: a picture of it is small.
        """
        if not numbers or self.of_event(numbers[-1]) is None:
            return None
        peaks = array("H")
        for number in islice(numbers, 0, None, 1 + len(numbers) // _MOST_HEARD):
            if sound := self.of_event(number):
                peaks.extend(sound.peaks)
        return Sound(sum(map(self._length_ms, numbers)), peaks)

    def encoding(self, frame: Frame) -> Encoding:
        """How the frame's audio is written."""
        return self._formats.encoding(frame.event)

    def _heard(self, number: int) -> Sound | None:
        event = self._ring.event(number)
        audio = None if event is None else decoded(_base64_in(event))
        return None if event is None or audio is None else sound_of(audio, self._formats.encoding(event))

    def _length_ms(self, number: int) -> float:
        """How long an event's audio is, by the length of its text."""
        if number not in self._lengths_ms:
            if len(self._lengths_ms) >= _REMEMBERED:
                self._lengths_ms.clear()
            event = self._ring.event(number)
            base64 = _base64_in(event) if event else None
            size_bytes = len(base64.rstrip("=")) * 3 // 4 if base64 else 0
            self._lengths_ms[number] = self._formats.encoding(event).ms(size_bytes) if event else 0.0
        return self._lengths_ms[number]


def _base64_in(event: Event) -> str | None:
    data = object_in(event.raw) or {}
    type_ = data.get("type")
    is_speech = isinstance(type_, str) and type_.endswith("audio.delta")
    base64 = data.get("delta" if is_speech else "audio")
    return base64 if isinstance(base64, str) and base64 else None


def decoded(base64: str | None) -> bytes | None:
    """The bytes behind base64; None where it is none."""
    try:
        return a2b_base64(base64 + "=" * (-len(base64) % 4)) if base64 else None
    except ValueError:
        return None


def sound_of(audio: bytes, encoding: Encoding) -> Sound:
    """What audio sounds like."""
    samples = _samples(audio, encoding)
    moment = max(1, encoding.rate_hz * _MOMENT_MS // 1000)
    return Sound(encoding.ms(len(audio)), array("H", _peaks(samples, moment, stride=_STRIDE)))


def loudness(audio: bytes, encoding: Encoding) -> Loudness:
    """How loud audio is, as a whole."""
    samples = _samples(audio, encoding)
    samples = samples[:: 1 + len(samples) // _MOST_SAMPLES]
    if not samples:
        return Loudness(-math.inf, -math.inf)
    mean_square = sum(map(mul, samples, samples)) / len(samples)
    return Loudness(_dbfs(_peak(samples)), _dbfs(math.sqrt(mean_square)))


def fine_peaks(audio: bytes, encoding: Encoding, *, cells: int) -> list[int]:
    """The peaks of as many equal parts."""
    samples = _samples(audio, encoding)
    part = max(1, -(-len(samples) // max(1, cells)))
    return list(_peaks(samples, part, stride=1 + len(samples) // _MOST_SAMPLES))


def squeezed(peaks: Sequence[int], *, cells: int) -> list[int]:
    """The peaks in at most so many cells, each the loudest of its part."""
    if len(peaks) <= cells:
        return list(peaks)
    edges = [index * len(peaks) // cells for index in range(cells + 1)]
    return [max(peaks[start:end]) for start, end in pairwise(edges)]


def wave(console: Console, peaks: Sequence[int], *, height: int = 1) -> list[str]:
    """A picture of peaks, a column for each; the top row first. What is there at all has a mark."""
    bars = _BARS if can_show(console, _BARS) else _PLAIN_BARS
    steps = len(bars) - 1
    levels = [max(1, round(_share(peak) * steps * height)) for peak in peaks]
    return [
        "".join(bars[max(0, min(steps, level - row * steps))] for level in levels)
        for row in range(height - 1, -1, -1)
    ]


def _share(peak: int) -> float:
    return max(0.0, min(1.0, (_dbfs(peak) - _QUIET_DBFS) / (_LOUD_DBFS - _QUIET_DBFS)))


def _dbfs(amplitude: float) -> float:
    return 20 * math.log10(amplitude / _FULL_SCALE) if amplitude > 0 else -math.inf


def _peaks(samples: Samples, part: int, *, stride: int) -> Iterator[int]:
    for start in range(0, len(samples), part):
        some = samples[start : start + part : stride]
        yield _peak(some)


def _peak(samples: Samples) -> int:
    highest, lowest = max(samples), min(samples)
    return max(highest, -lowest)


def _samples(audio: bytes, encoding: Encoding) -> Samples:
    if encoding.type != "audio/pcm":
        # G.711 is told apart by tables that need numpy; most sessions never do.
        from realtime_cli.samples.g711 import alaw_to_pcm, ulaw_to_pcm  # noqa: PLC0415

        audio = ulaw_to_pcm(audio) if encoding.type == "audio/pcmu" else alaw_to_pcm(audio)
    samples = array("h", audio[: len(audio) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    return samples
