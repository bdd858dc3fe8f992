"""Opens the WebSocket, or says why not."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from realtime_cli._version import __version__
from realtime_cli.errors import ConnectFailed
from realtime_cli.providers.secrecy import looks_secret
from realtime_cli.transport._address import parse_address, proxy_for
from realtime_cli.transport._attempt import Attempt
from realtime_cli.transport._connection import (
    CLOSE_LIMIT_S,
    Connection,
    NotHttpError,
    RedirectRefusedError,
    silent_logger,
)
from realtime_cli.transport._failures import explain

_FAILURES = (OSError, WebSocketException, NotHttpError, RedirectRefusedError, ValueError, ImportError)
_PING_INTERVAL_S = 20.0
_USER_AGENT = f"realtime-cli/{__version__}"
_TOKEN = re.compile(r"[-!#$%&'*+.^_`|~0-9A-Za-z]+")
_NOT_IN_VALUES = re.compile(r"[^\t\x20-\x7e\xa0-\xff]")
_BAD_KEY = "does a key end with a line break, or stand in typographic quotes?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A server, and how to connect to it."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    subprotocols: tuple[str, ...] = field(repr=False)
    redact: Callable[[str], str]
    connect_timeout_s: float
    verify_tls: bool
    ping_timeout_s: float


async def open_connection(target: Target) -> Connection:
    """Connects to the target; raises `ConnectFailed` or `Unauthorized`."""
    address = parse_address(target.url, target.redact)
    _require_sendable(target)
    names = (*target.headers, *target.subprotocols)
    attempt = Attempt(
        address=address,
        proxy=proxy_for(address),
        has_key=address.holds_key or any(map(looks_secret, names)),
        timeout_s=target.connect_timeout_s,
        redact=target.redact,
    )
    try:
        return await _connect(target, attempt)
    except _FAILURES as error:
        if attempt.proxy:
            await _swallow_eof()
        raise explain(error, attempt) from error


async def _connect(target: Target, attempt: Attempt) -> Connection:
    connection = await connect(
        target.url,
        additional_headers=target.headers,
        subprotocols=[Subprotocol(name) for name in target.subprotocols] or None,
        user_agent_header=_USER_AGENT,
        compression=None,  # It costs latency, and saves a quarter of base64 audio.
        proxy=attempt.proxy,
        open_timeout=target.connect_timeout_s,
        ping_interval=_PING_INTERVAL_S,
        ping_timeout=target.ping_timeout_s,
        close_timeout=CLOSE_LIMIT_S,
        max_size=None,
        logger=silent_logger(),
        create_connection=Connection,
        ssl=_tls_context(verify=target.verify_tls) if attempt.address.is_secure else None,
    )
    assert isinstance(connection, Connection)
    return connection


async def _swallow_eof() -> None:
    """Keeps a traceback off the terminal: websockets 15 to 17 stumble over a proxy that has hung up."""

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if not isinstance(context.get("exception"), EOFError):
            loop.default_exception_handler(context)

    loop = asyncio.get_running_loop()
    before = loop.get_exception_handler()
    loop.set_exception_handler(handle)
    try:
        await asyncio.sleep(0)
    finally:
        loop.set_exception_handler(before)


def _require_sendable(target: Target) -> None:
    """Raises `ConnectFailed` for what HTTP cannot carry; a value may be a key, so it is not shown."""
    for name, value in target.headers.items():
        if not _TOKEN.fullmatch(name):
            raise ConnectFailed(f"a header cannot be named {name!a}", hint="use letters, digits and -")
        if bad := _NOT_IN_VALUES.search(value):
            seen = f"U+{ord(bad[0]):04X}"
            message = f"the header {name} holds a character that HTTP cannot carry ({seen})"
            raise ConnectFailed(message, hint=_BAD_KEY)
    if not all(map(_TOKEN.fullmatch, target.subprotocols)):
        raise ConnectFailed("a subprotocol holds a character that HTTP cannot carry", hint=_BAD_KEY)


def _tls_context(*, verify: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
