"""What a client asks for before the first event: path, query, key, dialect. And what other visitors get."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from websockets.http11 import Request

from realtime_cli.core.responder import SessionKind
from realtime_cli.protocol.dialects import Dialect

_KEY_SUBPROTOCOL = "openai-insecure-api-key."
_BETA_SUBPROTOCOL = "openai-beta.realtime-v1"
_WHAT_THIS_IS = "An embedded OpenAI Realtime server. Connect a WebSocket to /v1/realtime.\n"


@dataclass(frozen=True, slots=True)
class Call:
    """What a client asked for when it connected; no model is an empty one."""

    model: str
    kind: SessionKind
    dialect: Dialect


@dataclass(frozen=True, slots=True)
class Page:
    """An HTTP answer to somebody who opens no session."""

    status: HTTPStatus
    text: str
    content_type: str = "text/plain; charset=utf-8"


def page_for(request: Request) -> Page | None:
    """The page for a request that opens no session; None for one that does."""
    path = urlsplit(request.path).path
    upgrades = "upgrade" in request.headers.get("Connection", "").lower()
    if path in ("/", "/health") and not upgrades:
        return Page(HTTPStatus.OK, _WHAT_THIS_IS)
    if path.rstrip("/").endswith("/realtime/translations"):
        return _refusal(HTTPStatus.NOT_FOUND, "Translation sessions are not offered here; dial /v1/realtime.")
    if not path.rstrip("/").endswith("/realtime"):
        return _refusal(HTTPStatus.NOT_FOUND, "Nothing is here; open a WebSocket on /v1/realtime.")
    if not upgrades:
        return _refusal(
            HTTPStatus.UPGRADE_REQUIRED, "This is a WebSocket endpoint; dial it with ws:// or wss://."
        )
    return None


def full_page(max_connections: int) -> Page:
    """The page for a client too many."""
    message = f"All {max_connections} connections of this server are in use; try again later."
    return _refusal(HTTPStatus.SERVICE_UNAVAILABLE, message)


def call_of(request: Request) -> Call:
    """What the client asked for; beta is asked for by header, query or subprotocol."""
    query = parse_qs(urlsplit(request.path).query)
    asks_beta = (
        "realtime=v1" in request.headers.get_all("OpenAI-Beta")
        or query.get("dialect") == ["beta"]
        or _BETA_SUBPROTOCOL in _subprotocols(request)
    )
    return Call(
        model=query.get("model", [""])[0],
        kind="transcription" if query.get("intent") == ["transcription"] else "realtime",
        dialect="beta" if asks_beta else "ga",
    )


def carries_token(request: Request, token: str) -> bool:
    """Whether the client brought the token: as a bearer, as `api-key`, or (browsers) in a subprotocol."""
    return any(hmac.compare_digest(key.encode(), token.encode()) for key in _keys(request))


def _keys(request: Request) -> Iterator[str]:
    for value in request.headers.get_all("Authorization"):
        scheme, _, key = value.partition(" ")
        if scheme.lower() == "bearer":
            yield key.strip()
    yield from request.headers.get_all("api-key")
    for name in _subprotocols(request):
        if name.startswith(_KEY_SUBPROTOCOL):
            yield name.removeprefix(_KEY_SUBPROTOCOL)


def _subprotocols(request: Request) -> list[str]:
    offers = request.headers.get_all("Sec-WebSocket-Protocol")
    return [name.strip() for offer in offers for name in offer.split(",")]


def _refusal(status: HTTPStatus, message: str) -> Page:
    error = {"type": "invalid_request_error", "code": None, "message": message, "param": None}
    return Page(status, json.dumps({"error": error}) + "\n", "application/json")
