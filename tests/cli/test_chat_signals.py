"""Ctrl-C and requests to end, in a pipe."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from asyncio.subprocess import Process

import pytest

from tests.cli.program import Program, ended, words_of
from tests.support.obedient_brain import ObedientBrain
from tests.support.patience import PATIENCE_S
from tests.support.serving import eventually, serving
from tests.transport.peers import Reader, Writer, forever, raw_server

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


async def _talking(process: Process, *, stdin: bytes = b"talk for ever\n") -> None:
    """Returns once an answer is under way that would never end."""
    assert process.stdin is not None
    process.stdin.write(stdin)
    await words_of(process, until=b"and so on")


def _kinds(realtime: Program) -> list[str]:
    lines = realtime.log().read_text().splitlines()[1:]
    return [json.loads(line)["event"]["type"] for line in lines]


async def test_ctrl_c_cancels_the_answer_and_the_next_line_is_answered(realtime: Program) -> None:
    async with serving() as server, realtime.running("chat", "--url", server.url) as process:
        await _talking(process, stdin=b"talk for ever\nstill there?\n")
        process.send_signal(signal.SIGINT)
        done = await ended(process)
    assert done.status == 0
    assert done.out.endswith("You said: still there?\n")
    assert "response.cancel" in _kinds(realtime)


async def test_ctrl_c_twice_leaves(realtime: Program) -> None:
    brain = ObedientBrain()
    async with (
        serving(brain=lambda: brain) as server,
        realtime.running("chat", "--url", server.url) as process,
    ):
        await _talking(process)
        process.send_signal(signal.SIGINT)
        await eventually(lambda: brain.stopped)
        process.send_signal(signal.SIGINT)
        done = await ended(process)
    assert done.status == 130
    assert done.err.splitlines()[-1].startswith("1 turn · ")


async def test_ctrl_c_between_turns_leaves_a_pipe_at_once(realtime: Program) -> None:
    async with serving() as server, realtime.running("chat", "--url", server.url) as process:
        assert process.stdin is not None
        process.stdin.write(b"hello\n")
        await words_of(process, until=b"hello\n")
        await eventually(lambda: b"response.done" in realtime.log().read_bytes())
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(PATIENCE_S):
            assert await process.wait() == 130


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_a_request_to_end_leaves_a_complete_log(realtime: Program, number: signal.Signals) -> None:
    async with serving() as server, realtime.running("chat", "--url", server.url) as process:
        await _talking(process)
        process.send_signal(number)
        done = await ended(process)
    assert done.status == 130
    assert str(realtime.log()) in done.err
    assert "user.quit" in _kinds(realtime)
    assert _kinds(realtime)[-1] == "connection.lost"


async def test_nohup_is_respected(realtime: Program) -> None:
    script = realtime.file("run", f"trap '' HUP\nexec {' '.join(realtime.command)} chat --url \"$1\"\n")
    deaf = ["sh", str(script)]
    async with serving() as server, realtime.running(server.url, command=deaf) as process:
        await _talking(process, stdin=b"talk\nstill there?\n")
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGINT)
        done = await ended(process)
    assert done.status == 0
    assert done.out.endswith("You said: still there?\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_connection_that_does_not_come_about_is_given_up_at_once(
    realtime: Program, number: signal.Signals
) -> None:
    called = asyncio.Event()

    async def silent(reader: Reader, writer: Writer) -> None:
        called.set()
        await forever()

    async with raw_server(silent) as host:
        url = ["--url", f"ws://{host}/v1/realtime", "--connect-timeout", "600"]
        async with realtime.running("chat", *url) as process:
            await called.wait()
            process.send_signal(number)
            done = await ended(process)
    assert done.status == 130
    assert list(realtime.logs.iterdir()) == []
