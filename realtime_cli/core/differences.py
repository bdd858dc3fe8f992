"""Whether the server's session is what we asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from realtime_cli.protocol.jsontypes import as_object

from .view import Difference

# Never echoed as sent: secrets, and tools, which servers complete with fields of their own.
_NOT_COMPARED = frozenset({"authorization", "headers", "tools", "type"})
_DATE = re.compile(r"(-\d{4}-\d{2}-\d{2})?")


def merged(base: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """The settings after a change: objects merge, everything else replaces."""
    out = dict(base)
    for key, value in change.items():
        old, new = as_object(out.get(key)), as_object(value)
        out[key] = value if old is None or new is None else merged(old, new)
    return out


def differences(requested: Mapping[str, Any], effective: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Every setting that the server has, but with another value. What it does not show is not judged."""
    return tuple(_walk(requested, effective, ""))


def _walk(requested: Mapping[str, Any], effective: Mapping[str, Any], path: str) -> Iterator[Difference]:
    for key, asked in requested.items():
        if key not in effective or key in _NOT_COMPARED:
            continue
        got = effective[key]
        inner, got_inner = as_object(asked), as_object(got)
        if inner is not None and got_inner is not None:
            yield from _walk(inner, got_inner, f"{path}{key}.")
        elif not _same(key, asked, got):
            yield Difference(f"{path}{key}", asked, got)


def _same(key: str, asked: Any, got: Any) -> bool:
    if key == "model" and isinstance(asked, str) and isinstance(got, str) and got.startswith(asked):
        return _DATE.fullmatch(got, len(asked)) is not None  # servers answer with the dated name
    return bool(asked == got)
