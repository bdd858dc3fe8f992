"""The live screen with typed turns, as a person sees it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys

import pytest

from tests.cli.program import Program
from tests.support.serving import eventually, serving
from tests.terminal.live import DRIVER, PROJECT, Live, live
from tests.terminal.screen import CTRL_C, CTRL_D, ENTER, ESC, terminal

PASTE, END_OF_PASTE = f"{ESC}[200~", f"{ESC}[201~"
UP, LEFT, RIGHT, ALT_ENTER = f"{ESC}[A", f"{ESC}[D", f"{ESC}[C", f"{ESC}\r"
BACKSPACE, DELETE = "\x7f", f"{ESC}[3~"
HOSTILE = "\x1b]0;owned\x07 \x1b[2J \u202eexe.txt"


def _is_idle(here: Live) -> bool:
    return here.screen.lines[-2:] == ["›", here.status] and "ready" in here.status


async def _answered(here: Live, words: str) -> None:
    await here.screen.until(lambda: words in here.screen.text and _is_idle(here))


@pytest.mark.parametrize("columns", [120, 80, 40])
async def test_finished_turns_stand_above_once_and_the_input_below(realtime: Program, columns: int) -> None:
    async with serving() as server, live(realtime, server.url, columns=columns) as here:
        for word in ("one", "two"):
            here.screen.type(f"{word}{ENTER}")
            await _answered(here, f"You said: {word}")
        assert here.screen.lines[:-2] == ["› one", "● You said: one", "› two", "● You said: two"]
        assert len(here.status) < columns
        here.screen.type(CTRL_D)
        assert await here.screen.ends() == 0
        assert here.screen.lines == ["› one", "● You said: one", "› two", "● You said: two", "the end"]
        assert here.screen.cursor_column == 0
        assert here.screen.is_as_before


async def _streams(here: Live) -> None:
    """Returns once more of the answer has been drawn."""
    size = len(here.screen.raw)
    await here.screen.until(lambda: len(here.screen.raw) > size + 1000)


async def test_typing_while_an_answer_streams_disturbs_nothing(realtime: Program) -> None:
    async with serving(pace_words_per_s=50) as server, live(realtime, server.url) as here:
        here.screen.type(f"talk for ever{ENTER}")
        await here.screen.shows("● and so on,")
        for key in "what I wánt 日本 next":
            here.screen.type(key)
        await here.screen.until(lambda: here.input == "› what I wánt 日本 next")
        await _streams(here)
        here.screen.type(ESC)
        await here.screen.until(lambda: "ready" in here.status)
        first, begin, *rest, notice, typed, _ = here.screen.lines
        assert (first, typed) == ("› talk for ever", "› what I wánt 日本 next")
        assert notice == "· the answer was cancelled: you stopped it"
        said = " ".join([begin.removeprefix("● "), *map(str.strip, rest)])
        assert ("and so on, " * 1000).startswith(said)
        here.screen.type(ENTER)
        await _answered(here, "● You said: what I wánt 日本 next")
        assert here.typed == ["talk for ever", "what I wánt 日本 next"]


async def test_a_turn_that_is_typed_into_an_answer_waits_below_it(realtime: Program) -> None:
    async with serving(pace_words_per_s=50) as server, live(realtime, server.url) as here:
        here.screen.type(f"talk for ever{ENTER}")
        await here.screen.shows("● and so on,")
        here.screen.type(f"and then?{ENTER}")
        await here.screen.until(lambda: here.screen.lines[-3:-1] == ["› and then?", "›"])
        here.screen.type(ESC)
        await here.screen.until(lambda: _is_idle(here))
        assert here.screen.lines.count("› and then?") == 1


async def test_a_resize_storm_while_an_answer_streams_loses_no_word(realtime: Program) -> None:
    async with serving(pace_words_per_s=50) as server, live(realtime, server.url, columns=120) as here:
        here.screen.type(f"talk for ever{ENTER}")
        await here.screen.shows("● and so on,")
        for columns in (40, 80, 33, 120, 60, 80):
            here.screen.resize(columns)
            await _streams(here)
        here.screen.type(ESC)
        await here.screen.until(lambda: _is_idle(here))
        assert here.screen.lines[-3].startswith("· the answer was cancelled")
        assert sum("ready" in line for line in here.screen.lines) == 1
        assert "writing" not in here.screen.text
        assert [line for line in here.screen.lines if line.startswith("›")] == ["› talk for ever", "›"]


@pytest.mark.parametrize("key", [ESC, ESC + ESC], ids=["once", "twice at once"])
async def test_esc_stops_the_answer_and_keeps_what_is_typed(realtime: Program, key: str) -> None:
    async with serving(pace_words_per_s=100) as server, live(realtime, server.url) as here:
        here.screen.type(f"talk for ever{ENTER}")
        await here.screen.shows("● and so on,")
        here.screen.type("half a th")
        here.screen.type(key)
        await here.screen.until(lambda: "ready" in here.status)
        assert here.input == "› half a th"
        assert here.wishes == ["user.cancel"]


async def test_ctrl_c_stops_an_answer_then_clears_the_line_and_twice_leaves(realtime: Program) -> None:
    async with serving(pace_words_per_s=100) as server, live(realtime, server.url) as here:
        here.screen.type(f"talk for ever{ENTER}")
        await here.screen.shows("● and so on,")
        here.screen.type(CTRL_C)
        await here.screen.shows("the answer was cancelled: you stopped it")
        await here.screen.shows("Ctrl-C again leaves")
        here.screen.type(CTRL_C)
        assert await here.screen.ends() == 0
        assert here.wishes == ["user.cancel", "user.quit"]
        assert here.screen.is_as_before


async def test_ctrl_c_at_rest_says_how_to_leave(realtime: Program) -> None:
    async with serving() as server, live(realtime, server.url) as here:
        here.screen.type("not this")
        here.screen.type(CTRL_C)
        await here.screen.until(lambda: here.screen.lines == ["›", "Ctrl-C again leaves"])
        await here.screen.until(lambda: _is_idle(here))  # two seconds later
        here.screen.type(CTRL_C)
        await here.screen.shows("Ctrl-C again leaves")
        here.screen.type(CTRL_C)
        assert await here.screen.ends() == 0
        assert here.screen.lines == ["the end"]


async def test_a_paste_is_not_sent_before_enter(realtime: Program) -> None:
    async with serving() as server, live(realtime, server.url) as here:
        here.screen.type(f"{PASTE}two\r\nlines\x1b[31m{END_OF_PASTE}")
        await here.screen.until(lambda: here.screen.lines[:-1] == ["› two", "  lines␛[31m"])
        assert here.typed == []
        here.screen.type(f"!{ENTER}")
        await _answered(here, "● You said: two lines␛[31m!")
        assert here.typed == ["two\nlines␛[31m!"]
        assert here.screen.lines[:2] == ["› two", "  lines␛[31m!"]


async def test_keys_pass_and_delete_what_one_sees_as_a_character(realtime: Program) -> None:
    flag, astronaut, accented = "🇩🇪", "👩🏽‍🚀", "e\u0301"
    async with serving() as server, live(realtime, server.url) as here:
        here.screen.type(f"x{astronaut}y{flag}{BACKSPACE}{LEFT * 2}b{accented}z{LEFT}{BACKSPACE}{RIGHT}")
        here.screen.type(f"{RIGHT}c{LEFT * 2}{DELETE}{ENTER}")
        await here.until(lambda: here.typed)
        assert here.typed == ["xbzcy"]


async def test_the_line_can_be_edited_and_has_a_history(realtime: Program) -> None:
    async with serving() as server, live(realtime, server.url) as here:
        here.screen.type(f"first{ENTER}")
        await _answered(here, "You said: first")
        here.screen.type(f"secnd{LEFT * 2}o{ENTER}")
        await _answered(here, "You said: second")
        here.screen.type(UP)
        await here.screen.until(lambda: here.input == "› second")
        here.screen.type(UP)
        await here.screen.until(lambda: here.input == "› first")
        here.screen.type(f"{ESC}b{ESC}d1st{ALT_ENTER}more{ENTER}")
        await _answered(here, "You said: 1st more")
        assert here.typed[-1] == "1st\nmore"


async def test_keys_that_mean_nothing_leave_no_trace(realtime: Program) -> None:
    async with serving() as server, live(realtime, server.url) as here:
        for key in ("[?62;22c", "[97;1:3u", "[1;1:3A", "]11;rgb:0/0/0\x1b\\", "[24;80R", "q"):
            here.screen.type(f"a{ESC}{key}b")
        await here.screen.until(lambda: here.input == "› " + "ab" * 6)


async def test_a_question_mark_in_an_empty_line_helps_at_once(realtime: Program) -> None:
    async with serving() as server, live(realtime, server.url) as here:
        here.screen.type("?")
        await here.screen.shows("/help NAME tells more")
        here.screen.type(f"why?{ENTER}")
        await here.screen.until(lambda: here.typed == ["why?"])


async def test_enter_alone_sends_nothing(realtime: Program) -> None:
    async with serving() as server, live(realtime, server.url) as here:
        here.screen.type(f"{ENTER}  {ENTER}words{ENTER}")
        await _answered(here, "You said: words")
        assert here.typed == ["words"]


async def test_hostile_answers_are_words(realtime: Program) -> None:
    async with serving() as server, live(realtime, server.url) as here:
        here.do(f'{{"type": "user.text", "text": {json.dumps(HOSTILE)}}}')
        await here.screen.until(lambda: "● You said: ␛]0;owned␇ ␛[2J \\u202eexe.txt" in here.screen.lines)
        assert b"\x1b]0;" not in here.screen.raw
        assert b"\x1b[2J" not in here.screen.raw


async def test_no_colour_where_none_is_wanted(realtime: Program) -> None:
    async with serving() as server, live(realtime, server.url, NO_COLOR="1") as here:
        here.screen.type(f"hello{ENTER}")
        await _answered(here, "You said: hello")
        here.screen.type(CTRL_D)
        assert await here.screen.ends() == 0
    colours = {b"\x1b[0;%d" % number for number in range(30, 48)} | {b"\x1b[%dm" % n for n in range(30, 48)}
    assert not any(colour in here.screen.raw for colour in colours)


@pytest.mark.parametrize("env", [{"TERM": "dumb"}, {"TERM": ""}])
async def test_a_simple_terminal_gets_no_live_screen(realtime: Program, env: dict[str, str]) -> None:
    (realtime.home / "control").touch()
    command = (sys.executable, str(DRIVER), "ws://127.0.0.1:9")
    async with terminal(realtime, realtime.home, command=command, PYTHONPATH=str(PROJECT), **env) as screen:
        assert await screen.ends() == 0
    assert screen.lines == ["no live screen here"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
async def test_a_signal_ends_it_and_the_terminal_is_as_before(realtime: Program, number: int) -> None:
    async with serving(pace_words_per_s=100) as server, live(realtime, server.url) as here:
        here.screen.type(f"talk for ever{ENTER}")
        await here.screen.shows("● and so on,")
        here.screen.type("half a th")
        await here.screen.until(lambda: here.input == "› half a th")
        assert not here.screen.is_as_before
        assert here.screen.process is not None
        here.screen.process.send_signal(number)
        assert await here.screen.ends() == 0
        assert here.screen.is_as_before
        assert here.screen.cursor_column == 0
        assert here.screen.lines[-1] == "the end"
        assert "half a th" not in here.screen.text
        assert (
            here.screen.raw.rstrip().endswith(b"\x1b[?2004lthe end")
            or b"\x1b[?2004l" in here.screen.raw[-400:]
        )


async def test_a_connection_that_fails_leaves_the_terminal_as_before(realtime: Program) -> None:
    os.mkfifo(realtime.home / "control")
    command = (sys.executable, str(DRIVER), "ws://127.0.0.1:9")
    env = {"PYTHONPATH": str(PROJECT)}
    async with terminal(realtime, realtime.home, command=command, **env) as screen:
        assert await screen.ends() == 1
        assert screen.is_as_before
        assert "ConnectFailed" in screen.text


async def test_a_crash_puts_the_terminal_in_order_first(realtime: Program) -> None:
    async with serving() as server, live(realtime, server.url) as here:
        here.screen.type("half a th")
        await here.screen.until(lambda: here.input == "› half a th")
        here.do("crash")
        assert await here.screen.ends() == 1
        assert here.screen.is_as_before
        assert here.screen.cursor_column == 0
        assert "ZeroDivisionError: crash" in here.screen.text


async def test_a_closed_window_ends_the_program(realtime: Program) -> None:
    async with serving() as server, live(realtime, server.url) as here:
        here.screen.hang_up()
        assert here.screen.process is not None
        await here.screen.process.wait()
        assert here.wishes[-1] == "user.quit"
        assert (realtime.home / "ended").exists()  # without an exception


async def test_ctrl_z_gives_the_terminal_to_the_shell_and_fg_takes_it_back(realtime: Program) -> None:
    os.mkfifo(realtime.home / "control")
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("job control needs a shell")
    shell = (bash, "--norc", "--noprofile", "-i")
    env = {"PYTHONPATH": str(PROJECT), "PS1": "$ "}
    async with serving() as server, terminal(realtime, command=shell, **env) as screen:
        await screen.until(lambda: screen.lines[-1] == "$")
        screen.type(f"{sys.executable} {DRIVER} {server.url} {realtime.home}\n")
        here = Live(screen, realtime.home)
        await screen.until(lambda: _is_idle(here))
        screen.type("half a th")
        await screen.until(lambda: here.input == "› half a th")
        screen.type("\x1a")
        await screen.until(lambda: "Stopped" in screen.text and screen.lines[-1] == "$")
        screen.type("echo still $((6 * 7))\n")
        await screen.until(lambda: "still 42" in screen.lines)
        screen.type("fg\n")
        await screen.until(lambda: here.input == "› half a th" and "ready" in here.status)
        screen.type(f"ought{ENTER}")
        await _answered(here, "● You said: half a thought")
        screen.type(CTRL_D)
        await screen.until(lambda: screen.lines[-2:] == ["the end", "$"])
        screen.type("stty -a | grep -ow -e '-echo' -e echo -e icanon\n")
        await screen.until(lambda: screen.lines[-3:] == ["icanon", "echo", "$"])


async def test_one_who_was_stopped_from_outside_takes_the_terminal_back(realtime: Program) -> None:
    async with serving() as server, live(realtime, server.url) as here:
        here.screen.type("half a th")
        await here.screen.until(lambda: here.input == "› half a th")
        assert here.screen.process is not None
        here.screen.process.send_signal(signal.SIGSTOP)
        here.screen.reset()
        here.screen.process.send_signal(signal.SIGCONT)
        await eventually(lambda: not here.screen.is_as_before)
        here.screen.type(f"ought{ENTER}")
        await _answered(here, "● You said: half a thought")
