"""The server's events. Servers differ, so every field may be missing or null; nothing here is enforced."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from .audio import LogProbs
from .base import (
    Base64,
    CallId,
    ContentIndex,
    Event,
    ItemId,
    Milliseconds,
    Number,
    Obfuscation,
    OutputIndex,
    ResponseId,
    Spec,
)
from .items import ContentPart, Item
from .session import (
    Conversation,
    ErrorDetail,
    Language,
    RateLimit,
    Response,
    Session,
    TranscriptionUsage,
)

_PreviousItemId = Annotated[str | None, Spec("the item before it; null: none", "item_0")]


class Error(Event):
    """Something that the client sent was refused. The session goes on, unless the server closes it."""

    is_error: ClassVar[bool] = True
    type: Literal["error"] = "error"
    error: ErrorDetail | str | None = None

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


class TranscriptionSessionUpdated(_SessionEvent):
    """Beta: a `transcription_session.update` took effect."""

    type: Literal["transcription_session.updated"] = "transcription_session.updated"


class ConversationCreated(Event):
    """A conversation was opened; beta servers and xAI send it right at the start."""

    type: Literal["conversation.created"] = "conversation.created"
    conversation: Conversation | None = None


class _ItemEvent(Event):
    previous_item_id: _PreviousItemId = None
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
    delta: str | None = None
    logprobs: LogProbs = None
    obfuscation: Obfuscation = None


class ConversationItemInputAudioTranscriptionSegment(_InputTranscription):
    """A stretch of the user's audio with its speaker and times in seconds; diarizing models only."""

    type: Literal["conversation.item.input_audio_transcription.segment"] = (
        "conversation.item.input_audio_transcription.segment"
    )
    id: str | None = None
    speaker: str | None = None
    start: Number | None = None
    end: Number | None = None
    text: str | None = None


class ConversationItemInputAudioTranscriptionCompleted(_InputTranscription):
    """The final text of what the user said. It may come after the answer."""

    type: Literal["conversation.item.input_audio_transcription.completed"] = (
        "conversation.item.input_audio_transcription.completed"
    )
    transcript: str | None = None
    languages: list[Language] | None = None
    logprobs: LogProbs = None
    usage: TranscriptionUsage | None = None


class ConversationItemInputAudioTranscriptionFailed(_InputTranscription):
    """The user's audio could not be transcribed. The model heard it all the same."""

    is_error: ClassVar[bool] = True
    type: Literal["conversation.item.input_audio_transcription.failed"] = (
        "conversation.item.input_audio_transcription.failed"
    )
    error: ErrorDetail | str | None = None


class InputAudioBufferSpeechStarted(Event):
    """The user began to speak; names the item that will be. `audio_start_ms` counts the audio that was sent."""

    type: Literal["input_audio_buffer.speech_started"] = "input_audio_buffer.speech_started"
    audio_start_ms: Milliseconds | None = None
    item_id: ItemId | None = None


class InputAudioBufferSpeechStopped(Event):
    """The user stopped speaking. `audio_end_ms` counts the audio that was sent."""

    type: Literal["input_audio_buffer.speech_stopped"] = "input_audio_buffer.speech_stopped"
    audio_end_ms: Milliseconds | None = None
    item_id: ItemId | None = None


class InputAudioBufferCommitted(Event):
    """The input buffer became a user item."""

    type: Literal["input_audio_buffer.committed"] = "input_audio_buffer.committed"
    previous_item_id: _PreviousItemId = None
    item_id: ItemId | None = None


class InputAudioBufferCleared(Event):
    """The input buffer is empty, as asked."""

    type: Literal["input_audio_buffer.cleared"] = "input_audio_buffer.cleared"


class InputAudioBufferTimeoutTriggered(Event):
    """Nobody spoke for `idle_timeout_ms`; the server commits the silence and answers."""

    type: Literal["input_audio_buffer.timeout_triggered"] = "input_audio_buffer.timeout_triggered"
    audio_start_ms: Milliseconds | None = None
    audio_end_ms: Milliseconds | None = None
    item_id: ItemId | None = None


class InputAudioBufferDtmfEventReceived(Event):
    """SIP: the caller pressed a key. Has no `event_id`; `received_at` is Unix seconds."""

    type: Literal["input_audio_buffer.dtmf_event_received"] = "input_audio_buffer.dtmf_event_received"
    event: Annotated[str | None, Spec("the key", "5")] = None
    received_at: Number | None = None


class _OutputAudioBuffer(Event):
    response_id: ResponseId | None = None


class OutputAudioBufferStarted(_OutputAudioBuffer):
    """WebRTC and SIP: the server began to play the response."""

    type: Literal["output_audio_buffer.started"] = "output_audio_buffer.started"


class OutputAudioBufferStopped(_OutputAudioBuffer):
    """WebRTC and SIP: the response was played to its end."""

    type: Literal["output_audio_buffer.stopped"] = "output_audio_buffer.stopped"


class OutputAudioBufferCleared(_OutputAudioBuffer):
    """WebRTC and SIP: the rest of the response's audio was thrown away."""

    type: Literal["output_audio_buffer.cleared"] = "output_audio_buffer.cleared"


class _ResponseEvent(Event):
    response: Response | None = None


class ResponseCreated(_ResponseEvent):
    """An answer begins; the response is in progress and empty."""

    type: Literal["response.created"] = "response.created"


class ResponseDone(_ResponseEvent):
    """An answer ended, for whatever reason; carries its items without audio, its status and its usage."""

    type: Literal["response.done"] = "response.done"


class _OutputItem(Event):
    response_id: ResponseId | None = None
    output_index: OutputIndex | None = None
    item: Item | None = None


class ResponseOutputItemAdded(_OutputItem):
    """The answer has a new item, empty as yet."""

    type: Literal["response.output_item.added"] = "response.output_item.added"


class ResponseOutputItemDone(_OutputItem):
    """An item of the answer is complete, or was cut off."""

    type: Literal["response.output_item.done"] = "response.output_item.done"


class _OutputPlace(Event):
    response_id: ResponseId | None = None
    item_id: ItemId | None = None
    output_index: OutputIndex | None = None


class _ContentPlace(_OutputPlace):
    content_index: ContentIndex | None = None


class _ContentPartEvent(_ContentPlace):
    part: ContentPart | None = None


class ResponseContentPartAdded(_ContentPartEvent):
    """An item of the answer has a new part; its type is `text` or `audio`."""

    type: Literal["response.content_part.added"] = "response.content_part.added"


class ResponseContentPartDone(_ContentPartEvent):
    """A part is complete."""

    type: Literal["response.content_part.done"] = "response.content_part.done"


class ResponseOutputTextDelta(_ContentPlace):
    """More text of the answer."""

    type: Literal["response.output_text.delta"] = "response.output_text.delta"
    delta: str | None = None
    obfuscation: Obfuscation = None


class ResponseOutputTextDone(_ContentPlace):
    """The whole text of the part."""

    type: Literal["response.output_text.done"] = "response.output_text.done"
    text: str | None = None


class ResponseOutputAudioDelta(_ContentPlace):
    """More speech of the answer, faster than it can be played."""

    type: Literal["response.output_audio.delta"] = "response.output_audio.delta"
    delta: Base64 | None = None


class ResponseOutputAudioDone(_ContentPlace):
    """The part's speech was sent to its end; it is not played to its end yet."""

    type: Literal["response.output_audio.done"] = "response.output_audio.done"


class ResponseOutputAudioTranscriptDelta(_ContentPlace):
    """More words of the answer's speech, usually ahead of the audio."""

    type: Literal["response.output_audio_transcript.delta"] = "response.output_audio_transcript.delta"
    delta: str | None = None
    obfuscation: Obfuscation = None


class ResponseOutputAudioTranscriptDone(_ContentPlace):
    """All words of the part's speech."""

    type: Literal["response.output_audio_transcript.done"] = "response.output_audio_transcript.done"
    transcript: str | None = None


class ResponseFunctionCallArgumentsDelta(_OutputPlace):
    """More of a function call's arguments."""

    type: Literal["response.function_call_arguments.delta"] = "response.function_call_arguments.delta"
    call_id: CallId | None = None
    delta: str | None = None
    obfuscation: Obfuscation = None


class ResponseFunctionCallArgumentsDone(_OutputPlace):
    """A function call's arguments, whole. The call also shows up as an item; it is still one call."""

    type: Literal["response.function_call_arguments.done"] = "response.function_call_arguments.done"
    call_id: CallId | None = None
    name: Annotated[str | None, Spec("the function; some servers leave it out", "get_weather")] = None
    arguments: str | None = None


class ResponseMcpCallArgumentsDelta(_OutputPlace):
    """More of an MCP call's arguments."""

    type: Literal["response.mcp_call_arguments.delta"] = "response.mcp_call_arguments.delta"
    delta: str | None = None
    obfuscation: Obfuscation = None


class ResponseMcpCallArgumentsDone(_OutputPlace):
    """An MCP call's arguments, whole."""

    type: Literal["response.mcp_call_arguments.done"] = "response.mcp_call_arguments.done"
    arguments: str | None = None


class _McpCallProgress(Event):
    item_id: ItemId | None = None
    output_index: OutputIndex | None = None


class ResponseMcpCallInProgress(_McpCallProgress):
    """The server is calling the MCP tool."""

    type: Literal["response.mcp_call.in_progress"] = "response.mcp_call.in_progress"


class ResponseMcpCallCompleted(_McpCallProgress):
    """The MCP tool answered."""

    type: Literal["response.mcp_call.completed"] = "response.mcp_call.completed"


class ResponseMcpCallFailed(_McpCallProgress):
    """The MCP tool failed; the item says why."""

    is_error: ClassVar[bool] = True
    type: Literal["response.mcp_call.failed"] = "response.mcp_call.failed"


class _McpListTools(Event):
    item_id: ItemId | None = None


class McpListToolsInProgress(_McpListTools):
    """The server is asking an MCP server for its tools."""

    type: Literal["mcp_list_tools.in_progress"] = "mcp_list_tools.in_progress"


class McpListToolsCompleted(_McpListTools):
    """The tools of an MCP server are known; an item carries them."""

    type: Literal["mcp_list_tools.completed"] = "mcp_list_tools.completed"


class McpListToolsFailed(_McpListTools):
    """The tools of an MCP server could not be had."""

    is_error: ClassVar[bool] = True
    type: Literal["mcp_list_tools.failed"] = "mcp_list_tools.failed"


class RateLimitsUpdated(Event):
    """What is left of the account's allowances, about once a response."""

    type: Literal["rate_limits.updated"] = "rate_limits.updated"
    rate_limits: list[RateLimit] | None = None


KnownServerEvent: TypeAlias = (
    ResponseOutputAudioDelta
    | ResponseOutputAudioTranscriptDelta
    | ResponseOutputTextDelta
    | ResponseFunctionCallArgumentsDelta
    | ConversationItemInputAudioTranscriptionDelta
    | ResponseMcpCallArgumentsDelta
    | Error
    | SessionCreated
    | SessionUpdated
    | TranscriptionSessionCreated
    | TranscriptionSessionUpdated
    | ConversationCreated
    | ConversationItemCreated
    | ConversationItemAdded
    | ConversationItemDone
    | ConversationItemRetrieved
    | ConversationItemTruncated
    | ConversationItemDeleted
    | ConversationItemInputAudioTranscriptionSegment
    | ConversationItemInputAudioTranscriptionCompleted
    | ConversationItemInputAudioTranscriptionFailed
    | InputAudioBufferSpeechStarted
    | InputAudioBufferSpeechStopped
    | InputAudioBufferCommitted
    | InputAudioBufferCleared
    | InputAudioBufferTimeoutTriggered
    | InputAudioBufferDtmfEventReceived
    | OutputAudioBufferStarted
    | OutputAudioBufferStopped
    | OutputAudioBufferCleared
    | ResponseCreated
    | ResponseDone
    | ResponseOutputItemAdded
    | ResponseOutputItemDone
    | ResponseContentPartAdded
    | ResponseContentPartDone
    | ResponseOutputTextDone
    | ResponseOutputAudioDone
    | ResponseOutputAudioTranscriptDone
    | ResponseFunctionCallArgumentsDone
    | ResponseMcpCallArgumentsDone
    | ResponseMcpCallInProgress
    | ResponseMcpCallCompleted
    | ResponseMcpCallFailed
    | McpListToolsInProgress
    | McpListToolsCompleted
    | McpListToolsFailed
    | RateLimitsUpdated
)
