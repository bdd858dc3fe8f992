"""`realtime chat` loses its server, and goes on with the next one where it was asked to."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection

from tests.cli.program import Program, Result, ended, words_of
from tests.cli.servers import GREETING, acting, has_arrived
from tests.cli.sounds import delta, events_in, kinds_in, sound_in, spoken_answer, tone, wav
from tests.support.patience import PATIENCE_S
from tests.support.serving import eventually
from tests.support.unsteady import Unsteady, unsteady

LOST = "warning: the connection broke without a close frame; connecting again"
AGAIN = re.compile(r"· connected again after [\d.]+ s; told it (\d) items? of the conversation")


@asynccontextmanager
async def _chat(realtime: Program, url: str, *options: str, **env: str) -> AsyncIterator[Process]:
    async with realtime.running("chat", "--url", url, *options, env=env) as process:
        yield process


async def _answered(process: Process, line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(line.encode() + b"\n")
    await words_of(process, until=f"You said: {line}\n".encode())


async def _loses(server: Unsteady, process: Process) -> None:
    """Returns once the program knows."""
    await server.drop()
    assert process.stderr is not None
    async with asyncio.timeout(PATIENCE_S):
        await process.stderr.readuntil(LOST.encode() + b"\n")


@pytest.mark.parametrize("how", [["--reconnect"], []])
async def test_a_pipe_goes_on_with_the_next_server_where_it_is_asked_to(
    realtime: Program, how: list[str]
) -> None:
    env = {} if how else {"REALTIME_RECONNECT": "on"}
    async with unsteady() as server, _chat(realtime, server.url, *how, **env) as process:
        await _answered(process, "one")
        await _loses(server, process)
        done = await ended(process, stdin=b"two\n")
    assert (done.status, done.out) == (0, "You said: two\n")
    assert server.told == [
        ["session.update", "user: one", "response.create"],
        ["session.update", "user: one", "assistant: You said: one", "user: two", "response.create"],
    ]
    again, summary = done.err.splitlines()
    assert AGAIN.fullmatch(again)
    assert summary.startswith("2 turns · ")
    assert "connected again 1 time · " in summary


async def test_an_answer_that_had_not_begun_comes_from_the_next_server(realtime: Program) -> None:
    async with unsteady() as server, _chat(realtime, server.url, "--reconnect") as process:
        server.answering = "silent"
        assert process.stdin is not None
        process.stdin.write(b"hello?\n")
        await eventually(lambda: "response.create" in server.told[0] if server.told else False)
        server.answering = "whole"
        await _loses(server, process)
        done = await ended(process)
    assert (done.status, done.out) == (0, "You said: hello?\n")
    assert server.told[1] == ["session.update", "user: hello?", "response.create"]
    assert "; asked for the answer again" in done.err


async def test_an_answer_that_had_begun_is_told_as_far_as_it_came(realtime: Program) -> None:
    async with unsteady() as server, _chat(realtime, server.url, "--reconnect") as process:
        server.answering = "begins"
        assert process.stdin is not None
        process.stdin.write(b"one\n")
        await words_of(process, until=b"You said: one")
        server.answering = "whole"
        await _loses(server, process)
        done = await ended(process, stdin=b"two\n")
    assert (done.status, done.out) == (0, "\nYou said: two\n")
    assert server.told[1][1:] == ["user: one", "assistant: You said: one", "user: two", "response.create"]


async def test_json_carries_what_became_of_the_connection(realtime: Program) -> None:
    async with unsteady() as server, _chat(realtime, server.url, "--reconnect", "--json") as process:
        assert process.stdin is not None
        process.stdin.write(b"one\n")
        await words_of(process, until=b'"type": "turn"')
        await words_of(process, until=b"\n")
        server.mood = "down"
        await server.drop()
        await eventually(lambda: server.calls == 2)
        server.mood = "well"
        done = await ended(process, stdin=b"two\n")
    assert done.status == 0
    notices = done.of_type("notice")
    lost, *tries, again = [(each["level"], each["code"]) for each in notices]
    assert (lost, again) == (("warning", "reconnect"), ("info", "reconnect"))
    assert tries == [("info", "reconnect.try")] * len(tries)
    assert notices[1]["text"].startswith("no connection: ")
    assert notices[1]["hint"] == "the next try comes in 1 s"
    assert [turn["assistant"] for turn in done.of_type("turn")] == ["You said: two"]
    (summary,) = done.of_type("summary")
    assert (summary["turns"], summary["reconnects"]) == (2, 1)


async def test_a_key_that_is_refused_now_ends_it(realtime: Program) -> None:
    async with unsteady() as server, _chat(realtime, server.url, "--reconnect") as process:
        await _answered(process, "one")
        server.mood = "strict"
        await server.drop()
        done = await ended(process, stdin=b"two\n")
    assert (done.status, done.out, server.calls) == (5, "", 2)
    assert LOST in done.err
    assert "error: no connection after 1 try: " in done.err
    assert "1 turn · " in done.err.splitlines()[-1]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("mood", ["down", "deaf"])
async def test_one_can_leave_while_there_is_no_connection(realtime: Program, mood: str) -> None:
    async with unsteady() as server, _chat(realtime, server.url, "--reconnect") as process:
        await _answered(process, "one")
        server.mood = "down" if mood == "down" else "deaf"
        await server.drop()
        await eventually(lambda: server.calls == 2)
        process.send_signal(signal.SIGTERM)
        done = await ended(process)
    assert done.status == 130
    assert kinds_in(realtime.log())[-1] == "local user.quit"


async def test_a_pipe_that_ends_meanwhile_ends_the_program(realtime: Program) -> None:
    async with unsteady() as server, _chat(realtime, server.url, "--reconnect") as process:
        await _answered(process, "one")
        server.mood = "deaf"
        await _loses(server, process)
        done = await ended(process)
    assert done.status == 0


@asynccontextmanager
async def _real_server(realtime: Program, *, port: str = "0") -> AsyncIterator[tuple[str, Process]]:
    options = ("serve", "--port", port, "--pace", "max", "--quiet")
    async with realtime.running(*options) as process:
        yield (await words_of(process, until=b"\n")).decode().strip(), process


def _sent(log: Path) -> list[list[str]]:
    """What each connection was sent, by the log."""
    connections: list[list[str]] = []
    for each in events_in(log):
        sent = each.get("event", {})
        if each["dir"] == "local" and sent.get("type") == "connection.opened":
            connections.append([])
        elif each["dir"] == "out":
            role = sent.get("item", {}).get("role")
            connections[-1].append(f"{sent['type']} {role}" if role else sent["type"])
    return connections


async def test_a_server_is_killed_and_started_again_and_the_recording_plays(realtime: Program) -> None:
    async with _real_server(realtime) as (url, first), _chat(realtime, url, "--reconnect") as process:
        assert process.stdin is not None
        process.stdin.write(b"hello\n")
        await words_of(process, until=b"what can you do?")
        await eventually(lambda: b"response.done" in realtime.log().read_bytes())
        first.kill()
        await first.wait()
        port = url.rpartition(":")[2].partition("/")[0]
        async with _real_server(realtime, port=port):
            done = await ended(process, stdin=b"thank you\n")
    assert done.status == 0, done.err
    assert done.out.endswith("You are welcome.\n")
    made = "conversation.item.create"
    before, after = _sent(realtime.log())
    assert before == ["session.update", f"{made} user", "response.create"]
    assert after == [
        "session.update",
        f"{made} user",
        f"{made} assistant",
        f"{made} user",
        "response.create",
    ]
    assert _ids_are_told_once(realtime.log())
    again = await realtime("replay", realtime.log(), "--speed", "max", "--json")
    _assert_the_same(again)


def _ids_are_told_once(log: Path) -> bool:
    """Whether the new server confirms the items under the names that they had."""
    added = [
        each["event"]["item"]["id"]
        for each in events_in(log)
        if each["dir"] == "in" and each["event"]["type"] == "conversation.item.done"
    ]
    user, assistant, *rest = added
    return rest[:2] == [user, assistant] and all(one != other for one, other in pairwise(added))


def _assert_the_same(again: Result) -> None:
    assert again.status == 0, again.err
    turns, (summary,) = again.of_type("turn"), again.of_type("summary")
    assert [turn["user"] for turn in turns] == ["hello", "thank you"]
    assert turns[1]["assistant"] == "You are welcome."
    assert (summary["turns"], summary["reconnects"]) == (2, 1)
    assert any("connected again" in json.dumps(notice) for notice in again.of_type("notice"))


# The microphone has more to say than it takes to come back; the speaker is at it when the line breaks.
_MICROPHONE_MS, _SPEECH_MS = 2500, 400
_APPEND, _COMMIT = "input_audio_buffer.append", "input_audio_buffer.commit"


class _Speaker:
    """Speaks as soon as it hears something, and breaks the line; whoever comes again is heard out."""

    def __init__(self) -> None:
        self.connections: list[list[str]] = []

    async def talk(self, socket: ServerConnection) -> None:
        """Holds a connection."""
        received: list[str] = []
        self.connections.append(received)
        await socket.send(GREETING)
        async for frame in socket:
            event = json.loads(frame)
            received.append(event["type"])
            if event["type"] == _APPEND and len(self.connections) == 1:
                for each in spoken_answer(delta(tone(_SPEECH_MS)), text="One.")[:4]:
                    await socket.send(each)
                await has_arrived(socket)
                socket.transport.abort()
            if event["type"] == "response.create":
                for each in spoken_answer(delta(tone(_SPEECH_MS, first=15_000)), text="Two."):
                    await socket.send(each.replace('_1"', '_2"'))


async def test_what_came_of_a_spoken_answer_is_heard_and_the_microphone_goes_on(realtime: Program) -> None:
    server, file = _Speaker(), realtime.file("question.wav", wav(tone(_MICROPHONE_MS)))
    sound = ("--input", file, "--output", "answer.wav", "--vad", "none")
    async with acting(server.talk) as url:
        done = await realtime("chat", "--url", url, "--reconnect", *sound, "--voice", "marin")
    assert done.status == 0, done.err
    assert done.out == "One.\nTwo.\n"
    heard = sound_in(realtime.home / "answer.wav")
    assert tone(_SPEECH_MS) in heard
    assert tone(_SPEECH_MS, first=15_000) in heard
    _, again = server.connections
    assert again[:2] == ["session.update", "conversation.item.create"]
    assert again[-2:] == [_COMMIT, "response.create"]
    appended = again.count(_APPEND)
    assert appended * 20 > _MICROPHONE_MS / 4
    assert again[2:-2] == [_APPEND] * appended
