"""How findings and descriptions say things: values, kinds, choices."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from .base import Spec
from .jsontypes import Kind, dump, with_article
from .shapes import Shape

_SHOWN_CHARACTERS = 60
_INTEGER: frozenset[Kind] = frozenset({"integer"})


def shown(value: object) -> str:
    """The value as JSON, cut to a length that a line can hold."""
    try:
        text = dump(value)
    except RecursionError:  # nested more deeply than it can be written
        return "..."
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."


def choices(values: Iterable[str]) -> str:
    """The values as one would say them: `"a", "b" or "c"`."""
    *others, last = [f'"{value}"' for value in values]
    return f"{', '.join(others)} or {last}" if others else last


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The name that was probably meant."""
    return next(iter(get_close_matches(name, list(names), n=1, cutoff=0.7)), None)


def legal_kinds(shape: Shape) -> frozenset[Kind]:
    """The kinds of JSON that the API takes; empty: any."""
    if shape.spec.whole:
        return shape.kinds - {"number"}
    return shape.kinds | _INTEGER if "number" in shape.kinds else shape.kinds


def legal_in_words(shape: Shape) -> str:
    """What a field takes, as one would say it, without null: `an integer or "inf"`."""
    kinds = legal_kinds(shape) - {"null"}
    if "number" in kinds:
        kinds -= {"integer"}
    if shape.spec.closed and "string" in kinds:
        kinds -= {"string"}
        return " or ".join([*map(with_article, sorted(kinds)), choices(shape.spec.known)])
    return " or ".join(map(with_article, sorted(kinds)))


def instead(value: object, shape: Shape) -> str:
    """What to write where a field does not take the value."""
    if isinstance(value, str):
        if legal_kinds(shape) & {"integer", "number"} and _says_number(value):
            return f"write {value} without the quotes"
        if meant := nearest(value, shape.spec.known if "string" in shape.kinds else ()):
            return f'write "{meant}"'
    if shape.tagged:
        return f"write an object of type {choices(shape.tagged)}"
    example = "" if shape.spec.closed and "string" in shape.kinds else for_example(shape.spec)
    return f"write {legal_in_words(shape)}{example}"


def for_example(spec: Spec) -> str:
    """The field's example, as the end of a sentence; empty where it has none."""
    return "" if spec.example in (None, ...) else f", for example {shown(spec.example)}"


def _says_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
