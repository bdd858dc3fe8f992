"""What is done about the microphone hearing the speaker: choosing it, and WebRTC's echo canceller."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any, Final, Literal, Protocol, TypeAlias

from realtime_cli.errors import UsageError

from .config import RATE_HZ, SAMPLE_BYTES, EchoPolicy
from .sound_server import SoundServer, sound_server

Wish: TypeAlias = EchoPolicy | Literal["auto"]
_HEADSET = re.compile(r"head-?(set|phone)|ear-?(phone|bud|piece)|airpods|hands-?free", re.IGNORECASE)
_INSTALL: Final = "install the extra `aec`, e.g. pip install '.[aec]', or the package livekit"


@dataclass(frozen=True, slots=True)
class Headset:
    """A headset by its name, which is a device's; or the sound server told of it."""

    name: str
    is_device: bool


@dataclass(frozen=True, slots=True)
class Resolved:
    """The policy to follow, the line that says so, and what the audio child's environment must have.

    `headset` is what made every other measure unnecessary.
    """

    policy: EchoPolicy
    words: str
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    headset: Headset | None = None


def resolve(
    wish: Wish, *, devices: Sequence[str] = (), ask_server: Callable[[], SoundServer] | None = None
) -> Resolved:
    """What `--echo` means on this machine. `devices` are the names of the microphone and the speaker.

    Raises `UsageError` where what was asked for is not there.
    """
    ask_server = ask_server or sound_server
    match wish:
        case "auto":
            return _best(devices, ask_server())
        case "system":
            return _by_system(ask_server())
        case "aec" if not has_webrtc():
            raise UsageError(
                "echo cancelling needs the package livekit, which is not installed", hint=_INSTALL
            )
        case "aec":
            return Resolved("aec", "echo: cancelled here (WebRTC)")
        case "half-duplex":
            return Resolved("half-duplex", "echo: the microphone is silent while the answer plays")
        case "off":
            return Resolved("off", "echo: nothing is done about it")


def is_headset(*names: str) -> bool:
    """Whether one of them is a headset's name."""
    return any(map(_HEADSET.search, names))


def has_webrtc() -> bool:
    """Whether WebRTC's audio processing is installed; it is not loaded."""
    try:
        return find_spec("livekit.rtc") is not None
    except ModuleNotFoundError:
        return False


def _best(devices: Sequence[str], server: SoundServer) -> Resolved:
    headset = next(filter(is_headset, [*devices, server.output]), None)
    if headset is not None:
        words = f"echo: none expected from a headset ({headset})"
        return Resolved("off", words, headset=Headset(headset, is_device=headset in devices))
    if server.sources:
        return _by_system(server)
    if has_webrtc():
        return resolve("aec")
    return Resolved(
        "half-duplex",
        "echo: the microphone is silent while the answer plays, since no canceller is installed; "
        f"with headphones use --echo off, else {_INSTALL}",
    )


def _by_system(server: SoundServer) -> Resolved:
    if not server.sources:
        hint = "pactl load-module module-echo-cancel aec_method=webrtc" if sys.platform == "linux" else ""
        raise UsageError(
            "the sound server has no echo canceller that we could use",
            hint=hint or "use --echo aec, or a headset",
        )
    # Its canceller knows only what goes through its own sink.
    environment = {"PULSE_SOURCE": server.sources[0]} | (
        {"PULSE_SINK": server.sinks[0]} if server.sinks else {}
    )
    return Resolved("system", f"echo: cancelled by the sound server ({server.sources[0]})", environment)


class _Frame(Protocol):
    @property
    def data(self) -> memoryview: ...


class _Processing(Protocol):
    def process_stream(self, data: _Frame) -> None: ...
    def process_reverse_stream(self, data: _Frame) -> None: ...


class Canceller:
    """WebRTC's echo canceller, from the package livekit (120 ms to load). Implements `in_step.EchoCanceller`.

    It finds out by itself how late the echo comes.
    """

    def __init__(self) -> None:
        self._rtc: Any = importlib.import_module("livekit.rtc")
        self._new_frame: Callable[[bytearray, int, int, int], _Frame] = self._rtc.AudioFrame
        self._processing = self._new_processing()

    def reset(self) -> None:
        """Forgets what was learned (1 ms)."""
        self._processing = self._new_processing()

    def process(self, microphone: bytes, played: bytes) -> bytes:
        """The microphone's 10 ms without the echo of what was played, now or a little before."""
        self._processing.process_reverse_stream(self._frame(played))
        frame = self._frame(microphone)
        self._processing.process_stream(frame)
        return bytes(frame.data)

    def _new_processing(self) -> _Processing:
        # No noise suppression or gain control: they gain nothing, and delay the detection of speech.
        processing: _Processing = self._rtc.AudioProcessingModule(
            echo_cancellation=True, high_pass_filter=True
        )
        return processing

    def _frame(self, pcm: bytes) -> _Frame:
        return self._new_frame(bytearray(pcm), RATE_HZ, 1, len(pcm) // SAMPLE_BYTES)
