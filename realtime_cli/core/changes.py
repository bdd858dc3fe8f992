"""What an update has changed in a session, in one line, without its secrets."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from realtime_cli.protocol.jsontypes import as_object, is_array, is_object
from realtime_cli.redaction import Redactor

_NOT_SETTINGS = frozenset({"id", "object", "type", "expires_at", "client_secret"})
_SECRET = frozenset({"authorization", "headers", "variables"})
_MOST_SHOWN = 3
_MOST_CHARACTERS = 32


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """The settings with another value than before, the first few by name; empty where there are none.

    What the server does not show any more is not judged.
    """
    told = {key: value for key, value in after.items() if key not in _NOT_SETTINGS}
    lines = list(_walk(before, told, ""))
    more = len(lines) - _MOST_SHOWN
    shown = lines if more <= 0 else [*lines[:_MOST_SHOWN], f"{more} more"]
    return Redactor().text(", ".join(shown))


def _walk(before: Mapping[str, Any], after: Mapping[str, Any], path: str) -> Iterator[str]:
    for key, new in after.items():
        old = before.get(key)
        if old == new:
            continue
        inner, new_inner = as_object(old), as_object(new)
        if key in _SECRET:
            yield f"{path}{key}"
        elif inner is None or new_inner is None or inner.get("type") != new_inner.get("type"):
            yield f"{path}{key} {_shown(key, old)} -> {_shown(key, new)}"
        else:
            yield from _walk(inner, new_inner, f"{path}{key}.")


def _shown(key: str, value: object) -> str:
    thing = as_object(value)
    if thing is not None:
        return _short(str(thing.get("type") or thing.get("id") or "{...}"))
    if key == "tools" and is_array(value):
        return _short(", ".join(_tool_name(tool) for tool in value)) or "none"
    if is_array(value):
        return f"{len(value)} entries" if any(map(is_object, value)) else _short(json.dumps(value))
    return "none" if value is None else _short(json.dumps(value, ensure_ascii=False))


def _tool_name(tool: object) -> str:
    told = as_object(tool) or {}
    return str(told.get("name") or told.get("server_label") or told.get("type") or "?")


def _short(text: str) -> str:
    return text if len(text) <= _MOST_CHARACTERS else f"{text[: _MOST_CHARACTERS - 3]}..."
