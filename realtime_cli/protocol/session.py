"""Session configuration, responses, usage, errors and rate limits: the objects inside events."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field

from .audio import Audio, JsonSchema
from .base import Metadata, Model, Number, Spec, known, one_of
from .items import Item

MODELS = (
    "gpt-realtime-2.1",
    "gpt-realtime-2.1-mini",
    "gpt-realtime-2",
    "gpt-realtime-1.5",
    "gpt-realtime",
    "gpt-realtime-mini",
)
_Instructions = Annotated[
    str | None, Spec("how the model should behave and speak", "You are a friendly guide.")
]
_Modalities = Annotated[
    list[str] | None,
    Spec("exactly one of audio (with transcript) or text", ["text"], ("audio", "text"), closed=True),
]
_MaxTokens = Annotated[int | str | None, Spec('most tokens in one response, or "inf"', 1024, ("inf",), ge=1)]


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
    connector_id: str | None = None
    tunnel_id: str | None = None
    server_description: str | None = None
    authorization: Annotated[str | None, Spec("OAuth token; secret")] = None
    headers: Annotated[dict[str, str] | None, Spec("HTTP headers; secret")] = None
    allowed_tools: Any = None
    allowed_callers: list[str] | None = None
    require_approval: Any = None
    defer_loading: bool | None = None


class OtherTool(Model):
    """A kind of tool that we do not know."""

    type: str | None = None


Tool: TypeAlias = Annotated[
    Annotated[FunctionTool | McpServer, Field(discriminator="type")] | OtherTool,
    Field(union_mode="left_to_right"),
]


class ToolChoice(Model):
    """Makes the model use one function, or one MCP server."""

    type: Annotated[str | None, one_of("function", "mcp")] = None
    name: str | None = None
    server_label: str | None = None


class Reasoning(Model):
    """How long a reasoning model thinks before it speaks."""

    effort: Annotated[str | None, one_of("low", "minimal", "medium", "high", "xhigh")] = None


_Tools = Annotated[list[Tool] | None, Spec("functions and MCP servers")]
_ToolChoice = Annotated[
    str | ToolChoice | None,
    Spec("whether and what to call", "auto", ("auto", "none", "required"), closed=True),
]


class TokenLimits(Model):
    """Limits of the retention-ratio truncation."""

    post_instructions: Annotated[int | None, Spec("most tokens after the instructions", 8000, ge=0)] = None


class RetentionRatio(Model):
    """Cuts old items so that this share of the context stays."""

    type: Annotated[str | None, known("retention_ratio")] = None
    retention_ratio: Annotated[Number | None, Spec("share to keep", 0.8, ge=0, le=1)] = None
    token_limits: TokenLimits | None = None


class Tracing(Model):
    """Where traces of the session go."""

    workflow_name: str | None = None
    group_id: str | None = None
    metadata: Any = None


class SessionFields(Model):
    """What a conversation's session can be told, and what the server says that it is."""

    id: Annotated[str | None, Spec("the session's id, from the server", "sess_1")] = None
    object: str | None = None
    expires_at: Annotated[Number | None, Spec("end of the session, Unix seconds, from the server")] = None
    model: Annotated[str | None, known(*MODELS)] = None
    instructions: _Instructions = None
    output_modalities: _Modalities = None
    audio: Audio | None = None
    tools: _Tools = None
    tool_choice: _ToolChoice = None
    parallel_tool_calls: bool | None = None
    reasoning: Reasoning | None = None
    max_output_tokens: _MaxTokens = None
    truncation: Annotated[str | RetentionRatio | None, one_of("auto", "disabled")] = None
    prompt: Annotated[Any, Spec("a stored prompt; OpenAI ends these on 2026-11-30")] = None
    tracing: Annotated[str | Tracing | None, one_of("auto")] = None
    include: Annotated[list[str] | None, known("item.input_audio_transcription.logprobs")] = None


class RealtimeSession(SessionFields):
    """A conversation: the model listens, thinks and speaks."""

    type: Literal["realtime"] = "realtime"


class TranscriptionSession(Model):
    """Audio in, text out, no answers. The model stands in `audio.input.transcription.model`."""

    type: Literal["transcription"] = "transcription"
    id: str | None = None
    object: str | None = None
    expires_at: Number | None = None
    audio: Audio | None = None
    include: Annotated[list[str] | None, known("item.input_audio_transcription.logprobs")] = None


class OtherSession(SessionFields):
    """A session without its `type`, or of a kind that we do not know; the usual fields are read all the same."""

    type: str | None = None


Session: TypeAlias = Annotated[
    Annotated[RealtimeSession | TranscriptionSession, Field(discriminator="type")] | OtherSession,
    Field(union_mode="left_to_right"),
]


class ResponseConfig(Model):
    """Overrides of the session for one response."""

    instructions: _Instructions = None
    output_modalities: _Modalities = None
    audio: Audio | None = None
    tools: _Tools = None
    tool_choice: _ToolChoice = None
    parallel_tool_calls: bool | None = None
    reasoning: Reasoning | None = None
    max_output_tokens: _MaxTokens = None
    conversation: Annotated[str | None, Spec("none: beside the conversation", "auto", ("auto", "none"))] = (
        None
    )
    metadata: Metadata = None
    prompt: Any = None
    input: Annotated[
        list[Item] | None, Spec("what to answer instead of the conversation; [] for nothing")
    ] = None


class ErrorDetail(Model):
    """What went wrong, as the API says it."""

    type: Annotated[str | None, known("invalid_request_error", "server_error")] = None
    code: Annotated[str | int | None, Spec("the kind of error", "invalid_value")] = None
    message: Annotated[str | None, Spec("in words", "Invalid value: 'x'.")] = None
    param: Annotated[Any, Spec("path of the field", "session.audio.output.voice")] = None
    event_id: Annotated[str | None, Spec("the client event that caused it", "event_1")] = None


class StatusDetails(Model):
    """Why a response ended as it did."""

    type: Annotated[str | None, known("completed", "cancelled", "failed", "incomplete")] = None
    reason: Annotated[
        str | None, known("turn_detected", "client_cancelled", "max_output_tokens", "content_filter")
    ] = None
    error: ErrorDetail | str | None = None


class CachedTokens(Model):
    """Cached input tokens by kind; a part of the input tokens, not an addition."""

    text_tokens: int | None = None
    audio_tokens: int | None = None
    image_tokens: int | None = None


class InputTokens(Model):
    """Input tokens by kind."""

    text_tokens: int | None = None
    audio_tokens: int | None = None
    image_tokens: int | None = None
    cached_tokens: int | None = None
    cached_tokens_details: CachedTokens | None = None


class OutputTokens(Model):
    """Output tokens by kind."""

    text_tokens: int | None = None
    audio_tokens: int | None = None


class Usage(Model):
    """Tokens that one response cost."""

    total_tokens: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    input_token_details: InputTokens | None = None
    output_token_details: OutputTokens | None = None


class TranscriptionUsage(Model):
    """What a transcription cost: `tokens` carries token counts, `duration` carries seconds."""

    type: Annotated[str | None, one_of("tokens", "duration")] = None
    seconds: Number | None = None
    total_tokens: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    input_token_details: InputTokens | None = None


class Response(Model):
    """One answer of the model: its state, its items, its cost. Every field may be missing."""

    id: Annotated[str | None, Spec("the response's id", "resp_1")] = None
    object: str | None = None
    status: Annotated[str | None, known("completed", "in_progress", "cancelled", "failed", "incomplete")] = (
        None
    )
    status_details: StatusDetails | str | None = None
    output: Annotated[list[Item] | None, Spec("the items of the answer")] = None
    conversation_id: str | None = None
    output_modalities: _Modalities = None
    max_output_tokens: _MaxTokens = None
    audio: Audio | None = None
    metadata: Annotated[dict[str, Any] | None, Spec("what response.create carried")] = None
    usage: Usage | None = None


class RateLimit(Model):
    """What is left of one allowance."""

    name: Annotated[str | None, known("requests", "tokens")] = None
    limit: Number | None = None
    remaining: Number | None = None
    reset_seconds: Annotated[Number | None, Spec("seconds until the allowance is full again", 0.2)] = None


class Language(Model):
    """A language that the transcription heard."""

    code: str | None = None


class Conversation(Model):
    """The conversation of a session."""

    id: Annotated[str | None, Spec("the conversation's id", "conv_1")] = None
    object: str | None = None


class TranslationSession(Model):
    """A translation session: speech in one language in, speech and text in another out."""

    id: str | None = None
    type: str | None = None
    model: Annotated[str | None, known("gpt-realtime-translate")] = None
    audio: Audio | None = None
    expires_at: Number | None = None
