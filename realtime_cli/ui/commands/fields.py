"""Fields of JSON objects by their paths: set from words, and listed from the models."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import TypeAlias, cast

from realtime_cli.errors import UsageError
from realtime_cli.protocol.base import Model, Spec
from realtime_cli.protocol.checks import below
from realtime_cli.protocol.jsontypes import Json, Kind, as_object, is_array, kind_of
from realtime_cli.protocol.objects import members
from realtime_cli.protocol.shapes import Shape, fields_of
from realtime_cli.protocol.wording import legal_kinds

from .command import Offer

Steps: TypeAlias = Sequence[str | int]
Paths: TypeAlias = Mapping[str, Shape]

_STEP = re.compile(r"[^.\[\]]+|\[([0-9]{1,4})\]")
_DEEPEST = 5
_ANY: frozenset[Kind] = frozenset()


def json_value(text: str) -> object:
    """The value of a JSON text, by the book: no NaN, no Infinity. Raises `ValueError`."""
    try:
        return cast("object", json.loads(text, parse_constant=_refuse))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def value_of(text: str, shape: Shape | None = None) -> object:
    """The value that a word stands for: JSON where it is that and the field takes it, else text."""
    try:
        value = json_value(text)
    except ValueError:
        return text
    kinds = legal_kinds(shape) if shape is not None else _ANY
    return text if "string" in kinds and kind_of(value) not in kinds else value


def steps_of(path: str) -> list[str | int]:
    """The steps of a path such as `item.content[0].text`. Raises `UsageError`."""
    steps = [int(match[1]) if match[1] else match[0] for match in _STEP.finditer(path)]
    if "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".") != path:
        raise UsageError(f"{path} is not a path", hint="write it like item.content[0].text")
    return steps


def put(value: object, steps: Steps, new: object) -> object:
    """The value with the field at the end of the steps replaced; missing objects and lists are made.

    Raises `UsageError` where a step leads into something that is no object, or past the end of a list.
    """
    if not steps:
        return new
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        return _put_in_list(value, step, put(_entry(value, step), rest, new))
    data = as_object(value)
    if data is None and value is not None:
        raise UsageError(f"{step} cannot be set in {json.dumps(value)[:60]}", hint="it is no object")
    data = data or {}
    return {**data, step: put(data.get(step), rest, new)}


@cache
def paths_of(model: type[Model]) -> Paths:
    """The path of every field below a model that a client may set; `[0]` stands for any entry of a list."""
    found: dict[str, Shape] = {}
    for path, shape in _walk(model, "", _DEEPEST):
        is_new = path not in found
        if is_new or not path.endswith(".type"):
            found[path] = shape if is_new else found[path].joined(shape)
    return MappingProxyType(found)


def value_offers(shape: Shape, *, before: str = "") -> Iterator[Offer]:
    """The values that the models know for a field, behind `before`; alone they are written as they are."""
    for value, words in _values(shape):
        yield Offer(before + value, words, is_raw=not before, shown=value)


def _values(shape: Shape) -> Iterator[tuple[str, str]]:
    spec, kinds = shape.spec, legal_kinds(shape)
    yield from ((value, spec.doc) for value in spec.known)
    if "boolean" in kinds:
        yield from ((value, spec.doc) for value in ("true", "false"))
    elif not spec.known and isinstance(spec.example, str):
        yield spec.example, "for example"
    elif not spec.known and isinstance(spec.example, int | float):
        yield json.dumps(spec.example), "for example"
    if "null" in kinds and not spec.required:
        yield "null", "none, or as usual"


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON value")


def _entry(value: object, index: int) -> object:
    return value[index] if is_array(value) and index < len(value) else None


def _put_in_list(value: object, index: int, new: object) -> list[object]:
    entries: list[object] = list(value) if is_array(value) else []
    if index > len(entries) or (value is not None and not is_array(value)):
        raise UsageError(f"there is no element {index}", hint=f"the list has {len(entries)}")
    entries[index : index + 1] = [new]
    return entries


def _walk(model: type[Model], path: str, depth: int) -> Iterator[tuple[str, Shape]]:
    for name, shape in fields_of(model).items():
        if shape.spec.from_server:
            continue
        here = below(path, name)
        yield here, shape
        yield from _inside(shape, f"{here}[0]" if shape.items else here, depth) if depth else ()


def _inside(shape: Shape, path: str, depth: int) -> Iterator[tuple[str, Shape]]:
    inner = shape.items or shape
    if len(inner.tagged) > 1:
        kinds = Spec("which object it is", known=tuple(inner.tagged), closed=True, required=True)
        yield below(path, "type"), Shape(frozenset({"string"}), kinds)
    for part in members(inner).values():
        yield from _walk(part, path, depth - 1)


def settable(data: Json) -> Iterator[tuple[str, object]]:
    """The values of an object with their paths, down to what is no object."""
    for name, value in data.items():
        inner = as_object(value)
        if inner:
            yield from ((f"{name}.{path}", leaf) for path, leaf in settable(inner))
        else:
            yield name, value
