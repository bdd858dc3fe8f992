"""What a chat on a terminal costs the processor: idle, with an open microphone, and while an answer sounds.

`pytest -m benchmark -s tests/benchmarks/test_idle.py`, alone on the machine. All is the real program in a
terminal of 120x40, and shares are those of one core. What hears and sounds needs PulseAudio.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.cli.program import Program
from tests.support.rig import RATE_HZ, Rig, rig
from tests.support.speech import silence, spoken

if sys.platform != "linux":
    pytest.skip("PulseAudio and /proc", allow_module_level=True)

from tests.benchmarks.voice_console import console

__all__ = ["rig"]
pytestmark = pytest.mark.benchmark

IDLE_PERCENT, SCREEN_PERCENT = 3.0, 10.0
# Nothing that works takes more, however busy the machine.
GROSS_PERCENT = 50.0
WINDOW_S, WINDOWS = 3.0, 5
SETTLED_S = 2.0
OPTIONS = ("--echo", "off")
CTRL_E = b"\x05"
ANSWER_S = SETTLED_S + WINDOW_S * WINDOWS + 4


def at_home(folder: Path) -> Program:
    """The program in a home of its own."""
    folder.mkdir()
    return Program(folder)


def percent(cpu_s: Callable[[], float]) -> list[float]:
    """The share of a core in each of some windows of time."""
    used_s, looked_s = [cpu_s()], [time.monotonic()]
    for _ in range(WINDOWS):
        time.sleep(WINDOW_S)
        used_s.append(cpu_s())
        looked_s.append(time.monotonic())
    return (100 * np.diff(used_s) / np.diff(looked_s)).tolist()


def row(figure: str, shares: list[float], goal: float | None = None) -> float:
    """One line of the table; gives the median."""
    middle = float(np.median(shares))
    wanted = "" if goal is None else f"goal {goal:g} %"
    print(f"{figure:40} {wanted:10} median {middle:5.2f}  max {max(shares):5.2f} %")
    assert middle < GROSS_PERCENT
    return middle


def test_a_text_chat_in_which_nobody_says_anything(tmp_path: Path) -> None:
    print()
    with console(Program(tmp_path), None) as chat:
        time.sleep(SETTLED_S)
        assert row("idle, text", percent(chat.own_cpu_s), IDLE_PERCENT) <= IDLE_PERCENT


@pytest.mark.parametrize("room", ["silence", "speech"])
def test_an_open_microphone(tmp_path: Path, rig: Rig, room: str) -> None:
    print()
    if room == "speech":
        said = spoken("The quick brown fox jumps over the lazy dog.") + silence(200)
        rig.speak(said * round((ANSWER_S + 20) * RATE_HZ * 2 / len(said)))
    with console(Program(tmp_path), rig, *OPTIONS) as chat:
        time.sleep(SETTLED_S)
        row(f"open microphone, {room}: console", percent(chat.own_cpu_s))


@pytest.mark.parametrize("seen", ["conversation", "raw view"])
def test_the_share_of_the_screen_in_a_voice_chat(tmp_path: Path, rig: Rig, seen: str) -> None:
    print()
    middles: list[float] = []
    for terminal in ("xterm-256color", "dumb"):
        home = at_home(tmp_path / terminal)
        voice = home.file("voice.raw", spoken("The road goes on, and nobody knows where.") + silence(200))
        with console(home, rig, *OPTIONS, voice=voice, TERM=terminal) as chat:
            if seen == "raw view" and terminal != "dumb":
                chat.press(CTRL_E)
            chat.begin("answer", seconds=ANSWER_S, ahead=1.5)
            time.sleep(SETTLED_S)
            middles.append(row(f"an answer sounds, {terminal}: console", percent(chat.own_cpu_s)))
            chat.end(timeout_s=60)
            if seen == "raw view" and terminal != "dumb":
                chat.press(CTRL_E)
    part = row(f"the part of the {seen}", [middles[0] - middles[1]], SCREEN_PERCENT)
    assert part <= SCREEN_PERCENT
