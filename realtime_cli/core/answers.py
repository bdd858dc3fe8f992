"""What a server's brain is asked, and what it answers with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Say:
    """A piece of the answer's text, as small as the brain streams it."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function call; `arguments` is JSON text, passed on as it is."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Fail:
    """The answer ends as failed (or incomplete), with the API's kind of reason."""

    code: str
    message: str
    incomplete: bool = False


AnswerPart: TypeAlias = Say | Call | Fail


@dataclass(frozen=True, slots=True)
class Turn:
    """One item of the conversation. `text` is a message's words, a call's arguments, or a call's output."""

    role: Literal["system", "user", "assistant", "call", "call_output"]
    text: str = ""
    name: str = ""
    call_id: str = ""


@dataclass(frozen=True, slots=True)
class Prompt:
    """All that an answer may depend on: instructions, turns (oldest first), function tools as declared."""

    instructions: str
    turns: tuple[Turn, ...]
    tools: tuple[Mapping[str, object], ...]
    tool_choice: str = "auto"
    model: str = ""
    max_output_tokens: int | None = None
