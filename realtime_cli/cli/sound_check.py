"""Runs `realtime devices`: what there is, and whether it works."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from rich.console import Console
from rich.live import Live

from realtime_cli.audio.devices import Device, Kind, choose, list_devices
from realtime_cli.audio.portaudio import quiet
from realtime_cli.core.effects import FinishAudio, PlayAudio
from realtime_cli.core.inputs import AudioNotice, AudioReady, MicrophoneBlock, PlaybackProgress
from realtime_cli.errors import ExitStatus, RealtimeError, UsageError
from realtime_cli.protocol.encoding import PCM_24K
from realtime_cli.runtime.ports import AudioEngine, Inbound
from realtime_cli.samples.level import dbfs
from realtime_cli.settings import Settings, load_settings
from realtime_cli.settings.remember import config_path, remember
from realtime_cli.visible import one_line

from .contradictions import is_flag
from .device_list import print_devices, write_devices
from .echo_measure import Echo, chirps, find_echo
from .environment import Environment
from .meter import Meter
from .sound import device_engine

_KINDS: Mapping[str, Kind] = {"input_device": "input", "output_device": "output"}
_TEST_S = 3.0
_PATIENCE_S = 3.0
_QUIET_DBFS = -60.0


def run_devices(
    flags: Mapping[str, object], *, remembers: bool, tests: bool, loops: bool, as_json: bool
) -> ExitStatus:
    """Lists the devices, or does with them what was asked for."""
    env = Environment.here()
    settings = load_settings(flags, environ=env.environ, cwd=env.cwd)
    if remembers:
        return _remember(env, flags)
    if tests:
        return asyncio.run(_test(env, settings, as_json=as_json))
    if loops:
        return asyncio.run(_loopback(env, settings, as_json=as_json))
    devices = _devices()
    for name, kind in _KINDS.items():
        if is_flag(settings, name):
            choose(devices, getattr(settings, name), kind)
    if as_json:
        write_devices(env.stdout, devices)
    elif devices:
        chosen: dict[Kind, str] = {"input": settings.input_device, "output": settings.output_device}
        print_devices(env.out(), devices, chosen=chosen)
    if not devices:
        env.say("there are no sound devices", "warning")
    return ExitStatus.OK


def _devices() -> list[Device]:
    with quiet():
        return list_devices()


def _remember(env: Environment, flags: Mapping[str, object]) -> ExitStatus:
    wanted = {name: str(flags[name]) for name in _KINDS if flags[name] is not None}
    if not wanted:
        raise UsageError("--set needs to know what", hint="add --input-device NAME or --output-device NAME")
    devices = _devices()
    wanted = {name: _lasting(devices, value, _KINDS[name]) for name, value in wanted.items()}
    meant = [_meant(devices, value, _KINDS[name]) for name, value in wanted.items()]
    path = config_path(env.environ)
    remember(wanted, path=path)
    env.say(f"{'; '.join(meant)}; from now on ({path})")
    return ExitStatus.OK


def _lasting(devices: list[Device], wanted: str, kind: Kind) -> str:
    """What to remember of a wish: the name in the place of a number, which moves. Raises `UsageError`."""
    device = choose(devices, wanted, kind)
    if device is None or not wanted.isdecimal():
        return wanted
    try:
        return device.name if choose(devices, device.name, kind) == device else wanted
    except UsageError:  # another one has that name
        return wanted


def _meant(devices: list[Device], wanted: str, kind: Kind) -> str:
    """The device that a name means now. Raises `UsageError` where there is none, or several."""
    role = "microphone" if kind == "input" else "speaker"
    device = choose(devices, wanted, kind)
    if device is None:
        return f"no {role}"
    name = one_line(str(device))
    return f"{role}: {name}" if wanted == device.name else f"{role}: {wanted or 'the default'}, now {name}"


@dataclass(slots=True)
class _Ears:
    """Collects what an engine posts."""

    blocks: list[bytes] = field(default_factory=list[bytes])
    times_s: list[float] = field(default_factory=list[float])
    heard_ms: float = 0.0
    sound_s: float | None = None
    notices: list[AudioNotice] = field(default_factory=list[AudioNotice])
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    def post(self, happened: Inbound) -> None:
        now_s = asyncio.get_running_loop().time()
        match happened:
            case MicrophoneBlock(audio):
                self.blocks.append(audio)
                self.times_s.append(now_s)
            case PlaybackProgress(heard_ms=heard_ms, delay_ms=delay_ms):
                self.heard_ms = heard_ms
                if self.sound_s is None:
                    self.sound_s = now_s + (delay_ms - heard_ms) / 1000
            case AudioNotice():
                self.notices.append(happened)
            case _:
                pass
        self.moved.set()

    @property
    def recorded_s(self) -> float:
        return PCM_24K.ms(sum(map(len, self.blocks))) / 1000

    async def move(self) -> None:
        """Returns once something was posted. Raises `RealtimeError` after a silence of three seconds."""
        self.moved.clear()
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await self.moved.wait()
        except TimeoutError:
            why = "; ".join(notice.text for notice in self.notices) or "its callbacks do not come"
            raise RealtimeError(f"the device is silent: {why}", hint="is another program using it?") from None


async def _test(env: Environment, settings: Settings, *, as_json: bool) -> ExitStatus:
    engine, ready = await _opened(settings)
    ears, console = _Ears(), env.err()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(engine.run(ears.post), name="audio")
        try:
            if ready.microphone:
                env.say(f"recording {_TEST_S:g} s from {ready.microphone}: say something")
                await _record(engine, ears, console)
            if ready.speaker and ears.blocks:
                env.say(f"playing it on {ready.speaker}")
                await _play(engine, ears, b"".join(ears.blocks))
        finally:
            engine.close()
    for notice in ears.notices:
        env.say(f"{notice.level}: {notice.text}", notice.level)
    return _tell_level(env, ready, ears, as_json=as_json)


async def _opened(settings: Settings) -> tuple[AudioEngine, AudioReady]:
    devices = await asyncio.to_thread(_devices)  # it knows why there are none, and what to install
    engine = device_engine(settings, echo="off")
    ready = await engine.open()
    if not ready.microphone and not ready.speaker:
        why = await _reason(engine) if devices else ""
        engine.close()
        raise RealtimeError(
            f"there is no sound device to test{why}", hint="`realtime devices` lists what there is"
        )
    return engine, ready


async def _reason(engine: AudioEngine) -> str:
    """What an engine without devices has to say about that."""
    ears = _Ears()
    running = asyncio.create_task(engine.run(ears.post))
    await ears.move()
    engine.close()
    await running
    said = "; ".join(notice.text for notice in ears.notices)
    return f" ({said})" if said else ""


async def _record(engine: AudioEngine, ears: _Ears, console: Console) -> None:
    engine.listen(PCM_24K)
    if not console.is_terminal:
        while ears.recorded_s < _TEST_S:
            await ears.move()
        return
    meter = Meter(console)
    with Live(console=console, transient=True, refresh_per_second=12) as live:
        while ears.recorded_s < _TEST_S:
            seen = len(ears.blocks)
            await ears.move()
            for block in ears.blocks[seen:]:
                meter.take(block)
            live.update(meter.row())


async def _play(engine: AudioEngine, ears: _Ears, pcm: bytes) -> None:
    ears.heard_ms = 0.0
    engine.play(PlayAudio("test", 0, pcm, PCM_24K))
    engine.finish(FinishAudio("test", 0))
    while ears.heard_ms < PCM_24K.ms(len(pcm)) - 1:
        await ears.move()


def _tell_level(env: Environment, ready: AudioReady, ears: _Ears, *, as_json: bool) -> ExitStatus:
    pcm = b"".join(ears.blocks)
    level = dbfs(pcm) if pcm else float("-inf")
    peak = max((dbfs(block) for block in ears.blocks), default=float("-inf"))
    if as_json:
        found = {
            "type": "test",
            "microphone": ready.microphone or None,
            "speaker": ready.speaker or None,
            "level_dbfs": _finite(level),
            "loudest_dbfs": _finite(peak),
            "played_ms": round(ears.heard_ms),
        }
        env.stdout.write(json.dumps(found) + "\n")
    elif not ready.microphone:
        env.say("there is no microphone", "warning")
    elif peak < _QUIET_DBFS:
        env.say(f"almost nothing was heard (loudest {peak:.0f} dBFS): is the microphone muted?", "warning")
    else:
        env.say(f"heard {level:.0f} dBFS on average, {peak:.0f} dBFS at the loudest", "none")
    return ExitStatus.OK


async def _loopback(env: Environment, settings: Settings, *, as_json: bool) -> ExitStatus:
    engine, ready = await _opened(settings)
    if not (ready.microphone and ready.speaker):
        engine.close()
        raise RealtimeError("a loopback needs a microphone and a speaker")
    ears = _Ears()
    played = chirps()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(engine.run(ears.post), name="audio")
        try:
            engine.listen(PCM_24K)
            await ears.move()
            await _play(engine, ears, played)
            until_s = ears.recorded_s + 1.0  # the last click is still on its way
            while ears.recorded_s < until_s:
                await ears.move()
        finally:
            engine.close()
    assert ears.sound_s is not None  # there was progress
    heard_from_s = ears.times_s[0] - PCM_24K.ms(len(ears.blocks[0])) / 1000
    echo = find_echo(played, b"".join(ears.blocks), offset_s=ears.sound_s - heard_from_s)
    return _tell_echo(env, echo, as_json=as_json)


def _tell_echo(env: Environment, echo: Echo | None, *, as_json: bool) -> ExitStatus:
    if as_json:
        found = {
            "type": "loopback",
            "round_trip_ms": round(echo.round_trip_ms, 1) if echo else None,
            "echo_db": round(echo.level_db, 1) if echo else None,
        }
        env.stdout.write(json.dumps(found) + "\n")
    elif echo is None:
        env.say(
            "the microphone hears nothing of the speaker: headphones, or one of the two is silent", "none"
        )
    else:
        env.say(f"round trip {echo.round_trip_ms:.0f} ms, echo {echo.level_db:+.0f} dB", "none")
    return ExitStatus.OK


def _finite(level_dbfs: float) -> float | None:
    return round(level_dbfs, 1) if level_dbfs > float("-inf") else None
