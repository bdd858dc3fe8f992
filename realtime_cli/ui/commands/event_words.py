"""Events from words: a type with its fields, JSON, or a file that holds some."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from realtime_cli.errors import BadInput, UsageError
from realtime_cli.protocol.jsontypes import Json, as_object, dump, is_array
from realtime_cli.visible import one_line

from .fields import json_value, put, steps_of, value_of
from .files import read
from .words import first

_FIELD = re.compile(r"([^\s='\"]+)=")
_DECODER = json.JSONDecoder()
_EXAMPLE = "write /send response.create, or TYPE {...}, or TYPE field=value"


@dataclass(frozen=True, slots=True)
class Written:
    """An event as it will be sent; `value` is what its JSON says, None where it is none."""

    raw: str
    value: object

    @property
    def name(self) -> str:
        """Its type, as far as one can tell."""
        return str((as_object(self.value) or {}).get("type") or "something without a type")


def from_json(text: str, *, insists: bool) -> Written:
    """An event that is written out. Raises `BadInput` where it is no JSON, unless the user insists."""
    try:
        return Written(text, json_value(text))
    except ValueError as error:
        if insists:
            return Written(text, None)
        raise BadInput(f"this is not JSON: {error}", hint=_EXAMPLE) from None


def from_type(name: str, rest: str) -> Written:
    """An event of a type, with its other fields as an object or as `field=value`.

    Raises `BadInput` or `UsageError` where they are neither.
    """
    event: Json = {"type": name}
    if rest.startswith(("{", "[")):
        event |= _object(rest)
    else:
        for path, value in _assignments(rest):
            event = as_object(put(event, steps_of(path), value)) or event
    return Written(dump(event), event)


def from_file(name: str, *, insists: bool) -> list[Written]:
    """The events of a file: one, an array of them, or one a line. Raises `BadInput`."""
    shown = one_line(name)
    text = _text(read(name), shown).strip()
    if not text:
        raise BadInput(f"{shown} is empty", hint='events are JSON, such as {"type": "response.create"}')
    try:
        value = json_value(text)
    except ValueError as error:
        return _lines(text, shown, error, insists=insists)
    return [Written(dump(each), each) for each in value] if is_array(value) else [Written(text, value)]


def _object(text: str) -> Json:
    try:
        fields = as_object(json_value(text))
    except ValueError as error:
        raise BadInput(f"this is not JSON: {error}", hint=_EXAMPLE) from None
    if fields is None:
        raise BadInput("an event's fields are a JSON object", hint=_EXAMPLE)
    return fields


def _assignments(text: str) -> Iterator[tuple[str, object]]:
    """Paths and values. An object or a list needs no quotes, a text with spaces does."""
    while text:
        match = _FIELD.match(text)
        if match is not None and text[match.end() : match.end() + 1] in ("{", "["):
            value, end = _decoded(text, match.end())
            yield match[1], value
            text = text[end:].strip()
            continue
        word, text = first(text)
        path, equals, words = word.partition("=")
        if not (path and equals):
            raise UsageError(f"{one_line(word, limit=60)} is no field=value", hint=_EXAMPLE)
        yield path, value_of(words)


def _decoded(text: str, start: int) -> tuple[object, int]:
    try:
        return _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"this is not JSON: {error}", hint=_EXAMPLE) from None


def _text(data: bytes, shown: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{shown} is not UTF-8 text (byte {error.start:,})") from None


def _lines(text: str, shown: str, error: ValueError, *, insists: bool) -> list[Written]:
    """One event a line, unless not even the first line is one: then the file was meant as a whole."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    try:
        json_value(lines[0])
    except ValueError:
        if insists:
            return [Written(text, None)]
        raise BadInput(f"{shown} is not JSON: {error}") from None
    if '"realtime_log"' in lines[0]:
        raise BadInput(f"{shown} is a log", hint="realtime send-event sends what is in one")
    return [from_json(line, insists=insists) for line in lines]
