"""`realtime chat` with the live screen, as a person sees it."""

from __future__ import annotations

import asyncio
import signal

import pytest
from websockets.asyncio.server import ServerConnection

from realtime_cli._version import __version__
from tests.cli.program import Program
from tests.cli.servers import GREETING, acting
from tests.support.serving import serving
from tests.terminal.screen import CTRL_C, CTRL_D, ENTER, Terminal, terminal
from tests.transport.peers import forever, raw_server


def _waits(screen: Terminal) -> bool:
    """Whether the input line is empty and nothing is under way."""
    return screen.lines[-2:-1] == ["›"] and "ready" in screen.lines[-1]


async def test_the_first_conversation(realtime: Program) -> None:
    expected = [
        f"realtime {__version__} · embedded server (no OPENAI_API_KEY, no --url)",
        "› hello",
        "● Hello! I am the embedded server's rules brain, not a language model: I answer",
        '  by fixed rules. Ask me "what can you do?".',
        "›",
    ]
    async with terminal(realtime, "chat", "--text") as screen:
        await screen.until(lambda: _waits(screen))
        screen.type(f"hello{ENTER}")
        await screen.shows("what can you do?")
        await screen.until(lambda: _waits(screen))
        assert screen.lines[: len(expected)] == expected


@pytest.mark.parametrize("columns", [120, 80, 40])
async def test_ctrl_d_leaves_and_the_summary_is_whole(realtime: Program, columns: int) -> None:
    async with (
        serving() as server,
        terminal(realtime, "chat", "--text", "--url", server.url, columns=columns) as screen,
    ):
        await screen.until(lambda: _waits(screen))
        screen.type(CTRL_D)
        assert await screen.ends() == 0
        assert screen.cursor_column == 0
        assert screen.is_as_before
    begin = next(number for number, line in enumerate(screen.lines) if line.startswith("0 turns · "))
    assert "".join(screen.lines[begin:]).endswith(str(realtime.log()))  # whole, to be copied
    assert "›" not in screen.text


async def test_ctrl_c_twice_leaves(realtime: Program) -> None:
    async with terminal(realtime, "chat", "--text") as screen:
        await screen.until(lambda: _waits(screen))
        screen.type(CTRL_C)
        await screen.shows("Ctrl-C again leaves")
        screen.type(CTRL_C)
        assert await screen.ends() == 0
        assert screen.is_as_before
    assert "0 turns · " in screen.text


async def test_a_server_that_goes_away_ends_the_program(realtime: Program) -> None:
    stop = asyncio.Event()

    async def talk(socket: ServerConnection) -> None:
        await socket.send(GREETING)
        await stop.wait()
        await socket.close(1001, "maintenance")

    chat = ["chat", "--text", "--no-reconnect"]
    async with acting(talk) as url, terminal(realtime, *chat, "--url", url) as screen:
        await screen.until(lambda: _waits(screen))
        screen.type("half a th")
        await screen.shows("› half a th")
        stop.set()
        assert await screen.ends() == 6
        assert screen.cursor_column == 0
        assert screen.is_as_before
    assert "error: the server went away or ended the session (close code 1001): maintenance" in screen.text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_ends_the_program_with_a_complete_log(realtime: Program, number: int) -> None:
    async with (
        serving(pace_words_per_s=100) as server,
        terminal(realtime, "chat", "--text", "--url", server.url) as screen,
    ):
        await screen.until(lambda: _waits(screen))
        screen.type(f"talk for ever{ENTER}")
        await screen.shows("● and so on,")
        assert screen.process is not None
        screen.process.send_signal(number)
        assert await screen.ends() == 130
        assert screen.is_as_before
    assert realtime.log().read_text().splitlines()[-1].count('"connection.lost"') == 1


@pytest.mark.parametrize("how", [CTRL_C, CTRL_D, "SIGTERM"])
async def test_one_can_leave_while_the_server_does_not_answer(realtime: Program, how: str) -> None:
    async with (
        raw_server(forever) as host,
        terminal(realtime, "chat", "--text", "--url", f"ws://{host}/v1/realtime") as screen,
    ):
        await screen.shows("connecting")
        if how == "SIGTERM":
            assert screen.process is not None
            screen.process.send_signal(signal.SIGTERM)
        else:
            screen.type(how)
        await screen.ends()
        assert screen.is_as_before
        assert screen.cursor_column == 0
