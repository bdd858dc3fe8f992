"""Knows every open socket, those included that have not said a word yet."""

from __future__ import annotations

import asyncio

from websockets.asyncio.server import ServerConnection


def tracking(sockets: set[ServerConnection]) -> type[ServerConnection]:
    """A kind of connection that stands in the set from the first packet to the last."""

    class TrackedConnection(ServerConnection):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            sockets.add(self)
            super().connection_made(transport)

        def connection_lost(self, exc: Exception | None) -> None:
            sockets.discard(self)
            super().connection_lost(exc)

    return TrackedConnection
