"""The client's core and the server's core in one process, with a brain: no socket, no clock, no device."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path

from realtime_cli.core.effects import Effect, SendEvent, StartTool
from realtime_cli.core.inputs import (
    ConnectionOpened,
    LocalInput,
    SessionInput,
    ToolFinished,
    ToolStarted,
    UserText,
)
from realtime_cli.core.responder import (
    AnswerFinished,
    AnswerPartReady,
    Responder,
    ResponderConfig,
    ResponderEffect,
    ResponderInput,
    Send,
    StartAnswer,
)
from realtime_cli.core.session import Session
from realtime_cli.core.view import SessionView
from realtime_cli.protocol.codec import decode, decode_client, encode
from realtime_cli.server.brains.port import Brain, mcp_tools_of
from realtime_cli.server.brains.script import ScriptBrain
from realtime_cli.server.brains.script_file import load_script

NOW_S = 1_800_000_000.0
Tool = Callable[[str], str]


def script_brain(folder: Path, text: str) -> ScriptBrain:
    """A brain that plays this script."""
    file = folder / "script.yaml"
    file.write_text(text, encoding="utf-8")
    return ScriptBrain(load_script(file))


class TwoCores:
    """A conversation. `types` are those of the server's events; calls of what cannot `run` are held."""

    def __init__(self, brain: Brain, *, run: Mapping[str, Tool] | None = None, **config: object) -> None:
        self._brain = brain
        self._tools = run or {}
        self._session = Session({"output_modalities": ["text"], **config}, has_tools=True)
        self._responder = Responder(ResponderConfig(seed="t", mcp_tools=mcp_tools_of(brain)))
        self._frames: deque[str] = deque()
        self._answers: deque[StartAnswer] = deque()
        self.types: list[str] = []
        self.held: list[StartTool] = []

    async def say(self, text: str) -> SessionView:
        """The user types; everything that comes of it."""
        return await self.happen(UserText(text))

    async def happen(self, *inputs: LocalInput) -> SessionView:
        """Things happen on the client's side; everything that comes of them."""
        if not self.types:
            self._hear(ConnectionOpened())
            self._carry_out(self._responder.connected(NOW_S))
            await self._settle()
        for each in inputs:
            self._hear(each)
        await self._settle()
        return self._session.view()

    async def _settle(self) -> None:
        while self._frames or self._answers:
            while self._frames:
                self._hear(decode(self._frames.popleft()))
            if self._answers:
                await self._answer(self._answers.popleft())

    async def _answer(self, asked: StartAnswer) -> None:
        async for part in self._brain.answer(asked.prompt):
            self._serve(AnswerPartReady(asked.response_id, part))
        self._serve(AnswerFinished(asked.response_id))

    def _hear(self, happened: SessionInput) -> None:
        for effect in self._session.receive(happened, float(len(self.types))):
            self._do(effect)

    def _do(self, effect: Effect) -> None:
        match effect:
            case SendEvent():
                self._serve(decode_client(effect.raw or encode(effect.event) or ""))
            case StartTool(call_id, name, arguments) if name in self._tools:
                self._hear(ToolStarted(call_id))
                self._hear(ToolFinished(call_id, self._tools[name](arguments)))
            case StartTool():
                self.held.append(effect)
            case _:
                pass

    def _serve(self, happened: ResponderInput) -> None:
        self._carry_out(self._responder.receive(happened, NOW_S))

    def _carry_out(self, effects: list[ResponderEffect]) -> None:
        for effect in effects:
            if isinstance(effect, Send):
                frame = encode(effect.event) or ""
                self.types.append(json.loads(frame)["type"])
                self._frames.append(frame)
            elif isinstance(effect, StartAnswer):
                self._answers.append(effect)
