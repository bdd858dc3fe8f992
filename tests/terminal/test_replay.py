"""`realtime replay`, as a person steers it."""

from __future__ import annotations

import json
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial

import pytest

from tests.cli.program import Program
from tests.cli.recordings import HEADER, conversation, local, log, turn
from tests.support.serving import eventually
from tests.terminal.screen import CTRL_C, ESC, Terminal, terminal

# A turn is what was typed, and seven frames.
ENTRIES_OF_A_TURN = 8
WORDS = (("one", "uno"), ("two", "due"), ("three", "tre"))
SLOW = conversation(*WORDS, every_s=1000)
# The opening is over by then.
LATER = ("--from", "1")
RIGHT, LEFT, HOME, END = f"{ESC}[C", f"{ESC}[D", f"{ESC}[H", f"{ESC}[F"
SHIFT_RIGHT, SHIFT_LEFT = f"{ESC}[1;2C", f"{ESC}[1;2D"
CTRL_E = "\x05"


def _marked() -> str:
    """Three turns, a mark behind the first one, and an error behind the second one."""
    entries = [
        entry for number, words in enumerate(WORDS, 1) for entry in turn(number, *words, at_s=number * 100)
    ]
    error = json.dumps(
        {"type": "error", "error": {"type": "invalid_request_error", "message": "no such thing"}}
    )
    entries += [(150.0, "local", local("user.mark", label="look here")), (250.0, "in", error)]
    return log(sorted(entries, key=lambda entry: entry[0]))


MARKED = _marked()


@asynccontextmanager
async def _playing(
    realtime: Program, text: str, *arguments: str, columns: int = 80, **env: str
) -> AsyncGenerator[Terminal]:
    """A replay in a terminal, ready for keys."""
    file = realtime.file("log.jsonl", text)
    async with terminal(realtime, "replay", file, *arguments, columns=columns, **env) as screen:
        await screen.until(lambda: len(screen.lines) > 2 and "q leaves" in screen.lines[-1])
        yield screen


def _bar(screen: Terminal) -> str:
    return screen.lines[-2]


def _at(screen: Terminal) -> str:
    """The time that the bar shows."""
    return _bar(screen).split()[1]


def _is_at(screen: Terminal, at: str, *, beyond: int = 0) -> bool:
    return _at(screen) == at and len(_told(screen)) >= beyond


def _has_changed(screen: Terminal, before: str) -> bool:
    return screen.text != before


def _has_drawn(screen: Terminal, size_bytes: int) -> bool:
    return len(screen.raw) > size_bytes


def _told(screen: Terminal) -> list[str]:
    """The conversation, and where it was cut."""
    return [line for line in screen.lines[:-3] if line[:1] in "›●─·e" and line.strip()]


@pytest.mark.parametrize("columns", [120, 80, 40])
async def test_finished_turns_stand_above_a_bar_and_a_status(realtime: Program, columns: int) -> None:
    async with _playing(realtime, MARKED, "--speed", "64", columns=columns) as screen:
        await screen.until(lambda: _bar(screen).startswith("■ 5:00") and "q leaves" in screen.lines[-1])
        turns = [line for line in screen.lines if line[:1] in {"›", "●"}]
        assert turns == ["› one", "● uno", "› two", "● due", "› three", "● tre"]
        assert "● uno ── mark: look here" in screen.text
        assert screen.text.index("no such thing") > screen.text.index("● due")
        assert screen.lines[-3] == ""
        assert all(len(line) < columns for line in screen.lines[-2:])
        screen.type("q")
        assert await screen.ends() == 0
        assert screen.is_as_before
        assert screen.cursor_column == 0
        assert "q leaves" not in screen.text


async def test_a_jump_shows_the_last_turn_before_it(realtime: Program) -> None:
    async with _playing(realtime, conversation(*WORDS, every_s=30)) as screen:
        screen.type(" " + END)
        await screen.until(lambda: _bar(screen).startswith("■ "))
        turns = [line for line in screen.lines if line[:1] in {"›", "●", "─"}]
        assert turns[-2:] == ["› three", "● tre"]
        assert turns[-3].startswith("── 1:")
        screen.type("q")
        assert await screen.ends() == 0


async def test_space_pauses_and_goes_on(realtime: Program) -> None:
    async with _playing(realtime, conversation(*WORDS, every_s=30), *LATER) as screen:
        screen.type(" ")
        await screen.until(lambda: _bar(screen).startswith("‖ ") and "paused" in _bar(screen))
        stood = _bar(screen)
        screen.type("+" * 6)
        await screen.until(lambda: "×64" in _bar(screen))
        assert _bar(screen).split()[1] == stood.split()[1]
        screen.type(" ")
        await screen.shows("● tre")
        assert "paused" not in _bar(screen)


async def test_the_speed_is_shown(realtime: Program) -> None:
    async with _playing(realtime, SLOW, *LATER) as screen:
        for keys, speed in (("+", "×2"), ("+", "×4"), ("---", "×0.5")):
            screen.type(keys)
            await screen.shows(speed)


async def test_steps_show_one_change_each(realtime: Program) -> None:
    async with _playing(realtime, SLOW, *LATER) as screen:
        for typed, answer in WORDS[:2]:
            while f"● {answer}" not in screen.text:
                before = screen.text
                screen.type(".")
                await screen.until(partial(_has_changed, screen, before))
            assert f"› {typed} ● {answer}" in screen.text
        assert "three" not in screen.text
        assert "paused" in _bar(screen)
        screen.type("q")
        assert await screen.ends() == 0


async def test_a_step_back_shows_where_it_stands(realtime: Program) -> None:
    async with _playing(realtime, MARKED) as screen:
        for _ in range(2):
            before = screen.text
            screen.type(".")
            await screen.until(partial(_has_changed, screen, before))
        await screen.shows("› one")
        screen.type(",")
        await screen.until(lambda: "─ 1:40 ─" in screen.lines[-5] and _bar(screen).startswith("‖ 1:40"))


async def test_one_can_go_from_turn_to_turn(realtime: Program) -> None:
    async with _playing(realtime, MARKED) as screen:
        screen.type(" ")
        await screen.until(lambda: "paused" in _bar(screen))
        for key, at in ((RIGHT, "1:40"), (RIGHT, "1:40"), (RIGHT, "3:20"), (LEFT, "1:40"), (END, "5:00")):
            count = len(_told(screen))
            screen.type(key)
            await screen.until(partial(_is_at, screen, at, beyond=count + 1))
        screen.type(LEFT)
        await screen.until(lambda: _at(screen) == "5:00" and _bar(screen).startswith("‖"))
        screen.type(" ")
        await screen.until(lambda: _told(screen)[-1] == "● tre")
        assert "› one ● uno › two" not in screen.text


@pytest.mark.parametrize(("onward", "back"), [("]", "["), (SHIFT_RIGHT, SHIFT_LEFT)])
async def test_one_can_go_from_marker_to_marker(realtime: Program, onward: str, back: str) -> None:
    async with _playing(realtime, MARKED) as screen:
        await screen.until(lambda: "◆" in _bar(screen) and "!" in _bar(screen))
        screen.type(" ")
        for key, at in ((onward, "2:30"), (onward, "4:10"), (back, "2:30")):
            screen.type(key)
            await screen.until(partial(_is_at, screen, at))
        screen.type(" ")
        await screen.until(lambda: "mark: look here" in _told(screen)[-1])


async def test_digits_go_to_tenths_and_home_to_the_beginning(realtime: Program) -> None:
    async with _playing(realtime, MARKED) as screen:
        screen.type(" ")
        for key, at in (("5", "2:30"), ("9", "4:30"), ("0", "0:00"), ("2", "1:00"), (HOME, "0:00")):
            screen.type(key)
            await screen.until(partial(_is_at, screen, at))


async def test_behind_the_end_one_can_go_back_or_begin_again(realtime: Program) -> None:
    async with _playing(realtime, MARKED, "--from", "299.9") as screen:
        await screen.until(lambda: _bar(screen).startswith("■ 5:00") and "the end" in _bar(screen))
        assert "go back" in screen.lines[-1]
        count = len(_told(screen))
        screen.type(LEFT)
        await screen.until(partial(_is_at, screen, "5:00", beyond=count + 2))
        await screen.until(lambda: _told(screen)[-1] == "● tre" and "the end" in _bar(screen))
        screen.type(" ")
        await screen.until(lambda: _at(screen) == "0:00" and _bar(screen).startswith("▸"))


async def test_help_lists_the_keys_and_the_recording_plays_on(realtime: Program) -> None:
    async with _playing(realtime, MARKED) as screen:
        screen.type("?")
        await screen.shows("to the turn before, to the next turn")
        screen.type("64")
        await screen.until(lambda: _at(screen) == "2:00")
        assert screen.text.count("to the turn before") == 1


@pytest.mark.parametrize("key", ["e", CTRL_E])
async def test_the_raw_events_are_a_key_away(realtime: Program, key: str) -> None:
    async with _playing(realtime, MARKED) as screen:
        screen.type(" 5")
        await screen.until(lambda: _at(screen) == "2:30")
        screen.type(key)
        await screen.shows("response.done")
        assert "● uno" not in screen.text
        screen.type(CTRL_E)
        await screen.shows("2:30")
        await screen.shows("q leaves")
        screen.type("q")
        assert await screen.ends() == 0
        assert screen.is_as_before


async def test_a_resize_while_it_plays_leaves_one_bar(realtime: Program) -> None:
    text = conversation(*((f"word {n}", f"{n} " * 60) for n in range(40)), every_s=2)
    async with _playing(realtime, text, "--speed", "8", columns=120) as screen:
        for columns in (40, 100, 33, 80):
            size = len(screen.raw)
            screen.resize(columns)
            await screen.until(partial(_has_drawn, screen, size + 500))
        screen.type(END)
        await screen.until(lambda: _bar(screen).startswith("■ 1:20"))
        assert sum(" ×8" in line for line in screen.lines) == 1
        assert sum("q leaves" in line for line in screen.lines) == 1
        screen.type("q")
        assert await screen.ends() == 0


async def test_no_colour_where_none_is_wanted(realtime: Program) -> None:
    async with _playing(realtime, MARKED, NO_COLOR="1") as screen:
        screen.type(END)
        await screen.until(lambda: _bar(screen).startswith("■"))
        screen.type("q")
        assert await screen.ends() == 0
    colours = {b"\x1b[0;%d" % number for number in range(30, 48)} | {b"\x1b[%dm" % n for n in range(30, 48)}
    assert not any(colour in screen.raw for colour in colours)


async def test_a_calm_screen_has_words_for_signs(realtime: Program) -> None:
    async with _playing(realtime, SLOW, REALTIME_CALM="1") as screen:
        screen.type(RIGHT)
        await screen.until(lambda: _at(screen) == "16:40")
        await screen.shows("uno")
        assert "●" not in screen.text.split("16:40")[0]


async def test_at_full_speed_it_does_not_stay(realtime: Program) -> None:
    file = realtime.file("log.jsonl", SLOW)
    async with terminal(realtime, "replay", file, "--speed", "max") as screen:
        assert await screen.ends() == 0
        assert screen.is_as_before
    assert "› one ● uno › two ● due › three ● tre 3 turns · " in screen.text


DAMAGED = SLOW[: SLOW.index('"text": "three"')]
FOREIGN = "".join(
    json.dumps({"dir": direction, "event": json.loads(event)}) + "\n"
    for _, direction, event in turn(1, "one", "uno", at_s=0)
    if direction != "local"
)
OTHERS = {
    "damaged": (DAMAGED, "the rest is lost", 3),
    "empty": (json.dumps(HEADER) + "\n", "0 turns", 0),
    "foreign": (FOREIGN, "● uno", 0),
}


@pytest.mark.parametrize("name", OTHERS)
async def test_other_logs_can_be_steered_too(realtime: Program, name: str) -> None:
    text, words, status = OTHERS[name]
    async with _playing(realtime, text) as screen:
        for key in (END, LEFT, "5", HOME, ".", ",", "]", END):
            screen.type(key)
        await screen.until(lambda: "the end" in _bar(screen))
        screen.type("q")
        assert await screen.ends() == status
        assert screen.is_as_before
        assert words in screen.text or name == "foreign"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_leaves_the_terminal_as_it_was(realtime: Program, number: signal.Signals) -> None:
    async with _playing(realtime, SLOW, *LATER) as screen:
        assert screen.process is not None
        screen.process.send_signal(number)
        assert await screen.ends() == 130
        assert screen.is_as_before
        assert screen.cursor_column == 0


async def test_keys_count_again_after_the_program_was_stopped_and_went_on(realtime: Program) -> None:
    async with _playing(realtime, SLOW, *LATER) as screen:
        assert screen.process is not None
        screen.process.send_signal(signal.SIGSTOP)
        screen.reset()
        screen.process.send_signal(signal.SIGCONT)
        await eventually(lambda: not screen.is_as_before)
        screen.type("q")
        assert await screen.ends() == 0
        assert screen.is_as_before


async def test_ctrl_c_leaves(realtime: Program) -> None:
    async with _playing(realtime, SLOW, *LATER) as screen:
        screen.type(CTRL_C)
        assert await screen.ends() == 130
        assert screen.is_as_before


async def test_a_simple_terminal_gets_lines_and_single_keys(realtime: Program) -> None:
    file = realtime.file("log.jsonl", SLOW)
    async with terminal(realtime, "replay", file, *LATER, TERM="dumb") as screen:
        await screen.shows("space pauses · . steps · + and - change the speed · q leaves")
        await eventually(lambda: not screen.is_as_before)
        screen.type("." * 4)
        await screen.shows("› one")
        screen.type("q")
        assert await screen.ends() == 0
        assert screen.is_as_before
        assert b"\x1b" not in screen.raw


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
