"""Where to connect, which way, and how to say so without secrets."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

from realtime_cli.errors import ConnectFailed
from realtime_cli.providers.urls import is_loopback, query_secrets, shown
from realtime_cli.visible import one_line

_PORTS = {"ws": 80, "wss": 443}
_EXAMPLE = "for example wss://api.openai.com/v1/realtime, or ws://127.0.0.1:8000/v1/realtime"


@dataclass(frozen=True, slots=True)
class Address:
    """A WebSocket URL that was read; `shown` and `origin` hold no secrets and fit a message.

    `holds_key` says that a user name or a query parameter names us to the server.
    """

    url: str = field(repr=False)
    shown: str
    origin: str
    host: str
    port: int
    is_secure: bool
    holds_key: bool


def parse_address(url: str, redact: Callable[[str], str]) -> Address:
    """Reads a ws:// or wss:// URL; raises `ConnectFailed` with the reason."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _invalid(url, "it is not a URL, or its port is not a number below 65536") from None
    if reason := _flaw(url, parts):
        raise _invalid(url, reason)
    host = parts.hostname or ""
    plain = parts._replace(netloc=_netloc(host, port))
    return Address(
        url=url,
        shown=one_line(redact(shown(plain))),
        origin=one_line(f"{parts.scheme}://{plain.netloc}"),
        host=host,
        port=port or _PORTS[parts.scheme],
        is_secure=parts.scheme == "wss",
        holds_key=parts.username is not None or bool(query_secrets(parts)),
    )


def proxy_for(address: Address) -> str | None:
    """The proxy that the environment (or the system) wants for this address; never one for this machine.

    The order of the variables is that of RFC 6455, 4.1: SOCKS first, then the one for HTTPS.
    """
    if is_loopback(address.host) or proxy_bypass(f"{address.host}:{address.port}"):
        return None
    proxies = getproxies()
    names = ("wss", "socks", "https", "all") if address.is_secure else ("ws", "socks", "https", "http", "all")
    name = next((name for name in names if proxies.get(name)), None)
    return None if name is None else _proxy_url(name, proxies[name])


def shown_proxy(proxy: str) -> str:
    """The proxy's scheme, host and port."""
    scheme, _, rest = proxy.partition("://")
    return one_line(f"{scheme}://{rest.rpartition('@')[2].partition('/')[0]}")


def _proxy_url(name: str, text: str) -> str:
    """macOS gives a SOCKS proxy as http://; people write proxies without a scheme."""
    scheme, _, rest = text.rpartition("://")
    if name == "socks" and scheme in ("", "http"):
        return f"socks5h://{rest}"
    return f"{scheme or 'http'}://{rest}"


def _flaw(url: str, parts: SplitResult) -> str:
    if re.search(r"[\s\x00-\x1f\x7f]", url):
        return "it holds a space or a control character"
    if parts.scheme not in _PORTS:
        return f"its scheme is {parts.scheme or 'missing'}, and not ws or wss"
    if not parts.hostname or parts.port == 0:
        return "it has no host" if not parts.hostname else "there is no port 0"
    if "#" in url:
        return "a WebSocket has no #fragment"
    if parts.username is not None and parts.password is None:
        return "it has a user name but no password"
    return ""


def _netloc(host: str, port: int | None) -> str:
    host = f"[{host}]" if ":" in host else host
    return host if port is None else f"{host}:{port}"


def _invalid(url: str, reason: str) -> ConnectFailed:
    # What stands before an @ or in a query may be a secret.
    seen = "the address" if "@" in url else one_line(url.partition("?")[0])
    return ConnectFailed(f"cannot connect to {seen or 'an empty address'}: {reason}", hint=_EXAMPLE)
