from __future__ import annotations

import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from realtime_cli.audio.echo import Headset, resolve
from realtime_cli.audio.sound_server import SoundServer, sound_server
from realtime_cli.errors import UsageError
from tests.support.rig import Rig, rig
from tests.support.speech import need

__all__ = ["rig"]

_CANCELS = SoundServer(sources=("room.echo-cancel",), sinks=("room.echo-cancel.out",), output="Speakers")


def _nothing() -> SoundServer:
    return SoundServer()


@pytest.fixture(params=[True, False], ids=["webrtc", "no webrtc"])
def has_webrtc(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    if not request.param:
        monkeypatch.setitem(sys.modules, "livekit", None)  # what imports it gets ModuleNotFoundError
    else:
        need("livekit")
    return bool(request.param)


@pytest.mark.parametrize(
    "name",
    ["Jabra Evolve Headset", "AirPods Pro", "Headphones (Realtek)", "WH-1000XM4 Hands-Free", "USB earphones"],
)
@pytest.mark.usefixtures("has_webrtc")
def test_auto_leaves_a_headset_alone(name: str) -> None:
    resolved = resolve("auto", devices=["Built-in Microphone", name], ask_server=lambda: _CANCELS)
    assert resolved.policy == "off"
    assert name in resolved.words
    assert resolved.headset == Headset(name, is_device=True)


def test_auto_knows_headphones_by_the_sound_servers_port() -> None:
    server = SoundServer(output="analog-output-headphones")
    resolved = resolve("auto", devices=["default", "default"], ask_server=lambda: server)
    assert resolved.policy == "off"
    assert resolved.headset == Headset("analog-output-headphones", is_device=False)


@pytest.mark.usefixtures("has_webrtc")
def test_auto_prefers_the_sound_servers_canceller() -> None:
    resolved = resolve("auto", devices=["pulse", "pulse"], ask_server=lambda: _CANCELS)
    assert resolved.policy == "system"
    assert "room.echo-cancel" in resolved.words
    assert resolved.environment == {"PULSE_SOURCE": "room.echo-cancel", "PULSE_SINK": "room.echo-cancel.out"}


def test_auto_cancels_here_or_else_is_half_duplex(has_webrtc: bool) -> None:
    resolved = resolve("auto", devices=["Built-in", "Built-in"], ask_server=_nothing)
    assert resolved.policy == ("aec" if has_webrtc else "half-duplex")
    assert resolved.words.startswith("echo: ")


def test_a_policy_that_was_asked_for_is_followed() -> None:
    assert resolve("half-duplex", devices=["AirPods"], ask_server=_nothing).policy == "half-duplex"
    assert resolve("off", ask_server=_nothing).policy == "off"


def test_aec_without_its_package_names_the_extra(has_webrtc: bool) -> None:
    if has_webrtc:
        assert resolve("aec").policy == "aec"
        return
    with pytest.raises(UsageError, match="livekit") as caught:
        resolve("aec")
    assert "'.[aec]'" in caught.value.hint


def test_system_without_a_canceller_is_refused() -> None:
    with pytest.raises(UsageError, match="no echo canceller") as caught:
        resolve("system", ask_server=_nothing)
    assert caught.value.hint


def test_choosing_does_not_load_the_canceller() -> None:
    code = (
        "import sys; from realtime_cli.audio.echo import resolve; resolve('auto');"
        "print('livekit.rtc' in sys.modules)"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=True
    )
    assert shown.stdout.strip() == "False"


def test_the_sound_servers_canceller_is_found_by_its_driver(rig: Rig) -> None:
    assert sound_server() == SoundServer(output="Null Output")
    rig.control(
        "load-module",
        "module-echo-cancel",
        "source_master=mic.monitor",
        "sink_master=speaker",
        "source_name=clean",
    )
    assert sound_server().sources == ("clean",)
    resolved = resolve("auto", devices=["pulse", "pulse"])
    assert resolved.environment == {"PULSE_SOURCE": "clean", "PULSE_SINK": "speaker.echo-cancel"}


_MEASURE = textwrap.dedent(
    """
    # Far speech through a room of one reflection, near speech on top of it towards the end.
    import sys, time, wave
    import numpy as np
    from realtime_cli.audio.echo import Canceller

    RATE, FRAME = 24000, 240

    def speech(path):
        with wave.open(path) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(float)
            positions = np.arange(0, len(samples) - 1, file.getframerate() / RATE)
        return np.interp(positions, np.arange(len(samples)), samples)

    def power_db(samples):
        return 10 * np.log10(np.mean(np.square(samples.astype(float))) + 1e-9)

    far, near = speech(sys.argv[1]), speech(sys.argv[2])
    far = np.tile(far, 3)[: 12 * RATE] * 0.5
    echo = np.concatenate([np.zeros(RATE * 60 // 1000), far])[: len(far)] * 10 ** (-6 / 20)
    microphone = echo + np.random.default_rng(1).normal(0, 2, len(far))
    talk = slice(8 * RATE, 8 * RATE + min(len(near), 3 * RATE))
    near = near[: talk.stop - talk.start] * 0.5
    microphone[talk] += near
    canceller, cleaned, costs = Canceller(), [], []
    for at in range(0, len(far) - FRAME + 1, FRAME):
        mic, played = (x[at : at + FRAME].astype(np.int16).tobytes() for x in (microphone, far))
        began = time.perf_counter()
        cleaned.append(canceller.process(mic, played))
        costs.append(time.perf_counter() - began)
    cleaned = np.frombuffer(b"".join(cleaned), np.int16)
    settled = slice(3 * RATE, 8 * RATE)
    print(power_db(echo[settled]) - power_db(cleaned[settled]))
    print(power_db(near) - power_db(cleaned[talk]))
    print(1e6 * np.median(costs))
    """
)


def test_webrtc_removes_the_echo_and_keeps_the_near_speech(tmp_path: Path) -> None:
    """In a process of its own: the library starts threads that outlive it."""
    need("livekit", "espeak-ng")
    espeak = shutil.which("espeak-ng")
    assert espeak is not None
    for name, voice, text in (
        (
            "far",
            "en-us+f3",
            "The weather in Lisbon is mild today, with some clouds and a light wind from the sea.",
        ),
        ("near", "en-us", "Wait a moment please, I would rather hear about Porto."),
    ):
        subprocess.run([espeak, "-v", voice, "-w", str(tmp_path / name), text], check=True, timeout=20)
    files = [str(tmp_path / name) for name in ("far", "near")]
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, *files], capture_output=True, text=True, timeout=60, check=True
    )
    erle_db, near_loss_db, cost_us = map(float, done.stdout.split())
    print(f"ERLE {erle_db:.1f} dB, near speech {-near_loss_db:+.1f} dB, {cost_us:.0f} us for 10 ms")
    assert erle_db > 20
    assert abs(near_loss_db) < 15
    assert cost_us < 5000
