"""The model's arguments: text to an object, and checked against the tool's schema."""

from __future__ import annotations

from realtime_cli.protocol.jsontypes import as_object, parse

from .schema_check import problems
from .tool import ArgumentMismatch, Arguments, Check, Schema


def parse_arguments(text: str) -> Arguments:
    """The arguments as an object; no text at all is an empty one. Raises `ArgumentMismatch`."""
    if not text.strip():
        return {}
    try:
        value: object = parse(text)
    except ValueError as problem:
        raise ArgumentMismatch(f"the arguments are not JSON: {problem}") from None
    arguments = as_object(value)
    if arguments is None:
        raise ArgumentMismatch("the arguments must be a JSON object")
    return arguments


def checks(schema: Schema) -> Check:
    """A check against the schema, which leaves the arguments as they are."""

    def check(arguments: Arguments) -> Arguments:
        found = problems(arguments, schema)
        if found:
            raise mismatch(found)
        return arguments

    return check


def mismatch(found: list[str]) -> ArgumentMismatch:
    """The error that names every problem."""
    return ArgumentMismatch(f"the arguments do not fit the schema: {'; '.join(found)}")
