"""Changes the rate of a stream of samples: soxr does, or where it is not installed, a filter of our own.

How late soxr is, does not depend on the size of the blocks (measured with 1.1.0, between 48 and 24 kHz): HQ
and MQ up to 39 ms, LQ up to 20 with 5 dB missing at 10 kHz; QQ does not filter. Its variable rate, at a rate
that does not vary, is late by 240 samples of the source or a little more: 5 ms from 48 kHz, 10 from 24 (25
to 8 kHz), 15 from 16, 30 from 8. It rejects as well as HQ, and moves the sound by up to 0.2 ms.
"""

from __future__ import annotations

from functools import lru_cache
from math import gcd
from typing import Protocol, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

_Floats: TypeAlias = NDArray[np.float64]
# Half the filter in samples of the lower rate, its cutoff as a part of that rate, and Kaiser's beta:
# flat to 0.43 of the rate, more than 80 dB down from 0.51 of it.
_HALF = 32
_CUTOFF = 0.47
_BETA = 8.0
# More at once would only need memory.
_PIECE = 1 << 13


class Resampler(Protocol):
    """A stream of samples on its way to another rate."""

    def feed(self, samples: _Floats) -> _Floats:
        """What is certain by now."""
        ...

    def finish(self) -> _Floats:
        """The rest; then the resampler is as new."""
        ...


class Polyphase:
    """A windowed sinc, sampled once for every position that an output sample can have between two inputs.

    It is late by 32 samples of the lower rate: 1.3 ms at 24 kHz.
    """

    def __init__(self, source_hz: int, target_hz: int) -> None:
        common = gcd(source_hz, target_hz)
        self._up, self._down = target_hz // common, source_hz // common
        self._filters = _filters(self._up, self._down)
        self._taps: int = self._filters.shape[1]
        self._begin()

    def feed(self, samples: _Floats) -> _Floats:
        """What is certain by now: all but the last 32 samples of the lower rate."""
        starts = range(0, len(samples), _PIECE)
        return np.concatenate([np.empty(0), *(self._feed(samples[at : at + _PIECE]) for at in starts)])

    def finish(self) -> _Floats:
        """The rest; then the resampler is as new."""
        rest = self._feed(np.zeros(self._taps // 2)) if self._has_begun else np.empty(0)
        self._begin()
        return rest

    def _begin(self) -> None:
        self._held: _Floats = np.zeros(self._taps // 2 - 1)
        # Of the next output, behind the middle of what is held, in 1/up of an input sample.
        self._position = 0
        self._has_begun = False

    def _feed(self, samples: _Floats) -> _Floats:
        self._has_begun = True
        held = np.concatenate((self._held, samples))
        starts = len(held) - self._taps + 1
        count = max(0, -((self._position - starts * self._up) // self._down))
        positions = self._position + self._down * np.arange(count + 1)
        first, phase = np.divmod(positions, self._up)
        self._held, self._position = held[first[-1] :], int(phase[-1])
        if not count:
            return np.empty(0)
        windows: _Floats = sliding_window_view(held, self._taps)[first[:-1]]
        outputs: _Floats = np.einsum("ij,ij->i", windows, self._filters[phase[:-1]])
        return outputs


class Soxr:
    """The soxr library: its HQ, or its variable rate; raises `ImportError` where it is not installed."""

    def __init__(self, source_hz: int, target_hz: int, *, is_live: bool) -> None:
        # There are machines without it (Windows on ARM), and it has no types.
        import soxr  # type: ignore[import-untyped] # pyright: ignore[reportMissingTypeStubs] # noqa: PLC0415

        self._stream = soxr.ResampleStream(source_hz, target_hz, 1, dtype="float64", quality="HQ", vr=is_live)

    def feed(self, samples: _Floats) -> _Floats:
        """What is certain by now."""
        outputs: _Floats = self._stream.resample_chunk(samples)
        return outputs

    def finish(self) -> _Floats:
        """The rest; then the resampler is as new."""
        rest: _Floats = self._stream.resample_chunk(np.empty(0), last=True)
        self._stream.clear()
        return rest


# As many as a conversation can need; each takes up to 12 MB.
@lru_cache(16)
def _filters(up: int, down: int) -> _Floats:
    """A row of weights for each phase; every row adds up to 1, so that a constant stays what it is."""
    narrowing = max(1.0, down / up)
    half = int(np.ceil(_HALF * narrowing))
    offsets = np.arange(1 - half, half + 1) - np.arange(up)[:, np.newaxis] / up
    window = np.i0(_BETA * np.sqrt(np.maximum(0, 1 - (offsets / half) ** 2)))
    rows = np.sinc(2 * _CUTOFF * offsets / narrowing) * window
    weights: _Floats = rows / rows.sum(axis=1, keepdims=True)
    return weights
