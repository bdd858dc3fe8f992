"""Items of a conversation: messages with their content parts, function calls, and everything MCP."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field

from .audio import AudioFormat, JsonSchema
from .base import Many, Model, Spec, known, one_of

ANSWER = {
    "id": "item_2",
    "object": "realtime.item",
    "type": "message",
    "status": "completed",
    "role": "assistant",
    "content": [{"type": "output_text", "text": "Hello to you!"}],
}
# What a client may put into a message. The API takes no assistant audio: history goes in as text.
CONTENT_BY_ROLE = {
    "user": ("input_text", "input_audio", "input_image"),
    "assistant": ("output_text",),
    "system": ("input_text",),
}
HELLO = [{"type": "input_text", "text": "Hello!"}]
ITEM_STATUS = ("completed", "in_progress", "incomplete")
_Text = Annotated[str | None, Spec("the text", "Hello!")]
_Transcript = Annotated[str | None, Spec("what the audio says", "Hello!")]
_Audio = Annotated[str | None, Spec("audio in base64", "AAAAAA==", base64=True)]
_AudioFormat = Annotated[
    AudioFormat | str | None, Spec("how the audio is encoded, from the server", from_server=True)
]
_Name = Annotated[str | None, Spec("name of the function", "get_weather", required=True)]
_Arguments = Annotated[str | None, Spec("arguments as JSON text", '{"city":"Paris"}', required=True)]
_Server = Annotated[str | None, Spec("label of the MCP server", "docs", required=True)]


class InputText(Model):
    """Text from the user, or from the system."""

    type: Literal["input_text"] = "input_text"
    text: Annotated[_Text, Spec(required=True)] = None


class InputAudio(Model):
    """Audio from the user; the transcript comes later, if transcription is on."""

    type: Literal["input_audio"] = "input_audio"
    audio: _Audio = None
    transcript: _Transcript = None
    format: _AudioFormat = None


class InputImage(Model):
    """A PNG or JPEG from the user, as a data URI."""

    type: Literal["input_image"] = "input_image"
    image_url: Annotated[
        str | None, Spec("data URI of a PNG or JPEG", "data:image/png;base64,iVBORw0=", required=True)
    ] = None
    detail: Annotated[str | None, one_of("auto", "low", "high", doc="how closely to look")] = None


class OutputText(Model):
    """Text from the assistant."""

    type: Literal["output_text"] = "output_text"
    text: _Text = None


class OutputAudio(Model):
    """Speech from the assistant. It can be read back, never sent in: history goes in as `output_text`."""

    type: Literal["output_audio"] = "output_audio"
    audio: _Audio = None
    transcript: _Transcript = None
    format: _AudioFormat = None


class TextPart(Model):
    """Text, as `response.content_part.*` and the beta dialect name it."""

    type: Literal["text"] = "text"
    text: _Text = None


class AudioPart(Model):
    """Speech, as `response.content_part.*` and the beta dialect name it."""

    type: Literal["audio"] = "audio"
    audio: _Audio = None
    transcript: _Transcript = None
    format: _AudioFormat = None


class OtherContent(Model):
    """A kind of content that we do not know; the usual fields are read all the same."""

    type: Annotated[str | None, Spec("the kind of content")] = None
    text: Annotated[Any, Spec("the text, as it came")] = None
    audio: Annotated[Any, Spec("the audio, as it came")] = None
    transcript: Annotated[Any, Spec("the transcript, as it came")] = None


ContentPart: TypeAlias = Annotated[
    Annotated[
        InputText | InputAudio | InputImage | OutputText | OutputAudio | TextPart | AudioPart,
        Field(discriminator="type"),
    ]
    | OtherContent,
    Field(union_mode="left_to_right"),
]


class ItemFields(Model):
    """What every item may carry."""

    id: Annotated[str | None, Spec("id, the server's or the client's own", "msg_1", max_length=32)] = None
    object: Annotated[str | None, known("realtime.item", doc="always the same")] = None
    status: Annotated[str | None, one_of(*ITEM_STATUS, doc="how far the item is")] = None


class Message(ItemFields):
    """Something that was said: by the system, the user or the assistant."""

    type: Literal["message"] = "message"
    role: Annotated[
        str | None, Spec("who said it", "user", ("user", "assistant", "system"), closed=True, required=True)
    ] = None
    content: Annotated[
        Many[ContentPart] | None,
        Spec("what was said, in parts", HELLO, required=True),
    ] = None
    phase: Annotated[
        str | None,
        Spec("reasoning models: part of the way, or the end", None, ("commentary", "final_answer")),
    ] = None


class FunctionCall(ItemFields):
    """The model wants a function of the client to be called."""

    type: Literal["function_call"] = "function_call"
    name: _Name = None
    call_id: Annotated[str | None, Spec("joins the call with its output", "call_1")] = None
    arguments: _Arguments = None


class FunctionCallOutput(ItemFields):
    """What a function returned, from the client; any text, JSON as a rule."""

    type: Literal["function_call_output"] = "function_call_output"
    call_id: Annotated[str | None, Spec("the call that this answers", "call_1", required=True)] = None
    output: Annotated[str | None, Spec("the result as text", '{"celsius":12}', required=True)] = None


class McpTool(Model):
    """One tool of an MCP server."""

    name: Annotated[str | None, Spec("the tool's name", "search", required=True)] = None
    description: Annotated[str | None, Spec("what it does", "Searches the documentation")] = None
    input_schema: JsonSchema = None
    annotations: Annotated[Any, Spec("hints of the MCP server about the tool")] = None


class McpListTools(ItemFields):
    """The tools that the server found at an MCP server."""

    type: Literal["mcp_list_tools"] = "mcp_list_tools"
    server_label: _Server = None
    tools: Annotated[Many[McpTool] | None, Spec("the tools", required=True)] = None


class McpError(Model):
    """Why an MCP call failed: `protocol_error` and `http_error` carry a code."""

    type: Annotated[
        str | None, known("protocol_error", "tool_execution_error", "http_error", doc="the kind of error")
    ] = None
    code: Annotated[int | None, Spec("code of the protocol or of HTTP", -32601)] = None
    message: Annotated[str | None, Spec("in words", "Method not found")] = None


class McpCall(ItemFields):
    """A tool that the server itself calls at an MCP server."""

    type: Literal["mcp_call"] = "mcp_call"
    server_label: _Server = None
    name: _Name = None
    arguments: _Arguments = None
    approval_request_id: Annotated[str | None, Spec("the approval request before it, if any")] = None
    output: Annotated[str | None, Spec("what the tool returned", "3 pages found")] = None
    error: Annotated[McpError | str | None, Spec("why the call failed", ...)] = None


class McpApprovalRequest(ItemFields):
    """The server asks whether it may make an MCP call."""

    type: Literal["mcp_approval_request"] = "mcp_approval_request"
    server_label: _Server = None
    name: _Name = None
    arguments: _Arguments = None


class McpApprovalResponse(ItemFields):
    """The client's answer to an approval request."""

    type: Literal["mcp_approval_response"] = "mcp_approval_response"
    approval_request_id: Annotated[
        str | None, Spec("the request that this answers", "mcpr_1", required=True)
    ] = None
    approve: Annotated[bool | None, Spec("whether the call may be made", True, required=True)] = None
    reason: Annotated[str | None, Spec("why, in words")] = None


class ItemReference(Model):
    """Points at an item of the conversation; legal only in the `input` of `response.create`."""

    type: Literal["item_reference"] = "item_reference"
    id: Annotated[str | None, Spec("the item's id", "msg_1", required=True)] = None


class OtherItem(ItemFields):
    """A kind of item that we do not know, or one that does not fit its kind."""

    type: Annotated[str | None, Spec("the kind of item")] = None


KnownItem: TypeAlias = (
    Message
    | FunctionCall
    | FunctionCallOutput
    | McpListTools
    | McpCall
    | McpApprovalRequest
    | McpApprovalResponse
    | ItemReference
)
Item: TypeAlias = Annotated[
    Annotated[KnownItem, Field(discriminator="type")] | OtherItem, Field(union_mode="left_to_right")
]


def user_message(text: str, *, item_id: str | None = None) -> Message:
    """A user's typed turn."""
    content: list[ContentPart] = [InputText(text=text)]
    if item_id is None:
        return Message(role="user", content=content)
    return Message(id=item_id, role="user", content=content)


def text_of(part: ContentPart) -> str:
    """The part's words: its text, or the transcript of its audio; empty where it has none (yet)."""
    match part:
        case InputText() | OutputText() | TextPart():
            words = part.text
        case InputAudio() | OutputAudio() | AudioPart():
            words = part.transcript
        case OtherContent():
            words = part.text or part.transcript
        case _:
            words = None
    return words if isinstance(words, str) else ""
