"""G.711 (ITU-T): 16-bit PCM in the 8 bits of a telephone line, by tables.

The encoders round as the reference code of ITU-T G.191 does: mu-law keeps 14 bits of a sample, A-law 13.
"""

from __future__ import annotations

from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

_Ints: TypeAlias = NDArray[np.int32]
_ULAW_BIAS = 33
_ULAW_CLIP = 8158


def ulaw_to_pcm(audio: bytes) -> bytes:
    """16-bit PCM of mu-law bytes."""
    return _ulaw_decoder().take(np.frombuffer(audio, np.uint8)).tobytes()


def alaw_to_pcm(audio: bytes) -> bytes:
    """16-bit PCM of A-law bytes."""
    return _alaw_decoder().take(np.frombuffer(audio, np.uint8)).tobytes()


def pcm_to_ulaw(pcm: bytes) -> bytes:
    """Mu-law bytes of 16-bit PCM."""
    return _ulaw_encoder().take(np.frombuffer(pcm, "<u2")).tobytes()


def pcm_to_alaw(pcm: bytes) -> bytes:
    """A-law bytes of 16-bit PCM."""
    return _alaw_encoder().take(np.frombuffer(pcm, "<u2")).tobytes()


@cache
def _ulaw_decoder() -> NDArray[np.int16]:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    size = ((((code & 0x0F) << 1) + _ULAW_BIAS) << (code >> 4 & 7)) - _ULAW_BIAS
    return (np.where(code & 0x80, -size, size) << 2).astype(np.int16)


@cache
def _alaw_decoder() -> NDArray[np.int16]:
    code = np.arange(256, dtype=np.int32) ^ 0x55
    segment, steps = code >> 4 & 7, ((code & 0x0F) << 1) + 1
    size = np.where(segment, (steps + 32) << np.maximum(segment - 1, 0), steps)
    return (np.where(code & 0x80, size, -size) << 3).astype(np.int16)


@cache
def _ulaw_encoder() -> NDArray[np.uint8]:
    sample = _every_sample() >> 2
    size = np.minimum(np.abs(sample), _ULAW_CLIP) + _ULAW_BIAS
    segment = _segment(size, 6)
    code: _Ints = segment << 4 | (size >> (segment + 1) & 0x0F)
    code ^= np.where(sample < 0, 0x7F, 0xFF).astype(np.int32)
    return code.astype(np.uint8)


@cache
def _alaw_encoder() -> NDArray[np.uint8]:
    sample = _every_sample() >> 3
    size = np.where(sample < 0, -sample - 1, sample)
    segment = _segment(size, 5)
    code: _Ints = segment << 4 | (size >> np.maximum(segment, 1) & 0x0F)
    code ^= np.where(sample < 0, 0x55, 0xD5).astype(np.int32)
    return code.astype(np.uint8)


def _every_sample() -> _Ints:
    """All samples, in the order of their unsigned form."""
    return np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)


def _segment(size: _Ints, first_bits: int) -> _Ints:
    """Which of the eight segments a size is in: the first takes `first_bits` bits, each other one more."""
    ends = (1 << np.arange(first_bits, first_bits + 7, dtype=np.int32)) - 1
    return np.searchsorted(ends, size).astype(np.int32)
