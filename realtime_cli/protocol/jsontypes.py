"""JSON values, for type checkers and in JSON's own words; text to value and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias, TypeGuard

from pydantic_core import from_json

Json: TypeAlias = dict[str, Any]
Kind: TypeAlias = Literal["null", "boolean", "integer", "number", "string", "array", "object"]

_KINDS: Mapping[type, Kind] = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}
_ARTICLES: Mapping[Kind, str] = {"null": "", "integer": "an ", "array": "an ", "object": "an "}


def is_object(value: object) -> TypeGuard[Json]:
    """Whether the value is a JSON object."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Whether the value is a JSON array."""
    return isinstance(value, list)


def is_tuple(value: object) -> TypeGuard[tuple[Any, ...]]:
    """Whether the value is a tuple, which is written as an array."""
    return isinstance(value, tuple)


def as_object(value: object) -> Json | None:
    """The value, if it is a JSON object."""
    return value if is_object(value) else None


def at(value: object, *path: str) -> object:
    """The value at a path of keys; None where the path ends early."""
    for key in path:
        value = (as_object(value) or {}).get(key)
    return value


def kind_of(value: object) -> Kind:
    """What JSON calls the value; a number without a fraction is an `integer`."""
    return _KINDS[type(value)]


def with_article(kind: Kind) -> str:
    """The kind as a sentence names it: `a string`, `an object`, `null`."""
    return _ARTICLES.get(kind, "a ") + kind


def parse(text: str) -> Any:
    """The value of a JSON text. Raises ValueError, for nesting that is too deep as well."""
    return from_json(text.encode())


def dump(value: object) -> str:
    """Compact JSON text that always encodes to UTF-8: a lone surrogate travels as an escape."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"))
    return text
