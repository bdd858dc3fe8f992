"""Canned answers: a YAML file of what to answer to what.

::

    - name: get_weather
      description: The weather of a city.        # name, description, parameters: as the model sees the tool
      arguments: {city: /^par/i}                 # every field fits: equal, or a /regex/
      result: {celsius: 21}                      # text, or anything that is JSON
      delay_ms: 500
    - name: get_weather                          # the first entry that fits answers
      fail: there is no such city
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass

from realtime_cli.protocol.jsontypes import as_object, is_array, is_object

from .arguments import checks
from .context import Context
from .sources import Source, ToolSetup
from .tool import ANY_OBJECT, Arguments, Schema, Tool, ToolFailed
from .yaml_file import Entry, read_entries

_FIELDS = ("name", "description", "parameters", "arguments", "result", "fail", "delay_ms")
_REGEX = re.compile(r"/(.*)/(i?)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Answer:
    pattern: Mapping[str, object]
    result: object
    failure: str | None
    delay_ms: float


def open_canned(spec: str, setup: ToolSetup) -> Source:
    """The tools of a file of canned answers. Raises `BadInput`."""
    path = setup.path(spec.removeprefix("canned:"))
    by_name: dict[str, list[Entry]] = {}
    for entry in read_entries(path, _FIELDS):
        by_name.setdefault(entry.name(), []).append(entry)
    return Source(spec, tuple(_tool(name, spec, entries) for name, entries in by_name.items()))


def _tool(name: str, spec: str, entries: list[Entry]) -> Tool:
    answers = [_answer(entry) for entry in entries]
    description = next(filter(None, (entry.text("description") for entry in entries)), "")
    schema: Schema = next(filter(None, (entry.schema() for entry in entries)), ANY_OBJECT)

    async def run(arguments: Arguments, _: Context) -> object:
        for answer in answers:
            if _fits(arguments, answer.pattern):
                return await _give(answer)
        raise ToolFailed("no canned answer fits these arguments")

    return Tool(name, description, schema, spec, run, checks(schema), timeout_s=None)


def _answer(entry: Entry) -> _Answer:
    pattern = as_object(entry.raw("arguments")) if "arguments" in entry else {}
    if pattern is None:
        raise entry.wrong("arguments", "must be a mapping")
    for regex in _regexes(pattern):
        _compiled(regex, entry)
    if ("result" in entry) == ("fail" in entry):
        raise entry.wrong("result", "or fail must be there, and not both")
    failure = entry.text("fail") if "fail" in entry else None
    return _Answer(pattern, entry.raw("result"), failure, entry.number("delay_ms", 0))


async def _give(answer: _Answer) -> object:
    await asyncio.sleep(answer.delay_ms / 1000)
    if answer.failure is not None:
        raise ToolFailed(answer.failure)
    return answer.result


def _fits(value: object, pattern: object) -> bool:
    if is_object(pattern):
        return is_object(value) and all(
            name in value and _fits(value[name], each) for name, each in pattern.items()
        )
    regex = _REGEX.fullmatch(pattern) if isinstance(pattern, str) else None
    if regex is None:
        return value == pattern
    flags = re.IGNORECASE if regex[2] else 0
    return re.search(regex[1], value if isinstance(value, str) else str(value), flags) is not None


def _regexes(pattern: object) -> list[str]:
    if is_object(pattern):
        return [regex for each in pattern.values() for regex in _regexes(each)]
    if is_array(pattern) or not isinstance(pattern, str):
        return []
    found = _REGEX.fullmatch(pattern)
    return [found[1]] if found else []


def _compiled(regex: str, entry: Entry) -> None:
    try:
        re.compile(regex)
    except re.error as problem:
        raise entry.wrong("arguments", f"has a regex that is none, /{regex}/: {problem}") from None
