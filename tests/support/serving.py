"""The embedded server and clients for it, over real sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from realtime_cli.server.config import ServerConfig
from realtime_cli.server.websocket import RunningServer, running_server
from tests.support.obedient_brain import ObedientBrain
from tests.support.patience import PATIENCE_S

Json = dict[str, Any]


@asynccontextmanager
async def serving(**config: Any) -> AsyncIterator[RunningServer]:
    """A server that answers as fast as it can, with an obedient brain unless told otherwise."""
    settings: dict[str, Any] = {"brain": ObedientBrain, "pace_words_per_s": None, **config}
    async with asyncio.timeout(4 * PATIENCE_S), running_server(ServerConfig(**settings)) as server:
        yield server


class Client:
    """A client that sends and expects events."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def send(self, type_: str, **fields: Any) -> None:
        """Sends one event."""
        await self.socket.send(json.dumps({"type": type_, **fields}))

    async def event(self) -> Json:
        """The next event."""
        async with asyncio.timeout(PATIENCE_S):
            received: Json = json.loads(await self.socket.recv())
            return received

    async def until(self, type_: str) -> list[Json]:
        """Everything up to the first event of the type."""
        events = [await self.event()]
        while events[-1]["type"] != type_:
            events.append(await self.event())
        return events

    async def ask(self, text: str, **response: Any) -> list[Json]:
        """A whole turn."""
        content = [{"type": "input_text", "text": text}]
        item = {"type": "message", "role": "user", "content": content}
        await self.send("conversation.item.create", item=item)
        await self.send("response.create", response={"output_modalities": ["text"], **response})
        return await self.until("rate_limits.updated")

    async def answer(self, text: str) -> str:
        """What the server answers, as text."""
        events = await self.ask(text)
        return "".join(event["delta"] for event in events if event["type"] == "response.output_text.delta")


@asynccontextmanager
async def dialled(server: RunningServer, *, suffix: str = "", **options: Any) -> AsyncIterator[Client]:
    """A client that has been greeted."""
    async with connect(server.url + suffix, proxy=None, max_size=None, **options) as socket:
        client = Client(socket)
        assert (await client.event())["type"].endswith("session.created")
        yield client


async def eventually(is_so: Callable[[], bool]) -> None:
    """Returns once it is so."""
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():  # noqa: ASYNC110 - what we wait for sets no event
            await asyncio.sleep(0.005)
