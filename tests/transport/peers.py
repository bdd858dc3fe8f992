"""Servers on this machine that behave well, badly, or not at all."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from websockets.asyncio.server import ServerConnection, serve

from realtime_cli.core.inputs import ConnectionLost
from realtime_cli.runtime.ports import Inbound
from realtime_cli.transport.websocket import WebSocketTransport
from tests.support.patience import PATIENCE_S

Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter


@contextlib.asynccontextmanager
async def websocket_server(
    handler: Callable[[ServerConnection], Awaitable[None]], **options: Any
) -> AsyncIterator[str]:
    """A real WebSocket server; gives its host and port."""
    options = {"max_size": None, "close_timeout": 10, **options}
    async with serve(handler, "127.0.0.1", 0, **options) as server:
        yield f"127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"


@contextlib.asynccontextmanager
async def raw_server(
    handler: Callable[[Reader, Writer], Awaitable[None]], *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    """A TCP server that does what the handler does, then hangs up; gives its host and port."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve_one(reader: Reader, writer: Writer) -> None:
        own = asyncio.current_task()
        assert own is not None
        tasks.add(own)
        try:
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await handler(reader, writer)
        finally:
            writer.transport.abort()
            tasks.discard(own)

    server = await asyncio.start_server(serve_one, "127.0.0.1", 0, ssl=tls)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def answering(reply: bytes) -> Callable[[Reader, Writer], Awaitable[None]]:
    """Reads the request, sends these bytes, and ends the stream in an orderly way."""

    async def handler(reader: Reader, writer: Writer) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(reply)
        await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
        await reader.read()

    return handler


def http(status: str, body: str = "", *headers: str) -> bytes:
    """An HTTP answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body.encode())}", *headers, "", body]
    return "\r\n".join(lines).encode()


async def accept(reader: Reader, writer: Writer) -> None:
    """The opening handshake by hand, for a server that breaks the rules afterwards."""
    request = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    key = next(line.split(": ")[1] for line in request if line.startswith("Sec-WebSocket-Key"))
    digest = hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()
    token = base64.b64encode(digest).decode()
    upgrade = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    writer.write(f"{upgrade}Sec-WebSocket-Accept: {token}\r\n\r\n".encode())
    await writer.drain()


async def forever(*_: object) -> None:
    """Says nothing and does nothing."""
    await asyncio.Event().wait()


def transport_to(url: str, **options: Any) -> WebSocketTransport:
    """A transport that calls every `sk-secret` a secret."""
    options = {"headers": {}, "redact": lambda text: text.replace("sk-secret", "[redacted]"), **options}
    return WebSocketTransport(url, **options)


async def posted_by(transport: WebSocketTransport) -> list[Inbound]:
    """Everything that one run posts."""
    posts: list[Inbound] = []
    async with asyncio.timeout(PATIENCE_S):
        await transport.run(posts.append)
    assert isinstance(posts[-1], ConnectionLost)
    assert sum(isinstance(post, ConnectionLost) for post in posts) == 1
    return posts


async def until(condition: Callable[[], object]) -> None:
    """Waits until the condition holds."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 (conditions are of many kinds)
            await asyncio.sleep(0.005)
