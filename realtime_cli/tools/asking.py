"""A person stands in for a tool."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from .tool import Arguments, Schema


class NoAnswer(Exception):
    """The person does not want to answer; the words are for the model."""


@dataclass(frozen=True, slots=True)
class Question:
    """A call that a person answers; `parameters` is the schema, None where nobody has declared one."""

    call_id: str
    name: str
    arguments: Arguments
    description: str = ""
    parameters: Schema | None = None


class Asker(Protocol):
    """Somebody to ask."""

    async def ask(self, question: Question) -> str:
        """The answer as it was given: JSON, or text. Cancelled when the call is given up.

        Raises `NoAnswer`. Several questions may be open at once.
        """
        ...
