"""What functions returned, in plain words: JSON as a short list of `key: value`. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import cast

from realtime_cli.server.brains.hearing import Output
from realtime_cli.server.brains.words import clean, excerpt

_DEPTH_LIMIT = 3
_ITEM_LIMIT = 20


def in_words(outputs: Iterable[Output]) -> str:
    """One sentence for each output: which function returned what."""
    return " ".join(_sentence(output) for output in outputs)


def _sentence(output: Output) -> str:
    function = clean(output.name) or "The function"
    returned = excerpt(_shown(output.text))
    if not returned:
        return f"{function} returned nothing."
    return f"{function} returned {returned}" + ("" if returned.endswith((".", "!", "?", "…")) else ".")


def _shown(text: str) -> str:
    try:
        value = cast("object", json.loads(text))
    except (ValueError, RecursionError):
        return text
    return _listed(value, depth=0)


def _listed(value: object, *, depth: int) -> str:
    if depth > _DEPTH_LIMIT:
        return "…"
    if isinstance(value, Mapping):
        pairs = list(cast("Mapping[str, object]", value).items())[:_ITEM_LIMIT]
        return _nested(", ".join(f"{key}: {_listed(item, depth=depth + 1)}" for key, item in pairs), depth)
    if isinstance(value, list):
        items = cast("list[object]", value)[:_ITEM_LIMIT]
        return _nested(", ".join(_listed(item, depth=depth + 1) for item in items), depth)
    if isinstance(value, str):
        return value
    return "nothing" if value is None else json.dumps(value)


def _nested(listed: str, depth: int) -> str:
    return listed if depth == 0 else f"({listed})"
