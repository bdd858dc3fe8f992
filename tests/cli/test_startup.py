"""What starts at once stays light."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Sequence

import pytest

from tests.cli.program import Program

HEAVY = ("httpx2", "numpy", "realtime_cli.protocol", "realtime_cli.ui", "sounddevice", "websockets", "yaml")
PROBE = """
import atexit, sys
heavy = {heavy!r}
atexit.register(lambda: print("\\nloaded:", *[name for name in heavy if name in sys.modules]))
sys.argv[:] = ["realtime", *sys.argv[1:]]
from realtime_cli.__main__ import main
main()
"""


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_what_needs_no_command_loads_nothing_heavy(realtime: Program, arguments: list[str]) -> None:
    probe = [sys.executable, "-c", PROBE.format(heavy=(*HEAVY, "asyncio", "pydantic", "rich"))]
    done = realtime.run_now(*arguments, command=probe)
    assert done.status == 0
    assert done.lines[0].startswith(("Usage: realtime", "realtime 0."))
    assert done.lines[-1].split() == ["loaded:"]


@pytest.mark.parametrize("command", ["chat", "send-event", "replay", "describe", "serve"])
def test_the_help_of_a_command_loads_nothing_heavy(realtime: Program, command: str) -> None:
    """Typer itself loads pydantic for it, an older one Rich too; our models and screens stay away."""
    done = realtime.run_now(command, "--help", command=[sys.executable, "-c", PROBE.format(heavy=HEAVY)])
    assert done.status == 0
    assert done.lines[0].startswith(f"Usage: realtime {command} ")
    assert done.lines[-1].split() == ["loaded:"]


def test_without_a_command_the_help_is_shown(realtime: Program) -> None:
    done = realtime.run_now()
    assert done.status == 2
    assert "Usage: realtime" in done.out + done.err


def test_the_summaries_of_commands_are_whole_sentences(realtime: Program) -> None:
    commands = realtime.run_now("--help").out.partition("Commands:\n")[2].splitlines()
    assert len(commands) == 7
    assert all(line.endswith(".") and not line.endswith("...") for line in commands)


@pytest.mark.benchmark
def test_help_takes_little_more_than_typer_alone(realtime: Program) -> None:
    ours = [sys.executable, "-m", "realtime_cli", "--help"]
    typer = [sys.executable, "-c", "import typer"]
    for command in (ours, typer):
        _seconds(realtime, command)  # compiles what is not compiled yet
    pairs = [(_seconds(realtime, ours), _seconds(realtime, typer)) for _ in range(15)]
    ratio = statistics.median(our_s / typer_s for our_s, typer_s in pairs)
    figures = " ".join(f"{statistics.median(each) * 1000:.0f} ms" for each in zip(*pairs, strict=True))
    print(f"\nrealtime --help, import typer: {figures}; ratio {ratio:.2f} (at most 1.6)")
    assert ratio <= 1.6


def _seconds(realtime: Program, command: Sequence[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, env=realtime.environment(), capture_output=True, check=True)
    return time.perf_counter() - began
