"""A websockets connection that remembers what it saw, keeps to its origin, and always ends in time."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection
from websockets.datastructures import HeadersLike
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus, SecurityError
from websockets.frames import Close
from websockets.http11 import Response
from websockets.protocol import State
from websockets.uri import WebSocketURI

CLOSE_LIMIT_S = 2.0
_FIRST_BYTES = 300


class NotHttpError(Exception):
    """The server's answer is not HTTP/1.1; holds its first bytes, none when it closed without a word."""

    def __init__(self, first_bytes: bytes) -> None:
        super().__init__()
        self.first_bytes = first_bytes


class RedirectRefusedError(Exception):
    """The server sends us to another origin, where the key must not go."""

    def __init__(self, location: str) -> None:
        super().__init__()
        self.location = location


class Connection(ClientConnection):
    """What `websockets` makes, with these additions."""

    _first_bytes = b""
    _abort_timer: asyncio.TimerHandle | None = None

    async def handshake(
        self, additional_headers: HeadersLike | None = None, user_agent_header: str | None = None
    ) -> None:
        """Opens the WebSocket; raises the two errors above beside those of websockets."""
        try:
            await super().handshake(additional_headers, user_agent_header)
        except (InvalidMessage, SecurityError, ConnectionClosed) as error:
            raise NotHttpError(self._first_bytes) from error
        except InvalidStatus as error:
            # websockets would follow it with all our headers, at best without Authorization.
            if location := _foreign_location(error.response, self.protocol.uri):
                raise RedirectRefusedError(location) from error
            raise

    def data_received(self, data: bytes) -> None:
        """Takes bytes from the socket; a peer that does not hang up after a close frame is hung up on."""
        if len(self._first_bytes) < _FIRST_BYTES:
            self._first_bytes += bytes(data[:_FIRST_BYTES])
        super().data_received(data)
        if self.state is State.CLOSING and self._abort_timer is None:
            self._abort_timer = self.loop.call_later(CLOSE_LIMIT_S, self.abort)

    @property
    def unsent_bytes(self) -> int:
        """What the socket has not yet taken."""
        return self.transport.get_write_buffer_size()

    def abort(self) -> None:
        """Drops the connection now."""
        self.transport.abort()

    def first_close_frame(self) -> tuple[Close | None, bool]:
        """The close frame that began the end, and whether it was the server's; no frame before the end."""
        if self.state is not State.CLOSED:
            return None, False
        end = self.protocol.close_exc
        if end.rcvd is not None and end.rcvd_then_sent is not False:
            return end.rcvd, True
        return end.sent, False

    async def shut_down(self, *, within_s: float) -> None:
        """Closes the connection in the normal way, or drops it when that takes too long."""
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(within_s):
                    await self.close()
        finally:
            self.abort()
            if self._abort_timer is not None:
                self._abort_timer.cancel()
        await self.wait_closed()


def silent_logger() -> logging.Logger:
    """A logger that says nothing: websockets would log headers (so the key), and tracebacks of dead peers."""
    logger = logging.Logger("realtime_cli.transport")
    logger.disabled = True
    return logger


def _foreign_location(response: Response, own: WebSocketURI) -> str:
    """Where a redirect leads when that is another origin, or nowhere in particular; else nothing."""
    locations = response.headers.get_all("Location")
    if response.status_code not in (300, 301, 302, 303, 307, 308) or not locations:
        return ""
    stays = len(locations) == 1 and _has_same_origin(locations[0], own)
    return "" if stays else (locations[0] or "nowhere")


def _has_same_origin(location: str, own: WebSocketURI) -> bool:
    try:
        parts = urlsplit(location)
        port = parts.port
    except ValueError:
        return False
    if not parts.scheme and not parts.netloc:
        return not parts.fragment
    scheme = parts.scheme or ("wss" if own.secure else "ws")
    origin = (scheme, parts.hostname, port or (443 if scheme == "wss" else 80))
    return not parts.fragment and origin == ("wss" if own.secure else "ws", own.host, own.port)
