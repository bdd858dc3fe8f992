"""A function's JSON schema as the rules read it: merged, typed, in bounds. Pure; nothing in it is trusted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias, cast

Schema: TypeAlias = Mapping[str, object]

ITEM_LIMIT = 20
_LENGTH_LIMIT = 1_000

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_URL = re.compile(r"https?://[^\s\"'<>]{1,500}[^\s\"'<>.,;:!?)]")
_DAY = r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
_HOUR = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ"
_DATE = re.compile(rf"\b{_DAY}\b")
_TIME = re.compile(rf"\b{_HOUR}\b")
_MOMENT = re.compile(rf"\b{_DAY}T{_HOUR}\b")
_UUID = re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b")
_IPV4 = re.compile(r"\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|\b)){4}")
_NEVER = re.compile(r"(?!)")

FORMATS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "date": (_DATE, "2025-01-31"),
    "date-time": (_MOMENT, "2025-01-31T12:00:00Z"),
    "time": (_TIME, "12:00:00Z"),
    "duration": (_NEVER, "PT1H"),
    "email": (_EMAIL, "person@example.com"),
    "uri": (_URL, "https://example.com"),
    "url": (_URL, "https://example.com"),
    "uuid": (_UUID, "00000000-0000-4000-8000-000000000000"),
    "ipv4": (_IPV4, "192.0.2.1"),
    "ipv6": (_NEVER, "2001:db8::1"),
    "hostname": (_NEVER, "example.com"),
}


def resolved(schema: object, *, levels: int = 5) -> Schema:
    """The schema with `allOf` merged in, and of `anyOf` or `oneOf` the first branch that is not null."""
    merged = dict(as_object(schema))
    if not levels:
        return merged
    for branch in as_sequence(merged.pop("allOf", ())):
        merged = _merged(merged, resolved(branch, levels=levels - 1))
    for key in ("anyOf", "oneOf"):
        branches = [as_object(branch) for branch in as_sequence(merged.pop(key, ()))]
        chosen = next((branch for branch in branches if branch.get("type") != "null"), None)
        merged = _merged(merged, resolved(chosen, levels=levels - 1))
    return merged


def _merged(schema: Schema, branch: Schema) -> dict[str, object]:
    merged = {**schema, **branch}
    if "properties" in schema and "properties" in branch:
        merged["properties"] = {**as_object(schema["properties"]), **as_object(branch["properties"])}
    if "required" in schema and "required" in branch:
        merged["required"] = [*as_strings(schema["required"]), *as_strings(branch["required"])]
    return merged


def kind_of(schema: Schema) -> str:
    """The schema's first type that is not null; without one, what its keywords speak of, else a string."""
    kind = schema.get("type")
    kinds = [kind] if isinstance(kind, str) else [name for name in as_strings(kind) if name != "null"]
    if kinds:
        return kinds[0]
    return "object" if "properties" in schema else "array" if "items" in schema else "string"


def given(schema: Schema) -> list[object]:
    """The schema's own example: its default, or the first of its examples."""
    return [schema["default"]] if "default" in schema else list(as_sequence(schema.get("examples")))[:1]


def sized(text: str, schema: Schema) -> str:
    """The text cut to `maxLength`, and filled up to `minLength`."""
    least, most = count(schema.get("minLength"), 0), count(schema.get("maxLength"), _LENGTH_LIMIT)
    return text[:most].ljust(min(least, _LENGTH_LIMIT), "x")


def fitted(number: float, schema: Schema) -> float:
    """The number nearest to the given one that the schema's bounds (and its integer type or step) allow."""
    whole = kind_of(schema) == "integer"
    value = int(number) if whole or float(number).is_integer() else number
    step = _number(schema.get("multipleOf")) or (1 if whole else 0)
    low, high = _bounds(schema, step or 1)
    value = max(value, low) if low is not None else value
    value = min(value, high) if high is not None else value
    if step > 0 and value % step:
        up = value - value % step + step
        value = up if high is None or up <= high else value - value % step
    return int(value) if whole else value


def _bounds(schema: Schema, margin: float) -> tuple[float | None, float | None]:
    low, high = _number(schema.get("minimum")), _number(schema.get("maximum"))
    above, below = _number(schema.get("exclusiveMinimum")), _number(schema.get("exclusiveMaximum"))
    if above is not None and below is not None and below - above <= 2 * margin:
        margin = (below - above) / 2
    low = above + margin if above is not None and (low is None or low <= above) else low
    high = below - margin if below is not None and (high is None or high >= below) else high
    return low, high


def _number(value: object) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return value if abs(value) < 1e15 else None


def count(value: object, default: int) -> int:
    """The value where it is a count of something, else the default."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else default


def as_object(value: object) -> Schema:
    """The value where it is an object, else an empty one."""
    return cast("Schema", value) if isinstance(value, Mapping) else {}


def as_sequence(value: object) -> Sequence[object]:
    """The value where it is an array, else an empty one."""
    return cast("Sequence[object]", value) if isinstance(value, list | tuple) else ()


def as_strings(value: object) -> list[str]:
    """The strings of the value where it is an array, else none."""
    return [item for item in as_sequence(value) if isinstance(item, str)]
