"""Raw events for people: a line for each in a stream, a tree where one is looked at closely."""

from __future__ import annotations

import json
import re

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from realtime_cli.core.view import Cause
from realtime_cli.protocol.jsontypes import Json, as_object, is_array, is_object
from realtime_cli.visible import one_line, visible

from .summary import count
from .theme import can_show

# Base64 outside the fields that are known for it; words have spaces, marks or other letters.
_BASE64 = re.compile(r"(?:data:[^,]{0,200},)?[A-Za-z0-9+/]{200,}={0,2}")
_DEEPEST = 16
_LONGEST = 20_000
_ARROWS = {"in": ("←", "<"), "out": ("→", ">"), "local": ("·", "*")}
# What a line shows of an event, besides its type: the first of these that is there.
_TELLING = (
    "error",
    "delta",
    "transcript",
    "text",
    "arguments",
    "audio",
    "item_id",
    "name",
    "audio_end_ms",
    "audio_start_ms",
)


def event_line(console: Console, raw: str | bytes, *, direction: str, at_s: float) -> Text:
    """Time, direction, type, and the one field that matters."""
    data = _object(raw)
    if data is None:
        line = _head(console, direction=direction, at_s=at_s)
        line.append(f"(not an event: {size_of(raw)}) ", "warning")
        return line.append(_excerpt(raw), "info")
    line = _head(console, direction=direction, at_s=at_s).append(_type_of(data), direction)
    telling = _telling(data)
    return line.append(f"  {telling}", "info") if telling else line


def event_tree(
    console: Console, raw: str | bytes, *, direction: str, at_s: float, cause: Cause | None = None
) -> Tree:
    """The whole event, its audio as a size; an error names the event that caused it."""
    data = _object(raw)
    if data is None:
        return Tree(event_line(console, raw, direction=direction, at_s=at_s), guide_style="info")
    head = _head(console, direction=direction, at_s=at_s)
    head.append(_type_of(data), "error" if data.get("type") == "error" else direction)
    if cause is not None:
        sure = "" if cause.certain else "probably "
        head.append(f"  answers {sure}" + one_line(f"{cause.type} {cause.event_id or ''}"), "error")
    tree = Tree(head, guide_style="info")
    for key, value in data.items():
        if key != "type":
            _grow(tree, key, value, event_type=data.get("type"), depth=1)
    return tree


def size_of(raw: str | bytes) -> str:
    """A frame's size in words."""
    return count(len(raw), "byte" if isinstance(raw, bytes) else "character")


def arrow(console: Console, direction: str) -> str:
    """The sign for where an event went."""
    fancy, plain = _ARROWS[direction]
    return fancy if can_show(console, fancy) else plain


def base64_bytes(key: str, value: str, *, event_type: object = None) -> int | None:
    """How many bytes stand behind base64, which itself tells nobody anything; None for any other text."""
    is_delta = key == "delta" and isinstance(event_type, str) and event_type.endswith("audio.delta")
    if not (key == "audio" or is_delta or _BASE64.fullmatch(value)):
        return None
    return len(value[value.find(",") + 1 :].rstrip("=")) * 3 // 4


def _head(console: Console, *, direction: str, at_s: float) -> Text:
    return Text.assemble((f"{at_s:9.3f} ", "time"), (f"{arrow(console, direction)} ", direction))


def _grow(tree: Tree, key: str, value: object, *, event_type: object, depth: int) -> None:
    label = Text(one_line(key), "key")
    inner = _members(value)
    if not inner:
        tree.add(label.append(": ", "info").append(_leaf(key, value, event_type)))
    elif depth >= _DEEPEST:
        tree.add(label.append(": ", "info").append("(too deep to show)", "info"))
    else:
        branch = tree.add(label)
        for inner_key, inner_value in inner:
            _grow(branch, inner_key, inner_value, event_type=event_type, depth=depth + 1)


def _members(value: object) -> list[tuple[str, object]]:
    if is_object(value):
        return list(value.items())
    if is_array(value):
        return [(str(index), inner) for index, inner in enumerate(value)]
    return []


def _leaf(key: str, value: object, event_type: object) -> Text:
    if not isinstance(value, str):
        return Text(one_line(json.dumps(value)), "number")
    blob = _blob(key, value, event_type)
    if blob:
        return Text(blob, "info")
    if len(value) > _LONGEST:
        return Text(visible(value[:_LONGEST]), "default").append(f" ({len(value):,} characters)", "info")
    return Text(visible(value) if value else '""', "default")


def _telling(data: Json) -> str:
    error = as_object(data.get("error"))
    if error is not None:
        code = _word(error.get("code")) or _word(error.get("type"))
        return _joined(": ", code, _word(error.get("message")))
    for key in _TELLING:
        value = data.get(key)
        if isinstance(value, str) and value:
            return _blob(key, value, data.get("type")) or _quoted(value)
        if isinstance(value, int | float):
            return one_line(json.dumps(value))
    item = as_object(data.get("item"))
    if item is not None:
        return _joined(" ", *(_word(item.get(key)) for key in ("type", "role", "name", "id")))
    response = as_object(data.get("response"))
    return one_line(_word(response.get("status"))) if response is not None else ""


def _blob(key: str, value: str, event_type: object) -> str:
    size = base64_bytes(key, value, event_type=event_type)
    return "" if size is None else f"({count(size, 'byte')})"


def _joined(glue: str, *words: str) -> str:
    return one_line(glue.join(filter(None, words)))


def _quoted(text: str) -> str:
    return one_line(json.dumps(text, ensure_ascii=False))


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""


def _type_of(data: Json) -> str:
    name = data.get("type")
    return one_line(name) if isinstance(name, str) else "(no type)"


def _object(raw: str | bytes) -> Json | None:
    """The event in a text frame; a binary frame is none, whatever it holds."""
    try:
        return as_object(json.loads(raw)) if isinstance(raw, str) else None
    except (ValueError, RecursionError):
        return None


def _excerpt(raw: str | bytes) -> str:
    text = raw[:200].decode("utf-8", "replace") if isinstance(raw, bytes) else raw[:200]
    return one_line(text, limit=80)
