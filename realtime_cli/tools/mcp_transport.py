"""The ways to an MCP server: a program's pipes, or HTTP. Needs the `mcp` package."""

from __future__ import annotations

import os
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Self, TextIO, cast

from .mcp_spec import Launch

if TYPE_CHECKING:
    from mcp.client import Transport

_KEPT_BYTES = 4096


class LastWords:
    """The last of a program's stderr, by way of a pipe: it must not reach the screen."""

    def __init__(self) -> None:
        self._kept = b""
        self._file: TextIO | None = None

    @property
    def text(self) -> str:
        """It, as text."""
        return self._kept.decode("utf-8", "replace").strip()

    def open(self) -> TextIO:
        """What the program writes to."""
        source, target = os.pipe()
        self._file = os.fdopen(target, "w", encoding="utf-8")
        threading.Thread(target=self._read, args=(source,), name="mcp-stderr", daemon=True).start()
        return self._file

    def close(self) -> None:
        """Lets go of the pipe."""
        if self._file is not None:
            self._file.close()

    def _read(self, source: int) -> None:
        with suppress(OSError), os.fdopen(source, "rb", buffering=0) as stream:
            while chunk := stream.read(4096):
                self._kept = (self._kept + chunk)[-_KEPT_BYTES:]


def to_program(launch: Launch, said: LastWords) -> Transport:
    """The way to a program that is started for it, and ended with it."""
    from mcp.client.stdio import StdioServerParameters, stdio_client  # noqa: PLC0415 - start-up

    command, *arguments = launch.command
    parameters = StdioServerParameters(command=command, args=arguments, env=dict(launch.environment))
    return cast("Transport", stdio_client(parameters, errlog=said.open()))


def to_address(launch: Launch) -> Transport:
    """The way to a server that runs already (streamable HTTP)."""
    return cast("Transport", _over_http(launch))


@asynccontextmanager
async def _over_http(launch: Launch) -> AsyncGenerator[object]:
    import httpx2  # noqa: PLC0415 - start-up
    from mcp.client.streamable_http import streamable_http_client  # noqa: PLC0415

    patience = httpx2.Timeout(30, read=300)
    async with (
        httpx2.AsyncClient(headers=dict(launch.headers), timeout=patience) as http,
        streamable_http_client(launch.url, http_client=http) as streams,
    ):
        yield streams


def watched(transport: Transport, ended: Callable[[], None]) -> Transport:
    """The same way; `ended` is called when nothing more will come."""
    return cast("Transport", _watching(transport, ended))


@asynccontextmanager
async def _watching(transport: Transport, ended: Callable[[], None]) -> AsyncGenerator[object]:
    async with transport as (incoming, outgoing):
        yield _Incoming(incoming, ended), outgoing


class _Incoming:
    """Messages from the server, one after another."""

    def __init__(self, stream: Any, ended: Callable[[], None]) -> None:
        self._stream = stream
        self._ended = ended

    @property
    def last_context(self) -> object:
        """The sender's context variables, where the stream keeps them; the package asks for it."""
        return getattr(self._stream, "last_context", None)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> object:
        try:
            return await self._stream.__anext__()
        except StopAsyncIteration:
            self._ended()
            raise

    async def receive(self) -> object:
        """The next message."""
        return await self._stream.receive()

    async def aclose(self) -> None:
        """Closes the stream."""
        await self._stream.aclose()

    async def __aenter__(self) -> Self:
        await self._stream.__aenter__()
        return self

    async def __aexit__(self, *failure: object) -> object:
        return await self._stream.__aexit__(*failure)
