"""The objects inside events, by the names that people look them up with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from types import MappingProxyType

from .audio import TurnDetection
from .base import Event, Model
from .items import ContentPart, Item
from .session import Session, Tool
from .shapes import Shape, fields_of, shape_of, tag_of

_UNIONS: Mapping[str, object] = {
    "session": Session,
    "item": Item,
    "content_part": ContentPart,
    "tool": Tool,
    "turn_detection": TurnDetection,
}
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


@cache
def unions() -> Mapping[str, Shape]:
    """The objects that come in several types."""
    return MappingProxyType({name: shape_of(union) for name, union in _UNIONS.items()})


def name_of(shape: Shape) -> str:
    """The name under which a union is looked up; empty where it has none."""
    return next((name for name, union in unions().items() if union.models == shape.models), "")


def members(shape: Shape) -> Mapping[str, type[Model]]:
    """The objects that a field takes, by type; only those that we know where there are several."""
    return shape.tagged or {model.__name__: model for model in shape.models[:1]}


def objects_in(events: Iterable[type[Event]]) -> Mapping[str, Shape]:
    """Every object of the events: unions, then models by their class's name and by their type."""
    models = list(dict.fromkeys(model for event in events for model in _below(event)))
    single = {model: Shape(models=(model,)) for model in models}
    by_class = {snake_case(model.__name__): shape for model, shape in single.items()}
    by_type = {tag: shape for model, shape in single.items() if (tag := tag_of(model))}
    return MappingProxyType({**by_type, **by_class, **unions()})


def snake_case(name: str) -> str:
    """`FunctionCall` as `function_call`."""
    return _CAPITAL.sub("_", name).lower()


def _below(model: type[Model]) -> Iterator[type[Model]]:
    for shape in fields_of(model).values():
        for part in members(shape.items or shape).values():
            yield part
            yield from _below(part)
