"""Events from files: one object, an array, a line each, or the client's side of a recorded log."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from realtime_cli.errors import BadInput
from realtime_cli.protocol.jsontypes import Json, as_object

_EXAMPLE = 'events are JSON, such as {"type": "response.create"}'
_BETWEEN = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class FileEvent:
    """An event as a file holds it. `place` names file and position; `value` is None where it is no JSON."""

    place: str
    raw: str
    value: object

    def named(self, event_id: str) -> FileEvent:
        """The event as it is written, with an id of ours unless it has one, so that errors can name it."""
        data = as_object(self.value)
        if data is None or "event_id" in data:
            return self
        comma = ", " if data else ""
        raw = f'{{"event_id": "{event_id}"{comma}{self.raw.lstrip()[1:]}'
        return FileEvent(self.place, raw, {**data, "event_id": event_id})

    def changed(self, value: Json) -> FileEvent:
        """The same place with another value."""
        return FileEvent(self.place, json.dumps(value, ensure_ascii=False), value)


@dataclass(frozen=True, slots=True)
class EventFile:
    """What a file holds; `damage` tells where a log ends before its time."""

    events: tuple[FileEvent, ...]
    is_log: bool = False
    damage: str = ""


def read_events(name: str, stdin: TextIO, *, as_is: bool = False) -> EventFile:
    """The events of a file (`-`: stdin). Raises `BadInput`; with `as_is` not for what is no JSON."""
    shown = "stdin" if name == "-" else name
    try:
        with _opened(name, stdin) as file:
            first_line = file.readline()
            if _is_log(first_line):
                return _sent_in_log(name, shown)
            text = _text(first_line + file.read(), shown)
    except OSError as error:
        raise BadInput(
            f"cannot read {shown}: {error.strerror or error}", hint="name a file, or - for stdin"
        ) from None
    if not text.strip():
        raise BadInput(f"{shown} is empty", hint=_EXAMPLE)
    return EventFile(tuple(_events(text, shown, as_is=as_is)))


def parse_json(text: str) -> object:
    """The value of a JSON text, by the book: no NaN, no Infinity. Raises `ValueError`."""
    try:
        return cast("object", json.loads(text, parse_constant=_refuse))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON value")


def _opened(name: str, stdin: TextIO) -> AbstractContextManager[BinaryIO]:
    return nullcontext(stdin.buffer) if name == "-" else Path(name).open("rb")


def _text(data: bytes, shown: str) -> str:
    try:
        return data.decode("utf-8-sig").strip("\r\n")
    except UnicodeDecodeError as error:
        raise BadInput(f"{shown} is not UTF-8 text (byte {error.start:,})", hint=_EXAMPLE) from None


def _is_log(first_line: bytes) -> bool:
    try:
        head = as_object(parse_json(first_line.decode("utf-8-sig"))) or {}
    except ValueError:
        return False
    return "realtime_log" in head or ("dir" in head and "event" in head)


def _sent_in_log(name: str, shown: str) -> EventFile:
    if name == "-":
        raise BadInput("a log cannot be read from stdin", hint="name the log's file")
    from realtime_cli.log import open_log  # noqa: PLC0415

    log = open_log(Path(name))
    sent = tuple(
        FileEvent(f"{shown}, entry {entry.seq}", entry.raw, _value_or_none(entry.raw))
        for entry in log.entries()
        if entry.direction == "out" and isinstance(entry.raw, str)
    )
    return EventFile(sent, is_log=True, damage=f"{shown}: {log.damage}" if log.damage else "")


def _events(text: str, shown: str, *, as_is: bool) -> Iterator[FileEvent]:
    try:
        whole = parse_json(text)
    except ValueError as error:
        yield from _from_lines(text, shown, error, as_is=as_is)
        return
    if not isinstance(whole, list):
        yield FileEvent(shown, text, whole)
        return
    for number, element in enumerate(_elements(text), 1):
        yield FileEvent(f"{shown}, event {number}", element, parse_json(element))


def _elements(array: str) -> Iterator[str]:
    """The elements of a valid JSON array, each as it is written there."""
    at = _after_gap(array, array.index("[") + 1)
    while array[at] != "]":
        _, end = _DECODER.raw_decode(array, at)
        yield array[at:end]
        at = _after_gap(array, end)


def _after_gap(array: str, at: int) -> int:
    gap = _BETWEEN.match(array, at)
    return gap.end() if gap else at


def _from_lines(text: str, shown: str, error: ValueError, *, as_is: bool) -> Iterator[FileEvent]:
    """One event a line; a file of which not even the first line is JSON was meant as one document."""
    lines = [(number, line) for number, line in enumerate(map(str.strip, text.split("\n")), 1) if line]
    if _value_or_none(lines[0][1]) is None:
        if not as_is:
            raise _not_json(shown, error)
        yield FileEvent(shown, text, None)
        return
    for number, line in lines:
        place = f"{shown}, line {number}"
        try:
            value = parse_json(line)
        except ValueError as bad:
            if not as_is:
                raise _not_json(place, bad) from None
            value = None
        yield FileEvent(place, line, value)


def _not_json(place: str, why: ValueError) -> BadInput:
    return BadInput(f"{place} is not JSON: {why}", hint=_EXAMPLE)


def _value_or_none(text: str) -> object:
    try:
        return parse_json(text)
    except ValueError:
        return None
