"""`realtime chat` on a terminal loses its server, and the conversation goes on: what a person sees of it."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from realtime_cli.core.reconnect import DELAYS_S
from tests.cli.program import Program
from tests.cli.sounds import events_in, kinds_in
from tests.support.serving import eventually
from tests.support.unsteady import Unsteady, unsteady
from tests.terminal.screen import CTRL_C, CTRL_D, ENTER, Terminal, terminal

LOST = "warning: the connection broke without a close frame; connecting again"
AGAIN = "· connected again after "
# A server that is deaf keeps a try waiting for longer than any test takes.
_CHAT = ("chat", "--text", "--connect-timeout", "600")


def _waits(screen: Terminal) -> bool:
    """Whether the input line is empty and nothing is under way."""
    return screen.lines[-2:-1] == ["›"] and "ready" in screen.lines[-1]


@asynccontextmanager
async def _chat(
    realtime: Program, server: Unsteady, *options: str, columns: int = 80, **env: str
) -> AsyncIterator[Terminal]:
    async with terminal(realtime, *_CHAT, *options, "--url", server.url, columns=columns, **env) as screen:
        await screen.until(lambda: _waits(screen))
        yield screen


async def _says(screen: Terminal, line: str) -> None:
    screen.type(f"{line}{ENTER}")
    await screen.shows(f"● You said: {line}")
    await screen.until(lambda: _waits(screen))


def _at(realtime: Program, happened: str) -> list[float]:
    """When it happened, by the log."""
    return [each["t"] for each in events_in(realtime.log()) if each["event"]["type"] == happened]


def _conversation(screen: Terminal) -> list[str]:
    """What stands above the input line, from the first turn on."""
    rows = screen.lines[: len(screen.lines) - 2]
    return rows[next(number for number, row in enumerate(rows) if row.startswith("› ")) :]


@pytest.mark.parametrize("columns", [120, 80, 40])
async def test_a_server_is_lost_in_mid_answer_and_what_is_typed_meanwhile_is_answered(
    realtime: Program, columns: int
) -> None:
    async with unsteady() as server, _chat(realtime, server, columns=columns) as screen:
        server.answering = "begins"
        screen.type(f"one{ENTER}")
        await screen.shows("● You said: one")
        server.answering, server.mood = "whole", "down"
        await server.drop()
        await screen.shows(LOST)
        await screen.until(lambda: "connecting again in" in screen.lines[-1])
        await screen.shows("· no connection: ")
        assert "of 5)" in screen.lines[-1]
        screen.type(f"two{ENTER}")
        await screen.until(lambda: "› two" in screen.lines and screen.lines[-2] == "›")
        server.mood = "well"
        await screen.shows("● You said: two")
        await screen.until(lambda: _waits(screen))
        assert not screen.overruns
        first, begun, *rest = _conversation(screen)
        assert [first, begun] == ["› one", "● You said: one"]
        told = " ".join(" ".join(rest).split())
        assert told.startswith(f"{LOST} › two {AGAIN}")
        assert told.endswith("told it 2 items of the conversation ● You said: two")
        assert server.told[1] == [
            "session.update",
            "user: one",
            "assistant: You said: one",
            "user: two",
            "response.create",
        ]
        screen.type(CTRL_D)
        assert await screen.ends() == 0
        assert screen.is_as_before
    assert "connected again 1 time" in screen.text


async def test_what_is_half_typed_stays_in_its_line(realtime: Program) -> None:
    async with unsteady() as server, _chat(realtime, server) as screen:
        screen.type("half a th")
        await screen.shows("› half a th")
        server.mood = "down"
        await server.drop()
        await screen.until(lambda: "connecting again" in screen.lines[-1])
        screen.type("ou")
        server.mood = "well"
        await screen.until(lambda: "ready" in screen.lines[-1])
        assert screen.lines[-2] == "› half a thou"
        screen.type(f"ght{ENTER}")
        await screen.shows("● You said: half a thought")


async def test_another_session_on_purpose(realtime: Program) -> None:
    async with unsteady() as server, _chat(realtime, server) as screen:
        await _says(screen, "one")
        screen.type(f"/reconnect{ENTER}")
        await screen.shows("· a new session; told it 2 items of the conversation")
        await _says(screen, "two")
        assert _conversation(screen) == [
            "› one",
            "● You said: one",
            "› /reconnect",
            "· a new session; told it 2 items of the conversation",
            "› two",
            "● You said: two",
        ]
        assert server.told[1][:3] == ["session.update", "user: one", "assistant: You said: one"]


async def test_the_next_try_comes_at_once_where_one_wants_it(realtime: Program) -> None:
    async with unsteady() as server, _chat(realtime, server) as screen:
        await _says(screen, "one")
        server.mood = "down"
        await server.drop()
        await eventually(lambda: server.calls == 4)
        await screen.until(lambda: "(4 of 5)" in screen.lines[-1])
        server.mood = "well"
        screen.type(f"/reconnect{ENTER}")
        await screen.shows(AGAIN)
        assert server.calls == 5
    failed, opened = _at(realtime, "connection.failed"), _at(realtime, "connection.opened")
    assert opened[-1] < failed[-1] + DELAYS_S[3]


async def test_ctrl_c_gives_up_the_answer_then_clears_the_line_then_leaves(realtime: Program) -> None:
    async with unsteady() as server, _chat(realtime, server) as screen:
        server.answering, server.mood = "silent", "deaf"
        screen.type(f"one{ENTER}")
        await eventually(lambda: "response.create" in server.told[0])
        await server.drop()
        await screen.until(lambda: "connecting again" in screen.lines[-1])
        screen.type(f"two{ENTER}half a th")
        await screen.shows("› half a th")
        screen.type(CTRL_C)
        await screen.shows("· not sent: you stopped it")
        assert screen.lines[-2] == "› half a th"
        screen.type(CTRL_C)
        await screen.until(lambda: screen.lines[-2] == "›")
        screen.type(CTRL_C * 2)
        assert await screen.ends() == 0
        assert screen.is_as_before
        assert screen.cursor_column == 0
    assert kinds_in(realtime.log())[-1] == "local user.quit"


async def test_an_answer_that_was_given_up_is_not_asked_for_again(realtime: Program) -> None:
    async with unsteady() as server, _chat(realtime, server) as screen:
        server.answering, server.mood = "silent", "down"
        screen.type(f"one{ENTER}")
        await eventually(lambda: "response.create" in server.told[0])
        await server.drop()
        await screen.until(lambda: "connecting again" in screen.lines[-1])
        screen.type(CTRL_C)
        await screen.shows("Ctrl-C again leaves")
        server.answering, server.mood = "whole", "well"
        await screen.shows(AGAIN)
        await screen.until(lambda: _waits(screen))
        assert server.told[1] == ["session.update", "user: one"]


@pytest.mark.parametrize("mood", ["down", "deaf"])
@pytest.mark.parametrize("how", [CTRL_D, f"/quit{ENTER}", "SIGTERM"])
async def test_one_leaves_at_once_also_in_the_middle_of_a_try(realtime: Program, how: str, mood: str) -> None:
    async with unsteady() as server, _chat(realtime, server) as screen:
        await _says(screen, "one")
        server.mood = "down" if mood == "down" else "deaf"
        await server.drop()
        await eventually(lambda: server.calls == 2)
        await screen.until(lambda: "connecting again" in screen.lines[-1])
        if how == "SIGTERM":
            assert screen.process is not None
            screen.process.send_signal(signal.SIGTERM)
        else:
            screen.type(how)
        assert await screen.ends() == (130 if how == "SIGTERM" else 0)
        assert screen.is_as_before
        assert screen.cursor_column == 0
        assert not screen.leftovers
    assert kinds_in(realtime.log())[-1] == "local user.quit"
    assert "connecting again in" not in screen.text


async def test_a_key_that_is_refused_now_ends_it(realtime: Program) -> None:
    async with unsteady() as server, _chat(realtime, server) as screen:
        await _says(screen, "one")
        server.mood = "strict"
        await server.drop()
        assert await screen.ends() == 5
        assert screen.is_as_before
        assert screen.cursor_column == 0
    assert "error: no connection after 1 try: " in screen.text
    assert screen.text.index(LOST) < screen.text.index("error: no connection")


async def test_calmly_nothing_ticks(realtime: Program) -> None:
    async with unsteady() as server, _chat(realtime, server, "--calm") as screen:
        server.mood = "down"
        await server.drop()
        await screen.until(lambda: "connecting again (" in screen.lines[-1])
        await eventually(lambda: server.calls == 3)
        server.mood = "well"
        await screen.shows("notice: connected again after ")
    assert b"connecting again in" not in screen.raw
    assert "no connection" not in screen.text


async def test_a_recording_of_it_looks_as_it_did(realtime: Program) -> None:
    async with unsteady() as server, _chat(realtime, server) as screen:
        await _says(screen, "one")
        server.mood = "down"
        await server.drop()
        await eventually(lambda: server.calls == 2)
        server.mood = "well"
        await screen.shows(AGAIN)
        await _says(screen, "two")
        live = _conversation(screen)
        screen.type(CTRL_D)
        assert await screen.ends() == 0
    async with terminal(realtime, "replay", realtime.log(), "--speed", "max") as screen:
        assert await screen.ends() == 0
        begin = screen.lines.index(live[0])
        assert screen.lines[begin : begin + len(live)] == live


async def test_without_a_live_screen_it_is_told_line_by_line(realtime: Program) -> None:
    async with (
        unsteady() as server,
        terminal(realtime, *_CHAT, "--url", server.url, TERM="dumb") as screen,
    ):
        await screen.until(lambda: screen.lines[-1] == "›")
        server.mood = "down"
        await server.drop()
        await screen.shows("· no connection: ")
        screen.type(f"two{ENTER}")
        server.mood = "well"
        await screen.shows("● You said: two")
        await screen.until(lambda: screen.lines[-1] == "›")
        assert LOST in screen.text
        assert AGAIN in screen.text
        screen.type(CTRL_D)
        assert await screen.ends() == 0
