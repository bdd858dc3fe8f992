"""Which sound devices there are, which one is meant, and how it can be opened."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from realtime_cli.errors import RealtimeError, UsageError

from .config import NO_DEVICE, RATE_HZ
from .portaudio import HostApiEntry, PortAudio, is_refusal, load, not_opened

Kind: TypeAlias = Literal["input", "output"]
_WASAPI = "Windows WASAPI"
_MAYBE_BUSY = "one that another program uses may not be listed"
PROBED_RATES_HZ = (RATE_HZ, 48_000, 44_100, 16_000)


@dataclass(frozen=True, slots=True)
class Device:
    """A sound device as PortAudio lists it; `latency_ms` is the lowest it claims for that direction."""

    index: int
    name: str
    host_api: str
    input_channels: int
    output_channels: int
    default_rate_hz: int
    input_latency_ms: float
    output_latency_ms: float
    is_default_input: bool
    is_default_output: bool

    def channels(self, kind: Kind) -> int:
        """How many channels it has in that direction."""
        return self.input_channels if kind == "input" else self.output_channels

    def is_default(self, kind: Kind) -> bool:
        """Whether it is the system's choice for that direction."""
        return self.is_default_input if kind == "input" else self.is_default_output

    def __str__(self) -> str:
        return f"{self.index} {self.name} ({self.host_api})"


@dataclass(frozen=True, slots=True)
class Plan:
    """How a device is opened: its own rate and channels."""

    device: Device
    rate_hz: int
    channels: int


def list_devices() -> list[Device]:
    """The devices that PortAudio found when it was initialised. Raises `RealtimeError` without PortAudio."""
    library = load()
    try:
        host_apis = library.query_hostapis()
        entries = library.query_devices()
    except library.PortAudioError as error:
        raise RealtimeError(f"the sound devices cannot be listed: {error}") from error
    default_input, default_output = _defaults(host_apis)
    return [
        Device(
            index=entry["index"],
            name=entry["name"],
            host_api=host_apis[entry["hostapi"]]["name"],
            input_channels=entry["max_input_channels"],
            output_channels=entry["max_output_channels"],
            default_rate_hz=round(entry["default_samplerate"]),
            input_latency_ms=entry["default_low_input_latency"] * 1000,
            output_latency_ms=entry["default_low_output_latency"] * 1000,
            is_default_input=entry["index"] == default_input,
            is_default_output=entry["index"] == default_output,
        )
        for entry in entries
    ]


def _defaults(host_apis: Sequence[HostApiEntry]) -> tuple[int, int]:
    # PortAudio's default on Windows is MME, which is slow and cuts names off: WASAPI where there is one.
    preferred = sorted(host_apis, key=lambda api: api["name"] != _WASAPI)
    inputs = [api["default_input_device"] for api in preferred if api["default_input_device"] >= 0]
    outputs = [api["default_output_device"] for api in preferred if api["default_output_device"] >= 0]
    return next(iter(inputs), -1), next(iter(outputs), -1)


def choose(devices: Iterable[Device], wanted: str, kind: Kind) -> Device | None:
    """The device that `wanted` means: a number, a part of a name, or "" for the default.

    None where `wanted` is "none". Raises `UsageError` where nothing or more than one device fits a wish, and
    `RealtimeError` where there is nothing to wish for.
    """
    if wanted == NO_DEVICE:
        return None
    usable = [device for device in devices if device.channels(kind)]
    found = list(_matches(usable, wanted, kind))
    if len(found) == 1:
        return found[0]
    if not (usable or wanted):
        raise RealtimeError(f"there is no sound {kind} device", hint=_MAYBE_BUSY)
    what = f"{len(found)} {kind} devices match" if found else f"no {kind} device matches"
    candidates = "; ".join(map(str, found or usable)) or "there is none"
    hint = "give its number, or more of its name"
    if not found:
        hint += f"; {_MAYBE_BUSY}"
    raise UsageError(f"{what} {wanted!r}: {candidates}", hint=hint)


def _matches(usable: Sequence[Device], wanted: str, kind: Kind) -> Sequence[Device]:
    if not wanted:
        return [device for device in usable if device.is_default(kind)][:1] or usable[:1]
    if wanted.isdecimal():
        return [device for device in usable if device.index == int(wanted)]
    folded = wanted.casefold()
    found = [device for device in usable if folded in device.name.casefold()]
    # Windows lists each device once for every host API.
    found = [device for device in found if device.host_api == _WASAPI] or found
    return [device for device in found if device.name.casefold() == folded] or found


def find_plan(device: Device, kind: Kind) -> Plan:
    """The first way that the device takes. Raises `RealtimeError` (or `DeviceBusy`) where there is none."""
    library = load()
    refusals: list[Exception] = []
    for plan in _plans(device, kind):
        try:
            _check(library, plan, kind)
        except library.PortAudioError as error:
            if not is_refusal(error):
                raise not_opened(device.name, error) from error
            refusals.append(error)
        else:
            return plan
    raise not_opened(device.name, refusals[0])


def _plans(device: Device, kind: Kind) -> Iterator[Plan]:
    rates_hz = dict.fromkeys((*PROBED_RATES_HZ, device.default_rate_hz))
    if sys.platform == "darwin" and kind == "output":
        # At 24 kHz a Bluetooth headset may fall back to its telephone mode.
        rates_hz = dict.fromkeys((48_000, *rates_hz))
    available = device.channels(kind)
    for channels in dict.fromkeys((1, min(2, available), available)):
        yield from (Plan(device, rate_hz, channels) for rate_hz in rates_hz)


def supported_rates_hz(device: Device, kind: Kind) -> list[int]:
    """Those of `PROBED_RATES_HZ` that the device takes, for a table; empty while it is busy."""
    library = load()
    channels = min(2, device.channels(kind))
    return [rate_hz for rate_hz in PROBED_RATES_HZ if _takes(library, Plan(device, rate_hz, channels), kind)]


def _takes(library: PortAudio, plan: Plan, kind: Kind) -> bool:
    try:
        _check(library, plan, kind)
    except library.PortAudioError:
        return False
    return True


def _check(library: PortAudio, plan: Plan, kind: Kind) -> None:
    check = library.check_input_settings if kind == "input" else library.check_output_settings
    check(
        device=plan.device.index,
        samplerate=plan.rate_hz,
        channels=plan.channels,
        dtype="int16",
        extra_settings=extra_settings(library, plan.device),
    )


def extra_settings(library: PortAudio, device: Device) -> object:
    """What a host API must be told: WASAPI refuses every rate but the mixer's unless it may convert."""
    return library.WasapiSettings(auto_convert=True) if device.host_api == _WASAPI else None
