"""YAML files that describe tools, read field by field: whatever does not fit is named with its place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from realtime_cli.errors import BadInput
from realtime_cli.protocol.jsontypes import as_object, is_array, is_object

from .tool import ANY_OBJECT, Schema, is_name


def read_yaml(path: Path) -> object:
    """The file's value. Raises `BadInput`."""
    import yaml  # noqa: PLC0415 - start-up

    try:
        return cast("object", yaml.safe_load(path.read_text(encoding="utf-8-sig")))
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        place = f" line {mark.line + 1}" if mark else ""
        raise BadInput(f"{path}{place}: {problem.problem or 'not YAML'}") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as problem:
        raise BadInput(f"{path}: not YAML: {problem}") from None
    except OSError as problem:
        raise BadInput(f"{path}: {problem.strerror or problem}") from None


def read_entries(path: Path, fields: Sequence[str]) -> list[Entry]:
    """The file's mappings: one, a list, or a list under `tools`."""
    value = read_yaml(path)
    if is_object(value) and list(value) == ["tools"]:
        value = value["tools"]
    values = value if is_array(value) else [value]
    return [Entry(each, place=f"{path} entry {at}", fields=fields) for at, each in enumerate(values, 1)]


class Entry:
    """One mapping with the fields that it may have; `place` begins every complaint."""

    def __init__(self, value: object, *, place: str, fields: Sequence[str]) -> None:
        self._place = place
        table = as_object(value)
        hint = f"its fields are {', '.join(fields)}"
        if table is None:
            raise BadInput(f"{place}: this must be a mapping", hint=hint)
        for name in table:
            if name not in fields:
                raise BadInput(f"{place}: unknown field {name!r}", hint=hint)
        self._table = table

    def __contains__(self, name: str) -> bool:
        return name in self._table

    def raw(self, name: str) -> object:
        """The field's value; None where it is not there."""
        return self._table.get(name)

    def text(self, name: str, default: str = "") -> str:
        """The field's text."""
        value = self._table.get(name, default)
        if not isinstance(value, str):
            raise self.wrong(name, "must be text")
        return value.strip()

    def number(self, name: str, default: float) -> float:
        """The field's number, not below 0."""
        value = self._table.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
            raise self.wrong(name, "must be a number that is not below 0")
        return float(value)

    def name(self, default: str = "") -> str:
        """The tool's name."""
        name = self.text("name", default)
        if not is_name(name):
            raise self.wrong("name", "must be 1 to 64 letters, digits, _ or -")
        return name

    def schema(self) -> Schema | None:
        """The tool's parameters; None where they are not declared."""
        if "parameters" not in self:
            return None
        schema = as_object(self._table["parameters"])
        if schema is None or schema.get("type", "object") != "object":
            raise self.wrong("parameters", "must be a JSON Schema of type object")
        return {**ANY_OBJECT, **schema} if "additionalProperties" in schema else _closed(schema)

    def wrong(self, name: str, problem: str) -> BadInput:
        """The complaint about one field."""
        return BadInput(f"{self._place}: {name} {problem}")


def _closed(schema: Schema) -> Schema:
    return {"type": "object", "properties": {}, **schema}
