"""The port between the embedded server and what answers in it: a brain reads a prompt and streams parts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol, runtime_checkable

from realtime_cli.core.answers import AnswerPart, Call, Fail, McpCall, Prompt, Say, Turn
from realtime_cli.core.responding.mcp import McpTools

__all__ = [
    "AnswerPart",
    "Brain",
    "Call",
    "Equipped",
    "Fail",
    "McpCall",
    "McpTools",
    "Phrased",
    "Prompt",
    "Say",
    "Turn",
    "mcp_tools_of",
    "phrases_of",
]


class Brain(Protocol):
    """Answers prompts for one connection. Expected failures are yielded as `Fail`; only bugs raise.

    Cancel the task that iterates to stop an answer early; the built-in brains' iterators have `aclose()` too.
    """

    name: str

    def answer(self, prompt: Prompt) -> AsyncIterator[AnswerPart]:
        """Streams the parts of one answer."""
        ...

    async def close(self) -> None:
        """Frees what the brain holds; a closed brain answers no more."""
        ...


@runtime_checkable
class Phrased(Protocol):
    """A brain that knows what it will be told, so that a recogniser needs to know nothing else."""

    def phrases(self) -> list[str]:
        """The sentences, as they are written."""
        ...


@runtime_checkable
class Equipped(Protocol):
    """A brain that knows the tools of MCP servers, and what calling them brings."""

    def mcp_tools(self) -> McpTools:
        """The tools, by the label of their server."""
        ...


def mcp_tools_of(brain: Brain) -> McpTools:
    """The tools of the MCP servers that a brain knows; none where it knows no server."""
    return brain.mcp_tools() if isinstance(brain, Equipped) else {}


def phrases_of(brain: Brain) -> tuple[str, ...]:
    """The sentences that a brain waits for; none where anything may be said to it."""
    return tuple(brain.phrases()) if isinstance(brain, Phrased) else ()
