"""The little of `sounddevice` that we use, with types, loaded when it is first needed.

Only this file knows that sounddevice has none, and which of its private functions re-enumerate devices.
"""

from __future__ import annotations

import importlib
import os
import shutil
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any, Final, Protocol, TypeAlias, TypedDict, cast

from realtime_cli.errors import RealtimeError


class DeviceEntry(TypedDict):
    """A device as PortAudio lists it; latencies are in seconds."""

    name: str
    index: int
    hostapi: int
    max_input_channels: int
    max_output_channels: int
    default_low_input_latency: float
    default_low_output_latency: float
    default_samplerate: float


class HostApiEntry(TypedDict):
    """A host API as PortAudio lists it; -1 is "no device"."""

    name: str
    default_input_device: int
    default_output_device: int


class Times(Protocol):
    """The device's clock at a callback, in seconds since whenever; 0 where the host API has none."""

    inputBufferAdcTime: float  # noqa: N815 - PortAudio's
    outputBufferDacTime: float  # noqa: N815 - PortAudio's
    currentTime: float  # noqa: N815 - PortAudio's


class Buffer(Protocol):
    """A block that belongs to PortAudio; valid during the callback only."""

    def __len__(self) -> int: ...
    def __getitem__(self, index: slice, /) -> bytes: ...
    def __setitem__(self, index: slice, data: bytes, /) -> None: ...


StreamCallback: TypeAlias = Callable[[Buffer, int, Times, object], None]


class Stream(Protocol):
    """An open stream of one direction."""

    @property
    def latency(self) -> float: ...
    def start(self) -> None: ...
    def abort(self) -> None: ...
    def close(self) -> None: ...


class _OpensStream(Protocol):
    def __call__(
        self,
        *,
        device: int,
        samplerate: int,
        channels: int,
        dtype: str,
        blocksize: int,
        latency: str | float,
        extra_settings: object,
        callback: StreamCallback,
        finished_callback: Callable[[], None],
    ) -> Stream: ...


class _ChecksSettings(Protocol):
    def __call__(
        self, *, device: int, samplerate: int, channels: int, dtype: str, extra_settings: object
    ) -> None: ...


class PortAudio(Protocol):
    """The module `sounddevice`."""

    PortAudioError: type[Exception]
    RawInputStream: _OpensStream
    RawOutputStream: _OpensStream
    check_input_settings: _ChecksSettings
    check_output_settings: _ChecksSettings
    WasapiSettings: Callable[..., object]

    def query_devices(self) -> Sequence[DeviceEntry]: ...
    def query_hostapis(self) -> Sequence[HostApiEntry]: ...


_REMEDIES: Final = {
    "darwin": "brew install portaudio",
    "win32": "pip install --force-reinstall sounddevice",
}
_LINUX_REMEDIES: Final = (
    "apt install libportaudio2",
    "dnf install portaudio",
    "pacman -S portaudio",
    "zypper install portaudio",
    "apk add portaudio",
)


def load() -> PortAudio:
    """The library, initialised. Raises `RealtimeError` with the package to install where it is missing."""
    try:
        module: Any = importlib.import_module("sounddevice")
    except OSError as error:  # sounddevice does not say ImportError
        raise RealtimeError(f"no sound: {error}", hint=f"install it: {_remedy()}") from error
    return cast("PortAudio", module)


def _remedy() -> str:
    """The command that installs PortAudio on this machine."""
    here = (words for words in _LINUX_REMEDIES if shutil.which(words.split()[0]))
    return _REMEDIES.get(sys.platform) or next(here, "the system's package manager has portaudio")


@contextmanager
def quiet() -> Generator[None]:
    """Keeps off the screen what PortAudio and the drivers below it print to fd 2.

    Whatever else this process writes there meanwhile is lost too.
    """
    try:
        before = os.dup(2)
    except OSError:  # there is no screen
        yield
        return
    nothing = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, 2)
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)
        os.close(nothing)


# paInvalidSampleRate, paInvalidChannelCount, paSampleFormatNotSupported: the device is there and says no.
_REFUSALS: Final = (-9997, -9998, -9994)
_UNEXPLAINED: Final = "Unanticipated host error"
# paDeviceUnavailable
_UNAVAILABLE: Final = -9985


class DeviceBusy(RealtimeError):
    """The device is there, but not for us."""


def not_opened(name: str, error: Exception) -> RealtimeError:
    """What to tell of a device that a `PortAudioError` kept us from opening."""
    text = f"{name} cannot be opened: {reason(error)}"
    if error.args[1:2] == (_UNAVAILABLE,):
        return DeviceBusy(text, hint="is another program using it?")
    return RealtimeError(text)


def is_refusal(error: Exception) -> bool:
    """Whether a `PortAudioError` says that other rates or channels may work."""
    return bool(error.args[1:]) and error.args[1] in _REFUSALS


def reason(error: Exception) -> str:
    """What a `PortAudioError` says, on one line; the system's own words where there are any."""
    message, *details = error.args or (type(error).__name__,)
    in_systems_words = str(details[1][2]).strip() if len(details) > 1 else ""
    return in_systems_words or str(message)


def is_unexplained(error: Exception) -> bool:
    """Whether one of our errors has for its reason only that PortAudio did not expect it."""
    return str(error).endswith(_UNEXPLAINED)


def refresh() -> None:
    """Lists the devices anew, which PortAudio does at initialisation only. Kills every open stream.

    Raises `RealtimeError` where PortAudio does not come up again.
    """
    library: Any = load()
    # Terminating drops every open stream: the caller has closed them.
    while library._initialized:  # noqa: SLF001 - python-sounddevice has no public name for it
        library._terminate()  # noqa: SLF001
    try:
        library._initialize()  # noqa: SLF001
    except library.PortAudioError as error:
        raise RealtimeError(f"no sound: {reason(error)}") from error
