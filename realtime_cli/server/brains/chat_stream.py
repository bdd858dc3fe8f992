"""The bytes of a chat completions stream as answer parts. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from realtime_cli.server.brains.chat_parts import Calls, Speech, text_of
from realtime_cli.server.brains.port import AnswerPart, Fail, Say
from realtime_cli.server.brains.schema import as_object, as_sequence
from realtime_cli.server.brains.sse import Events
from realtime_cli.server.brains.words import excerpt

_DONE = "[DONE]"
_EVENT_LIMIT_BYTES = 4 * 1024 * 1024


class ChatStream:
    """Takes a response's bytes as they come and gives the parts that they complete.

    `over` tells that the answer is complete or has failed (`failed`); what comes afterwards is not read.
    """

    def __init__(self) -> None:
        self.over = False
        self.failed = False
        self._begun = False
        self._events = Events()
        self._speech = Speech()
        self._calls = Calls()
        self._finish_reason = ""

    def feed(self, data: bytes) -> Iterator[AnswerPart]:
        """The parts that these bytes complete."""
        for event in self._events.feed(data):
            yield from self._receive(event)
        if not self.over and self._events.size > _EVENT_LIMIT_BYTES:
            yield from self._fail("The chat server sent an event of more than 4 MB.")

    def end(self) -> Iterator[AnswerPart]:
        """The parts that are left when the bytes end; a failure if they end before the answer does."""
        for event in self._events.end():
            if event.strip() == _DONE or _parsed(event) is not None:
                yield from self._receive(event)
        if self.over:
            return
        if self._finish_reason:
            yield from self._finished()
            return
        problem = (
            "cut its answer off in the middle" if self._begun else "sent no event stream: is the URL right?"
        )
        yield from self._fail(f"The chat server {problem}")

    def _receive(self, event: str) -> Iterator[AnswerPart]:
        if self.over or not event:
            return
        self._begun = True
        if event.strip() == _DONE:
            yield from self._finished()
        elif (chunk := _parsed(event)) is not None:
            yield from self._read(chunk)
        else:
            yield from self._fail(f"The chat server sent what is not JSON: {excerpt(event)}")

    def _read(self, chunk: Mapping[str, object]) -> Iterator[AnswerPart]:
        if problem := chunk.get("error"):
            yield from self._fail(f"The chat server failed: {error_text(problem)}")
            return
        # The last chunk, with the usage, has no choices.
        for choice in map(as_object, as_sequence(chunk.get("choices"))[:1]):
            delta = as_object(choice.get("delta"))
            if spoken := self._speech.feed(text_of(delta.get("content")) or text_of(delta.get("refusal"))):
                yield Say(spoken)
            for call in as_sequence(delta.get("tool_calls")):
                self._calls.add(as_object(call))
            self._finish_reason = text_of(choice.get("finish_reason")) or self._finish_reason

    def _finished(self) -> Iterator[AnswerPart]:
        self.over = True
        if spoken := self._speech.end():
            yield Say(spoken)
        match self._finish_reason:
            case "length":
                yield Fail("max_output_tokens", "The model reached its limit of tokens.", incomplete=True)
            case "content_filter":
                yield Fail("content_filter", "The chat server's filter stopped the answer.", incomplete=True)
            case _:
                yield from self._calls.whole()

    def _fail(self, message: str) -> Iterator[AnswerPart]:
        self.over = self.failed = True
        yield Fail("server_error", message)


def _parsed(event: str) -> Mapping[str, object] | None:
    try:
        return as_object(json.loads(event))
    except (ValueError, RecursionError):
        return None


def error_text(problem: object) -> str:
    """The words of a server's error, in any of the shapes that servers give it."""
    if isinstance(problem, str):
        return excerpt(problem)
    fields = as_object(problem)
    told = next((fields[field] for field in ("error", "message", "detail") if fields.get(field)), None)
    if told is None:
        return excerpt(json.dumps(problem))
    return error_text(told)
