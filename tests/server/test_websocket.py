"""Whole conversations over sockets, many at once, and the end of the server."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from realtime_cli.core.answers import AnswerPart, Prompt
from realtime_cli.errors import UsageError
from realtime_cli.server.config import ServerConfig
from realtime_cli.server.websocket import _OPEN_TIMEOUT_S, running_server
from tests.support.obedient_brain import ObedientBrain, PlainIteratorBrain
from tests.support.serving import Client, dialled, eventually, serving


def status(events: list[dict[str, object]]) -> object:
    done = next(event["response"] for event in events if event["type"] == "response.done")
    assert isinstance(done, dict)
    return done["status"]


async def test_a_turn_over_a_socket() -> None:
    async with serving() as server, dialled(server) as client:
        assert await client.answer("hello world") == "You said: hello world"
        assert await client.answer("again") == "You said: again"


async def test_an_answer_comes_word_by_word() -> None:
    async with serving() as server, dialled(server) as client:
        events = await client.ask("one two")
        deltas = [event["delta"] for event in events if event["type"] == "response.output_text.delta"]
        assert deltas == ["You", " said:", " one", " two"]


async def test_a_paced_answer_takes_its_time() -> None:
    async with serving(pace_words_per_s=100) as server, dialled(server) as client:
        begun_s = time.monotonic()
        await client.ask("one two three four five six seven eight")
        assert time.monotonic() - begun_s >= 9 / 100


async def test_a_call_over_a_socket() -> None:
    async with serving() as server, dialled(server) as client:
        events = await client.ask('call get_weather {"city": "Paris"}')
        finished = next(e for e in events if e["type"] == "response.function_call_arguments.done")
        assert (finished["name"], finished["arguments"]) == ("get_weather", '{"city": "Paris"}')


async def test_the_model_of_the_url_is_the_sessions() -> None:
    async with serving() as server, connect(f"{server.url}?model=gpt-x", proxy=None) as raw:
        assert (await Client(raw).event())["session"]["model"] == "gpt-x"


async def test_without_a_model_the_brain_names_itself() -> None:
    async with serving() as server, connect(server.url, proxy=None) as raw:
        assert (await Client(raw).event())["session"]["model"] == "obedient"


async def test_an_intent_makes_a_transcription_session() -> None:
    async with serving() as server, connect(f"{server.url}?intent=transcription", proxy=None) as raw:
        assert (await Client(raw).event())["session"]["type"] == "transcription"


async def test_cancelling_stops_the_brain() -> None:
    brain = ObedientBrain()
    async with serving(brain=lambda: brain) as server, dialled(server) as client:
        await client.send(
            "conversation.item.create",
            item={"type": "message", "role": "user", "content": [{"type": "input_text", "text": "talk"}]},
        )
        await client.send("response.create")
        await client.until("response.output_audio_transcript.delta")
        await client.send("response.cancel")
        assert status(await client.until("rate_limits.updated")) == "cancelled"
        await eventually(lambda: brain.stopped == 1)
        assert await client.answer("hello") == "You said: hello"


async def test_a_failure_of_the_brain_fails_the_answer() -> None:
    async with serving() as server, dialled(server) as client:
        assert status(await client.ask("fail")) == "failed"
        assert await client.answer("hello") == "You said: hello"


async def test_a_bug_in_the_brain_fails_the_answer_and_is_noted() -> None:
    notes: list[str] = []
    async with serving(on_event=notes.append) as server, dialled(server) as client:
        events = await client.ask("crash")
        details = events[-2]["response"]["status_details"]
        assert (details["type"], details["error"]["code"]) == ("failed", "server_error")
        assert "ZeroDivisionError" not in str(events)
        assert await client.answer("hello") == "You said: hello"
    assert any("ZeroDivisionError: a bug in the brain" in note for note in notes)


async def test_a_brain_need_not_be_a_generator() -> None:
    async with serving(brain=PlainIteratorBrain) as server, dialled(server) as client:
        assert await client.answer("hi") == "Hello"


async def test_a_brain_that_cannot_be_made_ends_its_connection_only() -> None:
    notes: list[str] = []
    made: list[ObedientBrain] = []

    def make() -> ObedientBrain:
        if made:
            raise OSError("no memory left")
        made.append(ObedientBrain())
        return made[0]

    async with serving(brain=make, on_event=notes.append) as server, dialled(server) as client:
        async with connect(server.url, proxy=None) as other:
            with pytest.raises(ConnectionClosed):
                await other.recv()
        assert other.close_code == 1011
        assert await client.answer("hello") == "You said: hello"
    assert "client 2: failed: OSError('no memory left')" in notes


async def test_a_bug_in_a_step_ends_its_connection_only() -> None:
    class Nonsense(ObedientBrain):
        async def answer(self, prompt: Prompt) -> AsyncIterator[AnswerPart]:
            yield b"no part of an answer"  # type: ignore[misc]  # the bug

    notes: list[str] = []
    brains = iter([ObedientBrain(), Nonsense()])
    async with (
        serving(brain=lambda: next(brains), on_event=notes.append) as server,
        dialled(server) as client,
    ):
        async with dialled(server) as other:
            await other.send("response.create")
            with pytest.raises(ConnectionClosed):
                await other.until("response.done")
            assert other.socket.close_code == 1011
        assert await client.answer("hello") == "You said: hello"
    assert any(note.startswith("client 2: failed: ") for note in notes)


async def test_every_connection_has_a_brain_that_is_closed_after_it() -> None:
    brains: list[ObedientBrain] = []

    def make() -> ObedientBrain:
        brains.append(ObedientBrain())
        return brains[-1]

    async with serving(brain=make) as server:
        async with dialled(server), dialled(server):
            assert len(brains) == 2
        await eventually(lambda: all(brain.is_closed for brain in brains))


async def test_fifty_conversations_at_once() -> None:
    async def converse(server_url_suffix: int) -> list[str]:
        async with dialled(server) as client:
            return [await client.answer(f"{server_url_suffix}.{turn}") for turn in range(3)]

    async with serving() as server:
        answers = await asyncio.gather(*map(converse, range(50)))
    assert answers == [[f"You said: {n}.{turn}" for turn in range(3)] for n in range(50)]


async def test_the_session_ends_when_its_time_is_over() -> None:
    async with serving(session_limit_s=1) as server, dialled(server) as client:
        assert (await client.event())["error"]["code"] == "session_expired"
        with pytest.raises(ConnectionClosed):
            await client.event()
        assert client.socket.close_code == 1001


async def test_comings_and_goings_are_noted_in_single_lines() -> None:
    notes: list[str] = []
    async with serving(on_event=notes.append) as server:
        async with dialled(server, suffix="?model=%1b%5b2Jevil%0a") as client:
            await client.send("nonsense")
            await client.event()
        await eventually(lambda: any("left" in note for note in notes))
    assert notes[0] == "client 1: connected: model ␛[2Jevil , realtime, ga"
    assert notes[1].startswith("client 1: error invalid_value")
    assert notes[-1] == "client 1: left (close code 1000)"


async def test_a_stop_says_goodbye_and_leaves_nothing_behind() -> None:
    before = asyncio.all_tasks()
    brain = ObedientBrain()
    async with serving(brain=lambda: brain) as server:
        talker = await connect(server.url, proxy=None)
        idler = await connect(server.url, proxy=None)
        item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "talk"}]}
        client = Client(talker)
        await client.send("conversation.item.create", item=item)
        await client.send("response.create")
        await client.until("response.created")
        listening = asyncio.create_task(client.until("never"))
    with pytest.raises(ConnectionClosed):
        await listening
    await idler.wait_closed()
    assert (talker.close_code, idler.close_code) == (1001, 1001)
    assert brain.is_closed
    await eventually(lambda: asyncio.all_tasks() <= before)


async def test_a_stop_does_not_wait_for_those_who_never_spoke() -> None:
    async with serving() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        await eventually(lambda: server.connections == 1)
        begun_s = time.monotonic()
    assert time.monotonic() - begun_s < _OPEN_TIMEOUT_S - 1
    assert await reader.read() == b""
    writer.close()


async def test_a_cancelled_server_stops_cleanly() -> None:
    started = asyncio.Event()

    async def serve() -> None:
        async with running_server(ServerConfig(brain=ObedientBrain)):
            started.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(serve())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_taken_port_is_a_usage_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"cannot listen on 127.0.0.1:{port}"):
            async with running_server(ServerConfig(brain=ObedientBrain, port=port)):
                pass


async def test_the_port_can_be_chosen() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with serving(port=port) as server:
        assert server.url == f"ws://127.0.0.1:{port}/v1/realtime"


async def test_any_port_of_localhost_is_one_port() -> None:
    async with serving(host="localhost") as server, dialled(server) as client:
        assert await client.answer("hi") == "You said: hi"


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
async def test_ipv6_addresses_are_dialled_in_brackets() -> None:
    async with serving(host="::1") as server, dialled(server) as client:
        assert server.url.startswith("ws://[::1]:")
        assert await client.answer("hi") == "You said: hi"


async def test_wildcards_are_dialled_on_this_machine() -> None:
    async with serving(host="0.0.0.0", token="secret") as server:
        assert server.url.startswith("ws://127.0.0.1:")
