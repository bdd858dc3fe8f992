"""The Agents SDK's realtime runner, unmodified, against the embedded server with its default brain."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from agents import function_tool
from agents.realtime import RealtimeAgent, RealtimeRunner, RealtimeSession

from realtime_cli.server.brains.rules import RulesBrain
from tests.support.patience import PATIENCE_S
from tests.support.serving import serving
from tests.support.speech import blocks, silence, speech_share, spoken
from tests.support.talking import real_voice, scripted


@pytest.fixture(autouse=True)
def _nothing_leaves_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_AGENTS_DISABLE_TRACING", "1")
    monkeypatch.setenv("OPENAI_API_KEY", "x")


@asynccontextmanager
async def session_of(
    agent: RealtimeAgent[Any], config: dict[str, Any] | None = None, **settings: Any
) -> AsyncIterator[RealtimeSession]:
    async with serving(**{"brain": RulesBrain, **(config or {})}) as server:
        runner = RealtimeRunner(agent, config={"tracing_disabled": True})
        session = await runner.run(
            model_config={
                "url": f"{server.url}?model=gpt-realtime",
                "api_key": "x",
                "initial_model_settings": {"model_name": "gpt-realtime", **settings},  # type: ignore[typeddict-item]
            }
        )
        async with session:
            yield session


async def events_until(session: RealtimeSession, type_: str) -> list[Any]:
    events: list[Any] = []
    async with asyncio.timeout(PATIENCE_S):
        async for event in session:
            events.append(event)
            assert event.type != "error", event
            if event.type == type_:
                break
    return events


def words_of_the_assistant(session: RealtimeSession) -> str:
    spoken: list[str] = []
    for item in session._history:
        if item.type == "message" and item.role == "assistant":
            spoken += [
                getattr(part, "text", None) or getattr(part, "transcript", None) or ""
                for part in item.content
            ]
    return " ".join(spoken)


@pytest.mark.parametrize("modalities", [["text"], ["audio"]])
async def test_a_text_turn(modalities: list[str]) -> None:
    agent = RealtimeAgent(name="Guide", instructions="Be brief.")
    async with session_of(agent, modalities=modalities) as session:
        await session.send_message("Hello!")
        await events_until(session, "agent_end")
        assert words_of_the_assistant(session)


async def test_a_function_call() -> None:
    asked: list[str] = []

    @function_tool
    def get_weather(city: str) -> str:
        """Weather of a city."""
        asked.append(city)
        return "sunny, 21 degrees"

    agent = RealtimeAgent(name="Guide", instructions="Be brief.", tools=[get_weather])
    async with session_of(agent, modalities=["text"]) as session:
        await session.send_message("What is the weather in Paris?")
        events = await events_until(session, "tool_end")
        assert events[-1].output == "sunny, 21 degrees"
        await events_until(session, "agent_end")
        async with asyncio.timeout(PATIENCE_S):
            while "21 degrees" not in words_of_the_assistant(session):
                await events_until(session, "history_updated")
    assert asked == ["Paris"]


async def test_a_spoken_turn(tmp_path: Path) -> None:
    brain = scripted(tmp_path, "turns: [{when: 'What can you do?', say: I can talk.}]")
    config = {"brain": brain, "voice": real_voice(), "audio_pace": None}
    async with session_of(RealtimeAgent(name="Guide"), config, voice="marin") as session:
        for block in blocks(silence(400) + spoken("What can you do?") + silence(800)):
            await session.send_audio(block)
        events = await events_until(session, "agent_end")
        assert words_of_the_assistant(session) == "I can talk."
    sound = b"".join(event.audio.data for event in events if event.type == "audio")
    assert speech_share(sound) > 0.5


async def test_barging_in(tmp_path: Path) -> None:
    story = "Once upon a time there was a very long story. It went on, and it never came to an end."
    brain = scripted(tmp_path, f"turns: [{{when: Goodbye., say: Bye.}}, {{otherwise: true, say: '{story}'}}]")
    config = {"brain": brain, "voice": real_voice(), "audio_pace": 1.0}
    async with session_of(RealtimeAgent(name="Guide"), config) as session:
        for block in blocks(silence(400) + spoken("Good morning.") + silence(800)):
            await session.send_audio(block)
        await events_until(session, "audio")
        for block in blocks(spoken("Goodbye.") + silence(800)):
            await session.send_audio(block)
        events = await events_until(session, "audio_interrupted")
        assert events
        async with asyncio.timeout(PATIENCE_S):
            while "Bye." not in words_of_the_assistant(session):
                await events_until(session, "history_updated")
