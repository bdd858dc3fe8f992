"""GA and beta: the same protocol in two vocabularies, translated by tables, on plain JSON objects.

Inside, only GA is spoken. What a table does not name passes unchanged, in both directions.
Sources: OpenAI's migration notes and the two published schemas.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

from .jsontypes import Json, is_array, is_object

Dialect: TypeAlias = Literal["ga", "beta"]

# Names that only one side of the fence knows. `conversation.item.created` is legal in both.
BETA_TO_GA_NAMES: Mapping[str, str] = {
    "response.text.delta": "response.output_text.delta",
    "response.text.done": "response.output_text.done",
    "response.audio.delta": "response.output_audio.delta",
    "response.audio.done": "response.output_audio.done",
    "response.audio_transcript.delta": "response.output_audio_transcript.delta",
    "response.audio_transcript.done": "response.output_audio_transcript.done",
}
GA_TO_BETA_NAMES: Mapping[str, str | None] = {
    **{ga: beta for beta, ga in BETA_TO_GA_NAMES.items()},
    "conversation.item.added": "conversation.item.created",
    "conversation.item.done": None,  # beta has no word for it
}
_TRANSCRIPTION_NAMES: Mapping[str, str] = {
    "transcription_session.update": "session.update",
    "transcription_session.updated": "session.updated",
    "transcription_session.created": "session.created",
}
_BETA_TRANSCRIPTION_NAMES = {ga: beta for beta, ga in _TRANSCRIPTION_NAMES.items()}

# Beta field of a session or response -> path of the GA field.
BETA_TO_GA_FIELDS: Mapping[str, tuple[str, ...]] = {
    "modalities": ("output_modalities",),
    "voice": ("audio", "output", "voice"),
    "speed": ("audio", "output", "speed"),
    "input_audio_format": ("audio", "input", "format"),
    "output_audio_format": ("audio", "output", "format"),
    "input_audio_transcription": ("audio", "input", "transcription"),
    "input_audio_noise_reduction": ("audio", "input", "noise_reduction"),
    "turn_detection": ("audio", "input", "turn_detection"),
    "max_response_output_tokens": ("max_output_tokens",),
}
_FLAT_MARKS = frozenset(BETA_TO_GA_FIELDS) - {"speed"}
_FORMATS: Mapping[str, Json] = {
    "pcm16": {"type": "audio/pcm", "rate": 24000},
    "g711_ulaw": {"type": "audio/pcmu"},
    "g711_alaw": {"type": "audio/pcma"},
}
_FORMAT_NAMES = {format_["type"]: name for name, format_ in _FORMATS.items()}
_ASSISTANT_CONTENT: Mapping[str, str] = {"text": "output_text", "audio": "output_audio"}
_BETA_ASSISTANT_CONTENT = {ga: beta for beta, ga in _ASSISTANT_CONTENT.items()}


def is_beta_session(session: object) -> bool:
    """Whether a session object has beta's flat shape (`modalities`, `voice`, `input_audio_format`, ...)."""
    return is_object(session) and "audio" not in session and not _FLAT_MARKS.isdisjoint(session)


def to_ga(event: Json) -> Json:
    """The GA form of a beta event of either side."""
    out = _with_parts(event, session=_session_to_ga, response=_flat_to_ga, item=_item_to_ga)
    name = str(event.get("type"))
    if name in BETA_TO_GA_NAMES:
        return {**out, "type": BETA_TO_GA_NAMES[name]}
    if name not in _TRANSCRIPTION_NAMES:
        return out
    session = out.get("session")
    if is_object(session):
        out["session"] = {**session, "type": "transcription"}
    return {**out, "type": _TRANSCRIPTION_NAMES[name]}


def to_beta(event: Json) -> Json | None:
    """The beta form of a GA event of either side; None where beta has no such event."""
    name = str(event.get("type"))
    beta_name = GA_TO_BETA_NAMES.get(name, name)
    if beta_name is None:
        return None
    session = event.get("session")
    if is_object(session) and session.get("type") == "transcription":
        beta_name = _BETA_TRANSCRIPTION_NAMES.get(name, name)
    response = _create_to_beta if name == "response.create" else _flat_to_beta
    out = _with_parts(event, session=_session_to_beta, response=response, item=_item_to_beta)
    return {**out, "type": beta_name}


def _with_parts(event: Json, **translations: Callable[[Json], Json]) -> Json:
    out = dict(event)
    for key, translate in translations.items():
        part = out.get(key)
        if is_object(part):
            out[key] = translate(part)
    return out


def _session_to_ga(session: Json) -> Json:
    return {"type": "realtime", **_flat_to_ga(session)}


def _flat_to_ga(flat: Json) -> Json:
    out = _copied({key: value for key, value in flat.items() if key not in BETA_TO_GA_FIELDS})
    for key, path in BETA_TO_GA_FIELDS.items():
        if key in flat:
            _put(out, path, value_to_ga(key, flat[key]))
    return _with_items(out, _item_to_ga)


def _session_to_beta(session: Json) -> Json:
    flat = _create_to_beta(session)
    if flat.get("type") in ("realtime", "transcription"):
        del flat["type"]
    return flat


def _create_to_beta(config: Json) -> Json:
    flat = _flat_to_beta(config)
    if "max_output_tokens" in flat:
        flat["max_response_output_tokens"] = flat.pop("max_output_tokens")
    return flat


def _flat_to_beta(nested: Json) -> Json:
    out = _copied(nested)
    for key, path in BETA_TO_GA_FIELDS.items():
        if key == "max_response_output_tokens":  # beta's response objects say max_output_tokens too
            continue
        found, value = _take(out, path)
        if found:
            out[key] = value_to_beta(key, value)
    return _with_items(out, _item_to_beta)


def value_to_ga(key: str, value: Any) -> Any:
    """The GA value of a beta field."""
    if key.endswith("_format") and isinstance(value, str):
        return dict(_FORMATS.get(value, {"type": value}))
    if key == "modalities" and is_array(value) and "audio" in value:
        return ["audio"]
    return value


def value_to_beta(key: str, value: Any) -> Any:
    """The beta value of what GA has at the path of a beta field."""
    if key.endswith("_format") and is_object(value) and isinstance(value.get("type"), str):
        return _FORMAT_NAMES.get(value["type"], value["type"])
    if key == "modalities" and value == ["audio"]:
        return ["text", "audio"]
    return value


def _item_to_ga(item: Json) -> Json:
    return _with_content_types(item, _ASSISTANT_CONTENT)


def _item_to_beta(item: Json) -> Json:
    return _with_content_types(item, _BETA_ASSISTANT_CONTENT)


def _with_content_types(item: Json, names: Mapping[str, str]) -> Json:
    content = item.get("content")
    if item.get("role") != "assistant" or not is_array(content):
        return item
    return {**item, "content": [_renamed(part, names) for part in content]}


def _renamed(part: object, names: Mapping[str, str]) -> object:
    if not is_object(part):
        return part
    name = str(part.get("type"))
    return {**part, "type": names[name]} if name in names else part


def _with_items(response: Json, translate: Callable[[Json], Json]) -> Json:
    for key in ("output", "input"):
        items = response.get(key)
        if is_array(items):
            response[key] = [translate(item) if is_object(item) else item for item in items]
    return response


def _put(target: Json, path: tuple[str, ...], value: Any) -> None:
    for key in path[:-1]:
        if not is_object(target.get(key)):
            target[key] = {}
        target = target[key]
    target[path[-1]] = value


def _take(source: Json, path: tuple[str, ...]) -> tuple[bool, Any]:
    """Removes the value at the path, and every object that this leaves empty."""
    key, rest = path[0], path[1:]
    if key not in source:
        return False, None
    if not rest:
        return True, source.pop(key)
    inner: object = source[key]
    if not is_object(inner):
        return False, None
    found, value = _take(inner, rest)
    if found and not inner:
        del source[key]
    return found, value


def _copied(nested: Json) -> Json:
    return {key: _copied(value) if is_object(value) else value for key, value in nested.items()}
