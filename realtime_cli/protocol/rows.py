"""The fields of an object as the rows of a table, nested objects included."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .base import Model, Spec
from .limits import range_in_words
from .objects import members, name_of
from .shapes import Shape, fields_of
from .wording import legal_kinds

_DEEPEST = 5
_MOST_TYPES = 2
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field: where it stands, what it takes, what it means.

    `known` lists values that the API names, all of them if `closed`. `when` names the types of object
    that have the field (after `not`: those that have not), where not all do. `see` names the object to
    look up, where it is not laid out here.
    """

    path: str
    kind: str
    required: bool
    limits: str
    known: tuple[str, ...]
    closed: bool
    doc: str
    when: str = ""
    see: str = ""


def rows_of(models: Mapping[str, type[Model]], path: str = "", depth: int = _DEEPEST) -> Iterator[FieldRow]:
    """The rows of an object that is one of the models, which are given by type."""
    fields = {tag: fields_of(model) for tag, model in models.items()}
    if len(models) > 1:
        types = Spec("which object it is", known=tuple(models), closed=True, required=True)
        yield _row(f"{path}type", Shape(frozenset({"string"}), types))
    for name in dict.fromkeys(name for shapes in fields.values() for name in shapes):
        if name != "type" or len(models) == 1:
            for shape, owners in _owners(name, fields).items():
                yield from _rows(path + name, shape, _when(owners, list(models)), depth)


def _when(owners: list[str], types: list[str]) -> str:
    others = [tag for tag in types if tag not in owners]
    if len(others) < len(owners):
        return f"not {', '.join(others)}" if others else ""
    return ", ".join(owners)


def _owners(name: str, fields: Mapping[str, Mapping[str, Shape]]) -> Mapping[Shape, list[str]]:
    """The types of object that have the field, by what they take there."""
    owners: dict[Shape, list[str]] = {}
    for tag, shapes in fields.items():
        if name in shapes:
            owners.setdefault(shapes[name], []).append(tag)
    return owners


def _rows(path: str, shape: Shape, when: str, depth: int) -> Iterator[FieldRow]:
    inner = shape.items or shape
    objects = members(inner)
    laid_out = depth > 0 and len(objects) <= _MOST_TYPES
    yield _row(path, shape, when, "" if laid_out else name_of(inner))
    if laid_out and objects:
        yield from rows_of(objects, f"{path}[]." if shape.items else f"{path}.", depth - 1)


def _row(path: str, shape: Shape, when: str = "", see: str = "") -> FieldRow:
    spec = shape.spec
    doc = spec.doc or next((first_line(model) for model in (shape.items or shape).models), "")
    limits = ", ".join(_limits(shape))
    kind = kind_in_words(shape)
    return FieldRow(path, kind, spec.required, limits, spec.known, spec.closed, doc, when, see)


def first_line(model: type[Model]) -> str:
    """What the model is, in a line."""
    return (model.__doc__ or "").strip().partition("\n")[0]


def kind_in_words(shape: Shape) -> str:
    """The kinds of JSON that a field takes: `string or object`, `array of string`, `any`."""
    if shape.items is not None:
        return f"array of {kind_in_words(shape.items)}"
    if shape.values is not None:
        return f"object of {kind_in_words(shape.values)}"
    kinds = legal_kinds(shape) - {"null"}
    kinds -= {"integer"} if "number" in kinds else set()
    return " or ".join(sorted(kinds, reverse=True)) or "any"


def _limits(shape: Shape) -> Iterator[str]:
    spec = shape.spec
    unit = "entries" if shape.items else "characters"
    if spec.max_pairs is not None:
        yield f"{spec.max_pairs} pairs, keys to {spec.max_key_length} characters, values to {spec.max_length}"
    elif spec.max_length is not None and spec.min_length == spec.max_length:
        yield "exactly 1 entry" if spec.max_length == 1 else f"exactly {spec.max_length} {unit}"
    elif spec.max_length is not None:
        yield f"up to {spec.max_length} {unit}"
    elif spec.min_length is not None:
        yield f"{spec.min_length} or more {unit}"
    if spec.base64:
        yield "base64"
    if spec.max_bytes is not None:
        yield f"up to {spec.max_bytes // _MIB} MiB"
    yield from filter(None, [range_in_words(spec), spec.retired and f"ends on {spec.retired}"])
    if spec.from_server:
        yield "from the server only"
