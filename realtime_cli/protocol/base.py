"""What every wire model shares: lenient reading, lossless writing, and facts about its fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import Annotated, Any, ClassVar, TypeAlias, TypeVar, cast

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema

from .jsontypes import Json, dump, is_array, is_object, is_tuple

# Numbers of a peer have 64 bits: larger integers know no end, and no arithmetic with floats can follow them.
MOST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Spec:
    """Facts about a field that reading never enforces: `lint` checks them, `describe` shows them.

    Where `example` is `...`, examples leave the field out; None: they take it from what stands inside it.
    `known` lists the values that the API names; they are the only legal ones where `closed` is set.
    Limits of length hold for a string, for the entries of a list, and for each value of a map, whose
    pairs and keys have limits of their own; `max_bytes` counts what base64 decodes to.
    """

    doc: str = ""
    example: object = field(default=None, hash=False)
    known: tuple[str, ...] = ()
    closed: bool = False
    ge: float | None = None
    le: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    max_pairs: int | None = None
    max_key_length: int | None = None
    max_bytes: int | None = None
    required: bool = False
    whole: bool = False
    base64: bool = False
    from_server: bool = False
    retired: str = ""

    def under(self, outer: Spec) -> Spec:
        """These facts, with what `outer` says otherwise."""
        facts = {fact.name: getattr(outer, fact.name) for fact in fields(Spec)}
        return replace(self, **{name: fact for name, fact in facts.items() if fact != getattr(NOTHING, name)})

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return cast("CoreSchema", _bounded(handler(source)))


def _bounded(schema: Mapping[str, Any]) -> Json:
    """The schema, with no number in it beyond `MOST`."""
    bounded = dict(schema)
    match bounded:
        case {"type": "int" | "float"}:
            bounded |= {"ge": -MOST, "le": MOST}
        case {"type": "nullable", "schema": inner}:
            bounded["schema"] = _bounded(inner)
        case {"type": "list", "items_schema": inner}:
            bounded["items_schema"] = _bounded(inner)
        case {"type": "union", "choices": choices}:
            bounded["choices"] = [_bounded(choice) for choice in choices]
        case _:
            pass
    return bounded


def one_of(*values: str, doc: str = "") -> Spec:
    """A closed list of legal values; the first is the example."""
    return Spec(doc, values[0], values, closed=True)


def known(*values: str, doc: str = "") -> Spec:
    """An open list: other values may be legal."""
    return Spec(doc, values[0], values)


@dataclass(frozen=True, slots=True)
class _FirstErrorOnly:
    """Ends the reading of a list or map at its first error: a million wrong entries would fill gigabytes."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return cast("CoreSchema", {**handler(source), "fail_fast": True})


NOTHING = Spec()
REQUIRED = Spec(required=True)

_T = TypeVar("_T")
Many: TypeAlias = Annotated[list[_T], _FirstErrorOnly()]
TextMap: TypeAlias = Annotated[dict[str, str], _FirstErrorOnly()]

# A number that is written back as it came: 5 stays 5, 5.0 stays 5.0.
Number: TypeAlias = int | float

EventId = Annotated[str | None, Spec("the event's id; errors name it", "event_1", max_length=512)]
ItemId = Annotated[str, Spec("id of a conversation item", "item_1", max_length=32)]
ResponseId = Annotated[str, Spec("id of a response", "resp_1")]
CallId = Annotated[str, Spec("joins a function call with its output", "call_1")]
ContentIndex = Annotated[int, Spec("index of the content part in its item", 0, ge=0)]
OutputIndex = Annotated[int, Spec("index of the item in its response", 0, ge=0)]
Milliseconds = Annotated[Number, Spec("milliseconds of audio", 1200, ge=0)]
Base64 = Annotated[str, Spec("audio in base64, in the session's format", "AAAAAA==", base64=True)]
MAX_APPEND_BYTES = 15 * 1024 * 1024
Obfuscation = Annotated[str | None, Spec("padding that hides the length of the delta", "x7Kq")]
TextDelta = Annotated[str | None, Spec("what comes next; append it", "Hel")]
WholeText = Annotated[str | None, Spec("the whole text", "Hello to you!")]
PreviousItemId = Annotated[str | None, Spec("the item before it; null: none", "item_0")]
Metadata = Annotated[
    TextMap | None,
    Spec(
        "pairs that come back unchanged",
        {"topic": "demo"},
        max_length=512,
        max_pairs=16,
        max_key_length=64,
    ),
]


class Model(BaseModel):
    """A part of an event. Extra fields are kept, `null` and absence told apart, nothing is ever clamped."""

    model_config = ConfigDict(
        extra="allow", frozen=True, strict=True, protected_namespaces=(), defer_build=True
    )

    def to_wire(self) -> Json:
        """The JSON object as it stands on the wire: `type`, the fields that were set, every extra field."""
        fields = dict(_wire_fields(self))
        return {"type": fields["type"], **fields} if "type" in fields else fields

    def to_json(self) -> str:
        """The object as JSON text that always encodes to UTF-8."""
        return dump(self.to_wire())

    @property
    def extra(self) -> Json:
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


def _wire_value(value: object) -> object:
    if isinstance(value, Model):
        return value.to_wire()
    if is_array(value) or is_tuple(value):
        return [_wire_value(item) for item in value]
    if is_object(value):
        return {key: _wire_value(item) for key, item in value.items()}
    return value


@cache
def _fixed_fields(model: type[Model]) -> frozenset[str]:
    """Fields such as `type`, whose one value stands in the class: on the wire whenever the class is."""
    fields = model.model_fields
    return frozenset(name for name in ("type",) if name in fields and isinstance(fields[name].default, str))
