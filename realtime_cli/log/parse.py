"""From a line back to its header or entry: our own lines, hand-edited ones, and recordings of others.

A foreign recording has no header, and entries without `seq` and `t`: `{"dir": "in", "event": {...}}`.
Its notes (`"dir": "meta"`, and event types that begin with `_`) are skipped.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from math import inf
from typing import cast

from realtime_cli.log.format import Direction, LogEntry, LogHeader

START = LogEntry(0, 0.0, "local", "")
"""What comes before the first entry."""

# Our own line up to its event. `text` would stand before `event`, so that what follows is the event alone.
_OWN = re.compile(
    rb'\{"seq":(\d{1,15}),"t":(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?),"dir":"(in|out|local)","event":'
)
_DIRECTIONS: dict[object, Direction] = {
    **dict.fromkeys(("in", "recv", "received", "server", "<"), "in"),
    **dict.fromkeys(("out", "send", "sent", "client", ">"), "out"),
    "local": "local",
}
_OWN_DIRECTIONS: dict[bytes, Direction] = {b"in": "in", b"out": "out", b"local": "local"}
_NAME = re.compile(r'\s*[{,]\s*("[^"\\]*(?:\\.[^"\\]*)*")\s*:\s*')


def _number(digits: str) -> int | float:
    # int() refuses more than 4,300 digits, float() an int of more than 308: a frame may hold either.
    return int(digits) if len(digits) < 300 else float(digits)


_SPACE = " \t\n\r"
_DECODER = json.JSONDecoder(parse_int=_number)


class LineError(ValueError):
    """A line that is no entry; the text completes the sentence that begins with "line 12"."""


class NotJsonError(LineError):
    """A line that is not even JSON: garbage, or the rest of a line that is cut off."""


def parse_header(line: bytes) -> LogHeader | None:
    """The header that this line is; None where it is something else."""
    try:
        members = _members(_decoded(line))
    except LineError:
        return None
    version = members.pop("realtime_log", None)
    if type(version) is not int:
        return None
    return LogHeader(
        version=version,
        program=_text(members.pop("program", "")),
        url=_text(members.pop("url", "")),
        provider=_text(members.pop("provider", "")),
        dialect=_text(members.pop("dialect", "")),
        started=_text(members.pop("started", "")),
        extra=members,
    )


def parse_entry(line: bytes, previous: LogEntry) -> LogEntry | None:
    """The entry that this line is, after `previous`; None for a blank line or a note; raises `LineError`."""
    entry = _own_entry(line, previous)
    if entry is not None:
        return entry
    text = _decoded(line)
    return _any_entry(text, previous) if text.strip() else None


def own_head(line: bytes) -> tuple[float, Direction] | None:
    """The time and the direction of a line that this program wrote; None for any other line."""
    own = _OWN.match(line) if line.endswith(b"}\n") else None
    return None if own is None else (float(own[2]), _OWN_DIRECTIONS[own[3]])


def is_json_object(text: str) -> bool:
    """Whether the text is one JSON object and nothing else."""
    text = text.strip(_SPACE)
    try:
        value, end = cast("tuple[object, int]", _DECODER.raw_decode(text))
        return isinstance(value, dict) and end == len(text)
    except ValueError:
        return False
    except RecursionError:
        return text.lstrip()[:1] == "{"  # deeper than this parser goes: its first character has to do


def _own_entry(line: bytes, previous: LogEntry) -> LogEntry | None:
    """The quick way: cut the event out by the line's known prefix, and let a JSON scan confirm the cut."""
    own = _OWN.match(line)
    if own is None or not line.endswith(b"}\n"):
        return None
    try:
        event = str(line[own.end() : -2], "utf-8")
    except UnicodeDecodeError:
        return None
    if not is_json_object(event):
        return None
    return LogEntry(int(own[1]), _forward(float(own[2]), previous), _OWN_DIRECTIONS[own[3]], event)


def _any_entry(text: str, previous: LogEntry) -> LogEntry | None:
    members = _members(text)
    if "realtime_log" in members:
        raise LineError("is the header of another log")
    if _is_note(members):
        return None
    seq, t_s = members.get("seq"), members.get("t")
    return LogEntry(
        seq if type(seq) is int else previous.seq + 1,
        _forward(float(t_s) if isinstance(t_s, int | float) else previous.t_s, previous),
        _direction(members),
        _raw(members, text),
    )


def _is_note(members: dict[str, object]) -> bool:
    if members.get("dir") == "meta":
        return True
    event = members.get("event")
    kind = cast("dict[str, object]", event).get("type") if isinstance(event, dict) else None
    return "seq" not in members and isinstance(kind, str) and kind.startswith("_")


def _direction(members: dict[str, object]) -> Direction:
    if "dir" not in members:
        raise LineError("has no `dir`, which says who sent it")
    word = members["dir"]
    direction = _DIRECTIONS.get(word) if isinstance(word, str) else None
    if direction is None:
        raise LineError(f"has an unknown direction: {word!r}")
    return direction


def _raw(members: dict[str, object], text: str) -> str | bytes:
    if "text" in members:
        return _string(members, "text")
    if "base64" in members:
        return _bytes(_string(members, "base64"))
    if not isinstance(members.get("event"), dict):
        raise LineError("has no event (a JSON object), text or base64")
    return _source_of("event", text)


def _string(members: dict[str, object], name: str) -> str:
    value = members[name]
    if not isinstance(value, str):
        raise LineError(f"has a `{name}` that is not a string")
    return value


def _bytes(base64: str) -> bytes:
    try:
        return b64decode(base64, validate=True)
    except ValueError:
        raise LineError("has broken base64") from None


def _source_of(name: str, text: str) -> str:
    """The member's own text in a valid JSON object; the last one counts, as it does for every JSON parser."""
    source, at = "", 0
    while member := _NAME.match(text, at):
        _, at = cast("tuple[object, int]", _DECODER.raw_decode(text, member.end()))
        if json.loads(member[1]) == name:
            source = text[member.end() : at]
    return source


def _decoded(line: bytes) -> str:
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotJsonError("is not UTF-8") from None


def _members(text: str) -> dict[str, object]:
    try:
        value: object = _DECODER.decode(text)
    except ValueError:
        raise NotJsonError("is not JSON") from None
    except RecursionError:
        raise LineError("is nested too deeply") from None
    if not isinstance(value, dict):
        raise LineError("is not a JSON object")
    return cast("dict[str, object]", value)


def _forward(t_s: float, previous: LogEntry) -> float:
    """The session's time never goes back, is never NaN and never without end."""
    return t_s if previous.t_s <= t_s < inf else previous.t_s


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
