"""A Python function as a tool: its signature becomes the schema, and pydantic checks the arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args, get_origin, get_type_hints

from realtime_cli.protocol.jsontypes import as_object, is_array, is_object

from . import docstrings
from .arguments import mismatch
from .context import Context
from .results import words_of
from .threads import ANYTHING
from .tool import Arguments, Check, Schema

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_NAMED = (
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    inspect.Parameter.KEYWORD_ONLY,
    inspect.Parameter.VAR_KEYWORD,
)
_MOST_PROBLEMS = 5
# In the words of the other checks; pydantic speaks of function calls here.
_WORDS = {
    "missing_argument": "is missing",
    "missing_keyword_only_argument": "is missing",
    "missing": "is missing",
    "unexpected_keyword_argument": "is not a parameter",
}
_OF_SCHEMAS = ("properties", "$defs", "patternProperties")
_OF_VALUES = ("default", "examples", "const", "enum")


class NoToolError(Exception):
    """A function cannot be a tool, and why."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What the model sees of the parameters, the check of the arguments, and where the context goes."""

    schema: Schema
    check: Check
    contexts: tuple[str, ...]


def signature_of(function: Callable[..., object]) -> Signature:
    """Reads a function. Raises `NoToolError`."""
    signature = inspect.signature(function)
    try:
        hints = get_type_hints(function, include_extras=True)
    except Exception as error:  # hints are somebody else's code
        raise NoToolError(f"its type hints cannot be read: {error}") from None
    contexts = tuple(name for name in signature.parameters if hints.get(name) is Context)
    asked = [each for name, each in signature.parameters.items() if name not in contexts]
    explained = docstrings.parameters(function.__doc__ or "")
    for each in asked:
        _can_be_given(each, hints)
    typed = {each.name: _explained(hints[each.name], explained.get(each.name, "")) for each in asked}
    schema, check = _read(signature.replace(parameters=asked), typed)
    return Signature(schema, check, contexts)


def _can_be_given(parameter: inspect.Parameter, hints: Mapping[str, object]) -> None:
    if parameter.kind not in _NAMED:
        raise NoToolError(f"a model passes arguments by name, and {parameter.name} cannot be")
    if parameter.name not in hints:
        raise NoToolError(f"its parameter {parameter.name} has no type hint")


def _explained(hint: Any, words: str) -> Any:
    """The hint with a description: its own (text in `Annotated` is one), else the docstring's."""
    from pydantic import Field  # noqa: PLC0415 - start-up
    from pydantic.fields import FieldInfo  # noqa: PLC0415

    extras = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    if any(isinstance(extra, FieldInfo) and extra.description for extra in extras):
        return hint
    said = next((extra for extra in extras if isinstance(extra, str)), words)
    return Annotated[hint, Field(description=said)] if said else hint


def _read(signature: inspect.Signature, hints: dict[str, Any]) -> tuple[Schema, Check]:
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 - start-up
    from pydantic.errors import PydanticSchemaGenerationError, PydanticUserError  # noqa: PLC0415
    from pydantic_core import ArgsKwargs  # noqa: PLC0415

    def stand_in(**arguments: object) -> dict[str, object]:
        return arguments

    # pydantic reads both, and what it calls gives the arguments back, in their types.
    stand_in.__annotations__ = hints
    vars(stand_in)["__signature__"] = signature.replace(return_annotation=inspect.Signature.empty)
    try:
        adapter = TypeAdapter[object](cast("Any", stand_in))
        schema = adapter.json_schema()
    except (PydanticSchemaGenerationError, PydanticUserError) as error:
        raise NoToolError(f"no JSON Schema for its parameters: {str(error).splitlines()[0]}") from None

    def check(arguments: Arguments) -> Arguments:
        try:
            return cast("dict[str, object]", adapter.validate_python(ArgsKwargs((), dict(arguments))))
        except ValidationError as error:
            raise mismatch([_problem(each) for each in error.errors()[:_MOST_PROBLEMS]]) from None
        except ANYTHING as error:  # types may check with code of their own
            raise mismatch([words_of(error)]) from None

    return _plain(schema), check


def _problem(error: ErrorDetails) -> str:
    place = ".".join(map(str, error["loc"])) or "the value"
    return f"{place} {words}" if (words := _WORDS.get(error["type"])) else f"{place}: {error['msg']}"


def _plain(schema: object) -> Schema:
    """The schema without the titles that pydantic makes up: the model pays for each word."""
    found = as_object(_without_titles(schema)) or {}
    return {"type": "object", "properties": {}, **found}


def _without_titles(node: object) -> object:
    if is_array(node):
        return [_without_titles(each) for each in node]
    if not is_object(node):
        return node
    return {
        name: _inner(name, each)
        for name, each in node.items()
        if not (name == "title" and isinstance(each, str))
    }


def _inner(name: str, node: object) -> object:
    if name in _OF_VALUES:
        return node
    if name in _OF_SCHEMAS and is_object(node):
        return {key: _without_titles(each) for key, each in node.items()}
    return _without_titles(node)
