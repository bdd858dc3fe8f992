"""The official SDK, unmodified, against the embedded server with its default brain."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from openai import AsyncOpenAI
from openai.resources.realtime.realtime import AsyncRealtimeConnection

from realtime_cli.server.brains.rules import RulesBrain
from tests.support.patience import PATIENCE_S
from tests.support.serving import serving
from tests.support.speech import blocks, silence, speech_share, spoken
from tests.support.talking import real_voice, scripted

WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "Weather of a city",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.delenv(name, raising=False)


@asynccontextmanager
async def connected(**config: Any) -> AsyncIterator[AsyncRealtimeConnection]:
    async with serving(**{"brain": RulesBrain, **config}) as server:
        base_url = server.url.removesuffix("/realtime")
        async with (
            AsyncOpenAI(api_key="x", websocket_base_url=base_url) as client,
            client.realtime.connect(model="gpt-realtime") as connection,
        ):
            yield connection


async def until(connection: AsyncRealtimeConnection, is_it: Callable[[Any], bool]) -> list[Any]:
    events: list[Any] = []
    async with asyncio.timeout(PATIENCE_S):
        async for event in connection:
            events.append(event)
            assert event.type != "error", event
            if is_it(event):
                break
    return events


def is_type(name: str) -> Callable[[Any], bool]:
    return lambda event: event.type == name


async def say(connection: AsyncRealtimeConnection, text: str) -> None:
    content: Any = [{"type": "input_text", "text": text}]
    await connection.conversation.item.create(item={"type": "message", "role": "user", "content": content})
    await connection.response.create()


async def test_a_text_turn() -> None:
    async with connected() as connection:
        await connection.session.update(session={"type": "realtime", "output_modalities": ["text"]})
        await say(connection, "Hello!")
        events = await until(connection, is_type("response.done"))
        assert [event.type for event in events[:2]] == ["session.created", "session.updated"]
        deltas = "".join(event.delta for event in events if event.type == "response.output_text.delta")
        [text_done] = [event.text for event in events if event.type == "response.output_text.done"]
        assert deltas == text_done != ""
        response = events[-1].response
        assert response.status == "completed"
        assert response.output[0].content[0].text == text_done
        assert response.usage.total_tokens > 0


async def test_a_function_call() -> None:
    async with connected() as connection:
        tools: Any = [WEATHER]
        await connection.session.update(
            session={"type": "realtime", "output_modalities": ["text"], "tools": tools, "tool_choice": "auto"}
        )
        await say(connection, "What is the weather in Paris?")
        events = await until(connection, is_type("response.done"))
        [call] = [event for event in events if event.type == "response.function_call_arguments.done"]
        assert call.name == "get_weather"
        assert "Paris" in call.arguments
        await connection.conversation.item.create(
            item={"type": "function_call_output", "call_id": call.call_id, "output": "sunny, 21 degrees"}
        )
        await connection.response.create()
        events = await until(connection, is_type("response.done"))
        text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
        assert "21 degrees" in text


async def test_an_error_is_matched_by_its_event_id() -> None:
    async with connected() as connection:
        await connection.response.cancel(event_id="mine")
        async with asyncio.timeout(PATIENCE_S):
            async for event in connection:
                if event.type == "error":
                    assert (event.error.code, event.error.event_id) == ("response_cancel_not_active", "mine")
                    break


async def test_a_spoken_turn(tmp_path: Path) -> None:
    brain = scripted(tmp_path, "turns: [{when: 'What can you do?', say: I can talk.}]")
    async with connected(brain=brain, voice=real_voice(), audio_pace=None) as connection:
        await connection.session.update(
            session={
                "type": "realtime",
                "audio": {
                    "input": {
                        "transcription": {"model": "whisper-1"},
                        "turn_detection": {"type": "server_vad"},
                    },
                    "output": {"voice": "marin"},
                },
            }
        )
        for block in blocks(silence(400) + spoken("What can you do?") + silence(800)):
            await connection.input_audio_buffer.append(audio=base64.b64encode(block).decode())
        events = await until(connection, is_type("response.done"))
    types = [event.type for event in events]
    assert types.index("input_audio_buffer.speech_started") < types.index("input_audio_buffer.speech_stopped")
    [heard] = [
        e.transcript for e in events if e.type == "conversation.item.input_audio_transcription.completed"
    ]
    assert heard == "What can you do?"
    [said] = [e.transcript for e in events if e.type == "response.output_audio_transcript.done"]
    assert said == "I can talk."
    sound = b"".join(base64.b64decode(e.delta) for e in events if e.type == "response.output_audio.delta")
    assert speech_share(sound) > 0.5
    assert events[-1].response.usage.output_token_details.audio_tokens > 0
