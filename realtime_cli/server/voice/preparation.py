"""What makes a recording easy to recognise: no silence round it, and a little noise in it."""

from __future__ import annotations

import numpy as np

from realtime_cli.core.responding.voice_activity import FRAME_MS
from realtime_cli.protocol.encoding import Encoding

from .activity import voice_activity

_THRESHOLD = 0.5
# A detector misses soft beginnings; it holds on to ends by itself.
_BEFORE_FRAMES = 5
# 30 dB below the speech: what a quiet room has, and synthetic speech has not.
_NOISE = 0.03


def speech_within(pcm: bytes, rate_hz: int) -> bytes:
    """The 16-bit PCM from the first speech to the last; nothing where nobody speaks."""
    frames = voice_activity(Encoding("audio/pcm", rate_hz), _THRESHOLD).hear(pcm)
    voiced = [index for index, is_speech in enumerate(frames) if is_speech]
    if not voiced:
        return b""
    frame_bytes = 2 * rate_hz * FRAME_MS // 1000
    return pcm[max(0, voiced[0] - _BEFORE_FRAMES) * frame_bytes : (voiced[-1] + 1) * frame_bytes]


def with_noise(pcm: bytes) -> bytes:
    """The same speech in a quiet room, the same room each time."""
    samples = np.frombuffer(pcm, "<i2").astype(np.float32)
    loudness = float(np.sqrt(np.mean(samples**2)))
    noise = np.random.default_rng(1).normal(0, _NOISE * loudness, len(samples))
    return np.rint(samples + noise).clip(-32768, 32767).astype("<i2").tobytes()
