"""A chat completions server on loopback that says exactly the bytes it is told to say."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer; `ending` is `whole`, `cut` (no last chunk), or `held` (open until the client goes)."""

    chunks: tuple[bytes, ...] = ()
    status: int = 200
    content_type: str = "text/event-stream"
    ending: str = "whole"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked for."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: str

    @property
    def json(self) -> dict[str, object]:
        value: dict[str, object] = json.loads(self.body)
        return value


@dataclass(slots=True)
class ChatServer:
    """The server's address, its replies in order, and what clients did."""

    replies: list[Reply]
    url: str = ""
    requests: list[Request] = field(default_factory=list[Request])
    connections: int = 0
    client_gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while request := await _read_request(reader):
                self.requests.append(request)
                await self._reply(self.replies.pop(0), reader, writer)
        except (ConnectionError, _HungUpError):
            pass
        finally:
            self.client_gone.set()
            writer.close()

    async def _reply(self, reply: Reply, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        told = {"Content-Type": reply.content_type, "Transfer-Encoding": "chunked", **reply.headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        writer.write(f"HTTP/1.1 {reply.status} Status\r\n{head}\r\n".encode())
        for chunk in reply.chunks:
            writer.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
            await writer.drain()
            await asyncio.sleep(0)
        if reply.ending == "held":
            await reader.read()
            raise _HungUpError
        if reply.ending == "cut":
            raise _HungUpError
        writer.write(b"0\r\n\r\n")
        await writer.drain()


class _HungUpError(Exception):
    """One side ends the connection."""


async def _read_request(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.strip().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, path, headers, body.decode("utf-8", "surrogateescape"))


@asynccontextmanager
async def chat_server(*replies: Reply) -> AsyncGenerator[ChatServer, None]:
    """Serves the replies, one for each request, on a free port."""
    server = ChatServer(list(replies))
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listener.close()


def delta(content: str | None = None, *, finish: str | None = None, **fields: object) -> bytes:
    """One event of a chat completions stream."""
    choice = {"index": 0, "delta": {"content": content, **fields}, "finish_reason": finish}
    return b"data: " + json.dumps({"choices": [choice]}, ensure_ascii=False).encode() + b"\n\n"


def call_delta(index: int | None, *, name: str = "", arguments: object = "", call_id: str = "") -> bytes:
    """One event with a piece of a function call."""
    piece = {"index": index, "id": call_id, "function": {"name": name, "arguments": arguments}}
    return delta(tool_calls=[piece])


DONE = b"data: [DONE]\n\n"
