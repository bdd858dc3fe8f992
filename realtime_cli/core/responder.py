"""The server's side of a Realtime session, as a pure function of what comes in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import assert_never

from realtime_cli.protocol import client_events as client
from realtime_cli.protocol import server_events as server
from realtime_cli.protocol.base import Event
from realtime_cli.protocol.codec import ClientEvent
from realtime_cli.protocol.items import InputAudio, Message
from realtime_cli.protocol.session import ErrorDetail

from .inputs import DeadlineReached
from .responding.answering import Answering
from .responding.checks import AcceptedEvent, AnsweredEvent, InputAudioBufferEvent, accepted, event_id_of
from .responding.configuration import (
    Configuration,
    OwnSession,
    SessionKind,
    realtime_session,
    transcription_session,
)
from .responding.history import Entry, History
from .responding.ids import Ids
from .responding.input_buffer import InputBuffer
from .responding.item_events import added_and_done, edit
from .responding.messages import (
    AnswerFinished,
    AnswerPartReady,
    Close,
    ResponderEffect,
    ResponderInput,
    Send,
    StartAnswer,
    StopAnswer,
)
from .responding.refusal import InvalidRequestError

__all__ = [
    "AnswerFinished",
    "AnswerPartReady",
    "Close",
    "Responder",
    "ResponderConfig",
    "ResponderEffect",
    "ResponderInput",
    "Send",
    "SessionKind",
    "StartAnswer",
    "StopAnswer",
]


@dataclass(frozen=True, slots=True)
class ResponderConfig:
    """What a connection starts with. `seed` is a part of every id; give each connection its own."""

    seed: str
    model: str = "gpt-realtime"
    instructions: str = ""
    kind: SessionKind = "realtime"
    session_limit_s: int = 3600


class Responder:
    """One server's end of one connection: takes inputs, gives back effects. Times are Unix seconds."""

    def __init__(self, config: ResponderConfig) -> None:
        self._limit_s = config.session_limit_s
        self._ids = Ids(config.seed)
        self._expires_at = 0
        self._is_over = False
        self._history = History(self._ids)
        self._buffer = InputBuffer()
        self._configuration = Configuration(_initial(config, self._ids.next("sess")))
        self._answering = Answering(
            self._ids, self._history, self._configuration, conversation_id=self._ids.next("conv")
        )

    def connected(self, now_s: float) -> list[ResponderEffect]:
        """Greets the client."""
        self._expires_at = math.ceil(now_s) + self._limit_s
        session = self._configuration.shown(expires_at=self._expires_at)
        return self._stamped([Send(server.SessionCreated(session=session))])

    def next_deadline(self) -> float:
        """When the responder wants `DeadlineReached`: the session ends then."""
        return self._expires_at

    def receive(self, happened: ResponderInput, now_s: float) -> list[ResponderEffect]:
        """Takes one input and tells what to do about it; never raises for what a client sends."""
        if self._is_over:
            return []
        if now_s >= self._expires_at:
            return self._stamped(self._expired())
        match happened:
            case AnswerPartReady():
                effects = self._answering.take(happened.response_id, happened.part)
            case AnswerFinished():
                effects = self._answering.finish(happened.response_id)
            case DeadlineReached():
                effects = []
            case _:
                effects = self._answered(happened)
        return self._stamped(effects)

    def _answered(self, event: ClientEvent) -> list[ResponderEffect]:
        try:
            return self._carried_out(accepted(event))
        except InvalidRequestError as refusal:
            return [Send(refusal.as_event(caused_by=event_id_of(event)))]

    def _carried_out(self, event: AcceptedEvent) -> list[ResponderEffect]:
        match event:
            case client.ResponseCreate():
                return self._answering.create(event)
            case client.ResponseCancel():
                return self._answering.cancel(event)
            case _:
                return [Send(answer) for answer in self._events(event)]

    def _events(self, event: AnsweredEvent) -> list[Event]:
        if isinstance(event, client.SessionUpdate):
            return self._update(event)
        if isinstance(event, InputAudioBufferEvent):
            return self._listen(event)
        format_ = self._configuration.input_format
        return edit(event, self._history, self._ids, input_format=format_)

    def _listen(self, event: InputAudioBufferEvent) -> list[Event]:
        match event:
            case client.InputAudioBufferAppend():
                self._buffer.append(event.audio, self._configuration.input_format)
                return []
            case client.InputAudioBufferCommit():
                return self._commit()
            case client.InputAudioBufferClear():
                self._buffer.clear()
                return [server.InputAudioBufferCleared()]
            case _:
                assert_never(event)

    def _update(self, event: client.SessionUpdate) -> list[Event]:
        self._configuration.update(event.session)
        return [server.SessionUpdated(session=self._configuration.shown(expires_at=self._expires_at))]

    def _commit(self) -> list[Event]:
        audio_ms = self._buffer.commit()
        item_id, previous_id = self._history.new_id(), self._history.last_id()
        item = Message(id=item_id, status="completed", role="user", content=[InputAudio(transcript=None)])
        self._history.append(item_id, Entry(item, audio_ms))
        committed = server.InputAudioBufferCommitted(previous_item_id=previous_id, item_id=item_id)
        events = [committed, *added_and_done(item, previous_id)]
        return [*events, _untranscribed(item_id)] if self._configuration.transcribes_input else events

    def _expired(self) -> list[ResponderEffect]:
        self._is_over = True
        message = f"Your session hit the maximum duration of {self._limit_s / 60:g} minutes."
        detail = ErrorDetail(
            type="invalid_request_error", code="session_expired", message=message, param=None, event_id=None
        )
        return [*self._answering.stop_all(), Send(server.Error(error=detail)), Close(1001, message)]

    def _stamped(self, effects: list[ResponderEffect]) -> list[ResponderEffect]:
        return [self._with_id(effect) if isinstance(effect, Send) else effect for effect in effects]

    def _with_id(self, effect: Send) -> Send:
        return Send(effect.event.model_copy(update={"event_id": self._ids.next("event")}))


def _initial(config: ResponderConfig, session_id: str) -> OwnSession:
    if config.kind == "transcription":
        return transcription_session(session_id)
    return realtime_session(session_id, model=config.model, instructions=config.instructions)


def _untranscribed(item_id: str) -> Event:
    detail = ErrorDetail(
        type="transcription_error",
        code="transcription_unavailable",
        message="This server has no speech recogniser yet; the audio stays without a transcript.",
        param=None,
    )
    failed = server.ConversationItemInputAudioTranscriptionFailed
    return failed(item_id=item_id, content_index=0, error=detail)
