"""One answer as it grows: the brain's parts in, the API's events out, in the recorded order."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from realtime_cli.core.answers import Call, McpCall, Prompt
from realtime_cli.protocol import server_events as server
from realtime_cli.protocol.base import Event
from realtime_cli.protocol.encoding import Encoding
from realtime_cli.protocol.items import FunctionCall, McpApprovalRequest, Message
from realtime_cli.protocol.items import McpCall as McpCallItem
from realtime_cli.protocol.session import Response, StatusDetails, Usage

from .contexts import Context
from .forms import Form, PartPlace, Place, Spoken, Written
from .history import Entry, History, Item
from .ids import Ids
from .mcp import carried_out, needs_approval
from .prompts import AnswerSettings, prompt_for
from .spoken_words import SpokenWords
from .usage import (
    ASSISTANT_MS_PER_TOKEN,
    CHARS_PER_TOKEN,
    context_audio_tokens,
    rate_limits_after,
    text_tokens,
    usage_of,
)

EndStatus: TypeAlias = Literal["completed", "cancelled", "failed", "incomplete"]
_ItemStatus: TypeAlias = Literal["in_progress", "completed", "incomplete"]
# Arguments stream in pieces, as clients meet them in production.
_ARGUMENT_CHARS = 24


@dataclass(frozen=True, slots=True)
class Question:
    """What an answer answers. `conversation_id` is None for an answer beside the conversation."""

    response_id: str
    conversation_id: str | None
    settings: AnswerSettings
    context: Context


@dataclass(slots=True)
class _OpenMessage:
    place: PartPlace
    words: list[str] = field(default_factory=list[str])
    speech: SpokenWords = field(default_factory=SpokenWords)

    def say(self, words: str) -> None:
        self.words.append(words)
        self.speech.say(words)

    def item(self, status: _ItemStatus, form: Form) -> Message:
        content = form.content("".join(self.words))
        return Message(id=self.place["item_id"], status=status, role="assistant", content=[content])


@dataclass(frozen=True, slots=True)
class _OpenCall:
    """A call that waits for approval."""

    place: Place
    item: McpCallItem
    call: McpCall


class Answer:
    """A response in progress. Each method gives the events to send, in order."""

    def __init__(self, question: Question, ids: Ids, history: History) -> None:
        self.question = question
        self.is_full = False
        # When the first of its sound was sent, and how much there is of it.
        self.first_audio_s: float | None = None
        self.audio_ms = 0.0
        self._ids = ids
        self._history = history
        self._form: Form = Written() if question.settings.modality == "text" else Spoken()
        self._message: _OpenMessage | None = None
        self._output: dict[str, Item] = {}
        self._chars = 0
        self._open_calls: dict[str, _OpenCall] = {}
        # Something came of an MCP call, and the brain does not know it.
        self.has_news = False

    @property
    def is_waiting(self) -> bool:
        """Whether it cannot go on before the user has answered."""
        return bool(self._open_calls)

    @property
    def is_beside(self) -> bool:
        """Whether the answer stays out of the conversation."""
        return self.question.conversation_id is None

    @property
    def audible_until_s(self) -> float:
        """When the client will have played its sound, in Unix seconds; 0 where it has none."""
        return 0.0 if self.first_audio_s is None else self.first_audio_s + self.audio_ms / 1000

    @property
    def prompt(self) -> Prompt:
        """What the brain is asked, by what is known of the context's words now."""
        return prompt_for(self.question.settings, self.question.context.entries, self._history.words)

    @property
    def next_prompt(self) -> Prompt:
        """The same question, and behind it what this answer has said and done until now."""
        own = (Entry(item) for item in self._output.values())
        entries = [*self.question.context.entries, *own]
        return prompt_for(self.question.settings, entries, self._history.words)

    def begin(self) -> list[Event]:
        """The response exists, and is empty."""
        return [server.ResponseCreated(response=self._resource("in_progress"))]

    def say(self, text: str) -> list[Event]:
        """More words, as many as `max_output_tokens` leaves room for."""
        words = self._fitting(text)
        if not words:
            return []
        message, opening = self._open_message()
        message.say(words)
        return [*opening, self._form.delta(message.place, words)]

    def sound(self, audio: bytes, now_s: float) -> list[Event]:
        """Sound of the words so far, as much as `max_output_tokens` leaves room for."""
        voice = self.question.settings.voice
        heard = self._fitting_audio(audio, voice.encoding) if voice else b""
        if not voice or not heard:
            return []
        if self.first_audio_s is None:
            self.first_audio_s = now_s
        message, opening = self._open_message()
        length_ms = voice.encoding.ms(len(heard))
        self.audio_ms += length_ms
        message.speech.sound(length_ms)
        if not self.is_beside:
            self._history.sound((message.place["item_id"], 0), heard)
        delta = base64.b64encode(heard).decode()
        return [*opening, server.ResponseOutputAudioDelta(**message.place, delta=delta)]

    def call(self, call: Call) -> list[Event]:
        """A function call: an item of its own, after whatever was being said."""
        closing = self._closing("completed")
        arguments = self._fitting(call.arguments)
        place = self._next_place()
        item = FunctionCall(
            id=place["item_id"],
            status="in_progress",
            name=call.name,
            call_id=self._ids.next("call"),
            arguments="",
        )
        beginning = self._beginning(place, Entry(item))
        deltas = _argument_deltas(place, item, arguments)
        status: _ItemStatus = "incomplete" if self.is_full else "completed"
        item = item.model_copy(update={"status": status, "arguments": arguments})
        return [*closing, *beginning, *deltas, *_arguments_done(place, item), *self._ending(place, item)]

    def call_mcp(self, call: McpCall) -> list[Event]:
        """A call at an MCP server: made at once, or after the user has approved it."""
        closing = self._closing("completed")
        arguments = self._fitting(call.arguments)
        place = self._next_place()
        item = McpCallItem(
            id=place["item_id"],
            status="in_progress",
            server_label=call.server_label,
            name=call.name,
            arguments="",
        )
        events = [*closing, *self._beginning(place, Entry(item)), *_mcp_deltas(place, arguments)]
        item = item.model_copy(update={"arguments": arguments})
        if self.is_full:
            return [*events, *self._ending(place, item.model_copy(update={"status": "incomplete"}))]
        events.append(server.ResponseMcpCallArgumentsDone(**place, arguments=arguments))
        opened = _OpenCall(place, item, call)
        return [*events, *(self._ask(opened) if self._asks(call) else self._carry_out(opened))]

    def decide(self, request_id: str, *, approves: bool) -> list[Event]:
        """What the user's verdict brings; nothing where nobody waits for it."""
        opened = self._open_calls.pop(request_id, None)
        if opened is None:
            return []
        if approves:
            return self._carry_out(opened)
        self.has_news = True
        return self._give_up(opened)

    def pause(self) -> list[Event]:
        """The brain will be asked again: what it was saying is said."""
        self.has_news = False
        return self._closing("completed")

    def end(self, status: EndStatus, details: StatusDetails | None = None) -> list[Event]:
        """The response is over."""
        closing = self._closing("completed" if status == "completed" else "incomplete")
        for opened in self._open_calls.values():
            closing += self._give_up(opened)
        self._open_calls.clear()
        usage = usage_of(
            self.prompt,
            audio_in=sum(map(context_audio_tokens, self.question.context.entries)),
            output_chars=self._chars,
            output_audio_ms=self.audio_ms,
        )
        done = server.ResponseDone(response=self._resource(status, details, usage))
        return [*closing, done, server.RateLimitsUpdated(rate_limits=rate_limits_after(usage))]

    def _asks(self, call: McpCall) -> bool:
        if call.needs_approval is not None:
            return call.needs_approval
        return needs_approval(self.question.settings.tools, call.server_label, call.name)

    def _ask(self, opened: _OpenCall) -> list[Event]:
        request_id, previous_id = self._history.new_id(), self._history.last_id()
        call = opened.item
        request = McpApprovalRequest(
            id=request_id, server_label=call.server_label, name=call.name, arguments=call.arguments
        )
        self._history.append(request_id, Entry(request))
        item = call.model_copy(update={"approval_request_id": request_id})
        self._open_calls[request_id] = _OpenCall(opened.place, item, opened.call)
        return [
            server.ConversationItemAdded(previous_item_id=previous_id, item=request),
            server.ConversationItemDone(previous_item_id=previous_id, item=request),
        ]

    def _carry_out(self, opened: _OpenCall) -> list[Event]:
        self.has_news = True
        call = opened.call
        item, events = carried_out(opened.place, opened.item, output=call.output, error=call.error)
        return [*events, *self._ending(opened.place, item)]

    def _give_up(self, opened: _OpenCall) -> list[Event]:
        return self._ending(opened.place, opened.item.model_copy(update={"status": "incomplete"}))

    def _fitting(self, text: str) -> str:
        limit = self.question.settings.max_output_tokens
        if limit is not None:
            room_tokens = limit - int(self.audio_ms // ASSISTANT_MS_PER_TOKEN)
            room = max(0, room_tokens * CHARS_PER_TOKEN - self._chars)
            self.is_full = self.is_full or len(text) > room
            text = text[:room]
        self._chars += len(text)
        return text

    def _fitting_audio(self, audio: bytes, encoding: Encoding) -> bytes:
        limit = self.question.settings.max_output_tokens
        if limit is None:
            return audio
        room_ms = (limit - text_tokens(self._chars)) * ASSISTANT_MS_PER_TOKEN - self.audio_ms
        room = max(0, int(room_ms * encoding.rate_hz / 1000) * encoding.sample_bytes)
        self.is_full = self.is_full or len(audio) > room
        return audio[:room]

    def _next_place(self) -> Place:
        return {
            "response_id": self.question.response_id,
            "item_id": self._history.new_id(),
            "output_index": len(self._output),
        }

    def _open_message(self) -> tuple[_OpenMessage, list[Event]]:
        if self._message is not None:
            return self._message, []
        self._message = _OpenMessage({**self._next_place(), "content_index": 0})
        return self._message, self._opening(self._message)

    def _opening(self, message: _OpenMessage) -> list[Event]:
        place = message.place
        empty = Message(id=place["item_id"], status="in_progress", role="assistant", content=[])
        events = self._beginning(_outer(place), Entry(empty, speech=message.speech))
        self._keep(place["item_id"], message.item("in_progress", self._form))
        voice = self.question.settings.voice
        if voice and not self.is_beside:
            self._history.audio.begin((place["item_id"], 0), voice.encoding)
        return [*events, server.ResponseContentPartAdded(**place, part=self._form.part(""))]

    def _closing(self, status: _ItemStatus) -> list[Event]:
        message, self._message = self._message, None
        if message is None:
            return []
        place, words = message.place, "".join(message.words)
        return [
            *self._form.done(place, words),
            server.ResponseContentPartDone(**place, part=self._form.part(words)),
            *self._ending(_outer(place), message.item(status, self._form)),
        ]

    def _beginning(self, place: Place, entry: Entry) -> list[Event]:
        item_id, item = place["item_id"], entry.item
        self._output[item_id] = item
        added = server.ResponseOutputItemAdded(
            response_id=place["response_id"], output_index=place["output_index"], item=item
        )
        if self.is_beside:
            return [added]
        previous_id = self._history.last_id()
        self._history.append(item_id, entry)
        return [added, server.ConversationItemAdded(previous_item_id=previous_id, item=item)]

    def _ending(self, place: Place, item: Item) -> list[Event]:
        item_id = place["item_id"]
        self._keep(item_id, item)
        done = server.ResponseOutputItemDone(
            response_id=place["response_id"], output_index=place["output_index"], item=item
        )
        if self.is_beside or item_id not in self._history:
            return [done]
        previous_id = self._history.before(item_id)
        return [server.ConversationItemDone(previous_item_id=previous_id, item=item), done]

    def _keep(self, item_id: str, item: Item) -> None:
        self._output[item_id] = item
        if not self.is_beside:
            self._history.update(item_id, item)

    def _resource(
        self, status: str, details: StatusDetails | None = None, usage: Usage | None = None
    ) -> Response:
        settings = self.question.settings
        return Response(
            object="realtime.response",
            id=self.question.response_id,
            status=status,
            status_details=details,
            output=list(self._output.values()),
            conversation_id=self.question.conversation_id,
            output_modalities=[settings.modality],
            max_output_tokens=settings.max_output_tokens or "inf",
            audio=settings.shown_audio,
            usage=usage,
            metadata=settings.metadata,
        )


def _outer(place: PartPlace) -> Place:
    return {
        "response_id": place["response_id"],
        "item_id": place["item_id"],
        "output_index": place["output_index"],
    }


def _argument_deltas(place: Place, call: FunctionCall, arguments: str) -> Iterator[Event]:
    for start in range(0, len(arguments), _ARGUMENT_CHARS):
        piece = arguments[start : start + _ARGUMENT_CHARS]
        yield server.ResponseFunctionCallArgumentsDelta(**place, call_id=call.call_id, delta=piece)


def _mcp_deltas(place: Place, arguments: str) -> Iterator[Event]:
    for start in range(0, len(arguments), _ARGUMENT_CHARS):
        piece = arguments[start : start + _ARGUMENT_CHARS]
        yield server.ResponseMcpCallArgumentsDelta(**place, delta=piece)


def _arguments_done(place: Place, call: FunctionCall) -> Iterator[Event]:
    # Clients run a call when they see this; one that was cut off must not run.
    if call.status == "completed":
        yield server.ResponseFunctionCallArgumentsDone(
            **place, call_id=call.call_id, name=call.name, arguments=call.arguments
        )
