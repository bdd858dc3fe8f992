"""Which MCP servers are meant: `mcp:COMMAND`, `mcp:URL`, or the `mcpServers` of an `mcp.json`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from realtime_cli.errors import BadInput, UsageError
from realtime_cli.protocol.jsontypes import Json, as_object, is_array, parse
from realtime_cli.redaction import public_url

from .command_source import find_program, split_command
from .privacy import public_command, secret_values, secrets_of_url
from .sources import ToolSetup

_URL = re.compile(r"https?://", re.IGNORECASE)
_VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")


@dataclass(frozen=True, slots=True)
class Launch:
    """How to get to one server: a program with its environment, or an address with its headers.

    `shown` names it in words, without secrets.
    """

    shown: str
    command: tuple[str, ...] = field(default=(), repr=False)
    environment: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    url: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)


def launches(spec: str, setup: ToolSetup) -> list[Launch]:
    """The servers of a spec. Raises `UsageError`, or `BadInput` for a file."""
    what = spec.removeprefix("mcp:").strip()
    if what.endswith(".json"):
        return _of_file(what, setup)
    if _URL.match(what):
        return [_at(what, {}, f"mcp:{public_url(what)}")]
    words = split_command(what, "mcp:" if spec.startswith("mcp:") else spec)
    return [_program(words, {}, f"mcp:{public_command(words)}", setup)]


def _of_file(name: str, setup: ToolSetup) -> list[Launch]:
    path = setup.path(name)
    servers = as_object(_read(path).get("mcpServers"))
    if not servers:
        raise BadInput(f"{path} names no servers", hint='it needs {"mcpServers": {"NAME": {"command": ...}}}')
    return [_server(label, each, path, setup) for label, each in servers.items()]


def _read(path: Path) -> Json:
    try:
        value: object = parse(path.read_text(encoding="utf-8-sig"))
    except OSError as problem:
        raise BadInput(f"{path}: {problem.strerror or problem}") from None
    except ValueError as problem:
        raise BadInput(f"{path}: not JSON: {problem}") from None
    table = as_object(value)
    if table is None:
        raise BadInput(f"{path}: must be a JSON object")
    return table


def _server(label: str, entry: object, path: Path, setup: ToolSetup) -> Launch:
    table, shown = as_object(entry), f"mcp:{label}"
    place = f"{path}: server {label}"
    if table is None:
        raise BadInput(f"{place} must be an object")
    if isinstance(url := table.get("url"), str):
        headers = _texts(table.get("headers"), f"{place}: headers", setup)
        return _at(_expanded(url, place, setup), headers, shown)
    command, given = table.get("command"), table.get("args", [])
    if not isinstance(command, str) or not command or not is_array(given):
        raise BadInput(f"{place} needs a command with args, or a url")
    words = [_expanded(str(word), place, setup) for word in (command, *given)]
    return _program(words, _texts(table.get("env"), f"{place}: env", setup), shown, setup)


def _texts(value: object, place: str, setup: ToolSetup) -> dict[str, str]:
    table = as_object(value) if value is not None else {}
    if table is None:
        raise BadInput(f"{place} must be an object")
    return {name: _expanded(_text(each), place, setup) for name, each in table.items()}


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _expanded(text: str, place: str, setup: ToolSetup) -> str:
    """The text with `${NAME}` and `${NAME:-default}` filled in, so that a file need not hold keys."""

    def value(found: re.Match[str]) -> str:
        name, default = found[1], found[2]
        if name not in setup.environ and default is None:
            raise BadInput(f"{place} wants the variable {name}, which is not set")
        return setup.environ.get(name, default or "")

    return _VARIABLE.sub(value, text)


def _at(url: str, headers: dict[str, str], shown: str) -> Launch:
    hidden = [value for each in headers.values() for value in (each, each.rpartition(" ")[2])]
    return Launch(shown, url=url, headers=headers, secrets=(*hidden, *secrets_of_url(url)))


def _program(words: list[str], own: dict[str, str], shown: str, setup: ToolSetup) -> Launch:
    environment = {**setup.environment(), **own}
    try:
        found = find_program(words[0], environment, setup.cwd)
    except UsageError as error:
        raise UsageError(f"{shown}: {error}", hint="install it, or give its path") from None
    command = (found, *words[1:])
    return Launch(
        shown,
        command=command,
        environment=environment,
        secrets=(*secret_values(own), *setup.passed_secrets()),
    )
