"""What a session sends, and what it remembers of that."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from realtime_cli.protocol import client_events as client
from realtime_cli.protocol import items as wire
from realtime_cli.protocol.codec import ClientEvent, MalformedEvent, UnknownEvent, decode_client
from realtime_cli.protocol.translation import SessionInputAudioBufferAppend

from .differences import merged
from .effects import SendEvent
from .metrics import decoded_bytes
from .responses import is_outside
from .state import SessionState

# So begins every frame of the microphone, in every dialect.
_APPEND = '{"type":"input_audio_buffer.append","audio":"'


def send(state: SessionState, event: ClientEvent, now: float) -> None:
    """Sends an event, under an id of its own."""
    if not isinstance(event, UnknownEvent | MalformedEvent) and event.event_id is None:
        state.own_events += 1
        event = event.model_copy(update={"event_id": f"event_{state.own_events}"})
    state.effects.append(SendEvent(state.names.outward(event)))
    note_sent(state, event, now)


def send_raw(state: SessionState, raw: str, now: float) -> None:
    """Sends what was written by hand, as it is, but for names that the server does not know."""
    event = decode_client(raw)
    told = state.names.outward(event)
    state.effects.append(SendEvent(event, raw) if told is event else SendEvent(told))
    note_sent(state, event, now)


def send_audio(state: SessionState, audio: bytes, now: float) -> None:
    """Sends the microphone's audio; 50 times a second, so it is not given an id."""
    text = b64encode(audio).decode("ascii")
    state.effects.append(SendEvent(client.InputAudioBufferAppend(audio=text), f'{_APPEND}{text}"}}'))
    _note_audio(state, len(audio), now)


def is_audio_frame(raw: str) -> bool:
    """Whether a frame that was sent is one of `send_audio`, or cannot be told from it."""
    return raw.startswith(_APPEND)


def session_update(config: Mapping[str, Any]) -> ClientEvent:
    """The event that asks for a configuration; one that fits no model goes to the server as it is."""
    return decode_client(json.dumps({"type": "session.update", "session": {"type": "realtime", **config}}))


def accept(state: SessionState, update: ClientEvent | None) -> None:
    """The server took a part of the configuration as it was asked to, or had no time to refuse it."""
    if isinstance(update, client.SessionUpdate | client.TranscriptionSessionUpdate):
        state.accepted = merged(state.accepted, update.session.to_wire())


def note_sent(state: SessionState, event: ClientEvent, now: float) -> None:
    """Remembers an event that went out, by whatever way."""
    if isinstance(event, client.InputAudioBufferAppend | SessionInputAudioBufferAppend):
        _note_audio(state, decoded_bytes(event.audio), now)
        return
    state.sent.add(event)
    state.count(events_out=1)
    match event:
        case client.InputAudioBufferCommit() | client.InputAudioBufferClear():
            state.gate.uncommitted_bytes = 0
        case client.ResponseCreate():
            state.responses.sent(event)
            state.moved_s = now
            if not is_outside(event):
                state.stopwatch.ask(now)
        case client.SessionUpdate() | client.TranscriptionSessionUpdate():
            state.requested = merged(state.requested, event.session.to_wire())
        case client.ConversationItemCreate():
            is_output = isinstance(event.item, wire.FunctionCallOutput)
            state.stopwatch.say("tool" if is_output else "text")
        case _:
            pass


def _note_audio(state: SessionState, size_bytes: int, now: float) -> None:
    """Remembers so much audio that went out: it is never answered, so none of its events is kept."""
    state.count(events_out=1, audio_out_bytes=size_bytes)
    state.gate.uncommitted_bytes += size_bytes
    state.sent_audio.add(state.gate.encoding.ms(size_bytes), now)
