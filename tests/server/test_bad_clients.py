"""What a client can do wrong, and that nobody else notices."""

from __future__ import annotations

import asyncio
import base64
import json
from contextlib import suppress

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.support.obedient_brain import ObedientBrain
from tests.support.patience import PATIENCE_S
from tests.support.serving import Client, dialled, eventually, serving

ITEM = {"type": "message", "role": "user"}


async def test_garbage_gets_errors_and_the_conversation_goes_on() -> None:
    async with serving() as server, dialled(server) as client:
        for frame, code in (("{", "invalid_json"), (b"\x00\xff", "invalid_event"), ("[1]", "invalid_event")):
            await client.socket.send(frame)
            assert (await client.event())["error"]["code"] == code
        assert await client.answer("hello") == "You said: hello"


async def test_the_largest_legal_event_is_taken() -> None:
    audio = base64.b64encode(bytes(15 * 1024 * 1024)).decode()
    async with serving() as server, dialled(server) as client:
        await client.send("input_audio_buffer.append", audio=audio)
        await client.send("input_audio_buffer.commit")
        assert (await client.event())["type"] == "input_audio_buffer.committed"


async def test_twenty_megabytes_of_garbage_get_one_error() -> None:
    async with serving() as server, dialled(server) as client, dialled(server) as other:
        await client.socket.send("x" * 20_000_000)
        assert await other.answer("hello") == "You said: hello"
        assert (await client.event())["error"]["code"] == "invalid_json"


async def test_a_frame_beyond_all_limits_ends_its_connection_only() -> None:
    notes: list[str] = []
    async with serving(on_event=notes.append) as server, dialled(server) as other:
        giant = await connect(server.url, proxy=None)
        with suppress(ConnectionClosed):
            await giant.send("x" * 40_000_000)
        await eventually(lambda: any("client 2: left" in note for note in notes))
        assert await other.answer("hello") == "You said: hello"


async def test_a_client_that_vanishes_in_mid_answer_is_forgotten() -> None:
    brain = ObedientBrain()
    async with serving(brain=lambda: brain) as server:
        socket = await connect(server.url, proxy=None)
        client = Client(socket)
        content = [{"type": "input_text", "text": "talk"}]
        await client.send("conversation.item.create", item={**ITEM, "content": content})
        await client.send("response.create")
        await client.until("response.output_audio_transcript.delta")
        socket.transport.abort()
        await eventually(lambda: brain.is_closed and brain.stopped == 1)


async def test_a_client_that_floods_and_never_reads_is_closed() -> None:
    notes: list[str] = []
    item = {**ITEM, "content": [{"type": "input_text", "text": "x" * 1_000_000}]}
    frame = json.dumps({"type": "conversation.item.create", "item": item})
    async with serving(on_event=notes.append) as server, dialled(server) as other:
        async with connect(server.url, proxy=None, max_queue=1, close_timeout=0.1) as flooder:
            with pytest.raises(ConnectionClosed):
                await asyncio.gather(*(flooder.send(frame) for _ in range(200)))
            assert await other.answer("hello") == "You said: hello"
        await eventually(lambda: any("client 2: left" in note for note in notes))


async def test_a_client_that_does_not_read_its_answer_is_cut_off_in_the_end() -> None:
    notes: list[str] = []
    brain = ObedientBrain()
    settings = {"brain": lambda: brain, "stall_timeout_s": 0.3, "on_event": notes.append}
    async with (
        serving(**settings) as server,
        connect(server.url, proxy=None, max_queue=1, close_timeout=0.1) as sleeper,
    ):
        client = Client(sleeper)
        content = [{"type": "input_text", "text": "talk"}]
        await client.send("conversation.item.create", item={**ITEM, "content": content})
        await client.send("response.create")
        await eventually(lambda: brain.is_closed)
    assert brain.stopped == 1
    assert any("has not read anything for 0.3 s" in note for note in notes)


async def test_a_stop_does_not_wait_for_a_client_that_does_not_read() -> None:
    brain = ObedientBrain()
    async with serving(brain=lambda: brain) as server:
        sleeper = await connect(server.url, proxy=None, max_queue=1, close_timeout=0.1)
        client = Client(sleeper)
        content = [{"type": "input_text", "text": "talk"}]
        await client.send("conversation.item.create", item={**ITEM, "content": content})
        await client.send("response.create")
        await client.until("response.created")
        begun_s = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - begun_s < 5
    assert brain.is_closed
    await sleeper.close()


async def test_an_expired_session_does_not_wait_for_a_client_that_does_not_read() -> None:
    notes: list[str] = []
    brain = ObedientBrain()
    item = {**ITEM, "content": [{"type": "input_text", "text": "x" * 1_000_000}]}
    async with serving(brain=lambda: brain, session_limit_s=4, on_event=notes.append) as server:
        sleeper = await connect(server.url, proxy=None, max_queue=1, close_timeout=0.1)
        for _ in range(12):
            await Client(sleeper).send("conversation.item.create", item=item)
        await eventually(lambda: brain.is_closed)
        await sleeper.close()
    assert any("did not read to the end" in note for note in notes)


@pytest.mark.parametrize(
    "words", [b"\x16\x03\x01 no HTTP\r\n\r\n", b"GET /v1/realtime HTTP/1.1\r\n\r\n", b""]
)
async def test_visitors_that_speak_something_else_are_dropped(words: bytes) -> None:
    async with serving() as server, dialled(server) as client:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(words)
        if words:
            async with asyncio.timeout(PATIENCE_S):
                await reader.read()
        writer.close()
        assert await client.answer("hello") == "You said: hello"


async def test_more_clients_than_allowed_are_turned_away() -> None:
    notes: list[str] = []
    async with serving(max_connections=1, on_event=notes.append) as server:
        async with dialled(server) as client:
            with pytest.raises(InvalidStatus) as refused:
                await connect(server.url, proxy=None)
            assert refused.value.response.status_code == 503
            assert await client.answer("hello") == "You said: hello"
        await eventually(lambda: server.connections == 0)
        async with dialled(server) as client:
            assert await client.answer("hello") == "You said: hello"
