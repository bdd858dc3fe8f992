"""How loud samples are."""

from __future__ import annotations

from array import array
from math import inf, log10

_FULL_SCALE = 32768


def dbfs(pcm: bytes) -> float:
    """The RMS level of 16-bit PCM in dBFS, where a full-scale square wave has 0; -inf is silence."""
    samples = array("h", pcm[: len(pcm) & ~1])
    power = sum(sample * sample for sample in samples)
    if not power:
        return -inf
    return 10 * log10(power / len(samples) / _FULL_SCALE**2)
