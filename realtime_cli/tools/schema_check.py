"""A light check of values against JSON Schema: the keywords that tools are described with.

A keyword that is not known here lets everything pass, and so does one that makes no sense: the tool itself
has the last word. Python functions are checked by pydantic instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias, TypeGuard, cast

from realtime_cli.protocol.jsontypes import as_object, is_array, is_object

from .tool import Schema

_Keyword: TypeAlias = Callable[["_Check", object, object, str], Iterator[str]]


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: Mapping[str, Callable[[object], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: _is_number(value) and value % 1 == 0,
    "number": _is_number,
    "string": lambda value: isinstance(value, str),
    "array": is_array,
    "object": is_object,
}
_MOST_PROBLEMS = 5
_DEEPEST = 50
# A schema that refers to itself can ask for more than anybody waits for.
_MOST_STEPS = 20_000


def problems(value: object, schema: Schema) -> list[str]:
    """What does not fit, each with its place; at most five of them."""
    check = _Check(schema)
    found: list[str] = []
    for problem in check.of(value, schema, ""):
        found.append(problem)
        if len(found) == _MOST_PROBLEMS:
            break
    return found


class _Check:
    def __init__(self, root: object, depth: int = 0, steps: Iterator[int] | None = None) -> None:
        self.root = root
        self._depth = depth
        self._steps = iter(range(_MOST_STEPS)) if steps is None else steps

    def of(self, value: object, schema: object, place: str) -> Iterator[str]:
        if schema is False:
            yield f"{place or 'the value'} is not allowed"
        keywords = as_object(schema)
        if keywords is None or self._depth >= _DEEPEST or next(self._steps, None) is None:
            return
        self._depth += 1
        for name, rule in _KEYWORDS.items():
            if name in keywords:
                yield from rule(self, value, keywords[name], place)
        if is_object(value):
            yield from _others(self, value, keywords, place)
        self._depth -= 1

    def fits(self, value: object, schema: object) -> bool:
        return next(_Check(self.root, self._depth, self._steps).of(value, schema, ""), None) is None


def _same(one: object, other: object) -> bool:
    """JSON's equality: 1 is 1.0, and true is not 1."""
    if is_array(one) and is_array(other):
        return len(one) == len(other) and all(map(_same, one, other))
    if is_object(one) and is_object(other):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def _type(_: _Check, value: object, wanted: object, place: str) -> Iterator[str]:
    names: list[object] = wanted if is_array(wanted) else [wanted]
    tests = [_TYPES.get(str(name)) for name in names]
    if not any(test is None or test(value) for test in tests):
        yield f"{place or 'the value'} must be {' or '.join(map(str, names))}"


def _enum(_: _Check, value: object, allowed: object, place: str) -> Iterator[str]:
    if is_array(allowed) and not any(_same(value, each) for each in allowed):
        yield f"{place or 'the value'} must be one of {', '.join(map(repr, allowed))}"


def _const(_: _Check, value: object, wanted: object, place: str) -> Iterator[str]:
    if not _same(value, wanted):
        yield f"{place or 'the value'} must be {wanted!r}"


def _required(_: _Check, value: object, names: object, place: str) -> Iterator[str]:
    if is_object(value) and is_array(names):
        yield from (f"{_within(place, str(name))} is missing" for name in names if name not in value)


def _properties(check: _Check, value: object, properties: object, place: str) -> Iterator[str]:
    if is_object(value) and is_object(properties):
        for name, schema in properties.items():
            if name in value:
                yield from check.of(value[name], schema, _within(place, name))


def _others(check: _Check, value: Mapping[str, object], schema: Schema, place: str) -> Iterator[str]:
    """`patternProperties` and `additionalProperties`, which depend on `properties`."""
    known, patterns = (
        as_object(schema.get("properties")) or {},
        as_object(schema.get("patternProperties")) or {},
    )
    for name, each in value.items():
        fitting = [pattern for pattern in patterns if _matches(pattern, name)]
        for pattern in fitting:
            yield from check.of(each, patterns[pattern], _within(place, name))
        if name in known or fitting or "additionalProperties" not in schema:
            continue
        if schema["additionalProperties"] is False:
            yield f"{_within(place, name)} is not a parameter"
        else:
            yield from check.of(each, schema["additionalProperties"], _within(place, name))


def _items(check: _Check, value: object, schema: object, place: str) -> Iterator[str]:
    if is_array(value) and (is_object(schema) or isinstance(schema, bool)):
        for index, each in enumerate(value):
            yield from check.of(each, schema, f"{place}[{index}]")


def _all_of(check: _Check, value: object, schemas: object, place: str) -> Iterator[str]:
    for schema in _list(schemas):
        yield from check.of(value, schema, place)


def _any_of(check: _Check, value: object, schemas: object, place: str) -> Iterator[str]:
    choices = _list(schemas)
    if choices and not any(check.fits(value, schema) for schema in choices):
        yield f"{place or 'the value'} fits none of the {len(choices)} forms that it may have"


def _one_of(check: _Check, value: object, schemas: object, place: str) -> Iterator[str]:
    choices = _list(schemas)
    fitting = sum(check.fits(value, schema) for schema in choices)
    if choices and fitting != 1:
        yield f"{place or 'the value'} must fit one of {len(choices)} forms, and fits {fitting}"


def _not(check: _Check, value: object, schema: object, place: str) -> Iterator[str]:
    if check.fits(value, schema):
        yield f"{place or 'the value'} is of a form that is not allowed"


def _ref(check: _Check, value: object, ref: object, place: str) -> Iterator[str]:
    target = check.root
    path = str(ref)
    if not path.startswith("#"):
        return
    for part in path[1:].split("/")[1:]:
        target = (as_object(target) or {}).get(part.replace("~1", "/").replace("~0", "~"))
    yield from check.of(value, target, place)


def _pattern(_: _Check, value: object, pattern: object, place: str) -> Iterator[str]:
    if isinstance(value, str) and isinstance(pattern, str) and not _matches(pattern, value):
        yield f"{place or 'the value'} must match {pattern}"


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except (re.error, RecursionError):
        return True


def _unique(_: _Check, value: object, wanted: object, place: str) -> Iterator[str]:
    if wanted is True and is_array(value):
        twice = any(_same(one, other) for at, one in enumerate(value) for other in value[:at])
        if twice:
            yield f"{place or 'the value'} has an element twice"


def _bound(words: str, is_beyond: Callable[[float, float], bool]) -> _Keyword:
    def rule(_: _Check, value: object, limit: object, place: str) -> Iterator[str]:
        if _is_number(value) and _is_number(limit) and is_beyond(value, limit):
            yield f"{place or 'the value'} must be {words} {limit}"

    return rule


def _count(kind: type[object], words: str, is_beyond: Callable[[float, float], bool]) -> _Keyword:
    def rule(_: _Check, value: object, limit: object, place: str) -> Iterator[str]:
        if not isinstance(value, kind) or not _is_number(limit):
            return
        if is_beyond(len(cast("Sequence[object]", value)), limit):
            yield f"{place or 'the value'} must have {words} {limit}"

    return rule


def _list(schemas: object) -> list[object]:
    return list(schemas) if is_array(schemas) else []


def _within(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _below(value: float, limit: float) -> bool:
    return value < limit


def _above(value: float, limit: float) -> bool:
    return value > limit


_KEYWORDS: Mapping[str, _Keyword] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "required": _required,
    "properties": _properties,
    "items": _items,
    "allOf": _all_of,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "not": _not,
    "$ref": _ref,
    "pattern": _pattern,
    "uniqueItems": _unique,
    "minimum": _bound("at least", _below),
    "maximum": _bound("at most", _above),
    "exclusiveMinimum": _bound("more than", lambda value, limit: value <= limit),
    "exclusiveMaximum": _bound("less than", lambda value, limit: value >= limit),
    "minLength": _count(str, "a length of at least", _below),
    "maxLength": _count(str, "a length of at most", _above),
    "minItems": _count(list, "a length of at least", _below),
    "maxItems": _count(list, "a length of at most", _above),
}
