"""The lines of a log, version 1: UTF-8, one JSON object a line, each line ended by one line feed.

::

    {"realtime_log":1,"program":"realtime 0.1.0","url":"wss://...", ...}    the header, line 1
    {"seq":12,"t":1.234567,"dir":"in","event":{...}}                        a frame that is a JSON object
    {"seq":13,"t":1.234999,"dir":"in","text":"...","event":{...}}           the same, where it has line breaks
    {"seq":14,"t":1.235001,"dir":"out","text":"..."}                        any other text
    {"seq":15,"t":1.24,"dir":"in","base64":"..."}                           a binary frame

`seq` counts from 1, `t` is in seconds of the session. `event` is the frame's own text, byte for byte, unless
`text` stands before it: then `text` is, and `event` is there for `jq`.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Literal

from realtime_cli.redaction import public_url

VERSION = 1

Direction = Literal["in", "out", "local"]
"""From the server, to the server, or an input of our own user (typed text, commands, tool results, ...)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogHeader:
    """Who wrote the log, about a session with which server, and when it started (ISO 8601, UTC)."""

    version: int = VERSION
    program: str
    url: str
    provider: str
    dialect: str
    started: str
    extra: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One frame or local input: its number, session time, direction, and its own text or bytes, unchanged."""

    seq: int
    t_s: float
    direction: Direction
    raw: str | bytes


def header_line(header: LogHeader) -> str:
    """The first line of a log, without the secrets that its URL may hold."""
    own = {
        "realtime_log": header.version,
        "program": header.program,
        "url": public_url(header.url),
        "provider": header.provider,
        "dialect": header.dialect,
        "started": header.started,
    }
    return (
        _compact({**own, **{name: value for name, value in header.extra.items() if name not in own}}) + "\n"
    )


def entry_line(entry: LogEntry, *, is_object: bool) -> bytes:
    """The line of one entry; `is_object` promises that its text is a valid JSON object."""
    time = repr(float(entry.t_s)) if isfinite(entry.t_s) else "null"
    head = f'{{"seq":{entry.seq},"t":{time},"dir":"{entry.direction}",'
    return b"%b%b}\n" % (head.encode(), _body(entry.raw, is_object=is_object))


def _body(raw: str | bytes, *, is_object: bool) -> bytes:
    if isinstance(raw, bytes):
        return b'"base64":"%b"' % b64encode(raw)
    if not is_object:
        return _text_member(raw)
    event = _as_one_line(raw)
    if event is not None:
        return b'"event":' + event
    # Valid JSON has bare line breaks between its tokens only, so that a space serves as well.
    event = utf8(raw.replace("\n", " ").replace("\r", " "))
    return b'%b,"event":%b' % (_text_member(raw), event)


def _as_one_line(text: str) -> bytes | None:
    """The text's UTF-8 where it can stand in a line as it is; None where not."""
    if "\n" in text or "\r" in text:
        return None
    try:
        return text.encode()
    except UnicodeEncodeError:
        return None


def utf8(json_text: str) -> bytes:
    """JSON in UTF-8; a lone surrogate, which UTF-8 cannot hold, becomes JSON's own escape for it."""
    return json_text.encode("utf-8", "backslashreplace")


def _text_member(raw: str) -> bytes:
    return b'"text":' + utf8(json.dumps(raw, ensure_ascii=False))


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
