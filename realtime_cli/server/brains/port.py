"""The port between the embedded server and what answers in it: a brain reads a `Prompt` and streams answer parts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias


@dataclass(frozen=True, slots=True)
class Say:
    """A piece of the answer's text, as small as the brain streams it (a word or a few)."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A complete function call; `arguments` is JSON text that is passed on as it is, valid or not."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Fail:
    """Ends the response as failed, or as incomplete, with one of the API's codes (`server_error`, `content_filter`, ...)."""

    code: str
    message: str
    incomplete: bool = False


AnswerPart: TypeAlias = Say | Call | Fail


@dataclass(frozen=True, slots=True)
class Turn:
    """One item of the conversation as a brain sees it.

    `text` is the text or transcript of a message, the arguments of a call, or the output of a call_output;
    `name` is the function's name of a call; `call_id` ties a call_output to its call.
    """

    role: Literal["system", "user", "assistant", "call", "call_output"]
    text: str = ""
    name: str = ""
    call_id: str = ""


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


class Brain(Protocol):
    """Answers prompts for one connection. Expected failures are yielded as `Fail`; only bugs raise.

    Close the iterator of `answer` (`contextlib.aclosing`) or cancel its task to stop an answer early.
    """

    name: str

    def answer(self, prompt: Prompt) -> AsyncIterator[AnswerPart]:
        """Streams the parts of one answer."""
        ...

    async def close(self) -> None:
        """Frees what the brain holds; a closed brain answers no more."""
        ...
