"""A mapping of a script file, read field by field: whatever does not fit is named with its place. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import cast

from realtime_cli.errors import BadInput
from realtime_cli.server.brains.words import excerpt

_KINDS: dict[type[object], str] = {list: "a list", dict: "a mapping", type(None): "empty"}


class Table:
    """One mapping with the fields that it may have; `place` (file, turn, field) begins every complaint."""

    def __init__(self, value: object, *, place: str, fields: Sequence[str]) -> None:
        self.place = place
        if not isinstance(value, dict):
            known = f"Its fields are: {', '.join(fields)}."
            raise BadInput(f"{place}: must be a mapping, but is {shown(value)}", hint=known)
        self._values = cast("dict[object, object]", value)
        for field in self._values:
            if field not in fields:
                raise BadInput(f"{place}: unknown field {shown(field)}", hint=_nearest(field, fields))

    def __contains__(self, field: str) -> bool:
        return field in self._values

    def error(self, field: str, problem: str, *, hint: str) -> BadInput:
        """The complaint about one field."""
        return BadInput(f'{self.place}: "{field}" {problem}', hint=hint)

    def raw(self, field: str) -> object:
        """The field's value as it stands, None if it is not there."""
        return self._values.get(field)

    def text(self, field: str, *, default: str | None = None) -> str:
        """The field's text; without a default it must be there."""
        if field not in self and default is not None:
            return default
        return self._text(field, self._needed(field))

    def texts(self, field: str) -> tuple[str, ...]:
        """The field's text or list of texts; none if it is not there."""
        return tuple(self._text(field, item) for item in self.listed(field))

    def listed(self, field: str) -> list[object]:
        """The field's list; a value that is no list is a list of one, a missing field an empty one."""
        value = self._values.get(field, [])
        return cast("list[object]", value) if isinstance(value, list) else [value]

    def tables(self, field: str, *, fields: Sequence[str]) -> list[Table]:
        """The field's mapping or list of mappings; none if it is not there."""
        return [Table(item, place=f"{self.place}: {field}", fields=fields) for item in self.listed(field)]

    def flag(self, field: str, *, default: bool) -> bool:
        """The field's true or false."""
        value = self._values.get(field, default)
        if not isinstance(value, bool):
            raise self.error(
                field, f"must be true or false, but is {shown(value)}", hint=f"Write {field}: true."
            )
        return value

    def count(self, field: str) -> int:
        """The field's whole number, 0 if it is not there."""
        value = self._values.get(field, 0)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            problem = f"must be a whole number from 0, but is {shown(value)}"
            raise self.error(field, problem, hint=f"Write {field}: 500, for example.")
        return value

    def _needed(self, field: str) -> object:
        if field not in self:
            raise self.error(field, "is missing", hint=f"Write {field}: and its text.")
        return self._values[field]

    def _text(self, field: str, value: object) -> str:
        if isinstance(value, str):
            return value
        raise self.error(
            field, f"must be text, but is {shown(value)}", hint="Put a text like this in quotes."
        )


def shown(value: object) -> str:
    """What a value is, in words for an error message."""
    if isinstance(value, str):
        return f'"{excerpt(value)}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {value}"
    return _KINDS.get(type(value), f"of the type {type(value).__name__}")


def _nearest(field: object, fields: Sequence[str]) -> str:
    near = get_close_matches(str(field).lower(), fields, n=1)
    return f'Did you mean "{near[0]}"?' if near else f"The fields here are: {', '.join(fields)}."
