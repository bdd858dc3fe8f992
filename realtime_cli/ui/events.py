"""Raw events for people: a line for each in a stream, a tree where one is looked at closely."""

from __future__ import annotations

import json
from typing import cast

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from realtime_cli.core.view import Cause
from realtime_cli.protocol.jsontypes import Json, as_object
from realtime_cli.visible import one_line, visible

from .theme import can_show

# Fields that hold audio or images in base64; their text tells nobody anything.
_BLOBS = frozenset({"audio", "delta", "image_url"})
_LONG = 96
_ARROWS = {"in": ("←", "<"), "out": ("→", ">"), "local": ("·", "*")}
# What a line shows of an event, besides its type: the first of these that is there.
_TELLING = ("delta", "transcript", "text", "arguments", "item_id", "name", "audio_end_ms", "audio_start_ms")


def event_line(console: Console, raw: str | bytes, *, direction: str, at_s: float) -> Text:
    """Time, direction, type, and the one field that matters."""
    data = _object(raw)
    line = Text(f"{at_s:9.3f} ", "time")
    line.append(f"{_arrow(console, direction)} ", direction)
    if data is None:
        line.append(f"(not an event: {size_of(raw)}) ", "warning")
        line.append(_excerpt(raw), "info")
        return line
    line.append(one_line(str(data.get("type", "(no type)"))), direction)
    telling = _telling(data)
    if telling:
        line.append(f"  {telling}", "info")
    return line


def event_tree(
    console: Console, raw: str | bytes, *, direction: str, at_s: float, cause: Cause | None = None
) -> Tree:
    """The whole event, its audio as a size; an error names the event that caused it."""
    head = event_line(console, raw, direction=direction, at_s=at_s)
    data = _object(raw)
    if data is None:
        return Tree(head, guide_style="info")
    head = Text.assemble((f"{at_s:9.3f} ", "time"), (f"{_arrow(console, direction)} ", direction))
    head.append(
        one_line(str(data.get("type", "(no type)"))), direction if data.get("type") != "error" else "error"
    )
    if cause is not None:
        named = f" {cause.event_id}" if cause.event_id else ""
        head.append(
            f"  answers {'' if cause.certain else 'probably '}{one_line(cause.type)}{one_line(named)}",
            "error",
        )
    tree = Tree(head, guide_style="info")
    for key, value in data.items():
        if key != "type":
            _grow(tree, str(key), value)
    return tree


def size_of(raw: str | bytes) -> str:
    """A frame's size in words."""
    count = len(raw)
    unit = "bytes" if isinstance(raw, bytes) else "characters"
    return f"{count:,} {unit}"


def _grow(tree: Tree, key: str, value: object) -> None:
    label = Text(visible(key), "key")
    fields = as_object(value)
    if fields:
        branch = tree.add(label)
        for inner_key, inner in fields.items():
            _grow(branch, str(inner_key), inner)
    elif isinstance(value, list) and len(cast("list[object]", value)):
        branch = tree.add(label)
        for index, inner in enumerate(cast("list[object]", value)):
            _grow(branch, str(index), inner)
    else:
        tree.add(label.append(": ", "info").append(_leaf(key, value)))


def _leaf(key: str, value: object) -> Text:
    if not isinstance(value, str):
        return Text(json.dumps(value), "number")
    if key in _BLOBS and len(value) > _LONG and " " not in value:
        return Text(f"({len(value) * 3 // 4:,} bytes)", "info")
    return Text(visible(value) if value else '""', "default")


def _telling(data: Json) -> str:
    error = as_object(data.get("error"))
    if error is not None:
        return one_line(f"{error.get('code') or error.get('type') or ''}: {error.get('message') or ''}")
    for key in _TELLING:
        value = data.get(key)
        if isinstance(value, str) and value:
            is_blob = key in _BLOBS and len(value) > _LONG and " " not in value
            return (
                f"({len(value) * 3 // 4:,} bytes)"
                if is_blob
                else one_line(json.dumps(value, ensure_ascii=False))
            )
        if isinstance(value, int | float):
            return f"{value}"
    item = as_object(data.get("item"))
    if item is not None:
        return one_line(" ".join(str(item[key]) for key in ("type", "role", "name", "id") if item.get(key)))
    response = as_object(data.get("response"))
    return one_line(str(response.get("status") or "")) if response is not None else ""


def _object(raw: str | bytes) -> Json | None:
    try:
        return as_object(json.loads(raw))
    except (ValueError, RecursionError):
        return None


def _arrow(console: Console, direction: str) -> str:
    fancy, plain = _ARROWS[direction]
    return fancy if can_show(console, fancy) else plain


def _excerpt(raw: str | bytes) -> str:
    text = raw[:200].decode("utf-8", "replace") if isinstance(raw, bytes) else raw[:200]
    return one_line(text, limit=80)
