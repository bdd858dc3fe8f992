"""WebRTC's voice activity detector."""

from __future__ import annotations

import importlib
from typing import Protocol, cast


class _Vad(Protocol):
    def is_speech(self, buf: bytes, sample_rate: int) -> bool: ...


class _Module(Protocol):
    def Vad(self, mode: int) -> _Vad: ...  # noqa: N802 (the library's name)


class Webrtc:
    """One stream's detector; `mode` 0 takes much for speech, 3 little. Some 3 us for 20 ms."""

    def __init__(self, mode: int) -> None:
        library = cast("_Module", importlib.import_module("webrtcvad"))
        self._vad = library.Vad(mode)

    def is_speech(self, frame: bytes, rate_hz: int) -> bool:
        """Whether 10, 20 or 30 ms of PCM at 8, 16, 32 or 48 kHz hold speech."""
        return self._vad.is_speech(frame, rate_hz)
