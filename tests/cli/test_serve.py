"""`realtime serve`, for clients of all kinds."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import ssl
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from tests.cli.program import Program, Result, ended, side_by_side, words_of
from tests.cli.sounds import deltas_in, duration_ms
from tests.support.patience import PATIENCE_S
from tests.support.speech import need

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
PORT = "0"


@contextlib.asynccontextmanager
async def _serving(
    realtime: Program, *options: str | Path, env: dict[str, str] | None = None
) -> AsyncIterator[tuple[str, Process]]:
    """A server process, and the address that it prints."""
    async with realtime.running("serve", "--port", PORT, "--pace", "max", *options, env=env) as process:
        yield (await words_of(process, until=b"\n")).decode().strip(), process


async def _stopped(process: Process, number: signal.Signals = signal.SIGINT) -> Result:
    process.send_signal(number)
    return await ended(process)


async def test_its_address_is_all_that_stdout_gets(realtime: Program) -> None:
    async with _serving(realtime) as (url, process):
        assert url.startswith("ws://127.0.0.1:")
        assert url.endswith("/v1/realtime")
        chat = await realtime("chat", "--url", url, stdin="hello\n")
        done = await _stopped(process)
    assert (chat.status, done.status) == (0, 0)
    assert chat.out.startswith("Hello!")
    assert done.out == ""
    words = done.err.splitlines()
    assert words[0].startswith("speech: ")
    assert words[1] == "Ctrl-C stops"
    assert words[2].startswith("client 1: connected: ")
    assert words[3].startswith("client 1: left ")


async def test_quiet_tells_of_no_clients(realtime: Program) -> None:
    async with _serving(realtime, "--quiet") as (url, process):
        async with connect(url, proxy=None) as socket:
            await socket.recv()
        done = await _stopped(process)
    assert done.err == "Ctrl-C stops\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_stop_says_goodbye_to_clients(realtime: Program, number: signal.Signals) -> None:
    async with _serving(realtime) as (url, process), connect(url, proxy=None) as socket:
        assert json.loads(await socket.recv())["type"] == "session.created"
        stopping = asyncio.create_task(_stopped(process, number))
        async with asyncio.timeout(PATIENCE_S):
            await socket.wait_closed()
        assert socket.close_code == 1001
        done = await stopping
    assert done.status == 0
    assert "client 1: left (close code 1001)" in done.err


async def test_a_token_of_the_environment_is_asked_for(realtime: Program) -> None:
    async with _serving(realtime, "--host", "0.0.0.0", env={"REALTIME_TOKEN": "sesame"}) as (url, process):
        right, wrong, none = await side_by_side(
            [
                realtime("chat", "--url", url, "--key-env", "KEY", stdin="hello\n", env={"KEY": "sesame"}),
                realtime("chat", "--url", url, "--key-env", "KEY", stdin="hello\n", env={"KEY": "pumpkin"}),
                realtime("chat", "--url", url, stdin="hello\n"),
            ]
        )
        done = await _stopped(process)
    assert (right.status, wrong.status, none.status) == (0, 5, 5)
    assert "sesame" not in done.err
    assert "pumpkin" not in done.err


async def test_a_token_is_made_and_told(realtime: Program) -> None:
    async with _serving(realtime, "--token") as (url, process):
        assert process.stderr is not None
        told = (await process.stderr.readline()).decode()
        assert told.startswith("clients need this key: ")
        key = {"KEY": told.split()[-1]}
        done = await realtime("chat", "--url", url, "--key-env", "KEY", stdin="hello\n", env=key)
    assert done.status == 0


async def test_tls_with_a_certificate_of_its_own(realtime: Program) -> None:
    async with _serving(realtime, "--tls") as (url, process):
        assert url.startswith("wss://")
        (certificate,) = realtime.home.rglob("certificate.pem")
        trusting = ssl.create_default_context(cafile=certificate)
        async with connect(url, ssl=trusting, proxy=None) as socket:
            assert json.loads(await socket.recv())["type"] == "session.created"
        careful, careless = await side_by_side(
            [
                realtime("chat", "--url", url, stdin="hello\n"),
                realtime("chat", "--url", url, "--insecure", stdin="hello\n"),
            ]
        )
        done = await _stopped(process)
    assert (careful.status, careless.status, done.status) == (4, 0, 0)
    assert "is not trusted" in careful.complaint
    assert f"clients may trust {certificate}" in done.err


async def test_speech_comes_in_deltas_of_the_length_that_was_asked_for(realtime: Program) -> None:
    need("espeak-ng")
    async with _serving(realtime, "--audio-delta-ms", "250", "--audio-pace", "max") as (url, process):
        chat = ("chat", "--url", url, "--output", "a.wav", "--pace", "max")
        done = await realtime(*chat, stdin="thank you\n")
        await _stopped(process)
    assert (done.status, done.out) == (0, "You are welcome.\n")
    first, *more = [duration_ms(each) for each in deltas_in(realtime.log())]
    assert first == 250
    assert all(0 < size_ms <= 250 for size_ms in more)


async def test_a_script_and_its_mistakes(realtime: Program) -> None:
    script = realtime.file(
        "support.yaml", 'turns:\n  - when: /order (?P<number>\\d+)/\n    say: "It is {number}."\n'
    )
    async with _serving(realtime, "--script", script) as (url, _):
        done = await realtime("chat", "--url", url, stdin="my order 123\n")
    assert done.out == "It is 123.\n"


NONSENSE = [
    (["--host", "0.0.0.0"], 2, "without a token the server is for this machine only"),
    (["--tls-cert", "x.pem"], 2, "a certificate needs its key"),
    (["--tls-cert", "x.pem", "--tls-key", "x.pem"], 3, "cannot use the certificate x.pem"),
    (["--pace", "nan"], 2, "--pace 'nan' is no pace"),
    (["--script", "missing.yaml"], 3, "missing.yaml"),
    (["--brain", "chat", "--script", "x.yaml"], 2, "--brain and --script contradict each other"),
    (["--host", "256.0.0.1", "--token"], 2, "cannot listen on 256.0.0.1"),
]


async def test_nonsense_is_one_clear_line(realtime: Program) -> None:
    realtime.file("x.pem", "no certificate")
    results = await side_by_side(realtime("serve", "--port", "0", *arguments) for arguments, _, _ in NONSENSE)
    for (arguments, status, words), done in zip(NONSENSE, results, strict=True):
        assert (done.status, done.out) == (status, ""), arguments
        assert words in done.complaint


async def test_a_port_in_use_is_named(realtime: Program) -> None:
    async with _serving(realtime) as (url, _):
        port = url.rpartition(":")[2].partition("/")[0]
        done = await realtime("serve", "--port", port)
    assert (done.status, done.out) == (2, "")
    assert done.complaint.startswith(f"cannot listen on 127.0.0.1:{port}: ")
