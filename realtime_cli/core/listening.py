"""What each server event changes in a session: one flat table of cases."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeAlias, assert_never, get_args

from realtime_cli.protocol import client_events as client
from realtime_cli.protocol import server_events as server
from realtime_cli.protocol import translation
from realtime_cli.protocol.codec import ClientEvent, MalformedEvent, ServerEvent, UnknownEvent
from realtime_cli.protocol.session import ErrorDetail, Response, Session

from . import audio_events, interruption, item_events, response_events
from .audio_settings import Side, odd_rate, turn_detection
from .changes import changes
from .differences import differences
from .explain import ACTIVE_RESPONSE, BENIGN, NOT_ACTIVE, code_of, error_text, hint_for
from .metrics import decoded_bytes, is_low, rate_limits
from .sending import accept
from .state import SessionState
from .view import Level, RateLimitView
from .words import duration

_McpEvent: TypeAlias = (
    server.ResponseMcpCallInProgress
    | server.ResponseMcpCallCompleted
    | server.ResponseMcpCallFailed
    | server.McpListToolsFailed
)
_MCP_FAILED = {
    "response.mcp_call.failed": "an MCP call failed",
    "mcp_list_tools.failed": "the tools of an MCP server could not be listed",
}
# The code of notices about settings that changed.
SESSION_CODE = "session"
# What a race answers, where the error does not name the event.
_RACES: Mapping[str, type[ClientEvent]] = {
    ACTIVE_RESPONSE: client.ResponseCreate,
    NOT_ACTIVE: client.ResponseCancel,
}


def hear(state: SessionState, event: ServerEvent, now: float) -> None:  # noqa: C901, PLR0912, PLR0915  (one flat match)
    """Brings the state up to date with one event of the server.

    Its first word is its greeting. In a session that is to go on with another one, an error is none: who
    refuses the key now says so, and closes.
    """
    is_refusal = state.comeback.is_due and isinstance(event, server.Error)
    state.is_ready, state.moved_s = state.is_ready or not is_refusal, now
    state.count(events_in=1)
    match event:
        case server.ResponseOutputAudioDelta():
            audio_events.audio_delta(state, event, now)
        case server.ResponseOutputAudioDone():
            audio_events.audio_done(state, event)
        case server.ResponseOutputTextDelta() | server.ResponseOutputAudioTranscriptDelta():
            response_events.text_delta(state, event, now)
        case server.ResponseOutputTextDone() | server.ResponseOutputAudioTranscriptDone():
            response_events.whole_text(state, event, now)
        case server.ResponseFunctionCallArgumentsDelta() | server.ResponseFunctionCallArgumentsDone():
            response_events.call_arguments(state, event, now)
        case server.ResponseMcpCallArgumentsDelta() | server.ResponseMcpCallArgumentsDone():
            response_events.mcp_arguments(state, event, now)
        case server.ResponseContentPartAdded() | server.ResponseContentPartDone():
            response_events.content_part(state, event, now)
        case server.ResponseCreated():
            response_events.response_created(state, event.response or Response(), now)
        case server.ResponseDone():
            response_events.response_done(state, event.response or Response(), now)
        case server.ResponseOutputItemAdded() | server.ResponseOutputItemDone():
            response_events.output_item(state, event, now)
        case (
            server.ConversationItemAdded() | server.ConversationItemCreated() | server.ConversationItemDone()
        ):
            item_events.item_told(state, event)
        case server.ConversationItemRetrieved():
            state.sent.answered(client.ConversationItemRetrieve)
            if event.item is not None:
                item_events.item_filled(state, event.item)
        case server.ConversationItemTruncated():
            state.sent.answered(client.ConversationItemTruncate)
            state.items.touch(event.item_id, role="assistant").truncated_ms = event.audio_end_ms
        case server.ConversationItemDeleted():
            state.sent.answered(client.ConversationItemDelete)
            state.items.delete(event.item_id)
        case (
            server.ConversationItemInputAudioTranscriptionDelta()
            | server.ConversationItemInputAudioTranscriptionCompleted()
            | server.ConversationItemInputAudioTranscriptionSegment()
            | server.ConversationItemInputAudioTranscriptionFailed()
        ):
            _transcribed(state, event)
            item_events.transcription(state, event, now)
        case server.InputAudioBufferSpeechStarted():
            interruption.speech_started(state, now)
        case server.InputAudioBufferSpeechStopped():
            state.user_speaking = False
            state.stopwatch.start("speech", _speech_ended_s(state, event.audio_end_ms, now))
        case server.InputAudioBufferCommitted():
            item_events.committed(state, event, now)
        case server.InputAudioBufferTimeoutTriggered():
            item_events.nobody_spoke(state, event, now)
        case server.InputAudioBufferDtmfEventReceived():
            key = event.event or event.extra.get("digit") or "?"  # xAI's name for it
            state.notice(now, "info", f"the caller pressed {key}")
        case server.SessionCreated() | server.TranscriptionSessionCreated():
            _session_told(state, event.session, now)
        case server.SessionUpdated() | server.TranscriptionSessionUpdated():
            accept(state, state.sent.answered(client.SessionUpdate, client.TranscriptionSessionUpdate))
            before = state.config
            _session_told(state, event.session, now)
            _tell_changes(state, before, now)
            _compare(state, now)
        case server.RateLimitsUpdated():
            state.rate_limits = rate_limits(state.rate_limits, event.rate_limits)
            _watch_limits(state, now)
        case server.Error():
            _refused(state, event.detail, now)
        case server.ResponseMcpCallInProgress():
            _mcp_status(state, event, "in_progress")
        case server.ResponseMcpCallCompleted():
            _mcp_status(state, event, "completed")
        case server.ResponseMcpCallFailed() | server.McpListToolsFailed():
            _mcp_status(state, event, "failed")
            state.notice(now, "error", _MCP_FAILED[event.type])
        case server.InputAudioBufferCleared():
            state.sent.answered(client.InputAudioBufferClear)
        case server.OutputAudioBufferCleared():
            state.sent.answered(client.OutputAudioBufferClear)
        case translation.SessionInputTranscriptDelta() | translation.SessionOutputTranscriptDelta():
            _translated(state, event)
        case translation.SessionOutputAudioDelta():
            state.count(audio_in_bytes=decoded_bytes(event.delta))
        case translation.SessionClosed():
            state.notice(now, "info", "the translation is complete")
        case (
            server.ConversationCreated()
            | server.OutputAudioBufferStarted()
            | server.OutputAudioBufferStopped()
            | server.McpListToolsInProgress()
            | server.McpListToolsCompleted()
        ):
            pass  # says nothing that another event does not say as well
        case UnknownEvent():
            item_events.unknown(state, event)
        case MalformedEvent():
            _malformed(state, event, now)
        case _:
            assert_never(event)


def _speech_ended_s(state: SessionState, audio_end_ms: float | None, now: float) -> float:
    """When the user fell silent: the server tells when it noticed, after the silence that it waits for."""
    detection = turn_detection(state) or {}
    waited_ms = detection.get("silence_duration_ms") if detection.get("type") == "server_vad" else 0
    if audio_end_ms is None or not isinstance(waited_ms, int | float):
        return now
    ended_s = state.sent_audio.went_out_s(audio_end_ms - waited_ms)
    return now if ended_s is None else min(ended_s, now)


def _transcribed(state: SessionState, event: ServerEvent) -> None:
    """A transcription has a price of its own."""
    if isinstance(event, server.ConversationItemInputAudioTranscriptionCompleted):
        state.spending.transcribed(event.usage)


def _mcp_status(state: SessionState, event: _McpEvent, status: str) -> None:
    if event.item_id is None:
        return
    item = state.items.touch(event.item_id)
    item.kind = "mcp_list_tools" if isinstance(event, server.McpListToolsFailed) else "mcp_call"
    item.status = status


def _malformed(state: SessionState, event: MalformedEvent, now: float) -> None:
    """A frame that cannot be read. The end of an answer is one all the same: nothing else ends it."""
    state.count(malformed=1)
    what = event.type or "a frame"
    state.notice(now, "warning", f"{what} from the server cannot be read: {event.reason}")
    if event.type == "response.done" and state.responses.is_answering:
        response_events.response_done(state, Response(), now)


def _session_told(state: SessionState, session: Session | None, now: float) -> None:
    if session is None:
        return
    state.session_id = session.id or state.session_id
    before, state.config = state.config, session.to_wire()
    state.spending.use(state.config)
    for side in get_args(Side):
        rate = odd_rate(state.config, side)
        if rate is not None and rate != odd_rate(before, side):
            text = f"no sound has the rate that the server set for {side}, {_short(rate)}: 24000 is used"
            state.notice(now, "warning", text)


def _tell_changes(state: SessionState, before: Mapping[str, Any], now: float) -> None:
    """Tells what another update than the first has changed; the first is what we asked for at the start."""
    changed = changes(before, state.config) if state.is_configured else ""
    state.is_configured = True
    if changed:
        state.notice(now, "info", f"session updated: {changed}", code=SESSION_CODE)


def _watch_limits(state: SessionState, now: float) -> None:
    """Tells of every allowance once that it is near its end, until it has recovered."""
    low = {name: limit for name, limit in state.rate_limits.items() if is_low(limit)}
    for name in low.keys() - state.low_limits:
        state.notice(now, "warning", _low_text(low[name]), hint="what goes beyond it is refused: slow down")
    state.low_limits = set(low)


def _low_text(limit: RateLimitView) -> str:
    text = f"rate limit: {limit.remaining:,.0f} of {limit.limit:,.0f} {limit.name} left"
    return text if limit.reset_s is None else f"{text}, all of them again in {duration(limit.reset_s)}"


def _compare(state: SessionState, now: float) -> None:
    """Tells once what the server took differently, as soon as no other update is under way."""
    if state.sent.awaits(client.SessionUpdate, client.TranscriptionSessionUpdate):
        return
    found = differences(state.requested, state.config)
    for difference in found:
        if difference not in state.differences:
            state.notice(
                now,
                "warning",
                f"the server set {difference.path} to {_short(difference.effective)}, "
                f"not to {_short(difference.requested)}",
            )
    state.differences = found


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _refused(state: SessionState, detail: ErrorDetail, now: float) -> None:
    code = code_of(detail)
    level: Level = "info" if code in BENIGN else "error"
    sent = state.sent.refused(detail.event_id, kind=_RACES.get(code))
    match sent.event if sent else None:
        case client.ResponseCreate() as create:
            state.responses.refused(create, is_race=code == ACTIVE_RESPONSE, now=now)
        case client.ResponseCancel() as cancel if code == NOT_ACTIVE:
            orphan = state.responses.not_active(cancel.response_id)
            if orphan is not None:
                interruption.close_orphan(state, orphan, now)
        case client.ResponseCancel():
            state.responses.cancel_refused()
        case client.ConversationItemTruncate():
            level = "warning"  # the server remembers more than was heard; the conversation goes on
        case _:
            pass
    state.notice(
        now,
        level,
        error_text(detail),
        hint=hint_for(code),
        code=code,
        cause=sent.cause if sent else None,
    )


def _translated(
    state: SessionState,
    event: translation.SessionInputTranscriptDelta | translation.SessionOutputTranscriptDelta,
) -> None:
    is_source = isinstance(event, translation.SessionInputTranscriptDelta)
    item = state.items.touch("translation_source" if is_source else "translation")
    item.role = "user" if is_source else "assistant"
    item.part(0).add(event.delta)
