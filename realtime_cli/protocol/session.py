"""Session configuration, responses, usage, errors and rate limits: the objects inside events."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field

from .audio import Audio, JsonSchema
from .base import Many, Metadata, Model, Number, Spec, TextMap, known, one_of
from .items import ANSWER, Item

MODELS = (
    "gpt-realtime-2.1",
    "gpt-realtime-2.1-mini",
    "gpt-realtime-2",
    "gpt-realtime-1.5",
    "gpt-realtime",
    "gpt-realtime-mini",
)
Instructions = Annotated[
    str | None, Spec("how the model should behave and speak", "You are a friendly guide.")
]
Modalities = Annotated[
    Many[str] | None,
    Spec(
        "exactly one of audio (with its transcript) or text",
        ["audio"],
        ("audio", "text"),
        closed=True,
        min_length=1,
        max_length=1,
    ),
]
MaxTokens = Annotated[
    int | str | None, Spec('most tokens in one response, or "inf"', 1024, ("inf",), closed=True, ge=1)
]
_ParallelToolCalls = Annotated[bool | None, Spec("several calls in one answer; reasoning models")]
_Prompt = Annotated[
    Any, Spec("a stored prompt; write its text into `instructions` instead", retired="2026-11-30")
]
Include = Annotated[
    Many[str] | None,
    Spec("what to send besides", None, ("item.input_audio_transcription.logprobs",)),
]
SessionId = Annotated[str | None, Spec("the session's id", "sess_1", from_server=True)]
SessionObject = Annotated[str | None, Spec("always the same", "realtime.session", from_server=True)]
ExpiresAt = Annotated[Number | None, Spec("end of the session, Unix seconds", 1785217655, from_server=True)]
_Count = Annotated[int | None, Spec("tokens", 12, ge=0)]


class FunctionTool(Model):
    """A function that the client offers to the model."""

    type: Literal["function"] = "function"
    name: Annotated[str | None, Spec("name of the function", "get_weather", required=True)] = None
    description: Annotated[str | None, Spec("what it does and when to call it", "Weather of a city")] = None
    parameters: JsonSchema = None


class McpServer(Model):
    """An MCP server that the Realtime server itself talks to."""

    type: Literal["mcp"] = "mcp"
    server_label: Annotated[str | None, Spec("name for calls and items", "docs", required=True)] = None
    server_url: Annotated[str | None, Spec("where it is", "https://example.com/mcp")] = None
    connector_id: Annotated[str | None, Spec("a connector of the API, in place of the URL")] = None
    tunnel_id: Annotated[str | None, Spec("a tunnel, in place of the URL")] = None
    server_description: Annotated[str | None, Spec("what the model should know of it")] = None
    authorization: Annotated[str | None, Spec("OAuth token; secret")] = None
    headers: Annotated[TextMap | None, Spec("HTTP headers; secret")] = None
    allowed_tools: Annotated[Any, Spec("names of tools, or a filter; all where absent")] = None
    allowed_callers: Annotated[
        Many[str] | None, Spec("who may call", None, ("direct", "programmatic"), min_length=1)
    ] = None
    require_approval: Annotated[Any, Spec("always, never, or a filter for each", "never")] = None
    defer_loading: Annotated[bool | None, Spec("load the tools when they are needed")] = None


class OtherTool(Model):
    """A kind of tool that we do not know."""

    type: Annotated[str | None, Spec("the kind of tool")] = None


Tool: TypeAlias = Annotated[
    Annotated[FunctionTool | McpServer, Field(discriminator="type")] | OtherTool,
    Field(union_mode="left_to_right"),
]


class ToolChoice(Model):
    """Makes the model use one function, or one MCP server."""

    type: Annotated[
        str | None, Spec("what to use", "function", ("function", "mcp"), closed=True, required=True)
    ] = None
    name: Annotated[str | None, Spec("name of the function or MCP tool", "get_weather")] = None
    server_label: Annotated[str | None, Spec("label of the MCP server")] = None


class Reasoning(Model):
    """How long a reasoning model thinks before it speaks."""

    effort: Annotated[str | None, one_of("low", "minimal", "medium", "high", "xhigh", doc="default low")] = (
        None
    )


Tools = Annotated[Many[Tool] | None, Spec("functions and MCP servers")]
ToolUse = Annotated[
    str | ToolChoice | None,
    Spec("whether and what to call", "auto", ("auto", "none", "required"), closed=True),
]


class TokenLimits(Model):
    """Limits of the retention-ratio truncation."""

    post_instructions: Annotated[int | None, Spec("most tokens after the instructions", 8000, ge=0)] = None


class RetentionRatio(Model):
    """Cuts old items so that this share of the context stays."""

    type: Annotated[str | None, one_of("retention_ratio", doc="always the same")] = None
    retention_ratio: Annotated[Number | None, Spec("share to keep", 0.8, ge=0, le=1, required=True)] = None
    token_limits: TokenLimits | None = None


class Tracing(Model):
    """Where traces of the session go."""

    workflow_name: Annotated[str | None, Spec("name of the trace", "voice guide")] = None
    group_id: Annotated[str | None, Spec("joins several sessions")] = None
    metadata: Annotated[Any, Spec("anything, for the trace")] = None


class SessionFields(Model):
    """What a conversation's session can be told, and what the server says that it is."""

    id: SessionId = None
    object: SessionObject = None
    expires_at: ExpiresAt = None
    model: Annotated[str | None, known(*MODELS, doc="the model; the connection's URL chooses it")] = None
    instructions: Instructions = None
    output_modalities: Modalities = None
    audio: Audio | None = None
    tools: Tools = None
    tool_choice: ToolUse = None
    parallel_tool_calls: _ParallelToolCalls = None
    reasoning: Reasoning | None = None
    max_output_tokens: MaxTokens = None
    truncation: Annotated[
        str | RetentionRatio | None,
        one_of("auto", "disabled", doc="what happens when the conversation outgrows the context"),
    ] = None
    prompt: _Prompt = None
    tracing: Annotated[
        str | Tracing | None, Spec("where traces go; null: nowhere", ..., ("auto",), closed=True)
    ] = None
    include: Include = None


class RealtimeSession(SessionFields):
    """A conversation: the model listens, thinks and speaks."""

    type: Literal["realtime"] = "realtime"


class TranscriptionSession(Model):
    """Audio in, text out, no answers. The model stands in `audio.input.transcription.model`."""

    type: Literal["transcription"] = "transcription"
    id: SessionId = None
    object: SessionObject = None
    expires_at: ExpiresAt = None
    audio: Audio | None = None
    include: Include = None


class OtherSession(SessionFields):
    """A session without its `type`, or of an unknown kind; the usual fields are read all the same."""

    type: Annotated[str | None, Spec("the kind of session")] = None


Session: TypeAlias = Annotated[
    Annotated[RealtimeSession | TranscriptionSession, Field(discriminator="type")] | OtherSession,
    Field(union_mode="left_to_right"),
]


class ResponseConfig(Model):
    """Overrides of the session for one response."""

    instructions: Instructions = None
    output_modalities: Modalities = None
    audio: Audio | None = None
    tools: Tools = None
    tool_choice: ToolUse = None
    parallel_tool_calls: _ParallelToolCalls = None
    reasoning: Reasoning | None = None
    max_output_tokens: MaxTokens = None
    conversation: Annotated[
        str | None, known("auto", "none", doc="none: beside the conversation, which does not see it")
    ] = None
    metadata: Metadata = None
    prompt: _Prompt = None
    input: Annotated[
        Many[Item] | None, Spec("what to answer instead of the conversation; [] for nothing")
    ] = None


class ErrorDetail(Model):
    """What went wrong, as the API says it."""

    type: Annotated[str | None, known("invalid_request_error", "server_error", doc="whose fault")] = None
    code: Annotated[str | int | None, Spec("the kind of error", "invalid_value")] = None
    message: Annotated[str | None, Spec("in words", "Invalid value: 'x'.")] = None
    param: Annotated[Any, Spec("path of the field", "session.audio.output.voice")] = None
    event_id: Annotated[str | None, Spec("the client event that caused it", "event_1")] = None


_USAGE = {
    "total_tokens": 40,
    "input_tokens": 28,
    "output_tokens": 12,
    "input_token_details": {"text_tokens": 28, "audio_tokens": 0, "image_tokens": 0, "cached_tokens": 0},
    "output_token_details": {"text_tokens": 12, "audio_tokens": 0},
}
_SPOKEN = {"output": {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "marin"}}


class StatusDetails(Model):
    """Why a response ended as it did."""

    type: Annotated[
        str | None, known("cancelled", "failed", "incomplete", "completed", doc="the status again")
    ] = None
    reason: Annotated[
        str | None,
        known(
            "turn_detected", "client_cancelled", "max_output_tokens", "content_filter", doc="what ended it"
        ),
    ] = None
    error: Annotated[ErrorDetail | str | None, Spec("what failed")] = None


class CachedTokens(Model):
    """Cached input tokens by kind; a part of the input tokens, not an addition."""

    text_tokens: _Count = None
    audio_tokens: _Count = None
    image_tokens: _Count = None


class InputTokens(Model):
    """Input tokens by kind."""

    text_tokens: _Count = None
    audio_tokens: _Count = None
    image_tokens: _Count = None
    cached_tokens: _Count = None
    cached_tokens_details: CachedTokens | None = None


class OutputTokens(Model):
    """Output tokens by kind."""

    text_tokens: _Count = None
    audio_tokens: _Count = None


class Usage(Model):
    """Tokens that one response cost."""

    total_tokens: _Count = None
    input_tokens: _Count = None
    output_tokens: _Count = None
    input_token_details: InputTokens | None = None
    output_token_details: OutputTokens | None = None


class TranscriptionUsage(Model):
    """What a transcription cost: `tokens` carries token counts, `duration` carries seconds."""

    type: Annotated[str | None, one_of("tokens", "duration", doc="which fields follow")] = None
    seconds: Annotated[Number | None, Spec("seconds of audio that are billed")] = None
    total_tokens: _Count = None
    input_tokens: _Count = None
    output_tokens: _Count = None
    input_token_details: InputTokens | None = None


class Response(Model):
    """One answer of the model: its state, its items, its cost. Every field may be missing."""

    id: Annotated[str | None, Spec("the response's id", "resp_1")] = None
    object: Annotated[str | None, known("realtime.response", doc="always the same")] = None
    status: Annotated[
        str | None,
        known("completed", "in_progress", "cancelled", "failed", "incomplete", doc="how far it is"),
    ] = None
    status_details: Annotated[StatusDetails | str | None, Spec("why it ended so", ...)] = None
    output: Annotated[Many[Item] | None, Spec("the items of the answer", [ANSWER])] = None
    conversation_id: Annotated[str | None, Spec("its conversation; null: beside it", "conv_1")] = None
    output_modalities: Modalities = None
    max_output_tokens: MaxTokens = None
    audio: Annotated[
        Audio | None,
        Spec(
            "how it was spoken",
            {"output": {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "marin"}},
        ),
    ] = None
    metadata: Annotated[dict[str, Any] | None, Spec("what response.create carried")] = None
    usage: Annotated[Usage | None, Spec("what it cost", _USAGE)] = None


class RateLimit(Model):
    """What is left of one allowance."""

    name: Annotated[str | None, known("requests", "tokens", doc="what is counted")] = None
    limit: Annotated[Number | None, Spec("the whole allowance", 15000)] = None
    remaining: Annotated[Number | None, Spec("what is left of it", 14985)] = None
    reset_seconds: Annotated[Number | None, Spec("seconds until the allowance is full again", 0.2)] = None


class Language(Model):
    """A language that the transcription heard."""

    code: Annotated[str | None, Spec("ISO 639-1 code", "en")] = None


class Conversation(Model):
    """The conversation of a session."""

    id: Annotated[str | None, Spec("the conversation's id", "conv_1")] = None
    object: Annotated[str | None, known("realtime.conversation", doc="always the same")] = None


class TranslationSession(Model):
    """A translation session: speech in one language in, speech and text in another out."""

    id: SessionId = None
    type: Annotated[str | None, Spec("the kind of session", "translation", from_server=True)] = None
    model: Annotated[
        str | None, Spec("the model", "gpt-realtime-translate", ("gpt-realtime-translate",), from_server=True)
    ] = None
    audio: Annotated[Audio | None, Spec("what to hear, what to speak", {"output": {"language": "fr"}})] = None
    expires_at: ExpiresAt = None
