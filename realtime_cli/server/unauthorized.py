"""How the API turns a client away: the WebSocket opens, says why in an event, and closes."""

from __future__ import annotations

from contextlib import suppress

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from realtime_cli.protocol.server_events import Error
from realtime_cli.protocol.session import ErrorDetail

from .closing import close

_CODE = 3000
_ERROR = Error(
    event_id="event_unauthorized",
    error=ErrorDetail(
        type="invalid_request_error",
        code="invalid_api_key",
        message="Incorrect API key provided. Send the server's token as a bearer, or as 'api-key'.",
        param=None,
        event_id=None,
    ),
)


async def turn_away(socket: ServerConnection) -> None:
    """Sends `invalid_api_key` and closes with 3000."""
    with suppress(ConnectionClosed):
        await socket.send(_ERROR.to_json())
    await close(socket, _CODE, "invalid_request_error.invalid_api_key")
