"""The gate: which events of a client are carried out at all, and what the others are told."""

from __future__ import annotations

import json
from binascii import a2b_base64
from collections.abc import Iterable
from contextlib import suppress
from typing import TypeAlias

from realtime_cli.protocol import client_events as client
from realtime_cli.protocol.base import MAX_APPEND_BYTES
from realtime_cli.protocol.codec import ClientEvent, MalformedEvent, UnknownEvent
from realtime_cli.protocol.jsontypes import at
from realtime_cli.protocol.lint import Finding, lint
from realtime_cli.protocol.translation import SessionClose, SessionInputAudioBufferAppend

from .item_events import ItemEvent
from .refusal import InvalidRequestError, not_one_of
from .turn_taking import InputAudioBufferEvent

# The bytes are the audio of an append.
AcceptedEvent: TypeAlias = (
    client.SessionUpdate
    | bytes
    | InputAudioBufferEvent
    | ItemEvent
    | client.ResponseCreate
    | client.ResponseCancel
)

_ACCEPTED_TYPES = (
    "session.update",
    "input_audio_buffer.append",
    "input_audio_buffer.commit",
    "input_audio_buffer.clear",
    "conversation.item.create",
    "conversation.item.retrieve",
    "conversation.item.truncate",
    "conversation.item.delete",
    "response.create",
    "response.cancel",
)


def accepted(event: ClientEvent) -> AcceptedEvent:
    """The event, if it may be carried out. Raises `InvalidRequestError` with the API's reason otherwise."""
    match event:
        case client.InputAudioBufferAppend():
            return _audio(event)
        case MalformedEvent():
            raise _malformed(event)
        case UnknownEvent():
            raise not_one_of(event.type, _ACCEPTED_TYPES, param="type")
        case SessionInputAudioBufferAppend() | SessionClose():
            message = f"'{event.type}' belongs to translation sessions, which this server does not offer."
            raise InvalidRequestError(message, param="type")
        case client.TranscriptionSessionUpdate():
            message = "Send 'session.update' with session.type 'transcription' instead."
            raise InvalidRequestError(message, param="type")
        case client.OutputAudioBufferClear():
            message = "'output_audio_buffer.clear' is for WebRTC and SIP; stop the playback on your side."
            raise InvalidRequestError(message, param="type")
        case _:
            _raise_first(lint(event))
            return event


def event_id_of(event: ClientEvent) -> str | None:
    """The id that an `error` names, also where the frame is too odd to be an event."""
    if not isinstance(event, MalformedEvent) or event.event_id:
        return event.event_id
    try:
        found = at(json.loads(event.raw), "event_id")
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, str) else None


def _audio(append: client.InputAudioBufferAppend) -> bytes:
    """What is appended. Fifty come in a second, so that a plain one is decoded once, which checks it too."""
    if not append.event_id and not append.extra:
        with suppress(ValueError):
            audio = a2b_base64(append.audio, strict_mode=True)
            if len(audio) <= MAX_APPEND_BYTES:
                return audio
    _raise_first(lint(append))
    return a2b_base64(append.audio)


def _raise_first(findings: Iterable[Finding]) -> None:
    for finding in findings:
        if finding.severity == "error":
            raise _refusal(finding)


def _refusal(finding: Finding) -> InvalidRequestError:
    path = finding.path or None
    match finding.code:
        case "unknown_parameter":
            message = f"Unknown parameter: '{path}'."
        case "missing_required_parameter":
            message = f"Missing required parameter: '{path}'."
        case _:
            message = f"Invalid '{path or 'event'}': {finding.reason}."
    hint = f" Hint: {finding.hint}." if finding.hint else ""
    return InvalidRequestError(message + hint, code=finding.code, param=path)


def _malformed(event: MalformedEvent) -> InvalidRequestError:
    if isinstance(event.raw, bytes):
        return InvalidRequestError(f"Expected a text frame, but got {event.reason}.", code="invalid_event")
    try:
        _raise_first(lint(json.loads(event.raw)))
    except (ValueError, RecursionError) as error:
        return InvalidRequestError(f"Could not parse the event as JSON: {error}", code="invalid_json")
    return InvalidRequestError(f"Invalid event: {event.reason}.", code="invalid_event")
