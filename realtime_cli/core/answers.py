"""What a server's brain is asked, and what it answers with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Say:
    """A piece of the answer's text, as small as the brain streams it (a word or a few)."""

    text: str


@dataclass(frozen=True, slots=True)
class Speech:
    """Sound of the words that were said before it, in the encoding of the response."""

    audio: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """A complete function call; `arguments` is JSON text that is passed on as it is, valid or not."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class McpCall:
    """A call that the server makes at an MCP server, and what comes of it: the `output`, or else the `error`.

    `needs_approval` is None where the session's `require_approval` decides. The brain is asked again in the
    same response once the call is over, or was refused.
    """

    server_label: str
    name: str
    arguments: str
    output: str = ""
    error: str = ""
    needs_approval: bool | None = None


@dataclass(frozen=True, slots=True)
class Fail:
    """Ends the response as failed or incomplete, with an API code (`server_error`, `content_filter`)."""

    code: str
    message: str
    incomplete: bool = False


AnswerPart: TypeAlias = Say | Speech | Call | McpCall | Fail


@dataclass(frozen=True, slots=True)
class Turn:
    """One item of the conversation as a brain sees it.

    `text` is the text or transcript of a message, the arguments of a call, or the output of a call_output;
    `name` is the function's name of a call; `call_id` ties a call_output to its call. One that `is_denied`
    was never made: the user did not approve it.
    """

    role: Literal["system", "user", "assistant", "call", "call_output"]
    text: str = ""
    name: str = ""
    call_id: str = ""
    is_denied: bool = False


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a brain answers: the conversation, oldest turn first, and what the session says about the answer.

    `tools` are the function tools as declared (`name`, `description`, `parameters` as a JSON schema);
    `tool_choice` is `none`, `auto`, `required` or a function's name.
    """

    instructions: str
    turns: tuple[Turn, ...]
    tools: tuple[Mapping[str, object], ...]
    tool_choice: str = "auto"
    model: str = ""
    max_output_tokens: int | None = None
