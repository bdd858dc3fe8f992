"""The text of a script file as plain values: JSON, or YAML 1.2, in which `no` and `12:30` are text."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable
from pathlib import Path
from typing import cast

import yaml

from realtime_cli.errors import BadInput

_QUOTES = "Text with special characters (* : # { [ and quotes) belongs in quotes."


def read(path: Path) -> object:
    """The file's value; `BadInput` says where it cannot be read. `.json` is JSON, everything else YAML."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise BadInput(f"{path}: no such file", hint="Give the path of a script in YAML or JSON.") from None
    except OSError as problem:
        raise BadInput(
            f"{path}: {problem.strerror or problem}", hint="Give a file that can be read."
        ) from None
    except UnicodeDecodeError as problem:
        hint = "A script is text in UTF-8."
        raise BadInput(f"{path}: not UTF-8 at byte {problem.start}", hint=hint) from None
    return _parsed(text, path)


def _parsed(text: str, path: Path) -> object:
    try:
        return _json(text) if path.suffix.lower() == ".json" else _yaml(text)
    except json.JSONDecodeError as problem:
        message = f"{path}: line {problem.lineno}, column {problem.colno}: not JSON: {problem.msg}"
        raise BadInput(message, hint="Check the commas and quotes, or write the script in YAML.") from None
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise BadInput(f"{path}: {place}{problem.problem or 'not YAML'}", hint=_QUOTES) from None
    except yaml.YAMLError as problem:
        raise BadInput(f"{path}: not YAML: {problem}".replace("\n", " "), hint=_QUOTES) from None
    except _TwiceError as problem:
        raise BadInput(f"{path}: {problem}", hint="Keep one of them.") from None
    except ValueError as problem:
        raise BadInput(f"{path}: {problem}", hint="Give plain values, without tags.") from None
    except RecursionError:
        raise BadInput(f"{path}: nested too deeply", hint="A script has a few levels only.") from None


class _TwiceError(Exception):
    """A field stands twice in one mapping: one of them would be lost."""


def _json(text: str) -> object:
    return cast("object", json.loads(text, object_pairs_hook=_once_each))


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    table: dict[str, object] = {}
    for key, value in pairs:
        if key in table:
            raise _TwiceError(f'"{key}" stands twice in one object')
        table[key] = value
    return table


def _yaml(text: str) -> object:
    return cast("object", yaml.load(text, Loader=_Loader))  # noqa: S506 - _Loader is a SafeLoader.


# YAML 1.2's rules for what is not text: PyYAML's own are those of 1.1, where `no` is false and 12:30 is 750.
_NOT_TEXT = (
    ("null", re.compile(r"(?:~|null|)$"), ("~", "n", "")),
    ("bool", re.compile(r"(?:true|false)$"), ("t", "f")),
    ("int", re.compile(r"[-+]?(?:0|[1-9]\d{0,17})$"), tuple("-+0123456789")),
    ("float", re.compile(r"[-+]?\d{1,18}\.\d{1,18}$"), tuple("-+0123456789")),
)


def _resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for kind, pattern, firsts in _NOT_TEXT:
        for first in firsts:
            resolvers.setdefault(first, []).append((f"tag:yaml.org,2002:{kind}", pattern))
    return resolvers


class _Loader(yaml.SafeLoader):
    """Builds plain values only, and minds fields that stand twice."""

    yaml_implicit_resolvers = _resolvers()

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:
        """A mapping of which each field stands once."""
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        twice = next((key for index, key in enumerate(keys) if key in keys[:index]), None)
        if twice is not None:
            raise _TwiceError(f'line {node.start_mark.line + 1}: "{twice}" stands twice in one mapping')
        return super().construct_mapping(node, deep=deep)
