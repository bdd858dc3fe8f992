"""The sound devices as a table, or as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from realtime_cli.audio.devices import PROBED_RATES_HZ, Device, Kind, choose, supported_rates_hz
from realtime_cli.audio.portaudio import quiet
from realtime_cli.errors import RealtimeError
from realtime_cli.visible import one_line

_NARROW = 70


def print_devices(console: Console, devices: list[Device], *, chosen: Mapping[Kind, str]) -> None:
    """A table: number, name, channels, rates, latency; the defaults and the user's choices are marked."""
    picked = {kind: _picked(devices, name, kind) for kind, name in chosen.items()}
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    is_narrow = console.width < _NARROW
    for heading in ("#", "name", "in", "out"):
        table.add_column(heading, justify="left" if heading == "name" else "right", overflow="fold")
    if not is_narrow:
        for heading in ("kHz", "latency", "host"):
            table.add_column(heading, justify="left", overflow="fold")
    defaults = {"input": _default(devices, "input"), "output": _default(devices, "output")}
    used = [picked[kind] or defaults[kind] for kind in _KINDS]
    for device in devices:
        cells = [
            Text(str(device.index)),
            Text(one_line(device.name)),
            Text(_side(device, "input", is_chosen=device == picked["input"])),
            Text(_side(device, "output", is_chosen=device == picked["output"])),
        ]
        if not is_narrow:
            latencies_ms = (device.input_latency_ms, device.output_latency_ms)
            shown = "/".join(f"{latency_ms:.0f}" for latency_ms in latencies_ms)
            cells += [Text(_rates(device)), Text(f"{shown} ms"), Text(one_line(device.host_api))]
        table.add_row(*cells, style="user" if device in used else "")
    console.print(table)
    choices = "; > your choice" if any(picked.values()) else ""
    rates = "" if is_narrow else "; kHz: what it takes of 24, 48, 44.1 and 16"
    console.print(Text(f"* the system's default{choices}{rates}", "info"))


def write_devices(stream: TextIO, devices: list[Device]) -> None:
    """An object for each device, one a line."""
    stream.writelines(json.dumps(_as_object(device)) + "\n" for device in devices)


def _as_object(device: Device) -> dict[str, Any]:
    rates = {f"{kind}_rates_hz": _supported(device, kind) for kind in _KINDS}
    return {"type": "device", **asdict(device), **rates}


_KINDS: tuple[Kind, Kind] = ("input", "output")


def _supported(device: Device, kind: Kind) -> list[int]:
    with quiet():
        return supported_rates_hz(device, kind) if device.channels(kind) else []


def _side(device: Device, kind: Kind, *, is_chosen: bool) -> str:
    channels = device.channels(kind)
    marks = f"{'>' if is_chosen else ''}{channels}{'*' if device.is_default(kind) else ''}"
    return marks if channels else ""


def _default(devices: list[Device], kind: Kind) -> Device | None:
    return next((device for device in devices if device.is_default(kind)), None)


def _picked(devices: list[Device], name: str, kind: Kind) -> Device | None:
    """The device that a name in the settings means now."""
    try:
        return choose(devices, name, kind) if name else None
    except RealtimeError:  # it is not there now
        return None


def _rates(device: Device) -> str:
    """The rates that it takes, in both directions where it has both."""
    kinds: list[Kind] = [kind for kind in _KINDS if device.channels(kind)]
    taken = [_supported(device, kind) for kind in kinds]
    common = [rate_hz for rate_hz in sorted(PROBED_RATES_HZ) if all(rate_hz in rates for rates in taken)]
    return " ".join(f"{rate_hz / 1000:g}" for rate_hz in common) or "?"
