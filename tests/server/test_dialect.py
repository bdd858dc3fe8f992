"""Clients that speak beta."""

from __future__ import annotations

import json

import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from realtime_cli.protocol.client_events import ResponseCreate, SessionUpdate
from realtime_cli.server.dialect import ClientCodec
from tests.support.serving import Client, Json, dialled, serving


async def beta_turn(client: Client) -> list[Json]:
    content = [{"type": "input_text", "text": "hello"}]
    await client.send(
        "conversation.item.create", item={"type": "message", "role": "user", "content": content}
    )
    await client.send("response.create", response={"modalities": ["text"]})
    return await client.until("rate_limits.updated")


def assert_beta(events: list[Json]) -> None:
    names = [event["type"] for event in events]
    assert names[0] == "conversation.item.created"
    assert "response.text.delta" in names
    assert not {"conversation.item.added", "conversation.item.done", "response.output_text.delta"} & set(
        names
    )
    done = next(event["response"] for event in events if event["type"] == "response.done")
    assert done["modalities"] == ["text"]
    assert done["output"][0]["content"] == [{"type": "text", "text": "You said: hello"}]


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        ("", {"additional_headers": {"OpenAI-Beta": "realtime=v1"}}),
        ("?dialect=beta", {}),
        ("", {"subprotocols": [Subprotocol("realtime"), Subprotocol("openai-beta.realtime-v1")]}),
    ],
)
async def test_beta_is_spoken_to_those_who_ask(suffix: str, options: Json) -> None:
    async with serving() as server, connect(server.url + suffix, proxy=None, **options) as socket:
        client = Client(socket)
        session = (await client.event())["session"]
        assert session["modalities"] == ["text", "audio"]
        assert session["input_audio_format"] == "pcm16"
        assert_beta(await beta_turn(client))


async def test_a_first_update_in_beta_switches() -> None:
    async with serving() as server, dialled(server) as client:
        update = {
            "modalities": ["text"],
            "voice": "ash",
            "temperature": 0.8,
            "turn_detection": {"threshold": 0.7},
        }
        await client.send("session.update", session=update)
        session = (await client.event())["session"]
        assert (session["modalities"], session["voice"]) == (["text"], "ash")
        assert session["turn_detection"]["threshold"] == 0.7
        assert_beta(await beta_turn(client))


async def test_a_first_update_in_ga_settles_the_matter() -> None:
    async with serving() as server, dialled(server) as client:
        await client.send("session.update", session={"type": "realtime"})
        assert (await client.event())["type"] == "session.updated"
        await client.send("session.update", session={"modalities": ["text"]})
        assert (await client.event())["error"]["param"] == "session.modalities"


async def test_a_beta_transcription_session() -> None:
    async with serving() as server, connect(f"{server.url}?intent=transcription", proxy=None) as socket:
        client = Client(socket)
        await client.event()
        session = {"input_audio_transcription": {"model": "whisper-1"}}
        await client.send("transcription_session.update", session=session)
        updated = await client.event()
        assert updated["type"] == "transcription_session.updated"
        assert updated["session"]["input_audio_transcription"]["model"] == "whisper-1"


def test_what_only_beta_knows_is_dropped() -> None:
    codec = ClientCodec("beta")
    event = codec.decode(
        json.dumps({"type": "response.create", "response": {"temperature": 1, "voice": "ash"}})
    )
    assert isinstance(event, ResponseCreate)
    assert event.to_wire()["response"] == {"audio": {"output": {"voice": "ash"}}}
    event = codec.decode(json.dumps({"type": "session.update", "session": {"turn_detection": None}}))
    assert isinstance(event, SessionUpdate)
    assert event.to_wire()["session"]["audio"] == {"input": {"turn_detection": None}}
    assert codec.decode('{"type": "response.create"}') == ResponseCreate()


def test_ga_keeps_what_it_does_not_know() -> None:
    event = ClientCodec("ga").decode('{"type": "response.create", "response": {"temperature": 1}}')
    assert isinstance(event, ResponseCreate)
    assert event.to_wire()["response"] == {"temperature": 1}
