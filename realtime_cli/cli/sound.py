"""Chooses what hears and what sounds: devices, files, or nothing; and says so."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from realtime_cli.audio.combined import CombinedEngine, OpenableEngine
from realtime_cli.audio.config import NO_DEVICE, AudioConfig, EchoPolicy, Role
from realtime_cli.audio.device_engine import DeviceEngine
from realtime_cli.audio.devices import Kind, choose, list_devices
from realtime_cli.audio.echo import Headset, Resolved, resolve
from realtime_cli.audio.files import FileConfig, FileEngine
from realtime_cli.audio.portaudio import quiet
from realtime_cli.core.inputs import AudioReady
from realtime_cli.errors import RealtimeError, UsageError
from realtime_cli.protocol.encoding import PCM_24K, Encoding
from realtime_cli.runtime.ports import AudioEngine
from realtime_cli.settings import Settings

from .environment import Environment

_ROLES: tuple[tuple[Role, str], ...] = (("microphone", "input_device"), ("speaker", "output_device"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Files in the place of devices; `-` is stdin or stdout. `raw_rate_hz`: they are bare PCM."""

    microphone: str | None = None
    speaker: str | None = None
    raw_rate_hz: int | None = None
    pace: str = "real"
    repeats_silence: bool = False
    recording: Path | None = None

    def __post_init__(self) -> None:
        if self.pace not in ("real", "max"):
            raise UsageError(f"--pace {self.pace!r} is no pace", hint="write real or max")
        if self.raw_rate_hz is not None and not 1000 <= self.raw_rate_hz <= 192_000:
            raise UsageError(f"--raw {self.raw_rate_hz} is no sample rate", hint="write one such as 24000")
        if self.pace == "max" and not (self.microphone or self.speaker or self.recording):
            raise UsageError("--pace max is for files, and there is none", hint="add --input or --output")
        if self.repeats_silence and not self.microphone:
            raise UsageError("--repeat-silence follows a file, and there is none", hint="add --input FILE")
        if self.raw_rate_hz is not None and not (self.microphone or self.speaker):
            raise UsageError(
                "--raw says what is in a file, and there is none", hint="add --input or --output"
            )


@dataclass(frozen=True, slots=True)
class Sound:
    """An open engine, what it found, and the words that say so."""

    engine: AudioEngine
    ready: AudioReady
    is_half_duplex: bool = False
    words: str = ""
    headset: Headset | None = None


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which halves are devices; the others are files, or nothing."""

    microphone: bool
    speaker: bool


def wants_sound(env: Environment, settings: Settings, files: Files) -> bool:
    """Whether anything shall hear or sound: on a terminal always, in a pipe where a flag says so."""
    wanted = _devices(env, settings, files)
    return bool(files.microphone or files.speaker or files.recording or wanted.microphone or wanted.speaker)


def wants_microphone(env: Environment, settings: Settings, files: Files) -> bool:
    """Whether anything shall hear."""
    return bool(files.microphone) or _devices(env, settings, files).microphone


async def open_sound(
    env: Environment,
    settings: Settings,
    files: Files,
    *,
    queued_bytes: Callable[[], int],
    unspoken: str = "answers are text",
) -> Sound | None:
    """Opens what is wanted; None where nothing is. Raises `UsageError` for a device that is not there.

    `queued_bytes` tells how much waits for the socket: a file at full speed does not run ahead of it.
    `unspoken` is what becomes of the answers without a speaker; empty where there are none.
    """
    wanted = _devices(env, settings, files)
    _refuse_contradictions(settings, files, wanted)
    if not wants_sound(env, settings, files):
        return None
    echo = Resolved("off", "")
    if wanted.microphone and wanted.speaker:
        echo = await asyncio.to_thread(_resolved_echo, settings)
    engine = _engine(settings, files, wanted, echo, queued_bytes)
    ready = await engine.open()
    half_duplex = echo.policy == "half-duplex" and bool(ready.microphone and ready.speaker)
    return Sound(engine, ready, half_duplex, _words(ready, echo, files, unspoken), echo.headset)


def _resolved_echo(settings: Settings) -> Resolved:
    names = [_device_name(settings.input_device, "input"), _device_name(settings.output_device, "output")]
    return resolve(settings.echo, devices=names)


def _device_name(wish: str, kind: Kind) -> str:
    """The name of what will be opened; empty where nobody knows yet."""
    if sys.platform == "linux" and not wish:
        return ""  # the sound server knows better than PortAudio what "default" is
    for name in dict.fromkeys((wish, "")):
        with suppress(RealtimeError), quiet():
            device = choose(list_devices(), name, kind)
            return device.name if device else ""
    return ""


def device_engine(
    settings: Settings,
    *,
    wanted: _Wanted = _Wanted(microphone=True, speaker=True),
    echo: EchoPolicy = "off",
    environment: Mapping[str, str] | None = None,
) -> OpenableEngine:
    """The sound devices, in a process of their own where that can be."""
    latency = settings.latency
    config = AudioConfig(
        input_device=settings.input_device if wanted.microphone else NO_DEVICE,
        output_device=settings.output_device if wanted.speaker else NO_DEVICE,
        wishes=frozenset(role for role, name in _ROLES if not settings.origin(name).startswith("--")),
        block_ms=settings.block_ms,
        latency=latency if latency in ("low", "high") else float(latency),
        echo=echo,
    )
    return DeviceEngine(config, environment=environment)


def _devices(env: Environment, settings: Settings, files: Files) -> _Wanted:
    is_usual = env.is_interactive and not settings.text
    return _Wanted(
        microphone=not files.microphone
        and (is_usual or settings.origin("ptt") == "--ptt" or _is_named(settings, "input_device")),
        speaker=not files.speaker and (is_usual or _is_named(settings, "output_device")),
    )


def _is_for_both(settings: Settings) -> bool:
    return settings.origin("echo") == "--echo" and settings.echo not in ("auto", "off")


def _refuse_contradictions(settings: Settings, files: Files, wanted: _Wanted) -> None:
    """What would leave out the device, the file, the key or the canceller in silence."""
    pairs = (
        ("input_device", files.microphone, "--input", "microphone"),
        ("output_device", files.speaker, "--output", "speaker"),
    )
    for name, file, flag, role in pairs:
        if file and _is_named(settings, name):
            raise UsageError(f"{flag} and {settings.origin(name)} both name a {role}", hint="leave out one")
    if not (wanted.microphone and wanted.speaker) and _is_for_both(settings):
        raise UsageError(
            f"--echo {settings.echo} is for a microphone that hears a speaker, and here are not both",
            hint="leave it out, or add --input-device and --output-device",
        )
    if files.microphone and settings.ptt:
        raise UsageError(
            f"push-to-talk ({settings.origin('ptt')}) needs a key, and --input has none",
            hint="leave out one; --vad none makes one turn of the file",
        )


def _is_named(settings: Settings, name: str) -> bool:
    return settings.origin(name).startswith("--") and getattr(settings, name) != NO_DEVICE


def _engine(
    settings: Settings, files: Files, wanted: _Wanted, echo: Resolved, queued_bytes: Callable[[], int]
) -> OpenableEngine:
    has_devices = wanted.microphone or wanted.speaker
    devices = device_engine(settings, wanted=wanted, echo=echo.policy, environment=echo.environment)
    config = _file_config(settings, files, wanted)
    if not (config.input or config.output):
        return devices
    from_files = FileEngine(config, queued_bytes=queued_bytes)
    if not has_devices:
        return from_files
    return CombinedEngine(from_files, devices) if wanted.speaker else CombinedEngine(devices, from_files)


def _file_config(settings: Settings, files: Files, wanted: _Wanted) -> FileConfig:
    raw = Encoding(rate_hz=files.raw_rate_hz) if files.raw_rate_hz else None
    # What is recorded must have sounded: where nothing sounds, nothing in real time does.
    is_unheard = files.recording and not files.speaker and not wanted.speaker
    return FileConfig(
        input=files.microphone or "",
        output=os.devnull if is_unheard else files.speaker or "",
        raw_input=raw,
        raw_output=PCM_24K if is_unheard else raw,
        pace="max" if files.pace == "max" else "real-time",
        block_ms=settings.block_ms,
        repeat_silence=files.repeats_silence,
    )


def _words(ready: AudioReady, echo: Resolved, files: Files, unspoken: str) -> str:
    """What hears, what sounds, and what is done about echo; empty where nothing does: the engine says so."""
    if not (ready.microphone or ready.speaker):
        return ""
    hears = f"microphone: {ready.microphone}" if ready.microphone else "no microphone: type"
    if not unspoken:
        return hears
    sounds = f"speaker: {ready.speaker}" if ready.speaker else f"no speaker: {unspoken}"
    if files.recording and ready.speaker == os.devnull:
        sounds = f"no speaker: answers sound in {files.recording}"
    both = ready.microphone and ready.speaker
    return " · ".join([hears, sounds, *([echo.words] if both and echo.words else [])])
