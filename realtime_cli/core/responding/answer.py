"""One answer as it grows: the brain's parts in, the API's events out, in the recorded order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from realtime_cli.core.answers import Call, Prompt
from realtime_cli.protocol import server_events as server
from realtime_cli.protocol.audio import Audio
from realtime_cli.protocol.base import Event
from realtime_cli.protocol.items import FunctionCall, Message
from realtime_cli.protocol.session import Response, StatusDetails, Usage

from .forms import Form, PartPlace, Place, Spoken, Written
from .history import Entry, History, Item
from .ids import Ids
from .prompts import AnswerSettings
from .usage import CHARS_PER_TOKEN, rate_limits_after, usage_of

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
    prompt: Prompt
    input_audio_ms: float


@dataclass(slots=True)
class _OpenMessage:
    place: PartPlace
    words: list[str] = field(default_factory=list[str])

    def item(self, status: _ItemStatus, form: Form) -> Message:
        content = form.content("".join(self.words))
        return Message(id=self.place["item_id"], status=status, role="assistant", content=[content])


class Answer:
    """A response in progress. Each method gives the events to send, in order."""

    def __init__(self, question: Question, ids: Ids, history: History) -> None:
        self.question = question
        self.is_full = False
        self.has_spoken = False
        self._ids = ids
        self._history = history
        self._form: Form = Written() if question.settings.modality == "text" else Spoken()
        self._message: _OpenMessage | None = None
        self._output: dict[str, Item] = {}
        self._chars = 0

    @property
    def is_beside(self) -> bool:
        """Whether the answer stays out of the conversation."""
        return self.question.conversation_id is None

    def begin(self) -> list[Event]:
        """The response exists, and is empty."""
        return [server.ResponseCreated(response=self._resource("in_progress"))]

    def say(self, text: str) -> list[Event]:
        """More words, as many as `max_output_tokens` leaves room for."""
        words = self._fitting(text)
        if not words:
            return []
        opening: list[Event] = []
        if self._message is None:
            self._message = _OpenMessage({**self._next_place(), "content_index": 0})
            opening = self._opening(self._message)
        self._message.words.append(words)
        return [*opening, self._form.delta(self._message.place, words)]

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
        beginning = self._beginning(place, item)
        deltas = _argument_deltas(place, item, arguments)
        status: _ItemStatus = "incomplete" if self.is_full else "completed"
        item = item.model_copy(update={"status": status, "arguments": arguments})
        return [*closing, *beginning, *deltas, *_arguments_done(place, item), *self._ending(place, item)]

    def end(self, status: EndStatus, details: StatusDetails | None = None) -> list[Event]:
        """The response is over."""
        closing = self._closing("completed" if status == "completed" else "incomplete")
        usage = usage_of(
            self.question.prompt,
            input_audio_ms=self.question.input_audio_ms,
            output_chars=self._chars,
            output_audio_ms=0,
        )
        done = server.ResponseDone(response=self._resource(status, details, usage))
        return [*closing, done, server.RateLimitsUpdated(rate_limits=rate_limits_after(usage))]

    def _fitting(self, text: str) -> str:
        limit = self.question.settings.max_output_tokens
        if limit is not None:
            room = limit * CHARS_PER_TOKEN - self._chars
            self.is_full = self.is_full or len(text) > room
            text = text[:room]
        self._chars += len(text)
        return text

    def _next_place(self) -> Place:
        return {
            "response_id": self.question.response_id,
            "item_id": self._history.new_id(),
            "output_index": len(self._output),
        }

    def _opening(self, message: _OpenMessage) -> list[Event]:
        place = message.place
        empty = Message(id=place["item_id"], status="in_progress", role="assistant", content=[])
        events = self._beginning(_outer(place), empty)
        self._keep(place["item_id"], message.item("in_progress", self._form))
        self.has_spoken = self.has_spoken or isinstance(self._form, Spoken)
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

    def _beginning(self, place: Place, item: Item) -> list[Event]:
        item_id = place["item_id"]
        self._output[item_id] = item
        added = server.ResponseOutputItemAdded(
            response_id=place["response_id"], output_index=place["output_index"], item=item
        )
        if self.is_beside:
            return [added]
        previous_id = self._history.last_id()
        self._history.append(item_id, Entry(item))
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
            audio=Audio(output=settings.audio),
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


def _arguments_done(place: Place, call: FunctionCall) -> Iterator[Event]:
    # Clients run a call when they see this; one that was cut off must not run.
    if call.status == "completed":
        yield server.ResponseFunctionCallArgumentsDone(
            **place, call_id=call.call_id, name=call.name, arguments=call.arguments
        )
