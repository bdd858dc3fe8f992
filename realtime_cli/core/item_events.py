"""What the events of the conversation's items change, and what the user's own audio becomes."""

from __future__ import annotations

from typing import TypeAlias, assert_never

from realtime_cli.protocol import client_events as client
from realtime_cli.protocol import items as wire
from realtime_cli.protocol import server_events as server
from realtime_cli.protocol.codec import UnknownEvent
from realtime_cli.protocol.jsontypes import at
from realtime_cli.protocol.session import ErrorDetail

from . import mcp, restoring, tool_inputs
from .explain import code_of, error_text, hint_for
from .response_events import call_item
from .state import SessionState

_ItemEvent: TypeAlias = (
    server.ConversationItemAdded | server.ConversationItemCreated | server.ConversationItemDone
)
_Transcription: TypeAlias = (
    server.ConversationItemInputAudioTranscriptionDelta
    | server.ConversationItemInputAudioTranscriptionCompleted
    | server.ConversationItemInputAudioTranscriptionSegment
    | server.ConversationItemInputAudioTranscriptionFailed
)
# The embedded server without a recogniser: that is so after every utterance.
_NOBODY_LISTENS = "transcription_unavailable"
# xAI: the transcript so far, which may rewrite earlier words.
_TRANSCRIPT_SO_FAR = "conversation.item.input_audio_transcription.updated"


def item_told(state: SessionState, event: _ItemEvent) -> None:
    """An item entered the conversation, or is complete; the first such event says where it stands."""
    if event.item is None or restoring.recognises(state, event.item):
        return
    item = state.items.touch(event.item.id or state.items.new_id())
    asked = None if item.placed or item.response_id else state.sent.item_added(event.item)
    item.is_ours = item.is_ours or asked is not None
    item.made = asked.item if asked is not None else item.made
    at_front = asked is not None and asked.previous_item_id == "root"
    state.items.place(item, after=event.previous_item_id, at_front=at_front)
    item_filled(state, event.item, item_id=item.id)
    if asked is not None and item.role == "user" and item.has_unknown_words:
        item.awaits_transcript = _transcribes(state) and not item.transcription_error


def item_filled(state: SessionState, source: wire.Item, *, item_id: str | None = None) -> None:
    """What an item says of itself. A call that we wrote into the history is not made again."""
    item = state.items.fill(source, item_id=item_id)
    match source:
        case wire.FunctionCall():
            call_item(state, item, is_done=item.status == "completed" and not item.is_ours)
        case wire.FunctionCallOutput():
            tool_inputs.answered_elsewhere(state, source, item_id=item.id)
        case wire.McpApprovalResponse():
            mcp.response_told(state, source)
        case _:
            pass


def committed(state: SessionState, event: server.InputAudioBufferCommitted, now: float) -> None:
    """The input buffer became an item of the user's; its words come later, if at all."""
    state.sent.answered(client.InputAudioBufferCommit)
    state.user_speaking = False
    state.stopwatch.commit(now)
    active = state.responses.active
    if active is not None:
        active.is_outlived = active.is_silenced
    if event.item_id is None:
        return
    item = state.items.touch(event.item_id)
    state.items.place(item, after=event.previous_item_id)
    item.role = "user"
    item.part(0).has_audio = True
    item.is_silent = item.is_silent or event.item_id == state.unspoken_item_id
    is_known = item.part(0).is_final or bool(item.transcription_error)
    item.awaits_transcript = _transcribes(state) and not is_known


def nobody_spoke(state: SessionState, event: server.InputAudioBufferTimeoutTriggered, now: float) -> None:
    """The server has waited long enough for the user; what it commits because of that has no words."""
    state.unspoken_item_id = event.item_id
    state.notice(now, "info", "nobody spoke: the server answers by itself")


def transcription(state: SessionState, event: _Transcription, now: float) -> None:
    """Words of the user's audio: in pieces, whole, or not to be had."""
    item = state.items.touch(event.item_id, role="user")
    item.role = item.role or "user"
    part = item.part(event.content_index)
    match event:
        case server.ConversationItemInputAudioTranscriptionDelta():
            part.add(event.delta)
            item.awaits_transcript = not (part.is_final or item.transcription_error)
        case server.ConversationItemInputAudioTranscriptionCompleted():
            part.settle(event.transcript)
            item.awaits_transcript = False
            if event.transcript is not None:
                item.is_silent = not event.transcript.strip()
        case server.ConversationItemInputAudioTranscriptionFailed():
            detail = event.error if isinstance(event.error, ErrorDetail) else ErrorDetail(message=event.error)
            item.awaits_transcript, item.transcription_error = False, error_text(detail)
            text, code = f"what you said could not be transcribed: {error_text(detail)}", code_of(detail)
            if code != _NOBODY_LISTENS or all(notice.code != code for notice in state.notices):
                state.notice(now, "warning", text, hint=hint_for(code), code=code)
        case server.ConversationItemInputAudioTranscriptionSegment():
            pass  # repeats words of the transcript, with their speaker and times
        case _:
            assert_never(event)


def unknown(state: SessionState, event: UnknownEvent) -> None:
    """An event of another vocabulary. The transcript so far is worth reading; the rest is counted."""
    words, item_id = event.data.get("transcript"), event.data.get("item_id")
    if event.type != _TRANSCRIPT_SO_FAR or not isinstance(words, str) or not isinstance(item_id, str):
        state.count(unknown=1)
        return
    item = state.items.touch(item_id, role="user")
    item.part(0).replace(words)


def _transcribes(state: SessionState) -> bool:
    """Whether the server writes down what the user says."""
    return bool(at(state.config, "audio", "input", "transcription"))
