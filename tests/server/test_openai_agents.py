"""The Agents SDK's realtime runner, unmodified, against the embedded server with its default brain."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from agents import function_tool
from agents.realtime import RealtimeAgent, RealtimeRunner, RealtimeSession

from realtime_cli.server.brains.rules import RulesBrain
from tests.support.serving import serving


@pytest.fixture(autouse=True)
def _nothing_leaves_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_AGENTS_DISABLE_TRACING", "1")
    monkeypatch.setenv("OPENAI_API_KEY", "x")


@asynccontextmanager
async def session_of(agent: RealtimeAgent[Any], **settings: Any) -> AsyncIterator[RealtimeSession]:
    async with serving(brain=RulesBrain) as server:
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
    async with asyncio.timeout(10):
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
        async with asyncio.timeout(10):
            while "21 degrees" not in words_of_the_assistant(session):
                await events_until(session, "history_updated")
    assert asked == ["Paris"]
