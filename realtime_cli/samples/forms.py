"""The forms in which WAV files store samples."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from .g711 import alaw_to_pcm, ulaw_to_pcm
from .riff import WavFormat

_Floats: TypeAlias = NDArray[np.float64]


def mono_pcm(data: bytes, format_: WavFormat) -> bytes:
    """Mono 16-bit PCM of whole frames: the mean of their channels."""
    samples: _Floats = _samples(data, format_).reshape(-1, format_.channels).mean(axis=1)
    return np.rint(samples).clip(-32768, 32767).astype(np.int16).tobytes()


def _samples(data: bytes, format_: WavFormat) -> _Floats:
    """The samples on the scale of 16 bits."""
    match format_.kind:
        case "ulaw":
            return np.frombuffer(ulaw_to_pcm(data), "<i2").astype(np.float64)
        case "alaw":
            return np.frombuffer(alaw_to_pcm(data), "<i2").astype(np.float64)
        case "u":
            return (np.frombuffer(data, np.uint8).astype(np.float64) - 128) * 256
        case "f":
            # Large floats (and what is no number) are damage; they must not become a bang.
            samples = np.frombuffer(data, f"<f{format_.sample_bytes}").astype(np.float64)
            return np.nan_to_num(samples, nan=0.0).clip(-1, 1) * 32768
        case _:
            return _integers(data, format_.sample_bytes)


def _integers(data: bytes, sample_bytes: int) -> _Floats:
    wide = np.zeros((len(data) // sample_bytes, 4), np.uint8)
    wide[:, 4 - sample_bytes :] = np.frombuffer(data, np.uint8).reshape(-1, sample_bytes)
    return wide.view("<i4")[:, 0] / 65536
