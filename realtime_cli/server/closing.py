"""Closing a socket whose other end may have stopped reading."""

from __future__ import annotations

import asyncio

from websockets.asyncio.server import ServerConnection

CLOSE_TIMEOUT_S = 1.0


async def close(socket: ServerConnection, code: int, reason: str) -> None:
    """Closes with the code; cuts the connection where the client does not take part in time."""
    try:
        async with asyncio.timeout(2 * CLOSE_TIMEOUT_S):
            await socket.close(code, reason)
    except TimeoutError:
        # The library waits for the send buffer to drain, for ever if need be.
        socket.transport.abort()
