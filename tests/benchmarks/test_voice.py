"""How fast the real program speaks, falls silent and hears, with its live screen in a terminal.

`pytest -m benchmark -s tests/benchmarks/test_voice.py`, alone on the machine; needs PulseAudio.
REALTIME_BENCH_MINUTES (10) is how long it looks for gaps, REALTIME_BENCH_TRIALS (12) how often answers of
each kind are interrupted, REALTIME_BENCH_BLOCK_MS (20) the block of all that does not compare blocks.

Times of the speaker are those of its converter, as PortAudio gives them (see `Ear`). The line below each is
when the monitor had the sample: after that nothing can change it.
"""

from __future__ import annotations

import mmap
import os
import struct
import sys
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from random import Random

import numpy as np
import pytest

from tests.cli.program import Program
from tests.support.rig import RATE_HZ, Rig, rig
from tests.support.speech import silence, spoken

if sys.platform != "linux":
    pytest.skip("PulseAudio and /proc", allow_module_level=True)

from tests.benchmarks.voice_console import Console, Ear, Hole, Sound, console
from tests.benchmarks.voice_machine import Standstill, watched_machine
from tests.benchmarks.voice_server import ramp

__all__ = ["rig"]
pytestmark = pytest.mark.benchmark

MINUTES = int(os.environ.get("REALTIME_BENCH_MINUTES", "10"))
TRIALS = int(os.environ.get("REALTIME_BENCH_TRIALS", "12"))
BLOCK_MS = int(os.environ.get("REALTIME_BENCH_BLOCK_MS", "20"))
OPTIONS = ("--echo", "off", "--block-ms", str(BLOCK_MS))
WIRE_TO_EAR_MS = {20: 75, 10: 45}
BARGE_IN_MS = {20: 80, 10: 45}
TRUNCATION_MS = 1
MICROPHONE_MS = 7
FADE_SAMPLES = 5 * RATE_HZ // 1000
# Nothing that works takes longer, however busy the machine.
GROSS_MS = 1000
MICROPHONE_S = 20
CPU_WINDOW_S, CPU_WINDOWS = 2.0, 6


def row(
    figure: str, goal: float | None, values: Sequence[float], *, percentile: int = 95, unit: str = "ms"
) -> None:
    """One line of the table."""
    middle, high, most = np.median(values), np.percentile(values, percentile), max(values)
    wanted = "" if goal is None else f"goal {goal:g} {unit}"
    found = f"median {middle:6.2f}   p{percentile} {high:6.2f}   max {most:6.2f} {unit}   (n={len(values)})"
    print(f"{figure:47} {wanted:10}   {found}")


def rows(figure: str, goal: float, values: Sequence[float], ear: Ear) -> None:
    """A time at the speaker."""
    row(figure, goal, values)
    row("  at the monitor", None, [value - ear.early_ms for value in values])
    assert np.median(values) < GROSS_MS


@pytest.fixture
def realtime(tmp_path: Path) -> Program:
    """The program in a home of its own."""
    return Program(tmp_path)


@pytest.fixture(autouse=True)
def _own_line() -> None:
    print()


class Trial:
    """An answer that was interrupted: what the server knows of it, and what was heard."""

    def __init__(self, told: dict[str, float], sound: Sound, ear: Ear) -> None:
        self.wire_to_ear_ms = (ear.time_of(sound.first) - told["sent_s"]) * 1000
        self.barge_in_ms = (ear.time_of(sound.end) - told["interrupted_s"]) * 1000
        self.truncation_ms = told["audio_end_ms"] - sound.samples * 1000 / RATE_HZ
        self.holes = sound.holes
        self.lost_samples = sound.lost_samples(fade_samples=FADE_SAMPLES)


def interrupted(
    chat: Console,
    ear: Ear,
    *,
    ahead: float | None,
    after_s: float,
    stall_s: float = 0.0,
    seconds: float = 3.0,
) -> Trial:
    """Lets an answer begin, and interrupts it."""
    since = ear.position
    told = chat.order(
        "answer", seconds=seconds, ahead=ahead, stall_s=stall_s, interrupt_after_s=after_s, timeout_s=30
    )
    time.sleep(0.2)
    ear.wait_for_silence(silent_s=0.2)
    return Trial(told, ear.sound(since), ear)


def mumble(rig: Rig, seconds: float) -> None:
    """Makes noise in the microphone for so long, as a room does."""
    rig.speak(ramp(0, round(seconds * RATE_HZ)))


@pytest.mark.parametrize("block_ms", [20, 10])
def test_wire_to_ear_barge_in_and_truncation(realtime: Program, rig: Rig, block_ms: int) -> None:
    ear, random = Ear(rig), Random(block_ms)
    print(ear.calibrate(block_ms // 2))
    mumble(rig, 600)
    with console(realtime, rig, "--echo", "off", "--block-ms", str(block_ms)) as chat:
        first = interrupted(chat, ear, ahead=None, after_s=0.5)
        trials: dict[str, list[Trial]] = {"paced": [], "burst": []}
        for _ in range(TRIALS):
            for name, ahead in (("paced", 1.5), ("burst", None)):
                time.sleep(random.uniform(0, 0.05))  # anywhere within a block
                after_s = random.uniform(0.4, 0.8)
                trials[name].append(interrupted(chat, ear, ahead=ahead, after_s=after_s))
    print(ear.calibrate(block_ms // 2))
    for name, some in trials.items():
        figure = f"wire to ear, {block_ms} ms blocks, {name}"
        rows(figure, WIRE_TO_EAR_MS[block_ms], [trial.wire_to_ear_ms for trial in some], ear)
    every = [trial for some in trials.values() for trial in some]
    figure = f"speech_started to silence, {block_ms} ms blocks"
    rows(figure, BARGE_IN_MS[block_ms], [trial.barge_in_ms for trial in every], ear)
    _truncation(f"truncation, {block_ms} ms blocks", every)
    print(f"  with a hole in it: {sum(bool(trial.holes) for trial in every)} of {len(every)}")
    print(f"  the session's first answer: {first.wire_to_ear_ms:.1f} ms to the ear")


def test_truncation_after_a_stall(realtime: Program, rig: Rig) -> None:
    ear, random = Ear(rig), Random(3)
    mumble(rig, 600)
    with console(realtime, rig, *OPTIONS) as chat:
        trials = [
            interrupted(chat, ear, ahead=1.5, stall_s=0.6, after_s=random.uniform(1.2, 1.6))
            for _ in range(TRIALS)
        ]
    stalls_ms = [trial.holes[0].samples * 1000 / RATE_HZ for trial in trials if trial.holes]
    print(f"  silent in the stall: {min(stalls_ms):.0f} to {max(stalls_ms):.0f} ms ({len(stalls_ms)} times)")
    _truncation("truncation after 0.6 s of stall", trials)
    assert len(stalls_ms) > TRIALS / 2


def _truncation(figure: str, trials: Sequence[Trial]) -> None:
    errors_ms = [trial.truncation_ms for trial in trials]
    row(figure, TRUNCATION_MS, np.abs(errors_ms).tolist())
    lost = sum(trial.lost_samples for trial in trials)
    print(f"  {min(errors_ms):+.2f} to {max(errors_ms):+.2f} ms (it counts whole ones); lost samples: {lost}")
    assert np.median(np.abs(errors_ms)) < TRUNCATION_MS


def test_no_gap(realtime: Program, rig: Rig) -> None:
    ear = Ear(rig)
    seconds = MINUTES * 60
    mumble(rig, seconds + 60)
    with watched_machine() as standstills, console(realtime, rig, *OPTIONS) as chat:
        since = ear.position
        for minute in range(MINUTES):
            chat.order("answer", seconds=60, start=minute * 60 * RATE_HZ, ahead=1.5, timeout_s=90)
        time.sleep(seconds / 3)
        ear.wait_for_silence(silent_s=0.5, timeout_s=60)
        sound = ear.sound(since)
    gaps_ms = [hole.samples * 1000 / RATE_HZ for hole in sound.holes]
    found = f"{len(gaps_ms)} of {sum(gaps_ms):.0f} ms together, the longest {max(gaps_ms, default=0):.0f} ms"
    heard = f"{sound.samples:,} of {seconds * RATE_HZ:,} samples, out of place {sound.lost_samples():,}"
    print(f"{f'gaps in {MINUTES} minutes, {BLOCK_MS} ms blocks':47} goal 0       {found}; {heard}")
    _print_in_order(sound.holes, standstills, began_s=ear.time_of(sound.first))
    assert sound.samples > seconds * RATE_HZ / 2


def _print_in_order(holes: Sequence[Hole], standstills: Sequence[Standstill], *, began_s: float) -> None:
    happened = [(hole.at_s, f"gap of {hole.samples * 1000 / RATE_HZ:.1f} ms") for hole in holes]
    happened += [(still.began_s - began_s, str(still)) for still in standstills]
    for at_s, what in sorted(happened)[:40]:
        print(f"  {at_s:7.2f} s: {what}")


# Python imports this by itself, in the program's audio child too: it notes when PortAudio called, in memory.
HOOK = """
import mmap, os, struct, sys, time
if "realtime_cli.audio.worker" in sys.orig_argv:
    from realtime_cli.audio.device_stream import DeviceStream
    with open(os.environ["BENCH_CALLBACKS"], "r+b") as file:
        memory = mmap.mmap(file.fileno(), 0)
    places = iter(range(0, len(memory), 16))
    take = DeviceStream._callback
    def noting(self, buffer, frames, times, flags):
        if self.kind == "input":
            first = int.from_bytes(buffer[:2], "little")
            struct.pack_into("<dh", memory, next(places), time.monotonic(), first)
        take(self, buffer, frames, times, flags)
    DeviceStream._callback = noting
"""


def test_microphone_to_socket(realtime: Program, rig: Rig) -> None:
    realtime.file("sitecustomize.py", HOOK)
    called = realtime.file("callbacks", bytes(16 * 20_000))
    mumble(rig, MICROPHONE_S + 20)
    hook = {"PYTHONPATH": str(realtime.home), "BENCH_CALLBACKS": str(called)}
    with console(realtime, rig, *OPTIONS, **hook) as chat:
        chat.order("microphone")
        chat.order("answer", seconds=MICROPHONE_S, ahead=1.5, timeout_s=60)
        time.sleep(MICROPHONE_S / 3)
        arrived = chat.order("microphone")
    lags_ms = _lags_ms(_callbacks(called), arrived)
    row("microphone callback to the frame at the server", MICROPHONE_MS, lags_ms, percentile=99)
    assert len(lags_ms) > 0.9 * len(arrived)
    assert np.median(lags_ms) < GROSS_MS


def _callbacks(path: Path) -> list[tuple[float, int]]:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as memory:
        noted = [struct.unpack_from("<dh", memory, at) for at in range(0, len(memory), 16)]
    return [(at_s, sample) for at_s, sample in noted if at_s]


def _lags_ms(called: list[tuple[float, int]], arrived: list[tuple[float, int, int]]) -> list[float]:
    """From each callback to the frame that begins with the same sample; those come again after 0.67 s."""
    times_s: dict[int, list[float]] = {}
    for at_s, sample in called:
        times_s.setdefault(sample, []).append(at_s)
    lags_s = [
        min((at_s - call_s for call_s in times_s.get(sample, []) if at_s > call_s), default=1.0)
        for at_s, _, sample in arrived
        if sample
    ]
    return [lag_s * 1000 for lag_s in lags_s if lag_s < 0.6]


@pytest.mark.parametrize("echo", ["off", "aec"])
def test_processor(realtime: Program, rig: Rig, echo: str) -> None:
    if echo == "aec" and find_spec("livekit") is None:
        pytest.skip("needs the extra aec")
    voice = realtime.file(
        "voice.raw", spoken("The road goes on, and nobody knows where it ends.") + silence(200)
    )
    said = spoken("The quick brown fox jumps over the lazy dog.", voice="en-gb") + silence(200)
    seconds = CPU_WINDOW_S * CPU_WINDOWS + 4
    if echo == "aec":
        rig.loopback()
    rig.speak(said * round((seconds + 20) * RATE_HZ * 2 / len(said)))
    with console(realtime, rig, *OPTIONS, "--echo", echo, voice=voice) as chat:
        chat.begin("answer", seconds=seconds, ahead=1.5)
        time.sleep(2)
        shares = _cpu_percent(chat)
        chat.end(timeout_s=60)
    for name, values in zip(("console", "its audio child", "both"), shares, strict=True):
        row(f"processor, --echo {echo}: {name}", None, values, unit="%")


def _cpu_percent(chat: Console) -> tuple[list[float], list[float], list[float]]:
    used_s = [chat.cpu_s()]
    looked_s = [time.monotonic()]
    for _ in range(CPU_WINDOWS):
        time.sleep(CPU_WINDOW_S)
        used_s.append(chat.cpu_s())
        looked_s.append(time.monotonic())
    shares = 100 * np.diff(np.array(used_s), axis=0) / np.diff(looked_s)[:, None]
    return shares[:, 0].tolist(), shares[:, 1].tolist(), shares.sum(axis=1).tolist()
