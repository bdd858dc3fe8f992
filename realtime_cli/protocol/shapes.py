"""What JSON each field of a model takes, read off the model itself: the one source for lint and describe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, reduce
from types import MappingProxyType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from .base import NOTHING, Model, Spec
from .jsontypes import Kind

_SCALARS: Mapping[object, Kind] = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """The kinds of JSON that a field takes (none: any), the facts about it, and what stands inside it."""

    kinds: frozenset[Kind] = frozenset()
    spec: Spec = NOTHING
    models: tuple[type[Model], ...] = ()
    items: Shape | None = None
    values: Shape | None = None

    @property
    def tagged(self) -> Mapping[str, type[Model]]:
        """The objects that are told apart by their `type`."""
        return {tag: model for model in self.models if (tag := tag_of(model))}

    def joined(self, other: Shape) -> Shape:
        """A field that takes what either shape takes."""
        return Shape(
            kinds=self.kinds | other.kinds,
            spec=other.spec.under(self.spec),
            models=self.models + other.models,
            items=self.items or other.items,
            values=self.values or other.values,
        )


def tag_of(model: type[Model]) -> str | None:
    """The one value that the model's `type` has, where it is fixed."""
    field = model.model_fields.get("type")
    return field.default if field is not None and isinstance(field.default, str) else None


@cache
def fields_of(model: type[Model]) -> Mapping[str, Shape]:
    """The shape of every field of the model, `type` first."""
    hints = get_type_hints(model, include_extras=True)
    shapes = {name: shape_of(hints[name]) for name in model.model_fields}
    return MappingProxyType({name: shapes[name] for name in sorted(shapes, key=lambda name: name != "type")})


def shape_of(hint: Any) -> Shape:
    """The shape that a type annotation stands for."""
    if hint in _SCALARS:
        return Shape(frozenset({_SCALARS[hint]}))
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _annotated(shape_of(arguments[0]), hint.__metadata__)
    if origin in (Union, UnionType):
        return reduce(Shape.joined, map(shape_of, arguments))
    return _whole(hint, origin, arguments)


def _whole(hint: Any, origin: object, arguments: tuple[Any, ...]) -> Shape:
    if origin is Literal:
        return Shape(
            frozenset({"string"}), Spec("the name", arguments[0], arguments, closed=True, required=True)
        )
    if origin is list:
        return Shape(frozenset({"array"}), items=shape_of(arguments[0]))
    if origin is dict:
        return Shape(frozenset({"object"}), values=shape_of(arguments[1]))
    return Shape() if hint is Any else Shape(frozenset({"object"}), models=(hint,))


def _annotated(shape: Shape, notes: tuple[object, ...]) -> Shape:
    specs = [note for note in notes if isinstance(note, Spec)]
    return replace(shape, spec=reduce(Spec.under, specs, shape.spec))
