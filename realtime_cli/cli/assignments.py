"""`--set path=value`: fields of events, changed on the way."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

from realtime_cli.errors import UsageError
from realtime_cli.protocol.jsontypes import as_object, is_array

from .event_files import FileEvent, parse_json

_STEP = re.compile(r"[^.\[\]]+|\[(\d+)\]")


def assign(events: Sequence[FileEvent], assignments: Iterable[str]) -> list[FileEvent]:
    """The events with fields set by `path=value`; a value that is not JSON is text. Raises `UsageError`.

    A path that begins with an index (`[1].item.id`) is for that event, any other for each event that has its
    first field; a field that no event has is added where there is one event only.
    """
    changed = list(events)
    for assignment in assignments:
        path, equals, text = assignment.partition("=")
        if not equals or not path:
            raise UsageError(f"--set {assignment!r} has no path or no '='", hint="write --set PATH=VALUE")
        for index, steps in _targets(changed, _steps(path), path):
            changed[index] = _set(changed[index], steps, _value(text), path)
    return changed


def _value(text: str) -> object:
    try:
        return parse_json(text)
    except ValueError:
        return text


def _steps(path: str) -> list[str | int]:
    steps = [int(match[1]) if match[1] else match[0] for match in _STEP.finditer(path)]
    if "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".") != path:
        raise UsageError(f"--set {path}: this is not a path", hint="write it like item.content[0].text")
    return steps


def _targets(
    events: Sequence[FileEvent], steps: Sequence[str | int], path: str
) -> list[tuple[int, Sequence[str | int]]]:
    first, *rest = steps
    if isinstance(first, int):
        if first >= len(events):
            raise UsageError(
                f"--set {path}: there is no event {first}", hint=f"the events are 0 to {len(events) - 1}"
            )
        if not rest:
            raise UsageError(f"--set {path}: this names no field", hint=f"write it like [{first}].item.id")
        return [(first, rest)]
    having = [index for index, event in enumerate(events) if first in (as_object(event.value) or {})]
    if not having and len(events) > 1:
        raise UsageError(
            f"--set {path}: no event has the field {first}", hint=f"pick an event: --set [0].{path}=VALUE"
        )
    return [(index, steps) for index in having or [0]]


def _set(event: FileEvent, steps: Sequence[str | int], new: object, path: str) -> FileEvent:
    before = as_object(event.value)
    after = as_object(_put(before, steps, new, path))
    if before is None or after is None:
        raise UsageError(f"--set {path}: {event.place} is no JSON object", hint="it has no fields to set")
    return event.changed(after)


def _put(value: object, steps: Sequence[str | int], new: object, path: str) -> object:
    """The value with the field at the end of the steps replaced; missing objects and lists are made."""
    if not steps:
        return new
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        items: list[object] = list(value) if is_array(value) else []
        if step > len(items) or (value is not None and not is_array(value)):
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
