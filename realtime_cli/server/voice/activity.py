"""Tells speech from everything else, 20 ms at a time: by WebRTC's detector, else (not installed) by energy.

The session's `threshold` becomes one of the detector's four modes: under 0.2 mode 0, which takes much for
speech, under 0.35 mode 1, under 0.5 mode 2, from 0.5 (the default) mode 3. Above that the frames before have
a vote as well: of the last five, this one included, 2 must hold speech from 0.6, 3 from 0.7, 4 from 0.8, 5
from 0.9. By energy it is the distance from the room's noise: 4 dB at 0, 10 dB at 0.5, 16 dB at 1.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Protocol

from realtime_cli.core.responding.voice_activity import FRAME_MS, VoiceActivity
from realtime_cli.protocol.encoding import Encoding

# ruff: noqa: PLC0415 (what computes needs numpy, 0.1 s to import: a session that is typed goes without)

_NATIVE_RATES_HZ = (8000, 16000, 32000, 48000)
_VOTERS = 5


class _Stream(Protocol):
    def convert(self, audio: bytes) -> bytes: ...


class _Detector(Protocol):
    def is_speech(self, frame: bytes, rate_hz: int) -> bool: ...


def voice_activity(encoding: Encoding, threshold: float) -> VoiceActivity:
    """The best detector that there is, for one stream (`VoiceActivityFactory`)."""
    return _OnFirstUse(lambda: _activity(encoding, threshold))


def _activity(encoding: Encoding, threshold: float) -> VoiceActivity:
    if has_webrtc():
        from .webrtc import Webrtc

        return Activity(encoding, Webrtc(_mode(threshold)), votes=_votes(threshold))
    from .energy import Energy

    return Activity(encoding, Energy(threshold), votes=1)


def has_webrtc() -> bool:
    """Whether WebRTC's detector is installed."""
    return find_spec("webrtcvad") is not None


class _OnFirstUse:
    """Makes the detector when there is something to hear."""

    def __init__(self, make: Callable[[], VoiceActivity]) -> None:
        self._make = make
        self._activity: VoiceActivity | None = None

    def hear(self, audio: bytes) -> Sequence[bool]:
        """Whether each 20 ms that this audio completes hold speech."""
        if self._activity is None:
            self._activity = self._make()
        return self._activity.hear(audio)


class Activity:
    """Cuts a stream into frames that a detector understands, and counts the votes of the newest."""

    def __init__(self, encoding: Encoding, detector: _Detector, *, votes: int) -> None:
        self._detector = detector
        self._decoder, self._resampler, self._rate_hz = _stages(encoding)
        self._frame_bytes = 2 * self._rate_hz * FRAME_MS // 1000
        self._pending = b""
        self._votes = votes
        self._recent: deque[bool] = deque(maxlen=_VOTERS)

    def hear(self, audio: bytes) -> list[bool]:
        """Whether each 20 ms that this audio completes hold speech."""
        for stage in (self._decoder, self._resampler):
            if stage is not None:
                audio = stage.convert(audio)
        audio = self._pending + audio
        size = self._frame_bytes
        whole = len(audio) - len(audio) % size
        self._pending = audio[whole:]
        return [self._judge(audio[at : at + size]) for at in range(0, whole, size)]

    def _judge(self, frame: bytes) -> bool:
        is_speech = self._detector.is_speech(frame, self._rate_hz)
        self._recent.append(is_speech)
        return is_speech and sum(self._recent) >= self._votes


def _stages(encoding: Encoding) -> tuple[_Stream | None, _Stream | None, int]:
    """What decodes, what resamples, and the rate behind them."""
    from realtime_cli.samples.conversion import Converter

    pcm = Encoding("audio/pcm", encoding.rate_hz)
    decoder = None if encoding == pcm else Converter(encoding, pcm)
    if encoding.rate_hz in _NATIVE_RATES_HZ:
        return decoder, None, encoding.rate_hz
    if encoding.rate_hz == 3 * _NATIVE_RATES_HZ[0]:
        from .decimation import Third

        return decoder, Third(), _NATIVE_RATES_HZ[0]
    return decoder, Converter(pcm, Encoding("audio/pcm", 16000)), 16000


def _mode(threshold: float) -> int:
    return sum(threshold >= step for step in (0.2, 0.35, 0.5))


def _votes(threshold: float) -> int:
    return 1 + sum(threshold >= step for step in (0.6, 0.7, 0.8, 0.9))
