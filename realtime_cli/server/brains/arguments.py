"""Fills a function's arguments by its JSON schema, from the user's words or with plain examples. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from realtime_cli.server.brains.clues import Clues
from realtime_cli.server.brains.schema import (
    FORMATS,
    ITEM_LIMIT,
    Schema,
    as_object,
    as_sequence,
    as_strings,
    count,
    fitted,
    given,
    kind_of,
    resolved,
    sized,
)

# A schema comes from a client: these bound what a hostile one costs.
_DEPTH_LIMIT = 8
_VALUE_LIMIT = 300
_PROPERTY_LIMIT = 100

# Items that say themselves what they are take no words.
_FIXED = frozenset({"enum", "const", "format"})
_EMPTY: Mapping[str, object] = {
    "string": "",
    "number": 0,
    "integer": 0,
    "boolean": False,
    "array": (),
    "object": {},
}


def fill(schema: Schema, clues: Clues) -> dict[str, object]:
    """The arguments that an object schema requires, and the optional ones that the words plainly give."""
    return _Filling(clues).arguments(schema, depth=0)


class _Filling:
    """One walk through a schema, with the clues that are left and how many values may still be made."""

    def __init__(self, clues: Clues) -> None:
        self._clues = clues
        self._left = _VALUE_LIMIT

    def arguments(self, schema: Schema, *, depth: int) -> dict[str, object]:
        properties, required = as_object(schema.get("properties")), as_strings(schema.get("required"))
        schemas = {
            name: resolved(properties.get(name)) for name in [*required, *properties][:_PROPERTY_LIMIT]
        }
        filled: dict[str, object] = {}
        for name in sorted(schemas, key=lambda name: self._plainness(name, schemas[name])):
            if name in required:
                filled[name] = self.value(name, schemas[name], depth=depth + 1)
            elif (plain := self.optional(name, schemas[name])) is not None:
                filled[name] = plain
        return {name: filled[name] for name in schemas if name in filled}

    def value(self, name: str, schema: Schema, *, depth: int) -> object:
        self._left -= 1
        if "const" in schema:
            return schema["const"]
        if options := as_sequence(schema.get("enum")):
            return self._option(schema, options)
        kind = kind_of(schema)
        if kind == "null" or depth > _DEPTH_LIMIT or self._left < 0:
            return _EMPTY.get(kind)
        told = self._told(name, kind, schema, depth)
        return told if told is not None else self._example(name, kind, schema, depth)

    def optional(self, name: str, schema: Schema) -> object:
        """Gives an optional argument only if it is plain: a named option, or a number beside its name."""
        if options := as_sequence(schema.get("enum")):
            return self._clues.choice([option for option in options if isinstance(option, str)])
        if kind_of(schema) not in {"number", "integer"}:
            return None
        number = self._clues.number_beside(name)
        return None if number is None else fitted(number, schema)

    def _plainness(self, name: str, schema: Schema) -> int:
        # What is plain comes first, so that no other argument takes its words.
        return 0 if "enum" in schema else 1 if self._clues.suit(name) else 2

    def _option(self, schema: Schema, options: Sequence[object]) -> object:
        named = self._clues.choice([option for option in options[:200] if isinstance(option, str)])
        if named is not None:
            return named
        default = schema.get("default")
        return default if "default" in schema and default in options else options[0]

    def _told(self, name: str, kind: str, schema: Schema, depth: int) -> object:
        match kind:
            case "string":
                return self._told_string(name, schema)
            case "number" | "integer":
                number = self._clues.number(name)
                return None if number is None else fitted(number, schema)
            case "boolean":
                return self._clues.flag()
            case "array":
                return self._told_items(schema)
            case _:
                return None if given(schema) else self.arguments(schema, depth=depth)

    def _told_string(self, name: str, schema: Schema) -> str | None:
        form = FORMATS.get(str(schema.get("format")))
        told = self._clues.match(form[0]) if form else self._clues.string(name)
        return None if told is None else sized(told, schema)

    def _told_items(self, schema: Schema) -> list[object] | None:
        items = resolved(schema.get("items"))
        if kind_of(items) != "string" or _FIXED & items.keys() or "prefixItems" in schema:
            return None
        told = self._clues.strings()
        if not told or len(told) < count(schema.get("minItems"), 0):
            return None
        return [sized(text, items) for text in told[: count(schema.get("maxItems"), ITEM_LIMIT)]]

    def _example(self, name: str, kind: str, schema: Schema, depth: int) -> object:
        if own := given(schema):
            return own[0]
        match kind:
            case "string":
                form = FORMATS.get(str(schema.get("format")))
                return form[1] if form else sized("example", schema)
            case "number" | "integer":
                return fitted(1, schema)
            case "boolean":
                return True
            case _:
                return self._items(name, schema, depth)

    def _items(self, name: str, schema: Schema, depth: int) -> list[object]:
        fixed = [resolved(item) for item in as_sequence(schema.get("prefixItems"))]
        least, most = count(schema.get("minItems"), 1), count(schema.get("maxItems"), ITEM_LIMIT)
        wanted = min(max(least, 1, len(fixed)), most, ITEM_LIMIT)
        rest = resolved(schema.get("items"))
        schemas = [*fixed, *[rest] * (wanted - len(fixed))][:wanted]
        return [self.value(name, item, depth=depth + 1) for item in schemas if self._left > 0]
