"""The WebSocket that a session talks through."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress

from websockets.exceptions import ConnectionClosed

from realtime_cli.core.inputs import ConnectionLost, ConnectionOpened
from realtime_cli.runtime.ports import Post
from realtime_cli.transport._connection import Connection
from realtime_cli.transport._opening import Target, open_connection

_STALL_LIMIT_S = 5.0
_CANCEL_LIMIT_S = 1.0


class WebSocketTransport:
    """A connection to a server, and when it is over, the next; a `realtime_cli.runtime.ports.Transport`.

    `redact` takes secrets out of what the server says before it meets a message. Without `verify_tls` any
    certificate will do. A server has `ping_timeout_s` to answer a ping: many answer none while they compute.
    Proxies are taken from the environment, but not for this machine.
    """

    def __init__(
        self,
        url: str,
        *,
        headers: Mapping[str, str],
        redact: Callable[[str], str],
        subprotocols: tuple[str, ...] = (),
        connect_timeout_s: float = 10.0,
        verify_tls: bool = True,
        ping_timeout_s: float = 60.0,
    ) -> None:
        self._target = Target(
            url=url,
            headers=headers,
            subprotocols=subprotocols,
            redact=redact,
            connect_timeout_s=connect_timeout_s,
            verify_tls=verify_tls,
            ping_timeout_s=ping_timeout_s,
        )
        self._is_over = False
        self._renew()

    @property
    def queued_bytes(self) -> int:
        """Bytes of the frames that the socket has not yet accepted."""
        return self._queued_bytes

    async def run(self, post: Post) -> None:
        """Connects, then posts `ConnectionOpened`, every frame, and `ConnectionLost` at the end, always.

        May be called again once it has returned, for another connection to the same server.

        Raises `ConnectFailed` (or `Unauthorized`) where no connection came about; nothing was posted then.
        """
        if self._is_over:
            self._is_over = False
            self._renew()
        connection = await open_connection(self._target)
        by_us = True
        try:
            post(ConnectionOpened())
            await self._talk(connection, post)
            by_us = self._closing.is_set()
        finally:
            self.close()
            try:
                await connection.shut_down(within_s=_CANCEL_LIMIT_S)
            finally:
                self._is_over = True
                self._queued_bytes = 0
                post(self._lost(connection, by_us=by_us))

    def send(self, text: str) -> None:
        """Queues a frame and returns at once; what comes after `close`, or after the end, is dropped."""
        if self._closing.is_set():
            return
        # A lone surrogate has no UTF-8, but its backslash escape is the one that JSON uses.
        frame = text.encode("utf-8", "backslashreplace")
        self._queued_bytes += len(frame)
        self._outbox.put_nowait(frame)

    def close(self) -> None:
        """Sends what is queued, then closes normally; before the connection is open, as soon as it is."""
        if not self._closing.is_set():
            self._closing.set()
            self._outbox.put_nowait(None)

    def _renew(self) -> None:
        """Nothing was sent yet, and nobody wants to leave."""
        self._outbox = asyncio.Queue[bytes | None]()
        self._queued_bytes = 0
        self._closing: asyncio.Event = asyncio.Event()

    async def _talk(self, connection: Connection, post: Post) -> None:
        async with asyncio.TaskGroup() as tasks:
            writer = tasks.create_task(self._write(connection), name="websocket writer")
            watcher = tasks.create_task(self._watch_closing(connection), name="websocket watcher")
            await _read(connection, post)
            writer.cancel()
            watcher.cancel()

    async def _write(self, connection: Connection) -> None:
        with suppress(ConnectionClosed):
            while (frame := await self._outbox.get()) is not None:
                await connection.send(frame, text=True)
                self._queued_bytes -= len(frame)
            await connection.close()

    async def _watch_closing(self, connection: Connection) -> None:
        """Drops the connection when we want to leave and the server no longer takes what is queued."""
        await self._closing.wait()
        before = 0
        while left := self.queued_bytes + connection.unsent_bytes:
            if left == before:
                connection.abort()
                return
            before = left
            await asyncio.sleep(_STALL_LIMIT_S)

    def _lost(self, connection: Connection, *, by_us: bool) -> ConnectionLost:
        frame, is_theirs = connection.first_close_frame()
        code, reason = (None, "") if frame is None else (int(frame.code), self._target.redact(frame.reason))
        return ConnectionLost(code, reason, by_us=by_us and not is_theirs)


async def _read(connection: Connection, post: Post) -> None:
    with suppress(ConnectionClosed):
        while True:
            post(await connection.recv())
