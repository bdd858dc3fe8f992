"""Frames that fit no model: what they are called, what they keep, and why they did not fit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from .jsontypes import Json, is_array, is_object, kind_of, with_article


@dataclass(frozen=True, slots=True)
class UnknownEvent:
    """An event of a type that we do not know, as it came."""

    is_error: ClassVar[bool] = False
    type: str
    raw: str
    data: dict[str, Any] = field(repr=False, compare=False)

    @property
    def event_id(self) -> str | None:
        """The event's id, where it has one."""
        return _event_id(self.data)

    def to_json(self) -> str:
        """The frame's own text."""
        return self.raw

    def __str__(self) -> str:
        return self.raw


@dataclass(frozen=True, slots=True)
class MalformedEvent:
    """A frame that is no event (`type` is empty then), or that does not fit the type it names."""

    is_error: ClassVar[bool] = False
    type: str
    reason: str
    raw: str | bytes
    event_id: str | None = None

    def to_json(self) -> str:
        """The frame's own text; a binary frame as well as it can be read."""
        return self.raw if isinstance(self.raw, str) else self.raw.decode("utf-8", "replace")

    def __str__(self) -> str:
        return self.to_json()


def binary_frame(raw: bytes) -> MalformedEvent:
    """A binary frame, which no server of this protocol should send."""
    return MalformedEvent("", f"a binary frame of {len(raw):,} bytes", raw)


def misfit(raw: str, error: ValueError) -> UnknownEvent | MalformedEvent:
    """What a text frame is that no model took, for the reason in `error`."""
    try:
        data: object = json.loads(raw)
    except (ValueError, RecursionError) as problem:
        return MalformedEvent("", f"not JSON: {problem}", raw)
    if not is_object(data):
        return MalformedEvent("", f"JSON, but {with_article(kind_of(data))} and not an object", raw)
    name = data.get("type")
    if not isinstance(name, str):
        return MalformedEvent("", "an object without a `type`", raw)
    details = _details(error)
    if any(detail["type"] == "union_tag_invalid" and not detail["loc"] for detail in details):
        return UnknownEvent(name, raw, data)
    reason = _reason(details[0], data) if details else str(error)
    return MalformedEvent(name, reason, raw, _event_id(data))


def _details(error: ValueError) -> list[ErrorDetails]:
    """What pydantic found, if it was pydantic: the departures that are not about a union's tag come first."""
    if not isinstance(error, ValidationError):
        return []
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return sorted(found, key=lambda detail: detail["type"].startswith("union_tag"))


def _reason(detail: ErrorDetails, data: Json) -> str:
    path = ".".join(_steps(detail["loc"], data))
    return f"{path}: {detail['msg']}" if path else detail["msg"]


def _steps(location: tuple[int | str, ...], data: Json) -> Iterator[str]:
    """The steps of a location that stand in the data: pydantic's also name members of unions."""
    value: Any = data
    for step in location:
        if is_object(value) and step in value:
            value = value[str(step)]
        elif is_array(value) and isinstance(step, int):
            value = value[step]
        else:
            continue
        yield str(step)


def _event_id(data: Json) -> str | None:
    value = data.get("event_id")
    return value if isinstance(value, str) else None
