"""`realtime replay`, as a person steers it."""

from __future__ import annotations

import signal

import pytest

from tests.cli.program import Program
from tests.cli.recordings import conversation
from tests.support.serving import eventually
from tests.terminal.screen import CTRL_C, Terminal, terminal

# A turn is what was typed, and seven frames.
ENTRIES_OF_A_TURN = 8
WORDS = (("one", "uno"), ("two", "due"), ("three", "tre"))
SLOW = conversation(*WORDS, every_s=1000)
# The opening is over by then.
LATER = ("--from", "1")


async def _listens(screen: Terminal) -> None:
    """Returns once single keys count."""
    await screen.shows("space pauses · . steps · + and - change the speed · q leaves")
    await eventually(lambda: not screen.is_as_before)


async def test_steps_show_one_entry_each_and_q_leaves(realtime: Program) -> None:
    async with terminal(realtime, "replay", realtime.file("log.jsonl", SLOW), *LATER) as screen:
        await _listens(screen)
        for typed, answer in WORDS[:2]:
            screen.type(".")
            screen.type("." * (ENTRIES_OF_A_TURN - 1))
            await screen.shows(f"› {typed} ● {answer}")
        assert "three" not in screen.text
        screen.type("q")
        assert await screen.ends() == 0
        assert screen.is_as_before
        assert screen.cursor_column == 0
        assert "2 turns · " in screen.text


async def test_space_pauses_and_goes_on(realtime: Program) -> None:
    file = realtime.file("log.jsonl", conversation(*WORDS, every_s=2))
    async with terminal(realtime, "replay", file, "--idle-limit", "0.3") as screen:
        await screen.shows("● uno")
        screen.type(" ")
        screen.type("." * ENTRIES_OF_A_TURN)
        await screen.shows("● due")
        assert "three" not in screen.text
        screen.type(" ")
        assert await screen.ends() == 0
        assert "● tre" in screen.text


async def test_plus_plays_faster(realtime: Program) -> None:
    file = realtime.file("log.jsonl", conversation(*WORDS[:1], every_s=30))
    async with terminal(realtime, "replay", file) as screen:
        await _listens(screen)
        screen.type("+" * 12)
        assert await screen.ends() == 0
        assert "● uno" in screen.text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_leaves_the_terminal_as_it_was(realtime: Program, number: signal.Signals) -> None:
    async with terminal(realtime, "replay", realtime.file("log.jsonl", SLOW), *LATER) as screen:
        await _listens(screen)
        screen.type("." * ENTRIES_OF_A_TURN)
        await screen.shows("● uno")
        assert screen.process is not None
        screen.process.send_signal(number)
        assert await screen.ends() == 130
        assert screen.is_as_before
        assert screen.cursor_column == 0


async def test_ctrl_c_leaves(realtime: Program) -> None:
    async with terminal(realtime, "replay", realtime.file("log.jsonl", SLOW), *LATER) as screen:
        await _listens(screen)
        screen.type("." * ENTRIES_OF_A_TURN)
        await screen.shows("● uno")
        screen.type(CTRL_C)
        assert await screen.ends() == 130
        assert screen.is_as_before


@pytest.mark.parametrize("columns", [120, 80, 40])
async def test_raw_events_take_one_line_each(realtime: Program, columns: int) -> None:
    words = [("how long may a line be?", "As long as it takes. " * 10)]
    file = realtime.file("log.jsonl", conversation(*words, every_s=0))
    async with terminal(realtime, "replay", file, "--events", "--speed", "max", columns=columns) as screen:
        assert await screen.ends() == 0
        lines = [line for line in screen.lines if line.startswith("    ")]
        assert "space pauses" not in screen.text
    assert len(lines) == 2 + ENTRIES_OF_A_TURN
    assert lines[0].split()[1:3] == ["·", "connection.opened"]
    assert any(line.endswith("…") for line in lines)
