"""What the lines of a log say about sound. Most say nothing about it: they are not even parsed."""

from __future__ import annotations

import json
from binascii import a2b_base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, cast

from realtime_cli.core.audio_settings import configured_encoding
from realtime_cli.core.part_id import PartId
from realtime_cli.protocol.client_events import SessionUpdate
from realtime_cli.protocol.codec import Codec, decode_client
from realtime_cli.protocol.encoding import Encoding
from realtime_cli.protocol.jsontypes import Json, as_object, at
from realtime_cli.protocol.server_events import SessionCreated, SessionUpdated
from realtime_cli.runtime.ports import Direction


@dataclass(frozen=True, slots=True)
class Spoken:
    """The user's audio went out."""

    audio: bytes


@dataclass(frozen=True, slots=True)
class Answered:
    """Audio of an answer came."""

    part: PartId
    response_id: str
    audio: bytes


@dataclass(frozen=True, slots=True)
class Complete:
    """That was all audio of a part."""

    part: PartId


@dataclass(frozen=True, slots=True)
class Played:
    """So much of a part was handed to the speaker; the last of it sounds `delay_ms` later."""

    part: PartId
    heard_ms: float
    delay_ms: float


@dataclass(frozen=True, slots=True)
class Silenced:
    """Playback was stopped, in that part if one was playing."""

    part: PartId
    heard_ms: float


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The server heard the user begin to speak."""


@dataclass(frozen=True, slots=True)
class SpeakerReady:
    """What sounds; nothing does where the name is empty."""

    name: str


@dataclass(frozen=True, slots=True)
class Configured:
    """How audio is encoded from now on; None: as before."""

    input: Encoding | None
    output: Encoding | None


@dataclass(frozen=True, slots=True)
class ResponseConfigured:
    """How the audio of one response is encoded."""

    response_id: str
    output: Encoding


Trace: TypeAlias = (
    Spoken
    | Answered
    | Complete
    | Played
    | Silenced
    | SpeechStarted
    | SpeakerReady
    | Configured
    | ResponseConfigured
)

# What is longer was not measured by a speaker.
_LONGEST_MS = 12 * 3_600_000.0
_LONGEST_DELAY_MS = 10_000.0

# A text without any of these is not parsed.
_MARKS: dict[Direction, tuple[str, ...]] = {
    "out": ('input_audio_buffer.append"', '"session.update"'),
    "in": (
        'audio.delta"',
        'audio.done"',
        '.speech_started"',
        'session.created"',
        'session.updated"',
        '"response.created"',
    ),
    "local": ('"playback.', '"audio.ready"'),
}


class Tracker:
    """Finds what matters for sound in frames and local inputs."""

    def __init__(self) -> None:
        self._codec = Codec()

    def trace(self, direction: Direction, raw: str | bytes) -> Trace | None:
        """What a frame, or a local input, says about sound."""
        text = raw if isinstance(raw, str) else raw.decode("utf-8", "replace")
        if not any(mark in text for mark in _MARKS[direction]):
            return None
        try:
            return self._read(direction, text)
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError):  # not what its type says
            return None

    def _read(self, direction: Direction, text: str) -> Trace | None:
        event = as_object(json.loads(text)) or {}
        kind = str(event.get("type"))
        if kind in _CONFIGURING:
            return _configured(self._session(direction, text))
        reader = _READERS.get((direction, kind))
        return reader(event) if reader else None

    def _session(self, direction: Direction, text: str) -> Json:
        if direction == "in":
            told = self._codec.decode(text)
            session = told.session if isinstance(told, SessionCreated | SessionUpdated) else None
        else:
            asked = decode_client(text, self._codec.dialect)
            session = asked.session if isinstance(asked, SessionUpdate) else None
        return session.to_wire() if session else {}


def _spoken(event: Json) -> Spoken:
    return Spoken(a2b_base64(event["audio"]))


def _answered(event: Json) -> Answered:
    return Answered(_part(event), str(event.get("response_id")), a2b_base64(event["delta"]))


def _complete(event: Json) -> Complete:
    return Complete(_part(event))


def _played(event: Json) -> Played:
    return Played(_part(event), _ms(event["heard_ms"]), min(_ms(event.get("delay_ms", 0)), _LONGEST_DELAY_MS))


def _silenced(event: Json) -> Silenced:
    return Silenced(_part(event), _ms(event["heard_ms"]))


def _speech_started(_: Json) -> SpeechStarted:
    return SpeechStarted()


def _speaker_ready(event: Json) -> SpeakerReady:
    return SpeakerReady(str(event.get("speaker", "")))


def _response(event: Json) -> ResponseConfigured | None:
    response = as_object(event["response"]) or {}
    if not at(response, "audio", "output", "format"):
        return None
    return ResponseConfigured(str(response.get("id")), configured_encoding(response, "output"))


_READERS: dict[tuple[Direction, str], Callable[[Json], Trace | None]] = {
    ("out", "input_audio_buffer.append"): _spoken,
    ("out", "session.input_audio_buffer.append"): _spoken,
    ("in", "response.output_audio.delta"): _answered,
    ("in", "response.audio.delta"): _answered,
    ("in", "session.output_audio.delta"): _answered,
    ("in", "response.output_audio.done"): _complete,
    ("in", "response.audio.done"): _complete,
    ("in", "response.created"): _response,
    ("in", "input_audio_buffer.speech_started"): _speech_started,
    ("local", "playback.progress"): _played,
    ("local", "playback.stopped"): _silenced,
    ("local", "audio.ready"): _speaker_ready,
}
_CONFIGURING = {
    "session.created",
    "session.updated",
    "session.update",
    "transcription_session.created",
    "transcription_session.updated",
}


def _part(event: Json) -> PartId:
    return PartId(str(event.get("item_id", "")), int(event.get("content_index", 0)))


def _ms(value: object) -> float:
    ms = float(cast("float", value))
    if not 0 <= ms <= _LONGEST_MS:
        raise ValueError
    return ms


def _configured(session: Json) -> Configured:
    hears, sounds = at(session, "audio", "input", "format"), at(session, "audio", "output", "format")
    return Configured(
        configured_encoding(session, "input") if hears else None,
        configured_encoding(session, "output") if sounds else None,
    )
