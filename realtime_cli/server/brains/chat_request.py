"""A prompt as a chat completions request, and the address to send it to. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

from realtime_cli.server.address import address
from realtime_cli.server.brains.port import Prompt, Turn

Message: TypeAlias = dict[str, object]

_ENDING = "/chat/completions"
_EXAMPLE = "http://localhost:11434"
# Chat templates want an output behind every call.
_NO_OUTPUT = "There is no result yet."


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server's chat completions and models are; `shown` is its address without secrets."""

    chat: str
    models: str
    shown: str
    secure: bool
    loopback: bool


def endpoint(url: str) -> Endpoint:
    """The endpoint of a URL, with or without `/v1` and `/chat/completions`; `UsageError` if it is none."""
    server = address(url, ending=_ENDING, what="chat", example=_EXAMPLE)
    return Endpoint(
        chat=server.at(_ENDING),
        models=server.at("/models"),
        shown=server.shown,
        secure=server.secure,
        loopback=server.loopback,
    )


def body(prompt: Prompt, model: str) -> dict[str, object]:
    """The JSON body of the streaming request."""
    request: dict[str, object] = {
        "model": model,
        "messages": messages(prompt),
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    # Ollama knows no tool_choice, so a function that must not be called is not shown at all.
    if prompt.tools and prompt.tool_choice != "none":
        request["tools"] = [_tool(tool) for tool in prompt.tools]
        request["tool_choice"] = _tool_choice(prompt.tool_choice)
    if prompt.max_output_tokens is not None:
        request["max_tokens"] = prompt.max_output_tokens
    return request


def _tool(tool: Mapping[str, object]) -> dict[str, object]:
    function = {field: tool[field] for field in ("name", "description", "parameters") if field in tool}
    return {"type": "function", "function": function}


def _tool_choice(choice: str) -> object:
    if choice in {"auto", "required"}:
        return choice
    return {"type": "function", "function": {"name": choice}}


def messages(prompt: Prompt) -> list[Message]:
    """The conversation as chat messages: the calls of a round in one, and behind it an output for each."""
    outputs = {turn.call_id: turn.text for turn in prompt.turns if turn.role == "call_output"}
    told: list[Message] = [_message("system", prompt.instructions)] if prompt.instructions else []
    for calling, turns in groupby(prompt.turns, key=lambda turn: turn.role in {"call", "call_output"}):
        if not calling:
            told.extend(_message(turn.role, turn.text) for turn in turns)
            continue
        for calls in _rounds(turns):
            _add_round(told, calls, outputs)
    told.extend(_orphans(prompt.turns))
    return told or [_message("system", "Greet the user.")]


def _message(role: str, text: str) -> Message:
    return {"role": role, "content": text}


def _rounds(turns: Iterable[Turn]) -> Iterator[Sequence[Turn]]:
    """The calls that were made together: a call behind an output was made in the knowledge of it."""
    for calling, together in groupby(turns, key=lambda turn: turn.role == "call"):
        if calling:
            yield tuple(together)


def _add_round(told: list[Message], calls: Sequence[Turn], outputs: Mapping[str, str]) -> None:
    if not told or told[-1]["role"] != "assistant" or "tool_calls" in told[-1]:
        told.append({"role": "assistant", "content": None})
    told[-1]["tool_calls"] = [_tool_call(call) for call in calls]
    for call in calls:
        output = outputs.get(call.call_id, _NO_OUTPUT)
        told.append({"role": "tool", "tool_call_id": call.call_id, "content": output})


def _tool_call(call: Turn) -> dict[str, object]:
    function = {"name": call.name, "arguments": call.text or "{}"}
    return {"id": call.call_id, "type": "function", "function": function}


def _orphans(turns: Sequence[Turn]) -> Iterator[Message]:
    """Outputs whose call is not in the conversation: no tool message may carry them."""
    known = {turn.call_id for turn in turns if turn.role == "call"}
    for turn in turns:
        if turn.role == "call_output" and turn.call_id not in known:
            yield _message("system", f"The function {turn.name or turn.call_id} returned: {turn.text}")
