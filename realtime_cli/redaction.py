"""Keeps secrets out of logs, screens and errors: known values, well-known shapes, fields that hold keys."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, unquote_plus

REDACTED = "[redacted]"

_KEYS = ("sk", "ek", "eph", "xai")
_SHAPES = re.compile(
    # A key follows any character but a letter or digit, or a JSON escape that ends in one ("\nsk-...").
    r"(?:(?<![A-Za-z0-9])|(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{4}))(?:"
    rf"(?:{'|'.join(_KEYS)})[-_][A-Za-z0-9_-]{{8,}}"
    # JSON web tokens; from the start of a run only, so that the time stays linear in a hostile text.
    r"|(?<![_-])eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+"
    # What looks like a credential: not "Bearer authentication", not "Basic understanding".
    r"|[Bb]earer +(?=[A-Za-z]*(?:[0-9]|[a-z][A-Z]|[._~+/=-]\w)|[A-Za-z]{20})[A-Za-z0-9._~+/=-]{8,}"
    r"|[Bb]asic +(?=[A-Za-z]*(?:[0-9+/=]|[a-z][A-Z]))[A-Za-z0-9+/=]{16,})"
)
_SHAPE_MARKS = (*(key + dash for key in _KEYS for dash in "-_"), ".eyJ", "earer ", "asic ")

_FIELD = re.compile(
    r'"((?:proxy-)?authorization|(?:x-)?api[_-]?key|client_secret|(?:access|refresh)_token|headers|server_url)"\s*:\s*',
    re.IGNORECASE,
)
_FIELD_MARKS = ('authorization"', 'key"', 'client_secret"', '_token"', 'headers"', 'server_url"')
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?', re.DOTALL)
# Whole numbers as floats: int() refuses more than 4,300 digits, and only the end of a value matters here.
_DECODER = json.JSONDecoder(parse_int=float)

_LONG_TEXT = 1024
_NEVER_IN_BASE64 = ("-", "_", " ", ".", "\\")

_USERINFO = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*://)?[^/]*@")
_SECRET_NAME = re.compile(r"key|token|secret|sig|auth|pass|cred|jwt")


class Redactor:
    """Replaces every secret that it knows of, or recognises by its shape, by ``[redacted]``."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        # A value of under six characters is no key, and would tear holes into ordinary text.
        spellings = {spelling for secret in secrets if len(secret) >= 6 for spelling in _spellings(secret)}
        self._secrets = tuple(sorted(spellings, key=len, reverse=True))

    def text(self, text: str) -> str:
        """The text without secrets; the same object where there were none."""
        text = self._without_known(text)
        return _without_shapes(text) if _holds_any(_SHAPE_MARKS, _without_audio(text)) else text

    def frame(self, text: str) -> str:
        """A wire frame without secrets, by field names (``authorization``, ``headers``, ...) as well."""
        text = self._without_known(text)
        rest = _without_audio(text)
        if _holds_any(_FIELD_MARKS, rest.lower()):
            text = _without_fields(text)
        return _without_shapes(text) if _holds_any(_SHAPE_MARKS, rest) else text

    def _without_known(self, text: str) -> str:
        for secret in self._secrets:
            if secret in text:
                text = text.replace(secret, REDACTED)
        return text


def public_url(url: str) -> str:
    """The URL without user, password, fragment and values of query parameters named like secrets."""
    base, mark, query = url.partition("#")[0].partition("?")
    return _USERINFO.sub(r"\1", base) + mark + "&".join(map(_public_parameter, query.split("&")))


def _public_parameter(parameter: str) -> str:
    name, equals, _ = parameter.partition("=")
    if equals and _SECRET_NAME.search(unquote_plus(name).lower()):
        return f"{name}={REDACTED}"
    return parameter


def _spellings(secret: str) -> Iterator[str]:
    """The secret as it is, in a URL, and as JSON writers escape it."""
    yield secret
    yield quote(secret, safe="")
    for ensure_ascii in (True, False):
        escaped = json.dumps(secret, ensure_ascii=ensure_ascii)[1:-1]
        yield escaped
        yield escaped.replace("/", "\\/")


def _without_audio(text: str) -> str:
    """The text without the long run of base64 round its middle: no key is in there, and looking is slow."""
    if len(text) < _LONG_TEXT:
        return text
    middle = len(text) // 2
    start, end = text.rfind('"', 0, middle), text.find('"', middle)
    if start < 0 or end < 0:
        return text
    for mark in _NEVER_IN_BASE64:
        if text.find(mark, start, end) >= 0:
            return text
    return text[: start + 1] + text[end:]


def _holds_any(marks: tuple[str, ...], text: str) -> bool:
    for mark in marks:  # noqa: SIM110 (any() takes three times as long, for each frame)
        if mark in text:
            return True
    return False


def _without_shapes(text: str) -> str:
    return _SHAPES.sub(REDACTED, text)


def _without_fields(text: str) -> str:
    """Blanks the values of secret fields in place; every other character of the frame stays."""
    kept: list[str] = []
    at = 0
    for field in _FIELD.finditer(text):
        if field.start() < at:  # inside a value that is blank already
            continue
        value, end = _public_value(field[1].lower(), text, field.end())
        kept += (text[at : field.end()], value)
        at = end
    return "".join(kept) + text[at:]


def _public_value(field: str, text: str, start: int) -> tuple[str, int]:
    """What to write for the value that starts here, and where it ends."""
    try:
        value, end = _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return f'"{REDACTED}"', len(text)  # a broken frame: nobody can say where the secret ends
    if field == "server_url" and isinstance(value, str):
        public = public_url(value)
        return text[start:end] if public == value else json.dumps(public), end
    return _STRING.sub(_blank, text[start:end]), end


def _blank(string: re.Match[str]) -> str:
    """Keeps names, so that a reader still parses the value, and blanks every other string."""
    return string[0] if string[1] else f'"{REDACTED}"'
