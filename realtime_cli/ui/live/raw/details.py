"""What a row says of an event besides its type: the fields that matter."""

from __future__ import annotations

import json
from collections.abc import Iterator

from realtime_cli.protocol.jsontypes import Json, as_object, at, is_array, is_object
from realtime_cli.ui.events import base64_bytes
from realtime_cli.visible import one_line

from .reading import object_in

# Read by programs, or known from the type and the column of the direction.
_UNTOLD = frozenset({"type", "object", "event_id", "obfuscation", "output_index", "content_index"})
_SPOKEN = ("delta", "transcript", "text", "arguments")
_ABOUT_SESSIONS = (
    ("model",),
    ("audio", "output", "voice"),
    ("voice",),
    ("output_modalities",),
    ("modalities",),
)
_TURN_DETECTION = ("audio", "input", "turn_detection", "type")
_DEEPEST, _MOST_FIELDS, _LONGEST_WORDS = 6, 12, 400
_LONGEST_JSON, _LONGEST_LIST, _LONGEST_MS = 4_000, 8, 1e12
_ID_TAIL, _WHOLE_ID = 5, 14


def details(type_: str, data: Json, *, roomy: bool) -> str:
    """The words for an event that is not audio, on one line; ids are cut short unless there is room."""
    for words in _candidates(type_, data):
        told = " ".join(word for word in words if word)
        if told:
            return one_line(told if roomy else _with_short_ids(told), limit=_LONGEST_WORDS)
    return ""


def spoken_in(type_: str, data: Json) -> str | None:
    """The words that an event adds to a text; None where it is about something else."""
    for key in _SPOKEN:
        value = data.get(key)
        if isinstance(value, str) and (value or key == "delta"):
            return value if base64_bytes(key, value, event_type=type_) is None else None
    return None


def quoted(words: str) -> str:
    """Words in quotation marks, their controls written out; JSON as it is, base64 as its size."""
    if (size := base64_bytes("", words)) is not None:
        return f"({size:,} bytes)"
    if words.lstrip()[:1] == "{" and len(words) <= _LONGEST_JSON and (value := object_in(words)):
        return one_line(json.dumps(value, ensure_ascii=False), limit=_LONGEST_WORDS)
    return one_line(json.dumps(words[: 2 * _LONGEST_WORDS], ensure_ascii=False), limit=_LONGEST_WORDS)


def _pairs(value: Json, *, path: str = "", depth: int = 0) -> Iterator[str]:
    """The fields as `path.of.keys=value`, as far as they tell a person something."""
    is_audio = depth == 0 and str(value.get("type")).endswith("audio.delta")
    for key, inner in value.items():
        if depth == 0 and key in _UNTOLD:
            continue
        if is_object(inner) and inner and depth < _DEEPEST:
            yield from _pairs(inner, path=f"{path}{key}.", depth=depth + 1)
        elif depth == 0 and (short := _short(key, inner)):
            yield short
        elif inner is not None and inner != "":
            yield f"{path}{key}={_plain('audio' if is_audio and key == 'delta' else key, inner)}"


def _short(key: str, value: object) -> str:
    """Fields that are clear without their whole names: `start 1,460 ms`, an id."""
    if key.endswith("_ms") and isinstance(value, int | float) and abs(value) < _LONGEST_MS:
        return f"{key.removesuffix('_ms').removeprefix('audio_')} {value:,.0f} ms"
    return value if key.endswith("_id") and isinstance(value, str) else ""


def _candidates(type_: str, data: Json) -> Iterator[list[str]]:
    yield _error(data.get("error"))
    spoken = spoken_in(type_, data)
    yield [quoted(spoken)] if spoken is not None else []
    yield _item(data.get("item"))
    yield _item(data.get("part"))
    if type_ == "response.create":
        yield _few(as_object(data.get("response")) or {})
    yield _response(data.get("response"))
    session = as_object(data.get("session")) or {}
    yield _few(session) if type_.endswith(".update") else _session(session)
    yield _limits(data.get("rate_limits"))
    yield _few(data)


def _few(value: Json) -> list[str]:
    return [pair for pair, _ in zip(_pairs(value), range(_MOST_FIELDS), strict=False)]


def _error(error: object) -> list[str]:
    if not is_object(error):
        return [quoted(error)] if isinstance(error, str) and error else []
    code, message, param = (
        _word(error, "code") or _word(error, "type"),
        _word(error, "message"),
        _word(error, "param"),
    )
    return [f"{code}:" if code and message else code, message, f"({param})" if param else ""]


def _item(item: object) -> list[str]:
    if not is_object(item):
        return []
    words = [_word(item, key) for key in ("role", "type", "name", "server_label", "status")]
    kind = words[1] if words[1] != "message" or not words[0] else ""
    state = words[4] if words[4] != "completed" else ""
    said = [quoted(text) for text in _texts(item)]
    return [words[0], kind, *words[2:4], *said, _word(item, "call_id"), state, _word(item, "id")]


def _texts(item: Json) -> Iterator[str]:
    """The words of an item or of a content part."""
    content = item.get("content")
    for part in (item, *(content if is_array(content) else ())):
        for key in ("text", "transcript", "arguments", "output"):
            text = at(part, key)
            if isinstance(text, str) and text:
                yield text


def _response(response: object) -> list[str]:
    if not is_object(response):
        return []
    why = at(response, "status_details", "error", "message") or at(response, "status_details", "reason")
    tokens = at(response, "usage", "total_tokens")
    return [
        _word(response, "status"),
        f"({why})" if isinstance(why, str) else "",
        f"{tokens:,} tokens" if isinstance(tokens, int) else "",
        _word(response, "id"),
    ]


def _session(session: Json) -> list[str]:
    told = [_plain(path[-1], value) for path in _ABOUT_SESSIONS if (value := at(session, *path)) is not None]
    turns = at(session, *_TURN_DETECTION) or at(session, "turn_detection", "type")
    return [*told, turns if isinstance(turns, str) else "", _word(session, "id")]


def _limits(limits: object) -> list[str]:
    if not is_array(limits):
        return []
    told = [
        (at(limit, "name"), at(limit, "remaining"), at(limit, "limit")) for limit in limits[:_MOST_FIELDS]
    ]
    return [
        f"{name} {remaining:,}/{limit:,}"
        for name, remaining, limit in told
        if isinstance(name, str) and isinstance(remaining, int) and isinstance(limit, int)
    ]


def _plain(key: str, value: object) -> str:
    """A value in a row: text as it is where it is one word, everything else as JSON."""
    if is_object(value) and value:
        return "{…}"
    if is_array(value) and value:
        is_words = len(value) <= _LONGEST_LIST and all(isinstance(inner, str) for inner in value)
        return ",".join(value) if is_words else f"[{len(value):,}]"
    if not isinstance(value, str):
        return json.dumps(value)[:_LONGEST_WORDS]
    if (size := base64_bytes(key, value)) is not None:
        return f"({size:,} bytes)"
    return value if value and " " not in value and len(value) <= 80 else quoted(value)


def _with_short_ids(words: str) -> str:
    return " ".join(map(_short_id, words.split(" ")))


def _short_id(word: str) -> str:
    """An id as a row shows it, other words as they are: people compare the ends of ids."""
    path, equals, name = word.rpartition("=")
    prefix, _, rest = name.partition("_")
    is_id = prefix.isalpha() and rest.isalnum() and any(char.isdigit() for char in rest)
    return f"{path}{equals}{prefix}…{rest[-_ID_TAIL:]}" if is_id and len(name) > _WHOLE_ID else word


def _word(value: Json, key: str) -> str:
    word = value.get(key)
    return word if isinstance(word, str) else ""
