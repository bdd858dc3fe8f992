"""Servers for the program to meet: one that keeps what it is sent, and some that misbehave."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeAlias

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from tests.transport.peers import websocket_server

Frame: TypeAlias = str | bytes
Answers: TypeAlias = Callable[[str], Iterable[Frame]]
Talk: TypeAlias = Callable[[ServerConnection], Awaitable[None]]


def event(type_: str, /, **fields: Any) -> str:
    """An event as a frame."""
    return json.dumps({"type": type_, **fields})


GREETING = event("session.created", session={"type": "realtime", "id": "sess_1", "model": "m"})


@dataclass
class Peer:
    """A server's address, and all frames that it was sent."""

    url: str
    received: list[str] = field(default_factory=list)

    @property
    def events(self) -> list[dict[str, Any]]:
        """What it was sent, as events."""
        return [json.loads(frame) for frame in self.received]


def answer(text: str, *, response_id: str = "resp_1") -> list[str]:
    """A whole answer, from `response.created` to `response.done`."""
    item = {"id": f"item_{response_id}", "type": "message", "role": "assistant", "content": []}
    response = {"id": response_id, "status": "in_progress", "conversation_id": "conv_1", "output": []}
    place = {"response_id": response_id, "item_id": item["id"], "output_index": 0, "content_index": 0}
    done = {**item, "status": "completed", "content": [{"type": "output_text", "text": text}]}
    return [
        event("response.created", response=response),
        event("response.output_item.added", response_id=response_id, output_index=0, item=item),
        event("response.output_text.delta", delta=text, **place),
        event("response.output_text.done", text=text, **place),
        event("response.output_item.done", response_id=response_id, output_index=0, item=done),
        event("response.done", response={**response, "status": "completed", "output": [done]}),
    ]


@asynccontextmanager
async def peer(
    on_frame: Answers = lambda _: (), *, greeting: Iterable[Frame] = (GREETING,)
) -> AsyncIterator[Peer]:
    """A server that greets, keeps every frame, and answers each with what `on_frame` gives."""
    here = Peer("")

    async def talk(socket: ServerConnection) -> None:
        for frame in greeting:
            await socket.send(frame)
        async for frame in socket:
            assert isinstance(frame, str)
            here.received.append(frame)
            for reply in on_frame(frame):
                await socket.send(reply)

    async with acting(talk) as url:
        here.url = url
        yield here


@asynccontextmanager
async def acting(talk: Talk) -> AsyncIterator[str]:
    """A server that greets nobody and does what `talk` does; gives its URL."""

    async def handler(socket: ServerConnection) -> None:
        try:
            await talk(socket)
        except ConnectionClosed:
            return

    async with websocket_server(handler) as host:
        yield f"ws://{host}/v1/realtime"


async def asked(socket: ServerConnection) -> None:
    """Returns once the client has asked for an answer; all that it sent before has been read."""
    while "response.create" not in str(await socket.recv()):
        pass


async def has_arrived(socket: ServerConnection) -> None:
    """Returns once the client has read everything that it was sent: it answers a ping in its turn.

    A line that breaks sooner takes with it what the client has not read yet.
    """
    await (await socket.ping())


def saying(text: str, *before: Frame) -> Answers:
    """Answers every `response.create` with a text, and with these frames before it."""
    numbers = count(1)

    def on_frame(frame: str) -> list[Frame]:
        if json.loads(frame)["type"] != "response.create":
            return []
        return [*before, *answer(text, response_id=f"resp_{next(numbers)}")]

    return on_frame


async def forever() -> None:
    """Never comes back."""
    await asyncio.Event().wait()
