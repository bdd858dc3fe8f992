"""Events from files: one object, an array, a line each, or the client's side of a recorded log."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO, cast

from realtime_cli.errors import BadInput, UsageError
from realtime_cli.protocol.jsontypes import Json, as_object
from realtime_cli.visible import one_line

_STEP = re.compile(r"[^.\[\]]+|\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class FileEvent:
    """An event as a file holds it. `place` names file and position; `value` is None where it is no JSON."""

    place: str
    raw: str
    value: object

    def named(self, event_id: str) -> FileEvent:
        """The event with an id of ours, so that errors can name it, unless it has one."""
        data = as_object(self.value)
        if data is None or "event_id" in data:
            return self
        return self.changed({**data, "event_id": event_id})

    def changed(self, value: Json) -> FileEvent:
        """The same place with another value."""
        return FileEvent(self.place, json.dumps(value, ensure_ascii=False), value)


def read_events(name: str, stdin: TextIO) -> tuple[list[FileEvent], bool]:
    """The events of a file (`-`: stdin), and whether it is a recorded log. Raises `BadInput`."""
    shown = "stdin" if name == "-" else name
    text = _read(name, stdin)
    if not text.strip():
        raise BadInput(f"{shown} is empty", hint="write an event into it, such as " + _EXAMPLE)
    lines = text.split("\n")
    if _is_log(lines[0]):
        return list(_sent_in_log(name, lines, shown)), True
    whole = _parse(text)
    if not isinstance(whole, ValueError):
        return list(_from_value(whole, text, shown)), False
    return list(_from_lines(lines, shown, whole)), False


_EXAMPLE = '{"type": "response.create"}'


def _read(name: str, stdin: TextIO) -> str:
    try:
        data = stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise BadInput(
            f"cannot read {name}: {error.strerror or error}", hint="name a file, or - for stdin"
        ) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(
            f"{name} is not UTF-8 text (byte {error.start:,})",
            hint="events are JSON text, such as " + _EXAMPLE,
        ) from None


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        return ValueError("nested too deeply")
    except ValueError as error:
        return error


def _from_value(value: object, text: str, shown: str) -> Iterator[FileEvent]:
    if not isinstance(value, list):
        yield FileEvent(shown, text.strip(), value)
        return
    for number, each in enumerate(cast("list[object]", value), 1):
        yield FileEvent(f"{shown}, event {number}", json.dumps(each, ensure_ascii=False), each)


def _from_lines(lines: Sequence[str], shown: str, whole: ValueError) -> Iterator[FileEvent]:
    """One event a line; a file of which not even the first line is JSON was meant as one document."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        value = _parse(line)
        if isinstance(value, ValueError):
            first = not any(earlier.strip() for earlier in lines[: number - 1])
            error, place = (whole, shown) if first else (value, f"{shown}, line {number}")
            raise BadInput(f"{place} is not JSON: {error}", hint="events are JSON, such as " + _EXAMPLE)
        yield FileEvent(f"{shown}, line {number}", line.strip(), value)


def _is_log(first_line: str) -> bool:
    head = as_object(_parse(first_line)) or {}
    return "realtime_log" in head or ("dir" in head and "event" in head)


def _sent_in_log(name: str, lines: Sequence[str], shown: str) -> Iterator[FileEvent]:
    del lines
    if name == "-":
        raise BadInput("a log cannot be read from stdin", hint="name the log's file")
    from realtime_cli.log import open_log  # noqa: PLC0415

    log = open_log(Path(name))
    for entry in log.entries():
        if entry.direction == "out" and isinstance(entry.raw, str):
            yield FileEvent(f"{shown}, entry {entry.seq}", entry.raw, _parse(entry.raw))
    if log.damage is not None:
        sys.stderr.write(f"realtime: {shown}: {log.damage}\n")


def assign(events: Sequence[FileEvent], assignments: Iterable[str]) -> list[FileEvent]:
    """The events with fields set by `path=value`; a value that is not JSON is text. Raises `UsageError`.

    A path that begins with an index (`[1].item.id`) is for that event, else for each with its first field.
    """
    out = list(events)
    for assignment in assignments:
        path, equals, text = assignment.partition("=")
        if not equals or not path:
            raise UsageError(f"--set {assignment!r} has no path or no '='", hint="write --set PATH=VALUE")
        steps = _steps(path)
        parsed = _parse(text)
        new = text if isinstance(parsed, ValueError) else parsed
        for index, rest in _targets(out, steps, path):
            value = as_object(_put(out[index].value, rest, new, path))
            out[index] = out[index] if value is None else out[index].changed(value)
    return out


def _targets(
    events: Sequence[FileEvent], steps: Sequence[str | int], path: str
) -> list[tuple[int, Sequence[str | int]]]:
    first = steps[0]
    if isinstance(first, int):
        if first >= len(events) or len(steps) == 1:
            raise UsageError(
                f"--set {path}: there is no field of event {first}",
                hint=f"there are {len(events)} events, from 0",
            )
        return [(first, steps[1:])]
    having = [index for index, event in enumerate(events) if first in (as_object(event.value) or {})]
    if not having and len(events) > 1:
        raise UsageError(
            f"--set {path}: no event has the field {first}", hint="pick one: --set [0].PATH=VALUE"
        )
    return [(index, steps) for index in having or [0]]


def _steps(path: str) -> list[str | int]:
    steps = [int(match[1]) if match[1] else match[0] for match in _STEP.finditer(path)]
    if "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".") != path:
        raise UsageError(
            f"--set: {one_line(path)!r} is not a path", hint="write it like item.content[0].text"
        )
    return steps


def _put(value: object, steps: Sequence[str | int], new: object, path: str) -> object:
    if not steps:
        return new
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        items = list(cast("list[object]", value)) if isinstance(value, list) else []
        if step > len(items) or (value is not None and not isinstance(value, list)):
            raise UsageError(f"--set {path}: there is no element {step}", hint=f"the list has {len(items)}")
        items[step : step + 1] = [_put(items[step] if step < len(items) else None, rest, new, path)]
        return items
    data = as_object(value)
    if data is None and value is not None:
        raise UsageError(
            f"--set {path}: {step} cannot be set in {json.dumps(value)[:60]}", hint="it is no object"
        )
    data = data or {}
    return {**data, step: _put(data.get(step), rest, new, path)}
