"""The server's side of a Realtime session, as a pure function of what comes in."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from realtime_cli.protocol import client_events as client
from realtime_cli.protocol import server_events as server
from realtime_cli.protocol.codec import ClientEvent
from realtime_cli.protocol.items import McpApprovalResponse, McpTool
from realtime_cli.protocol.session import (
    ErrorDetail,
    RealtimeSession,
    ResponseConfig,
    Session,
    Tool,
)

from .inputs import DeadlineReached
from .responding.answering import Answering
from .responding.checks import AcceptedEvent, accepted, event_id_of
from .responding.configuration import (
    Configuration,
    OwnSession,
    SessionKind,
    realtime_session,
    transcription_session,
)
from .responding.history import History
from .responding.idle_timer import IdleTimer
from .responding.ids import Ids
from .responding.item_events import ItemEditing, ItemEvent
from .responding.mcp import Listings, McpTools
from .responding.messages import (
    AnswerFinished,
    AnswerPartReady,
    Close,
    ResponderEffect,
    ResponderInput,
    Send,
    StartAnswer,
    StartTranscription,
    StopAnswer,
    StopTranscription,
    TranscriptFailed,
    TranscriptFinished,
    TranscriptPiece,
)
from .responding.refusal import InvalidRequestError
from .responding.transcribing import Transcribing, TranscriptMessage
from .responding.turn_taking import TurnTaking
from .responding.voice_activity import VoiceActivityFactory

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
    "StartTranscription",
    "StopAnswer",
    "StopTranscription",
    "TranscriptFailed",
    "TranscriptFinished",
    "TranscriptPiece",
]


@dataclass(frozen=True, slots=True)
class ResponderConfig:
    """What a connection starts with. `seed` is a part of every id; give each connection its own.

    Without `voice_activity` audio is taken and counted, but no turns are found in it. `mcp_tools` are those
    of the MCP servers that a session may name, by label.
    """

    seed: str
    model: str = "gpt-realtime"
    instructions: str = ""
    kind: SessionKind = "realtime"
    session_limit_s: int = 3600
    voice_activity: VoiceActivityFactory | None = None
    mcp_tools: McpTools = field(default_factory=dict[str, tuple[McpTool, ...]])


class Responder:
    """One server's end of one connection: takes inputs, gives back effects. Times are Unix seconds."""

    def __init__(self, config: ResponderConfig) -> None:
        self._limit_s = config.session_limit_s
        self._ids = Ids(config.seed)
        self._expires_at = 0
        self._is_over = False
        self._configuration = Configuration(_initial(config, self._ids.next("sess")))
        history = History(self._ids)
        idle = IdleTimer()
        self._listings = Listings(history, config.mcp_tools)
        self._transcribing = Transcribing(history, self._configuration)
        self._items = ItemEditing(self._ids, history, self._transcribing)
        self._answering = Answering(
            self._ids, history, self._configuration, transcribing=self._transcribing, idle=idle
        )
        self._turns = TurnTaking(
            config.voice_activity,
            history=history,
            configuration=self._configuration,
            transcribing=self._transcribing,
            answering=self._answering,
            idle=idle,
        )

    def connected(self, now_s: float) -> list[ResponderEffect]:
        """Greets the client."""
        self._expires_at = math.ceil(now_s) + self._limit_s
        session = self._configuration.shown(expires_at=self._expires_at)
        return self._stamped([Send(server.SessionCreated(session=session))])

    def next_deadline(self) -> float:
        """When the responder wants `DeadlineReached`; every input may change it.

        The session ends, or (`idle_timeout_ms`) a silence lasts too long.
        """
        idle_s = self._turns.deadline_s()
        return self._expires_at if idle_s is None else min(idle_s, self._expires_at)

    def receive(self, happened: ResponderInput, now_s: float) -> list[ResponderEffect]:
        """Takes one input and tells what to do about it; never raises for what a client sends."""
        if self._is_over:
            return []
        if now_s >= self._expires_at:
            return self._stamped(self._expired())
        return self._stamped([*self._turns.look_at_clock(now_s), *self._taken(happened, now_s)])

    def _taken(self, happened: ResponderInput, now_s: float) -> list[ResponderEffect]:
        match happened:
            case AnswerPartReady():
                return self._answering.take(happened.response_id, happened.part, now_s)
            case AnswerFinished():
                return self._answering.finish(happened.response_id, now_s)
            case TranscriptPiece() | TranscriptFinished() | TranscriptFailed():
                return self._words(happened, now_s)
            case DeadlineReached():
                return []
            case _:
                return self._answered(happened, now_s)

    def _words(self, message: TranscriptMessage, now_s: float) -> list[ResponderEffect]:
        about_turn = self._turns.take(message, now_s)
        return [*about_turn, *self._transcribing.take(message), *self._answering.resume()]

    def _answered(self, event: ClientEvent, now_s: float) -> list[ResponderEffect]:
        try:
            return self._carried_out(accepted(event), now_s)
        except InvalidRequestError as refusal:
            return [Send(refusal.as_event(caused_by=event_id_of(event)))]

    def _carried_out(self, event: AcceptedEvent, now_s: float) -> list[ResponderEffect]:
        match event:
            case bytes():
                return self._turns.hear(event, now_s)
            case client.SessionUpdate():
                return self._update(event, now_s)
            case client.ResponseCreate():
                return self._create(event.response or ResponseConfig())
            case client.ResponseCancel():
                return self._answering.cancel(event, now_s)
            case client.InputAudioBufferCommit() | client.InputAudioBufferClear():
                return self._turns.edit(event)
            case _:
                return self._edit(event)

    def _update(self, event: client.SessionUpdate, now_s: float) -> list[ResponderEffect]:
        self._configuration.update(event.session)
        shown = self._configuration.shown(expires_at=self._expires_at)
        listed = map(Send, self._listings.announce(_tools(event.session)))
        return [Send(server.SessionUpdated(session=shown)), *self._turns.adapt(now_s), *listed]

    def _create(self, asked: ResponseConfig) -> list[ResponderEffect]:
        created = self._answering.create(asked)
        return [*map(Send, self._listings.announce(asked.tools)), *created]

    def _edit(self, event: ItemEvent) -> list[ResponderEffect]:
        edited = self._items.edit(event, encoding=self._configuration.encoding)
        if isinstance(event, client.ConversationItemCreate) and isinstance(event.item, McpApprovalResponse):
            return [*edited, *self._answering.decide(event.item)]
        # An item that is gone keeps no answer waiting.
        return [*edited, *self._answering.resume()]

    def _expired(self) -> list[ResponderEffect]:
        self._is_over = True
        message = f"Your session hit the maximum duration of {self._limit_s / 60:g} minutes."
        detail = ErrorDetail(
            type="invalid_request_error", code="session_expired", message=message, param=None, event_id=None
        )
        stopping = [*self._answering.stop_all(), *self._turns.stop(), *self._transcribing.stop_all()]
        return [*stopping, Send(server.Error(error=detail)), Close(1001, message)]

    def _stamped(self, effects: list[ResponderEffect]) -> list[ResponderEffect]:
        return [self._with_id(effect) if isinstance(effect, Send) else effect for effect in effects]

    def _with_id(self, effect: Send) -> Send:
        return Send(effect.event.model_copy(update={"event_id": self._ids.next("event")}))


def _tools(session: Session) -> list[Tool]:
    return list(session.tools or ()) if isinstance(session, RealtimeSession) else []


def _initial(config: ResponderConfig, session_id: str) -> OwnSession:
    if config.kind == "transcription":
        return transcription_session(session_id)
    return realtime_session(session_id, model=config.model, instructions=config.instructions)
