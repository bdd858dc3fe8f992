"""A server that repeats typed turns, and loses its clients or turns them away when a test wants it to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Literal, TypeAlias

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tests.cli.servers import GREETING, answer, event
from tests.transport.peers import websocket_server

# What it does with whoever calls: `down` fails, `strict` refuses every key, `deaf` does not say a word.
Mood: TypeAlias = Literal["well", "down", "strict", "deaf"]
# How much of an answer comes: all, the first words, nothing.
Answering: TypeAlias = Literal["whole", "begins", "silent"]
_STATUS = {"down": HTTPStatus.SERVICE_UNAVAILABLE, "strict": HTTPStatus.UNAUTHORIZED}
_BEGINNING = 3


@dataclass
class Unsteady:
    """The server. `connections` is what each client said; `calls` counts those that were turned away too."""

    url: str = ""
    mood: Mood = "well"
    answering: Answering = "whole"
    calls: int = 0
    connections: list[list[dict[str, Any]]] = field(default_factory=list)
    _sockets: list[ServerConnection] = field(default_factory=list)
    _answers: int = 0
    _said: str = ""
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def told(self) -> list[list[str]]:
        """What each connection was told, in few words."""
        return [[_gist(each) for each in connection] for connection in self.connections]

    async def drop(self) -> None:
        """Breaks the line, once the client has read everything that it was sent."""
        await (await self._sockets[-1].ping())
        self._sockets[-1].transport.abort()

    async def receive(self, connection: ServerConnection, _: Request) -> Response | None:
        """Whether a client may come in; for `process_request`."""
        self.calls += 1
        if self.mood == "deaf":
            await self._over.wait()
        status = _STATUS.get(self.mood)
        return None if status is None else connection.respond(status, self.mood)

    async def talk(self, socket: ServerConnection) -> None:
        """Holds a connection."""
        self._sockets.append(socket)
        received: list[dict[str, Any]] = []
        self.connections.append(received)
        try:
            await socket.send(GREETING)
            async for frame in socket:
                received.append(json.loads(frame))
                for reply in self._replies(received[-1]):
                    await socket.send(reply)
        except ConnectionClosed:
            return

    def leave(self) -> None:
        """Lets everybody go who still waits."""
        self._over.set()

    def _replies(self, asked: dict[str, Any]) -> Iterator[str]:
        match asked["type"]:
            case "session.update":
                yield event("session.updated", session={"id": "sess_1", **asked["session"]})
            case "conversation.item.create":
                item = asked["item"]
                if item.get("role") == "user":
                    self._said = item["content"][0]["text"]
                yield event("conversation.item.added", item={"status": "completed", **item})
            case "response.create":
                yield from self._answer()
            case _:
                pass

    def _answer(self) -> Iterator[str]:
        self._answers += 1
        frames = answer(f"You said: {self._said}", response_id=f"resp_{self._answers}")
        if self.answering != "silent":
            yield from frames if self.answering == "whole" else frames[:_BEGINNING]


def _gist(event: dict[str, Any]) -> str:
    item = event.get("item")
    if item is None:
        return str(event["type"])
    if item["type"] != "message":
        return str(item["type"])
    return f"{item['role']}: {item['content'][0]['text']}"


@asynccontextmanager
async def unsteady() -> AsyncIterator[Unsteady]:
    """The server, at its address."""
    here = Unsteady()
    options: dict[str, Any] = {"process_request": here.receive, "open_timeout": None}
    async with websocket_server(here.talk, **options) as host:
        here.url = f"ws://{host}/v1/realtime"
        try:
            yield here
        finally:
            here.leave()
