"""`realtime chat` on a terminal too simple for the live screen, as a person sees it."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection

from tests.cli.program import Program
from tests.cli.servers import GREETING, acting, event, peer, saying
from tests.support.obedient_brain import ObedientBrain
from tests.support.serving import serving
from tests.terminal.screen import CTRL_C, CTRL_D, ENTER, Terminal, terminal

STORY = (
    "The quick brown fox jumps over the lazy dog, and the dog, which is not as lazy as they say, jumps back."
)


def chat(program: Program, *arguments: str | Path, **more: Any) -> AbstractAsyncContextManager[Terminal]:
    """A written conversation where the cursor does not go where it is told."""
    return terminal(program, "chat", "--text", *arguments, **{"TERM": "dumb", **more})


def _waits(screen: Terminal, *, prompts: int = 1) -> bool:
    """Whether the last line is a prompt, and the so-manieth one."""
    return screen.lines[-1] == "›" and sum(line.startswith("›") for line in screen.lines) == prompts


@pytest.mark.parametrize("columns", [120, 80, 40])
async def test_an_answer_is_wrapped_at_words_under_its_mark(realtime: Program, columns: int) -> None:
    async with (
        peer(saying(STORY)) as server,
        chat(realtime, "--url", server.url, columns=columns) as screen,
    ):
        await screen.until(lambda: _waits(screen))
        screen.type(f"tell me a story{ENTER}")
        await screen.until(lambda: _waits(screen, prompts=2))
        begin = next(number for number, line in enumerate(screen.lines) if line.startswith("●"))
        assert screen.lines[begin - 1] == "› tell me a story"
        first, *rest = screen.lines[begin:-1]
        assert all(line.startswith("  ") and line[2] != " " for line in rest)
        assert " ".join([first, *map(str.strip, rest)]) == f"● {STORY}"


@pytest.mark.parametrize("columns", [120, 80, 40])
async def test_ctrl_d_leaves_and_the_last_line_is_whole(realtime: Program, columns: int) -> None:
    async with (
        serving() as server,
        chat(realtime, "--url", server.url, columns=columns) as screen,
    ):
        await screen.until(lambda: _waits(screen))
        screen.type(CTRL_D)
        assert await screen.ends() == 0
        assert screen.cursor_column == 0
        assert screen.is_as_before
    first, *rest = screen.lines[screen.lines.index("›") + 1 :]
    assert first.startswith("0 turns · 0 tokens · ")
    assert "".join([first, *rest]).endswith(str(realtime.log()))  # whole, to be copied


async def test_ctrl_c_at_the_prompt_says_how_to_leave_and_twice_leaves(realtime: Program) -> None:
    async with chat(realtime) as screen:
        await screen.until(lambda: _waits(screen))
        screen.type(CTRL_C)
        await screen.shows("Ctrl-C again leaves")
        await screen.until(lambda: _waits(screen, prompts=2))
        screen.type(CTRL_C)
        assert await screen.ends() == 0
        assert screen.cursor_column == 0
        assert screen.is_as_before
        assert "0 turns · " in screen.text


async def test_ctrl_c_stops_an_answer_and_the_conversation_goes_on(realtime: Program) -> None:
    brain = ObedientBrain()
    async with (
        serving(brain=lambda: brain, pace_words_per_s=200) as server,
        chat(realtime, "--url", server.url) as screen,
    ):
        await screen.until(lambda: _waits(screen))
        screen.type(f"talk for ever{ENTER}")
        await screen.shows("● and so on,")
        screen.type(CTRL_C)
        await screen.until(lambda: screen.lines[-1] == "›")
        assert "the answer was cancelled: you stopped it" in screen.text
        screen.type(f"and now?{ENTER}")
        await screen.shows("● You said: and now?")
        await screen.until(lambda: screen.lines[-1] == "›")
        screen.type(CTRL_D)
        assert await screen.ends() == 0
    assert brain.stopped == 1


async def test_enter_alone_asks_again(realtime: Program) -> None:
    async with chat(realtime) as screen:
        await screen.until(lambda: _waits(screen))
        screen.type(ENTER)
        await screen.until(lambda: _waits(screen, prompts=2))
        screen.type(f"  {ENTER}")
        await screen.until(lambda: _waits(screen, prompts=3))


async def test_an_error_stands_on_a_line_of_its_own(realtime: Program) -> None:
    refusal = event("error", error={"type": "x", "message": "Not like this.", "param": "a.b"})
    async with (
        peer(saying("Yes.", refusal)) as server,
        chat(realtime, "--url", server.url) as screen,
    ):
        await screen.until(lambda: _waits(screen))
        screen.type(f"hello{ENTER}")
        await screen.until(lambda: _waits(screen, prompts=2))
        shown = screen.lines[1:-1]
        screen.type(CTRL_D)
        assert await screen.ends() == 0  # the person has seen it
    assert shown[0] == "› hello"
    assert sorted(shown[1:]) == sorted(
        ["● Yes.", next(line for line in shown if line.startswith("error: Not like this."))]
    )


async def test_function_calls_are_seen(realtime: Program) -> None:
    tools = [{"type": "function", "name": "get_weather", "parameters": {"type": "object", "properties": {}}}]
    session = realtime.file("session.json", {"tools": tools})
    async with chat(realtime, "--session", session) as screen:
        await screen.until(lambda: _waits(screen))
        screen.type(f"get_weather{ENTER}")
        await screen.shows("⚙ get_weather({})")


async def test_such_a_terminal_gets_no_escape_sequences(realtime: Program) -> None:
    async with peer(saying("Yes.")) as server, chat(realtime, "--url", server.url) as screen:
        await screen.until(lambda: _waits(screen))
        screen.type(f"thank you{ENTER}")
        await screen.until(lambda: _waits(screen, prompts=2))
        screen.type(CTRL_D)
        assert await screen.ends() == 0
    assert b"\x1b" not in screen.raw


async def test_an_ascii_terminal_gets_ascii(realtime: Program) -> None:
    ascii_only = {"PYTHONIOENCODING": "ascii"}
    async with (
        peer(saying("Yes.")) as server,
        chat(realtime, "--url", server.url, **ascii_only) as screen,
    ):
        await screen.until(lambda: screen.lines[-1] == ">")
        screen.type(f"thank you{ENTER}")
        await screen.shows("* Yes.")
        await screen.until(lambda: screen.lines[-1] == ">")
    assert screen.raw.isascii()


async def test_a_server_that_goes_away_at_the_prompt_ends_the_program(realtime: Program) -> None:
    stop = asyncio.Event()

    async def talk(socket: ServerConnection) -> None:
        await socket.send(GREETING)
        await stop.wait()
        await socket.close(1001, "maintenance")

    async with acting(talk) as url, chat(realtime, "--url", url, "--no-reconnect") as screen:
        await screen.until(lambda: _waits(screen))
        stop.set()
        assert await screen.ends() == 6
        assert screen.cursor_column == 0
    _, notice, summary, *_ = screen.lines[screen.lines.index("›") :]
    assert notice == "error: the server went away or ended the session (close code 1001): maintenance"
    assert summary.startswith("0 turns · ")


async def test_a_terminal_that_goes_away_ends_the_program_with_a_complete_log(realtime: Program) -> None:
    async with (
        serving(pace_words_per_s=100) as server,
        chat(realtime, "--url", server.url) as screen,
    ):
        await screen.until(lambda: _waits(screen))
        screen.type(f"talk for ever{ENTER}")
        await screen.shows("● and so on,")
        assert screen.process is not None
        screen.process.send_signal(1)
        assert await screen.ends() == 130
    assert realtime.log().read_text().splitlines()[-1].count('"connection.lost"') == 1
