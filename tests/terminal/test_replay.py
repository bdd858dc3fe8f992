"""`realtime replay`, as a person steers it."""

from __future__ import annotations

import asyncio
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


async def test_space_pauses_and_goes_on_and_plus_plays_faster(realtime: Program) -> None:
    file = realtime.file("log.jsonl", conversation(*WORDS[:2], every_s=30))
    async with terminal(realtime, "replay", file, *LATER) as screen:
        await _listens(screen)
        screen.type(" " + "+" * 12)  # 64 times as fast: half a second for each turn, but for the pause
        ending = asyncio.create_task(screen.ends())
        await asyncio.wait([ending], timeout=1)
        assert not ending.done()
        assert "one" not in screen.text
        screen.type(" ")
        assert await ending == 0
        assert "› one ● uno › two ● due 2 turns · " in screen.text


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


async def test_keys_count_again_after_the_program_was_stopped_and_went_on(realtime: Program) -> None:
    async with terminal(realtime, "replay", realtime.file("log.jsonl", SLOW), *LATER) as screen:
        await _listens(screen)
        assert screen.process is not None
        screen.process.send_signal(signal.SIGSTOP)
        screen.reset()
        screen.process.send_signal(signal.SIGCONT)
        await eventually(lambda: not screen.is_as_before)
        screen.type("q")
        assert await screen.ends() == 0
        assert screen.is_as_before


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
