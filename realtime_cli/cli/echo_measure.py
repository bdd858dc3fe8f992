"""How late, and how loud, a microphone hears a speaker, by chirps that are looked for in what it hears."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from realtime_cli.protocol.encoding import PCM_24K

_CHIRPS = 4
_CHIRP_S = 0.05
_PAUSE_S = 0.45
_LEVEL = 0.5
# A correlation that stands out less than this from the rest is chance.
_SURE = 8.0


@dataclass(frozen=True, slots=True)
class Echo:
    """What came back: after so many milliseconds, so much louder (or, below 0, quieter) than it went out."""

    round_trip_ms: float
    level_db: float


def chirps() -> bytes:
    """Short rising chirps with pauses between them, 16-bit PCM at 24 kHz."""
    pause = np.zeros(round(_PAUSE_S * PCM_24K.rate_hz))
    wave = np.tile(np.concatenate([_chirp(), pause]), _CHIRPS)
    return (wave * _LEVEL * 32767).astype("<i2").tobytes()


def find_echo(played: bytes, heard: bytes, *, offset_s: float) -> Echo | None:
    """The echo of `played` in `heard`, which began `offset_s` before it; None where there is none."""
    sound = np.frombuffer(heard, "<i2").astype(np.float64)
    pattern = np.frombuffer(played, "<i2").astype(np.float64)
    if len(sound) < len(pattern):
        return None
    size = 1 << (len(sound) + len(pattern)).bit_length()
    spectrum = np.fft.rfft(sound, size) * np.conj(np.fft.rfft(pattern, size))
    likeness = np.abs(np.fft.irfft(spectrum, size)[: len(sound) - len(pattern) + 1])
    place = int(likeness.argmax())
    if likeness[place] < _SURE * max(1.0, float(np.median(likeness))):
        return None
    if place / PCM_24K.rate_hz < offset_s:
        return None  # somebody else's: nothing is heard before it sounds
    gain = likeness[place] / float(pattern @ pattern)
    return Echo((place / PCM_24K.rate_hz - offset_s) * 1000, float(20 * np.log10(gain)))


def _chirp() -> NDArray[np.float64]:
    times = np.arange(round(_CHIRP_S * PCM_24K.rate_hz)) / PCM_24K.rate_hz
    sweep = np.sin(2 * np.pi * (500 + 3000 * times / _CHIRP_S / 2) * times)
    return np.asarray(sweep * np.hanning(len(times)), dtype=np.float64)
