"""What every client of an HTTP server needs: connections, a key, and the server's words when it refuses."""

from __future__ import annotations

import json
import ssl
from functools import cache

import httpx2

from realtime_cli.errors import UsageError

_BODY_LIMIT_BYTES = 1024 * 1024


def http_client(key: str, *, secure: bool, loopback: bool, timeout: httpx2.Timeout) -> httpx2.AsyncClient:
    """Connections to one server; TLS certificates are loaded only where they are needed."""
    return httpx2.AsyncClient(
        headers={"Authorization": f"Bearer {key}"} if key else {},
        timeout=timeout,
        verify=_tls() if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        # A proxy of the environment is for the network, not for this machine.
        trust_env=not loopback,
    )


def check_url(url: str, *, shown: str, what: str) -> None:
    """Raises `UsageError` for a URL that no request can be sent to."""
    try:
        httpx2.URL(url)
    except httpx2.InvalidURL:
        hint = "Check its host name."
        raise UsageError(f"no request can be sent to the {what} URL {shown}", hint=hint) from None


def sendable(api_key: str | None, *, what: str) -> str:
    """The key as a header carries it, empty for none; `UsageError` where no header can."""
    key = (api_key or "").strip()
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise UsageError(
            f"the {what} server's key has characters that no header can carry", hint="Copy it again."
        )
    return key


async def beginning(response: httpx2.Response) -> bytes:
    """The body, as far as it is of any use."""
    read = bytearray()
    async for data in response.aiter_bytes():
        read += data
        if len(read) > _BODY_LIMIT_BYTES:
            break
    return bytes(read)


def json_or_text(body: bytes) -> object:
    """The JSON of a body, or its text where it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace").strip()


@cache
def _tls() -> ssl.SSLContext:
    # Loading the certificates takes some 50 ms: once, not on each connection.
    return httpx2.create_ssl_context()
