"""What is a secret, and which server may be told it."""

from __future__ import annotations

from collections.abc import Iterable

from realtime_cli.errors import UsageError
from realtime_cli.providers.port import ConnectionSettings

_MARKS = ("authorization", "cookie", "credential", "key", "password", "secret", "signature", "token")
_TOKEN_CHARACTERS = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")


def looks_secret(name: str) -> bool:
    """Whether a header or query parameter of this name holds a secret."""
    return any(mark in name.lower() for mark in _MARKS)


def may_travel(origin: str, *, to: str) -> bool:
    """Whether a secret that one place gave may go to an address that another place gave.

    A flag is meant for this very run. The config file's secrets belong to the config file's server. A `.env`,
    which a stranger may have put into the folder, cannot draw the environment's keys to a host of its choice.
    """
    if origin.startswith("--"):
        return True
    if origin == "config.toml":
        return to in ("config.toml", "default")
    return to != ".env" or origin == ".env"


def without_secrets(text: str, secrets: Iterable[str] = ()) -> str:
    """The text for a message: without these secrets, and without what has the shape of a key."""
    from realtime_cli.redaction import Redactor  # noqa: PLC0415 - start-up

    return Redactor(secrets).text(text)


def sendable(value: str, *, name: str) -> str:
    """The value, stripped; raises `UsageError` (without the value) when an HTTP header cannot carry it."""
    value = value.strip()
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        raise UsageError(f"{name} holds a character that an HTTP header cannot carry") from None
    if not value.isprintable():
        raise UsageError(
            f"{name} holds a control character or a line break", hint="is it one line of plain text?"
        )
    return value


def extra_headers(settings: ConnectionSettings, *, address_origin: str) -> dict[str, str]:
    """The user's own headers for that address; secret ones only where they may travel."""
    headers: dict[str, str] = {}
    for name, value in settings.headers:
        origin = settings.origin(f"headers.{name.lower()}")
        if not name or not _TOKEN_CHARACTERS.issuperset(name.lower()):
            raise UsageError(f"{origin}: a header's name has a character that HTTP does not allow")
        if looks_secret(name) and origin.startswith("--"):
            hint = "put it under [headers] in the config file, or use REALTIME_HEADERS"
            raise UsageError(f"{name} holds a secret, and {origin} would show it in process lists", hint=hint)
        if not looks_secret(name) or may_travel(origin, to=address_origin):
            headers[name] = sendable(value, name=f"the header {name}")
    return headers
