"""The server's events about the session, the conversation and what the user said."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from .audio import LogProbs
from .base import (
    ContentIndex,
    Event,
    ItemId,
    Many,
    Milliseconds,
    Number,
    Obfuscation,
    PreviousItemId,
    Spec,
    TextDelta,
    WholeText,
)
from .items import Item
from .session import Conversation, ErrorDetail, Language, Session, TranscriptionUsage

_BetaSession = Annotated[
    Session | None,
    Spec(
        "the session",
        {
            "id": "sess_1",
            "object": "realtime.transcription_session",
            "input_audio_format": "pcm16",
            "input_audio_transcription": {"model": "whisper-1"},
        },
    ),
]


class Error(Event):
    """Something that the client sent was refused. The session goes on, unless the server closes it."""

    is_error: ClassVar[bool] = True
    type: Literal["error"] = "error"
    error: Annotated[ErrorDetail | str | None, Spec("what went wrong")] = None

    @property
    def detail(self) -> ErrorDetail:
        """The error in one form: servers also send a bare string, or the fields without the object."""
        if isinstance(self.error, ErrorDetail):
            return self.error
        if isinstance(self.error, str):
            return ErrorDetail(message=self.error)
        fields = {name: value for name, value in self.extra.items() if isinstance(value, str)}
        return ErrorDetail(
            message=fields.get("message"),
            code=fields.get("code"),
            type=fields.get("error_type"),
            param=fields.get("param"),
        )


class _SessionEvent(Event):
    session: Session | None = None


class SessionCreated(_SessionEvent):
    """The first event of a connection: the session with the server's defaults."""

    type: Literal["session.created"] = "session.created"


class SessionUpdated(_SessionEvent):
    """A `session.update` took effect. Carries the whole session, as the server sees it."""

    type: Literal["session.updated"] = "session.updated"


class TranscriptionSessionCreated(_SessionEvent):
    """Beta: the first event of a transcription session."""

    type: Literal["transcription_session.created"] = "transcription_session.created"
    session: _BetaSession = None


class TranscriptionSessionUpdated(_SessionEvent):
    """Beta: a `transcription_session.update` took effect."""

    type: Literal["transcription_session.updated"] = "transcription_session.updated"
    session: _BetaSession = None


class ConversationCreated(Event):
    """A conversation was opened; beta servers and xAI send it right at the start."""

    type: Literal["conversation.created"] = "conversation.created"
    conversation: Conversation | None = None


class _ItemEvent(Event):
    previous_item_id: PreviousItemId = None
    item: Item | None = None


class ConversationItemCreated(_ItemEvent):
    """Beta (and others): an item entered the conversation, whole or still to be filled."""

    type: Literal["conversation.item.created"] = "conversation.item.created"


class ConversationItemAdded(_ItemEvent):
    """An item entered the conversation; an answer's item comes empty and fills by deltas."""

    type: Literal["conversation.item.added"] = "conversation.item.added"


class ConversationItemDone(_ItemEvent):
    """An item is complete."""

    type: Literal["conversation.item.done"] = "conversation.item.done"


class ConversationItemRetrieved(Event):
    """The item that `conversation.item.retrieve` asked for."""

    type: Literal["conversation.item.retrieved"] = "conversation.item.retrieved"
    item: Item | None = None


class ConversationItemTruncated(Event):
    """An item's audio was cut, and its transcript dropped."""

    type: Literal["conversation.item.truncated"] = "conversation.item.truncated"
    item_id: ItemId | None = None
    content_index: ContentIndex | None = None
    audio_end_ms: Milliseconds | None = None


class ConversationItemDeleted(Event):
    """An item left the conversation."""

    type: Literal["conversation.item.deleted"] = "conversation.item.deleted"
    item_id: ItemId | None = None


class _InputTranscription(Event):
    item_id: ItemId | None = None
    content_index: ContentIndex | None = None


class ConversationItemInputAudioTranscriptionDelta(_InputTranscription):
    """More text of what the user said; turns are not in order among each other."""

    type: Literal["conversation.item.input_audio_transcription.delta"] = (
        "conversation.item.input_audio_transcription.delta"
    )
    delta: TextDelta = None
    logprobs: LogProbs = None
    obfuscation: Obfuscation = None


class ConversationItemInputAudioTranscriptionSegment(_InputTranscription):
    """A stretch of the user's audio with its speaker and times in seconds; diarizing models only."""

    type: Literal["conversation.item.input_audio_transcription.segment"] = (
        "conversation.item.input_audio_transcription.segment"
    )
    id: Annotated[str | None, Spec("the segment's id", "seg_1")] = None
    speaker: Annotated[str | None, Spec("who speaks", "A")] = None
    start: Annotated[Number | None, Spec("begin, in seconds", 0.4)] = None
    end: Annotated[Number | None, Spec("end, in seconds", 1.6)] = None
    text: WholeText = None


class ConversationItemInputAudioTranscriptionCompleted(_InputTranscription):
    """The final text of what the user said. It may come after the answer."""

    type: Literal["conversation.item.input_audio_transcription.completed"] = (
        "conversation.item.input_audio_transcription.completed"
    )
    transcript: Annotated[str | None, Spec("what was said", "Hello!")] = None
    languages: Annotated[Many[Language] | None, Spec("the languages that were heard")] = None
    logprobs: LogProbs = None
    usage: Annotated[
        TranscriptionUsage | None, Spec("what it cost", {"type": "duration", "seconds": 1.2})
    ] = None


class ConversationItemInputAudioTranscriptionFailed(_InputTranscription):
    """The user's audio could not be transcribed. The model heard it all the same."""

    is_error: ClassVar[bool] = True
    type: Literal["conversation.item.input_audio_transcription.failed"] = (
        "conversation.item.input_audio_transcription.failed"
    )
    error: Annotated[ErrorDetail | str | None, Spec("what went wrong")] = None
