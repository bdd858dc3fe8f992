"""The embedded Realtime server: `websockets` outside, a `Responder` for each connection inside."""

from __future__ import annotations

import asyncio
import itertools
import logging
import secrets
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import partial

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.typing import Subprotocol

from realtime_cli.core.responder import Responder, ResponderConfig
from realtime_cli.errors import UsageError
from realtime_cli.visible import one_line

from .brains.port import Brain, mcp_tools_of
from .closing import CLOSE_TIMEOUT_S, close
from .config import Note, ServerConfig
from .connection import Connection
from .dialect import ClientCodec
from .requests import Call, Page, call_of, carries_token, full_page, page_for
from .tls import tls_context
from .tracking import tracking
from .unauthorized import turn_away
from .voice.activity import voice_activity

# 15 MiB of audio are 20.97 MB of JSON.
_MAX_FRAME_BYTES = 32 * 1024 * 1024
# Frames that wait in the socket are held in memory, and they may be big.
_MAX_QUEUED_FRAMES = 2
# A stop may have to wait for a visitor who is slow to shake hands.
_OPEN_TIMEOUT_S = 5
_WILDCARDS = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - addresses to dial instead


class RunningServer:
    """A server that takes clients in; `url` is what they dial."""

    def __init__(self, config: ServerConfig) -> None:
        self._config = config
        self._sockets: set[ServerConnection] = set()
        self._numbers = itertools.count(1)
        self.port = 0

    @property
    def url(self) -> str:
        """The address to dial, path included."""
        host = _WILDCARDS.get(self._config.host, self._config.host)
        scheme = "wss" if self._config.tls else "ws"
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{self.port}/v1/realtime"

    @property
    def connections(self) -> int:
        """How many sockets are open, those included that have not finished their handshake."""
        return len(self._sockets)

    async def start(self) -> Server:
        """Begins to listen. Raises `UsageError` where the address cannot be had."""
        config = self._config
        try:
            server = await serve(
                self._welcome,
                _address(config),
                config.port,
                ssl=tls_context(config.tls) if config.tls else None,
                process_request=self._page,
                select_subprotocol=_realtime,
                compression=None,
                max_size=_MAX_FRAME_BYTES,
                max_queue=_MAX_QUEUED_FRAMES,
                open_timeout=_OPEN_TIMEOUT_S,
                ping_interval=20,
                ping_timeout=60,
                close_timeout=CLOSE_TIMEOUT_S,
                logger=logging.Logger("realtime_cli.server", level=logging.CRITICAL + 1),
                create_connection=tracking(self._sockets),
            )
        except OSError as error:
            raise UsageError(
                f"cannot listen on {config.host}:{config.port}: {error.strerror or error}",
                hint="choose another port (0 takes any free one), or stop what uses this one",
            ) from None
        self.port = next(iter(server.sockets)).getsockname()[1]
        return server

    async def stop(self, server: Server) -> None:
        """Says goodbye to every client (close code 1001), and waits until the last one is gone."""
        server.close(close_connections=False)
        await asyncio.sleep(0)
        while self._sockets:
            await asyncio.gather(*map(_dismiss, tuple(self._sockets)))
            await asyncio.sleep(0)
        await server.wait_closed()
        await self._config.voice.close()

    def _page(self, socket: ServerConnection, request: Request) -> Response | None:
        page = page_for(request)
        if page is None and len(self._sockets) > self._config.max_connections:
            page = full_page(self._config.max_connections)
        return _response(socket, page) if page else None

    async def _welcome(self, socket: ServerConnection) -> None:
        note = partial(self._note, next(self._numbers))
        try:
            await self._receive(socket, note)
        except* Exception as failures:  # whatever goes wrong for one client stays with that client
            note(f"failed: {failures.exceptions[0]!r}")
            await close(socket, 1011, "internal error")
        note(f"left (close code {socket.close_code})")

    async def _receive(self, socket: ServerConnection, note: Note) -> None:
        request = socket.request
        assert request is not None  # there is no socket without a handshake
        if self._config.token and not carries_token(request, self._config.token):
            note("refused: no key, or the wrong one")
            await turn_away(socket)
            return
        brain = self._config.brain()
        try:
            await self._serve(socket, call_of(request), brain, note)
        finally:
            await brain.close()

    async def _serve(self, socket: ServerConnection, call: Call, brain: Brain, note: Note) -> None:
        config = self._config
        model = call.model or brain.name
        note(f"connected: model {model}, {call.kind}, {call.dialect}")
        responder_config = ResponderConfig(
            seed=secrets.token_hex(6),
            model=model,
            instructions=config.instructions,
            kind=call.kind,
            session_limit_s=config.session_limit_s,
            voice_activity=voice_activity,
            mcp_tools=mcp_tools_of(brain),
        )
        connection = Connection(
            socket,
            responder=Responder(responder_config),
            codec=ClientCodec(call.dialect),
            brain=brain,
            config=config,
            note=note,
        )
        await connection.run()

    def _note(self, number: int, words: str) -> None:
        self._config.on_event(f"client {number}: {one_line(words)}")


@asynccontextmanager
async def running_server(config: ServerConfig) -> AsyncGenerator[RunningServer]:
    """A server for as long as the block runs. Raises `UsageError` where it cannot listen."""
    running = RunningServer(config)
    server = await running.start()
    try:
        yield running
    finally:
        await running.stop(server)


async def _dismiss(socket: ServerConnection) -> None:
    if socket.state is State.CONNECTING:
        socket.transport.abort()
    else:
        await close(socket, 1001, "the server stops")


def _address(config: ServerConfig) -> str:
    # "localhost" means two sockets, and "any port" would give them two ports.
    return "127.0.0.1" if config.host == "localhost" and not config.port else config.host


def _realtime(_: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    return Subprotocol("realtime") if "realtime" in offered else None


def _response(socket: ServerConnection, page: Page) -> Response:
    response = socket.respond(page.status, page.text)
    del response.headers["Content-Type"]
    response.headers["Content-Type"] = page.content_type
    return response
