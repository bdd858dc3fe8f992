"""Says in words what a server answered that does not open a WebSocket."""

from __future__ import annotations

import re
from http import HTTPStatus

from websockets.exceptions import InvalidStatus

from realtime_cli.errors import ConnectFailed, Unauthorized
from realtime_cli.transport._attempt import Attempt
from realtime_cli.transport._connection import NotHttpError, RedirectRefusedError
from realtime_cli.transport._text import body_text

_HTTP_START = re.compile(rb"HTTP/\d\.\d (\d{3})(?: ([^\r\n]*))?")
# A TLS record of type alert, of a version 3.x (RFC 8446, 5.1).
_TLS_ALERT = b"\x15\x03"
_SET_KEY = "set its key: OPENAI_API_KEY for OpenAI, REALTIME_API_KEY for any --url; or pass --key-env NAME"
_CHECK_KEY = (
    "check the key: OPENAI_API_KEY is for OpenAI, REALTIME_API_KEY for any --url; or pass --key-env NAME"
)
_PATH = "the path should end in /realtime"


def explain_answer(error: Exception, attempt: Attempt) -> ConnectFailed:
    """The failed opening handshake in our words."""
    match error:
        case InvalidStatus(response=answer):
            body = body_text(answer.body)
            return _http_answer(attempt, answer.status_code, phrase=answer.reason_phrase, body=body)
        case NotHttpError(first_bytes=first_bytes):
            return _not_http(attempt, first_bytes)
        case RedirectRefusedError(location=location):
            where = f"{attempt.address.shown} redirects to {attempt.quote(location)}"
            hint = "if you trust that server, connect to its own ws:// or wss:// address"
            return ConnectFailed(f"{where}, and we do not follow to another server", hint=hint)
        case _:
            seen = attempt.quote(str(error))
            message = f"{attempt.address.shown} answered, but not as a WebSocket server does: {seen}"
            return ConnectFailed(message, hint=f"{_PATH}; is there a proxy in between?")


def silence(attempt: Attempt) -> ConnectFailed:
    """The server closed the connection without a word."""
    hint = "if the server speaks TLS, write wss://; else see what it logs"
    if attempt.address.is_secure:
        hint = "if the server does not speak TLS, write ws://; else see what it logs"
    return ConnectFailed(f"{attempt.address.origin} closed the connection without an answer", hint=hint)


def _http_answer(attempt: Attempt, status: int, *, phrase: str, body: str) -> ConnectFailed:
    """The server speaks HTTP, but does not want to speak WebSocket with us."""
    phrase, said = attempt.quote(phrase) or _standard_phrase(status), attempt.quote(body)
    seen = f"HTTP {status} {phrase}".rstrip() + (f": {said}" if said not in ("", phrase) else "")
    shown = attempt.address.shown
    if status not in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return ConnectFailed(f"{shown} answered {seen}", hint=_hint(status, shown))
    if not attempt.has_key:
        return Unauthorized(f"{shown} wants a key ({seen})", hint=_SET_KEY)
    may_not = "the key may not use this model, project or region: " if status == HTTPStatus.FORBIDDEN else ""
    return Unauthorized(f"{shown} refused the key ({seen})", hint=f"{may_not}{_CHECK_KEY}")


def _standard_phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _hint(status: int, shown: str) -> str:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return "wait a little, and check the account's limits and credit"
    if status >= 500:
        return "the trouble is on the server's side: try again later"
    if status in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY):
        return "check the model's name, the query and the headers"
    has_path = shown.partition("?")[0].endswith("/realtime")
    return "check the address and the model's name" if has_path else f"{_PATH}; check the address"


def _not_http(attempt: Attempt, first_bytes: bytes) -> ConnectFailed:
    if not first_bytes:
        return silence(attempt)
    if start := _HTTP_START.match(first_bytes):
        # HTTP/1.0, or an answer that was cut off.
        phrase = (start[2] or b"").decode("latin-1")
        return _http_answer(attempt, int(start[1]), phrase=phrase, body="")
    origin = attempt.address.origin
    if first_bytes.startswith(_TLS_ALERT):
        return ConnectFailed(f"{origin} speaks TLS, and ws:// does not", hint="write wss://")
    line = attempt.quote(first_bytes.decode("utf-8", "replace").strip().partition("\n")[0])
    hint = "another service seems to live there: check host and port"
    return ConnectFailed(f'{origin} does not speak HTTP; it says "{line}"', hint=hint)
