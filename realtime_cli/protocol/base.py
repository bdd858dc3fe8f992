"""What every wire model shares: lenient reading, lossless writing, and facts about fields for lint and describe."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, ClassVar, TypeAlias

from pydantic import BaseModel, ConfigDict


@dataclass(frozen=True, slots=True)
class Spec:
    """Facts about a field that reading never enforces: `lint` checks them, `describe` shows them.

    `known` lists the values that the API names; they are the only legal ones where `closed` is set.
    """

    doc: str = ""
    example: object = None
    known: tuple[str, ...] = ()
    closed: bool = False
    ge: float | None = None
    le: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    required: bool = False


def one_of(*values: str) -> Spec:
    """A closed list of legal values."""
    return Spec(known=values, closed=True, example=values[0])


def known(*values: str) -> Spec:
    """An open list: other values may be legal."""
    return Spec(known=values, example=values[0])


REQUIRED = Spec(required=True)

# A number that is written back as it came: 5 stays 5, 5.0 stays 5.0.
Number: TypeAlias = int | float

EventId = Annotated[str | None, Spec("the event's id; errors name it", "event_1", max_length=512)]
ItemId = Annotated[str, Spec("id of a conversation item", "item_1", max_length=32)]
ResponseId = Annotated[str, Spec("id of a response", "resp_1")]
CallId = Annotated[str, Spec("joins a function call with its output", "call_1")]
ContentIndex = Annotated[int, Spec("index of the content part in its item", 0, ge=0)]
OutputIndex = Annotated[int, Spec("index of the item in its response", 0, ge=0)]
Milliseconds = Annotated[Number, Spec("milliseconds of audio", 1200, ge=0)]
Base64 = Annotated[str, Spec("audio in base64, in the session's format", "AAAAAA==")]
Obfuscation = Annotated[str | None, Spec("padding that hides the length of the delta", "x7Kq")]
Metadata = Annotated[
    dict[str, str] | None,
    Spec("up to 16 pairs that come back unchanged; keys to 64, values to 512 characters", {"topic": "demo"}),
]


class Model(BaseModel):
    """A part of an event. Extra fields are kept; `null` and absence are told apart; nothing is ever clamped."""

    model_config = ConfigDict(
        extra="allow", frozen=True, strict=True, protected_namespaces=(), defer_build=True
    )

    def to_wire(self) -> dict[str, Any]:
        """The JSON object as it stood on the wire: fields that were set, the fixed `type`, and every extra field."""
        fields = dict(_wire_fields(self))
        return {"type": fields["type"], **fields} if "type" in fields else fields

    def to_json(self) -> str:
        """The object as JSON text that always encodes to UTF-8."""
        text = json.dumps(self.to_wire(), ensure_ascii=False, separators=(",", ":"))
        try:
            text.encode()
        except UnicodeEncodeError:  # a lone surrogate travels as an escape
            return json.dumps(self.to_wire(), separators=(",", ":"))
        return text

    @property
    def extra(self) -> dict[str, Any]:
        """Fields that the model does not know, as they came."""
        return self.__pydantic_extra__ or {}


class Event(Model):
    """One message of either side. Every subclass fixes `type`, the event's name on the wire."""

    is_error: ClassVar[bool] = False
    event_id: EventId = None

    def __str__(self) -> str:
        return self.to_json()


def _wire_fields(model: Model) -> Iterator[tuple[str, Any]]:
    present = model.model_fields_set
    for name, value in model.__dict__.items():
        if name in present or name in _fixed_fields(type(model)):
            yield name, _wire_value(value)
    yield from model.extra.items()


def _wire_value(value: Any) -> Any:
    if isinstance(value, Model):
        return value.to_wire()
    if isinstance(value, list | tuple):
        return [_wire_value(item) for item in value]
    if isinstance(value, dict):
        return {key: _wire_value(item) for key, item in value.items()}
    return value


@cache
def _fixed_fields(model: type[Model]) -> frozenset[str]:
    """Fields such as `type`, whose one value stands in the class: they are on the wire whenever the class is."""
    fields = model.model_fields
    return frozenset(name for name in ("type",) if name in fields and isinstance(fields[name].default, str))
