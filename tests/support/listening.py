"""What was heard, beside what was said."""

from __future__ import annotations

from array import array

import numpy as np

_SURE = 480  # samples, 20 ms at 24 kHz: enough to know where it begins


def was_heard(said: bytes, heard: bytes) -> bool:
    """Whether every sample was heard, in order and nothing between them but silence.

    A machine that stands still for a moment has gaps; what was lost, changed or mixed with something else is
    found however long they are.
    """
    wanted, found = _stripped(array("h", said)), array("h", heard)
    if not wanted:
        return True
    sure = wanted[:_SURE].tobytes()
    begin = heard.find(sure)
    while begin > 0 and begin % 2:
        begin = heard.find(sure, begin + 1)
    return begin >= 0 and _follows(wanted, found[begin // 2 :])


def without_holes(pcm: bytes, *, shortest: int = 1) -> bytes:
    """The sound without the silence in and round it, of which `shortest` counts the samples.

    Of a sound that has no zero this is the sound itself, whatever gaps the machine had.
    """
    samples = np.frombuffer(pcm, "<i2")
    loud = np.flatnonzero(samples)
    if not len(loud):
        return b""
    breaks = np.flatnonzero(np.diff(loud) > shortest)
    begins, ends = loud[np.r_[0, breaks + 1]], loud[np.r_[breaks, len(loud) - 1]] + 1
    return b"".join(samples[begin:end].tobytes() for begin, end in zip(begins, ends, strict=True))


def _follows(wanted: array[int], found: array[int]) -> bool:
    place = 0
    for sample in found:
        if sample == wanted[place]:
            place += 1
            if place == len(wanted):
                return True
        elif sample:
            return False
    return False


def _stripped(samples: array[int]) -> array[int]:
    loud = [number for number, sample in enumerate(samples) if sample]
    return samples[loud[0] : loud[-1] + 1] if loud else array("h")
