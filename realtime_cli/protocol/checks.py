"""Checks an object against its model, field by field, to the bottom."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from .base import Model, Spec
from .findings import Finding
from .jsontypes import Json, is_array, is_object, kind_of, with_article
from .limits import check_entries, check_number, check_pairs, check_text
from .shapes import Shape, fields_of
from .wording import for_example, instead, legal_in_words, legal_kinds, shown

# (path of the object, its model, the field that it does not have, the value) -> what to write instead
Advise: TypeAlias = Callable[[str, type[Model], str, object], str]


def below(path: str, name: str) -> str:
    """The path of a field of the object at `path`."""
    return f"{path}.{name}" if path else name


@dataclass(frozen=True, slots=True)
class Check:
    """Walks an outgoing event. `advise` knows what to write instead of an unknown field."""

    advise: Advise

    def model(self, path: str, value: Json, model: type[Model]) -> Iterator[Finding]:
        """Every fault of an object that should be one of the model."""
        shapes = fields_of(model)
        for name, part in value.items():
            if name in shapes:
                yield from self._field(below(path, name), part, shapes[name])
            else:
                hint = self.advise(path, model, name, part)
                yield Finding(below(path, name), "is not a field of the API", hint, "unknown_parameter")
        for name, shape in shapes.items():
            if shape.spec.required and name not in value:
                yield _missing(below(path, name), shape)

    def _field(self, path: str, value: object, shape: Shape) -> Iterator[Finding]:
        spec = shape.spec
        if spec.from_server:
            yield Finding(path, "is for the server to set", "leave it out", "unknown_parameter")
        elif value is None and spec.required:
            yield _wrong_kind(path, value, shape)
        else:
            if spec.retired and value is not None:
                yield Finding(path, f"ends on {spec.retired}", spec.doc, "unknown_parameter", "warning")
            yield from self._value(path, value, shape)

    def _value(self, path: str, value: object, shape: Shape) -> Iterator[Finding]:
        kinds = legal_kinds(shape)
        kind = kind_of(value)
        if kinds and kind not in kinds:
            yield _wrong_kind(path, value, shape)
        elif is_object(value):
            yield from self._object(path, value, shape)
        elif is_array(value) and shape.items is not None:
            yield from self._entries(path, value, shape.items, shape.spec)
        elif isinstance(value, str):
            yield from check_text(path, value, shape)
        elif isinstance(value, int | float):
            yield from check_number(path, value, shape.spec, whole="number" not in kinds)

    def _entries(self, path: str, values: list[object], entry: Shape, spec: Spec) -> Iterator[Finding]:
        yield from check_entries(path, len(values), spec)
        legal = Spec(known=spec.known, closed=spec.closed)
        entry = replace(entry, spec=entry.spec.under(legal))
        for index, value in enumerate(values):
            yield from self._value(f"{path}[{index}]", value, entry)

    def _object(self, path: str, value: Json, shape: Shape) -> Iterator[Finding]:
        if shape.tagged:
            yield from self._tagged(path, value, shape.tagged)
        elif shape.models:
            yield from self.model(path, value, shape.models[0])
        elif shape.values is not None:
            yield from check_pairs(path, value, shape.spec)
            entry = replace(shape.values, spec=Spec(max_length=shape.spec.max_length))
            for key, part in value.items():
                yield from self._value(below(path, key), part, entry)

    def _tagged(self, path: str, value: Json, models: Mapping[str, type[Model]]) -> Iterator[Finding]:
        tag = value.get("type")
        if "type" not in value:
            yield from self.model(path, value, _likely(value, models))
        elif isinstance(tag, str) and tag in models:
            yield from self.model(path, value, models[tag])
        else:
            names = Spec(known=tuple(models), closed=True)
            yield from self._value(below(path, "type"), tag, Shape(frozenset({"string"}), names))


def _missing(path: str, shape: Shape) -> Finding:
    name = path.rpartition(".")[2]
    return Finding(path, "is missing", f'add "{name}"{for_example(shape.spec)}', "missing_required_parameter")


def _wrong_kind(path: str, value: object, shape: Shape) -> Finding:
    kind = kind_of(value)
    seen = "" if kind in ("null", "array", "object") else f" ({shown(value)})"
    reason = f"must be {legal_in_words(shape)}, not {with_article(kind)}{seen}"
    return Finding(path, reason, instead(value, shape), "invalid_type")


def _likely(value: Json, models: Mapping[str, type[Model]]) -> type[Model]:
    """The model that has most of the object's fields."""
    return max(models.values(), key=lambda model: len(fields_of(model).keys() & value.keys()))
