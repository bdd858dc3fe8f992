"""The server's events about its answers: items, parts and deltas, tools, allowances."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from .base import (
    Base64,
    CallId,
    ContentIndex,
    Event,
    ItemId,
    Many,
    Obfuscation,
    OutputIndex,
    ResponseId,
    Spec,
    TextDelta,
    WholeText,
)
from .items import ANSWER, ContentPart, Item
from .session import RateLimit, Response

_ArgumentsDelta = Annotated[str | None, Spec("what comes next of the JSON text; append it", '{"ci')]
_Arguments = Annotated[str | None, Spec("the arguments as JSON text", '{"city":"Paris"}')]
_Answer = Annotated[Item | None, Spec("the item", ANSWER)]


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
    item: _Answer = None


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
    part: Annotated[ContentPart | None, Spec("the part", {"type": "text", "text": ""})] = None


class ResponseContentPartAdded(_ContentPartEvent):
    """An item of the answer has a new part; its type is `text` or `audio`."""

    type: Literal["response.content_part.added"] = "response.content_part.added"


class ResponseContentPartDone(_ContentPartEvent):
    """A part is complete."""

    type: Literal["response.content_part.done"] = "response.content_part.done"


class ResponseOutputTextDelta(_ContentPlace):
    """More text of the answer."""

    type: Literal["response.output_text.delta"] = "response.output_text.delta"
    delta: TextDelta = None
    obfuscation: Obfuscation = None


class ResponseOutputTextDone(_ContentPlace):
    """The whole text of the part."""

    type: Literal["response.output_text.done"] = "response.output_text.done"
    text: WholeText = None


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
    delta: TextDelta = None
    obfuscation: Obfuscation = None


class ResponseOutputAudioTranscriptDone(_ContentPlace):
    """All words of the part's speech."""

    type: Literal["response.output_audio_transcript.done"] = "response.output_audio_transcript.done"
    transcript: WholeText = None


class ResponseFunctionCallArgumentsDelta(_OutputPlace):
    """More of a function call's arguments."""

    type: Literal["response.function_call_arguments.delta"] = "response.function_call_arguments.delta"
    call_id: CallId | None = None
    delta: _ArgumentsDelta = None
    obfuscation: Obfuscation = None


class ResponseFunctionCallArgumentsDone(_OutputPlace):
    """A function call's arguments, whole. The call also shows up as an item; it is still one call."""

    type: Literal["response.function_call_arguments.done"] = "response.function_call_arguments.done"
    call_id: CallId | None = None
    name: Annotated[str | None, Spec("the function; some servers leave it out", "get_weather")] = None
    arguments: _Arguments = None


class ResponseMcpCallArgumentsDelta(_OutputPlace):
    """More of an MCP call's arguments."""

    type: Literal["response.mcp_call_arguments.delta"] = "response.mcp_call_arguments.delta"
    delta: _ArgumentsDelta = None
    obfuscation: Obfuscation = None


class ResponseMcpCallArgumentsDone(_OutputPlace):
    """An MCP call's arguments, whole."""

    type: Literal["response.mcp_call_arguments.done"] = "response.mcp_call_arguments.done"
    arguments: _Arguments = None


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
    rate_limits: Annotated[Many[RateLimit] | None, Spec("the allowances")] = None
