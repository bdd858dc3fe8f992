"""What a tool is, wherever it comes from."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from .context import Context

Arguments: TypeAlias = Mapping[str, object]
Schema: TypeAlias = Mapping[str, object]
Run: TypeAlias = Callable[[Arguments, Context], Awaitable[object]]
Check: TypeAlias = Callable[[Arguments], Arguments]

DEFAULT_TIMEOUT_S = 60.0
ANY_OBJECT: Schema = {"type": "object", "properties": {}, "additionalProperties": True}
# What the API takes for a function's name.
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


class ToolFailed(Exception):
    """A tool could not do it: words for the model. `detail` is for the tool's author."""

    def __init__(self, words: str, *, detail: str = "") -> None:
        super().__init__(words)
        self.detail = detail


class ArgumentMismatch(ToolFailed):
    """The arguments are not what the tool's schema asks for; the model can mend that."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the model may call.

    `check` gives the arguments as `run` wants them, or raises `ArgumentMismatch`. `run` gives the result:
    text as it is, anything else becomes JSON. `timeout_s` is None where a call may take as long as it likes.
    """

    name: str
    description: str
    parameters: Schema
    source: str
    run: Run = field(repr=False)
    check: Check = field(repr=False)
    needs_approval: bool = False
    timeout_s: float | None = DEFAULT_TIMEOUT_S

    def definition(self) -> dict[str, object]:
        """The tool as `session.update` takes it."""
        return {
            "type": "function",
            "name": self.name,
            "description": self.description,
            "parameters": dict(self.parameters),
        }


def is_name(name: str) -> bool:
    """Whether the API takes this for the name of a function."""
    return _NAME.fullmatch(name) is not None


def as_name(text: str) -> str:
    """The nearest name that the API takes."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", text)[:64]
