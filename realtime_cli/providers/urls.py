"""Reads the addresses that people type, so strictly that no key goes to a host that they did not mean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import SplitResult, quote, unquote, urlsplit

from realtime_cli.errors import UsageError
from realtime_cli.providers.secrecy import looks_secret, without_secrets

_SCHEMES = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}
_BARE = re.compile(r"(\[[^\]/?#]*\]|[^:/?#]+):\d+(?=[/?#]|$)")
_HOST_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?")
_EXAMPLE = "for example wss://api.openai.com/v1/realtime, or localhost:8000"
# Everything that may stand in a path or a query; "%" because what is encoded stays as it is.
_SAFE = "%/?:@!$&'()*+,;=~"


def parse_url(text: str, *, place: str) -> SplitResult:
    """The address with scheme ws or wss and a clean host; raises `UsageError` that names the place.

    `http` and `https` are read as `ws` and `wss`; a bare `host:port` is `ws` on this machine, else `wss`.
    """
    text = text.strip()
    if re.match(r"(?:[^/?#]*//)?[^/?#]*@", text):
        hint = "they would end in process lists: use REALTIME_API_KEY, --key-env NAME or --key-command CMD"
        raise UsageError(f"{place} holds a user name or a password", hint=hint)
    if re.search(r"[\s\x00-\x1f\x7f\\]", text):
        raise _refused(text, place, "has a space, a control character or a backslash")
    try:
        return _parsed(_with_scheme(text))
    except ValueError as error:
        raise _refused(text, place, str(error)) from None


def is_loopback(host: str) -> bool:
    """Whether the host is this machine, by name or by number."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def with_model(address: SplitResult, model: str | None) -> SplitResult:
    """The address with `?model=`, unless the query says which model or call it is about."""
    names = {name for name, _ in _query_pairs(address.query)}
    if not model or names & {"model", "deployment", "call_id"}:
        return address
    joint = "&" if address.query else ""
    return address._replace(query=f"{address.query}{joint}model={quote(model, safe='')}")


def model_of(address: SplitResult) -> str | None:
    """The model (for Azure's preview API: the deployment) that the address names."""
    values = {name: unquote(text.partition("=")[2]) for name, text in _query_pairs(address.query)}
    return values.get("model") or values.get("deployment") or None


def join_paths(base: str, path: str) -> str:
    """Both paths after each other, what they share only once: `/openai/v1` and `/v1/realtime`."""
    head, tail = ([part for part in each.split("/") if part] for each in (base, path))
    shared = next((size for size in range(len(tail), 0, -1) if head[-size:] == tail[:size]), 0)
    return "/" + "/".join(head + tail[shared:])


def shown(address: SplitResult) -> str:
    """The address without the values of its secret query parameters: for messages and the log."""
    from realtime_cli.redaction import REDACTED  # noqa: PLC0415 - start-up

    pairs = [
        f"{name}={REDACTED}" if looks_secret(name) else text for name, text in _query_pairs(address.query)
    ]
    return address._replace(query="&".join(pairs)).geturl()


def query_secrets(address: SplitResult) -> set[str]:
    """The values of the secret query parameters, as they stand there and decoded."""
    values = {text.partition("=")[2] for name, text in _query_pairs(address.query) if looks_secret(name)}
    return (values | {unquote(value) for value in values}) - {""}


def _with_scheme(text: str) -> str:
    if not _BARE.match(text):
        return text
    host, _ = _host_and_port(f"//{text}")
    return f"{'ws' if is_loopback(host) else 'wss'}://{text}"


def _parsed(text: str) -> SplitResult:
    """Raises `ValueError` with the reason, in words that repeat nothing of the text."""
    if "://" not in text:
        raise ValueError("has no ws:// or wss://")
    host, port = _host_and_port(text)
    parts = urlsplit(text)
    scheme = _SCHEMES.get(parts.scheme)
    if scheme is None:
        raise ValueError("has a scheme other than ws, wss, http or https")
    if "#" in text:
        raise ValueError("has a #fragment, which WebSockets do not know")
    netloc = _plain_host(host) + ("" if port is None else f":{port}")
    path = "" if parts.path == "/" else quote(parts.path, safe=_SAFE)
    return SplitResult(scheme, netloc, path, quote(parts.query, safe=_SAFE), "")


def _host_and_port(text: str) -> tuple[str, int | None]:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("has a malformed host or port") from None
    if not host:
        raise ValueError("has no host")
    if port == 0:
        raise ValueError("has port 0, which nobody can listen on")
    return host, port


def _plain_host(host: str) -> str:
    try:
        # The port is gone, so what has a colon is an IPv6 address.
        plain = f"[{ip_address(host)}]" if ":" in host else host.encode("idna").decode("ascii").lower()
    except ValueError:
        raise ValueError("has a malformed host") from None
    if ":" not in host and not _HOST_NAME.fullmatch(plain):
        raise ValueError("has a character in its host that no host name has")
    return plain


def _query_pairs(query: str) -> Iterator[tuple[str, str]]:
    """Every parameter's decoded name, and its text as it stands in the query."""
    for text in query.split("&") if query else ():
        yield unquote(text.partition("=")[0]), text


def _refused(text: str, place: str, why: str) -> UsageError:
    # A query may hold a key, and so may anything before an @.
    seen = "the address" if "@" in text else repr(without_secrets(text.partition("?")[0])[:80])
    return UsageError(f"{place}: {seen} {why}", hint=_EXAMPLE)
