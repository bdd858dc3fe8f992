"""Whatever happens to the program, the terminal is as before: modes, settings, cursor, and no row is left."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.server import ServerConnection

from realtime_cli.core.inputs import AudioReady, ListeningMode
from tests.cli.program import COMMAND, Program
from tests.cli.servers import GREETING, acting
from tests.support.patience import PATIENCE_S
from tests.support.serving import eventually, serving
from tests.terminal.live import DRIVER, PROJECT, Live, live
from tests.terminal.screen import CTRL_C, CTRL_D, ENTER, ESC, Terminal, terminal

CTRL_E, CTRL_Z = "\x05", "\x1a"
SIGNALS = {"SIGTERM": signal.SIGTERM, "SIGHUP": signal.SIGHUP, "SIGINT": signal.SIGINT}
CRASHES = ("crash", "crash drawing", "crash session")
# What the terminal shows only while the program runs.
STATUS = ("ready", "writing", "connecting", "half a th")


@asynccontextmanager
async def _busy(realtime: Program) -> AsyncIterator[Live]:
    """An answer streams, something is typed, and the terminal reports the keys that are released."""
    async with serving(pace_words_per_s=100) as server, live(realtime, server.url) as here:
        here.do(AudioReady("mic", "spk"), ListeningMode(push_to_talk=True))
        await here.screen.until(lambda: b"\x1b[?u" in here.screen.raw)
        here.screen.tell_flags()
        await here.screen.until(lambda: b"\x1b[>2u" in here.screen.raw)
        here.screen.tell_flags()
        here.screen.type(f"talk for ever{ENTER}")
        await here.screen.shows("● and so on,")
        here.screen.type("half a th")
        await here.screen.until(lambda: here.input == "› half a th")
        assert here.screen.leftovers == ["bracketed paste", "key releases"]
        assert not here.screen.is_as_before
        yield here


def _is_clean(screen: Terminal) -> bool:
    """Whether nobody would notice that there was a live screen, but for what it told."""
    assert screen.leftovers == []
    assert screen.is_as_before
    assert screen.cursor_column == 0
    assert not [line for line in screen.lines if any(words in line for words in STATUS)]
    return True


def _make(here: Live, how: str) -> None:
    if how.startswith("crash"):
        here.do(how)
        here.screen.type(ESC)
    elif how in SIGNALS:
        assert here.screen.process is not None
        here.screen.process.send_signal(SIGNALS[how])
    else:
        here.screen.type(how)


@pytest.mark.parametrize("how", [CTRL_C * 3, f"{CTRL_C * 2}{CTRL_D}", *SIGNALS, *CRASHES, "crash key"])
async def test_the_terminal_is_as_before(realtime: Program, how: str) -> None:
    async with _busy(realtime) as here:
        _make(here, how)
        status = await here.screen.ends()
        assert status == (1 if how.startswith("crash") else 0)
        assert _is_clean(here.screen)
        assert ("ZeroDivisionError" in here.screen.text) is how.startswith("crash")


@pytest.mark.parametrize("how", [*SIGNALS, "crash", "crash page", "crash session"])
async def test_the_terminal_is_as_before_when_it_ends_in_the_raw_view(realtime: Program, how: str) -> None:
    async with _busy(realtime) as here:
        here.screen.type(f"{ESC}OS")  # F4
        await here.screen.until(lambda: "the other screen" in here.screen.leftovers)
        if how.startswith("crash"):
            here.do(how)
            here.screen.type(ENTER)
        else:
            _make(here, how)
        assert await here.screen.ends() == (1 if how.startswith("crash") else 0)
        assert _is_clean(here.screen)
        assert how.startswith("crash") or here.screen.lines.count("› talk for ever") == 1


async def test_the_raw_view_comes_and_goes_while_text_streams(realtime: Program) -> None:
    async with _busy(realtime) as here:
        for number in range(50):
            here.screen.type(f"{ESC}OS")
            await here.screen.until(lambda: "the other screen" in here.screen.leftovers)
            if number % 5 == 0:
                here.screen.resize(60 + number)
            here.screen.type(f"{ESC}OS")
            await here.screen.until(lambda: "the other screen" not in here.screen.leftovers)
        await here.screen.until(lambda: here.input == "› half a th")
        here.screen.type(CTRL_C * 3)
        assert await here.screen.ends() == 0
        assert _is_clean(here.screen)
        assert here.screen.lines.count("› talk for ever") == 1
        assert sum(line.startswith("●") for line in here.screen.lines) == 1


async def test_it_can_be_stopped_from_outside_within_the_raw_view(realtime: Program) -> None:
    async with _busy(realtime) as here:
        here.screen.type(f"{ESC}OS")
        await here.screen.until(lambda: "the other screen" in here.screen.leftovers)
        assert here.screen.process is not None
        here.screen.process.send_signal(signal.SIGSTOP)
        here.screen.reset()
        here.screen.process.send_signal(signal.SIGCONT)
        await eventually(lambda: not here.screen.is_as_before)
        here.screen.type(f"{ESC}OS")
        await here.screen.until(lambda: here.screen.leftovers[:1] == ["bracketed paste"])
        here.screen.type(CTRL_C * 3)
        assert await here.screen.ends() == 0
        assert _is_clean(here.screen)


@pytest.mark.parametrize("in_raw_view", [False, True])
async def test_ctrl_z_leaves_the_shell_a_clean_terminal(realtime: Program, *, in_raw_view: bool) -> None:
    os.mkfifo(realtime.home / "control")
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("job control needs a shell")
    env = {"PYTHONPATH": str(PROJECT), "PS1": "$ "}
    shell = (bash, "--norc", "--noprofile", "-i", "+o", "emacs")
    async with serving() as server, terminal(realtime, command=shell, **env) as screen:
        await screen.until(lambda: screen.lines[-1] == "$")
        screen.type(f"{sys.executable} {DRIVER} {server.url} {realtime.home}\n")
        await screen.until(lambda: "ready" in screen.lines[-1])
        if in_raw_view:
            screen.type(f"{ESC}OS")
            await screen.until(lambda: "the other screen" in screen.leftovers)
        screen.type(CTRL_Z)
        if in_raw_view:  # which has no such key
            screen.type(f"{ESC}OS")
            await screen.until(lambda: "the other screen" not in screen.leftovers)
            screen.type(CTRL_Z)
        await screen.until(lambda: "Stopped" in screen.text and screen.lines[-1] == "$")
        assert screen.leftovers == []
        assert "ready" not in screen.text
        screen.type("fg\n")
        await screen.until(lambda: "ready" in screen.lines[-1])
        screen.type(CTRL_D)
        await screen.until(lambda: screen.lines[-2:] == ["the end", "$"])
        assert screen.leftovers == []


async def test_a_server_that_is_killed(realtime: Program) -> None:
    async def talk(socket: ServerConnection) -> None:
        await socket.send(GREETING)
        while "hello" not in str(await socket.recv()):
            pass
        socket.transport.abort()

    chat = ("chat", "--text", "--no-reconnect", "--url")
    async with acting(talk) as url, terminal(realtime, *chat, url) as screen:
        await screen.until(lambda: "ready" in screen.lines[-1])
        screen.type(f"hello{ENTER}half a th")
        assert await screen.ends() == 6
        assert _is_clean(screen)


@pytest.mark.parametrize("line", ["%s chat --text </dev/null", "%s chat --text --json | head -n 1"])
async def test_a_stream_that_is_no_terminal(realtime: Program, line: str) -> None:
    program = " ".join(COMMAND)
    async with terminal(realtime, command=("/bin/sh", "-c", line % program)) as screen:
        screen.type(f"hello{ENTER}{CTRL_D}")
        await screen.ends()
        assert screen.leftovers == []
        assert screen.is_as_before
        assert b"\x1b[?1049" not in screen.raw


async def test_a_window_that_is_closed_in_the_raw_view_ends_the_program(realtime: Program) -> None:
    async with _busy(realtime) as here:
        here.screen.type(f"{ESC}OS")
        await here.screen.until(lambda: "the other screen" in here.screen.leftovers)
        here.screen.hang_up()
        assert here.screen.process is not None
        async with asyncio.timeout(PATIENCE_S):
            await here.screen.process.wait()
        assert (realtime.home / "ended").exists()


async def test_a_screen_that_is_closed_while_it_is_drawn_leaves_keys_and_settings_in_order(
    realtime: Program,
) -> None:
    main, side = os.openpty()
    program = " ".join(COMMAND)
    async with serving(pace_words_per_s=100) as server:
        line = f"exec {program} chat --text --url {server.url} >{os.ttyname(side)}"
        async with terminal(realtime, command=("/bin/sh", "-c", line)) as screen:
            await asyncio.to_thread(_read_until, main, b"ready")
            os.close(side)
            screen.type(f"talk for ever{ENTER}")
            await asyncio.to_thread(_read_until, main, b"and so on,")
            os.close(main)
            screen.type(CTRL_C * 3)
            assert await screen.ends() == 1
            assert screen.is_as_before
            assert screen.leftovers == []
            assert "output error" in screen.lines[-1]
            assert "Traceback" not in screen.text


def _read_until(file: int, words: bytes) -> None:
    seen = b""
    while words not in seen:
        seen += os.read(file, 65536)
