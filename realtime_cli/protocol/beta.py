"""Configuration in beta's words, for lint and describe. Frames never become these: `dialects` translates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from .audio import NoiseReduction, Transcription
from .base import REQUIRED, Event, Many, Metadata, Model, Number, Spec, known, one_of
from .items import Item
from .session import (
    ExpiresAt,
    Include,
    Instructions,
    MaxTokens,
    SessionId,
    SessionObject,
    Tools,
    ToolUse,
    Tracing,
)

# In beta an assistant's message holds `text`.
CONTENT_BY_ROLE = {
    "user": ("input_text", "input_audio"),
    "assistant": ("text",),
    "system": ("input_text",),
}
_Format = Annotated[str | None, one_of("pcm16", "g711_ulaw", "g711_alaw", doc="how audio is encoded")]
_Modalities = Annotated[
    Many[str] | None,
    Spec("text, or text and audio", ["text", "audio"], ("text", "audio"), closed=True, min_length=1),
]
_Voice = Annotated[
    str | None, known("alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", doc="who speaks")
]
_Temperature = Annotated[Number | None, Spec("how freely the model speaks", 0.8, ge=0, le=2)]
_Secret = Annotated[Any, Spec("how long an ephemeral key lives")]


class BetaTurnDetection(Model):
    """How turns are found; all fields in one object."""

    type: Annotated[str | None, one_of("server_vad", "semantic_vad", doc="default server_vad")] = None
    threshold: Annotated[Number | None, Spec("activation level; default 0.5", 0.5, ge=0, le=1)] = None
    prefix_padding_ms: Annotated[int | None, Spec("audio kept from before speech", 300, ge=0)] = None
    silence_duration_ms: Annotated[int | None, Spec("silence that ends a turn", 500, ge=0)] = None
    eagerness: Annotated[
        str | None, Spec("semantic_vad only", None, ("auto", "low", "medium", "high"), closed=True)
    ] = None
    create_response: Annotated[bool | None, Spec("answer when a turn ends; default true", True)] = None
    interrupt_response: Annotated[
        bool | None, Spec("cancel the answer when speech starts; default true", True)
    ] = None


class BetaTranscriptionSession(Model):
    """Beta's transcription session: audio in, text out."""

    input_audio_format: _Format = None
    input_audio_transcription: Transcription | None = None
    input_audio_noise_reduction: NoiseReduction | None = None
    turn_detection: BetaTurnDetection | None = None
    modalities: _Modalities = None
    include: Include = None
    client_secret: _Secret = None


class BetaSession(BetaTranscriptionSession):
    """Beta's session: flat, without a `type`."""

    id: SessionId = None
    object: SessionObject = None
    expires_at: ExpiresAt = None
    model: Annotated[str | None, Spec("the model; the connection's URL chooses it")] = None
    instructions: Instructions = None
    voice: _Voice = None
    speed: Annotated[Number | None, Spec("speed of speech", 1.0, ge=0.25, le=1.5)] = None
    output_audio_format: _Format = None
    tools: Tools = None
    tool_choice: ToolUse = None
    temperature: _Temperature = None
    max_response_output_tokens: MaxTokens = None
    tracing: Annotated[str | Tracing | None, Spec("where traces go", None, ("auto",), closed=True)] = None


class BetaResponseConfig(Model):
    """Beta's overrides of the session for one response."""

    modalities: _Modalities = None
    instructions: Instructions = None
    voice: _Voice = None
    output_audio_format: _Format = None
    tools: Tools = None
    tool_choice: ToolUse = None
    temperature: _Temperature = None
    max_response_output_tokens: MaxTokens = None
    conversation: Annotated[str | None, known("auto", "none", doc="none: beside the conversation")] = None
    metadata: Metadata = None
    input: Annotated[Many[Item] | None, Spec("what to answer instead of the conversation")] = None


class BetaSessionUpdate(Event):
    """Changes the session, in beta's words."""

    type: Literal["session.update"] = "session.update"
    session: Annotated[BetaSession, REQUIRED]


class BetaTranscriptionSessionUpdate(Event):
    """Changes a transcription session, in beta's words."""

    type: Literal["transcription_session.update"] = "transcription_session.update"
    session: Annotated[BetaTranscriptionSession, REQUIRED]


class BetaTranscriptionSessionCreated(Event):
    """The first event of a transcription session, in beta's words."""

    type: Literal["transcription_session.created"] = "transcription_session.created"
    session: BetaTranscriptionSession | None = None


class BetaTranscriptionSessionUpdated(Event):
    """A change of a transcription session took effect, in beta's words."""

    type: Literal["transcription_session.updated"] = "transcription_session.updated"
    session: BetaTranscriptionSession | None = None


class BetaResponseCreate(Event):
    """Asks for an answer, in beta's words."""

    type: Literal["response.create"] = "response.create"
    response: BetaResponseConfig | None = None


# What describe lays out for events that only beta has.
FORMS: Mapping[str, type[Event]] = {
    "transcription_session.update": BetaTranscriptionSessionUpdate,
    "transcription_session.created": BetaTranscriptionSessionCreated,
    "transcription_session.updated": BetaTranscriptionSessionUpdated,
}
