"""One answer as it grows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias, assert_never

from realtime_cli.protocol.client_events import ResponseCreate
from realtime_cli.protocol.encoding import Encoding, encoding_of
from realtime_cli.protocol.session import Response

from .cost import Cost
from .explain import why_not_completed
from .metrics import token_counts
from .view import UNNAMED, Marks, ResponseView, TokenCounts

Step: TypeAlias = Literal["first_text", "first_audio", "first_sound", "done"]


def _marked(marks: Marks, step: Step, now: float) -> Marks:
    match step:
        case "first_text":
            return replace(marks, first_text=now)
        case "first_audio":
            return replace(marks, first_audio=now)
        case "first_sound":
            return replace(marks, first_sound=now)
        case "done":
            return replace(marks, done=now)
        case _:
            assert_never(step)


@dataclass(slots=True)
class ResponseState:
    """One answer as it grows, to the request `asked`, if to any. It `is_over` once the server said so itself.

    An interrupted answer `is_silenced`: what still comes of its speech is not played. It `is_outlived` once
    the user said a whole turn after that, and `is_cancelling` once we asked the server to stop it. It
    `is_endless` once more of it was queued than anybody will hear. `encoding` is None where its speech sounds
    as the session says. Its `questions` are the requests that a person has not decided about; it waits for
    that since `asked_s`.
    """

    id: str
    in_conversation: bool = True
    status: str = "in_progress"
    why: str = ""
    code: str = ""
    metadata: Mapping[str, Any] | None = None
    asked: ResponseCreate | None = None
    item_ids: list[str] = field(default_factory=list[str])
    usage: TokenCounts | None = None
    cost: Cost | None = None
    marks: Marks = field(default_factory=Marks)
    is_over: bool = False
    is_silenced: bool = False
    is_cancelling: bool = False
    is_outlived: bool = False
    has_bad_audio: bool = False
    is_endless: bool = False
    modalities: tuple[str, ...] = ()
    encoding: Encoding | None = None
    questions: set[str] = field(default_factory=set[str])
    asked_s: float = 0.0
    view: ResponseView | None = None

    @property
    def is_named(self) -> bool:
        """Whether the server told the id."""
        return not self.id.startswith(UNNAMED)

    def item_at(self, output_index: int | None) -> str | None:
        """The id of the item at the index; of the last one where the server names none."""
        place = len(self.item_ids) - 1 if output_index is None else output_index
        return self.item_ids[place] if 0 <= place < len(self.item_ids) else None

    def mark(self, name: Step, now: float) -> None:
        """Notes the first time that a step happens."""
        if getattr(self.marks, name) is None:
            self.marks = _marked(self.marks, name, now)
            self.view = None

    def ask_user(self, request_id: str, now: float) -> None:
        """It waits for a person's approval."""
        self.asked_s = self.asked_s if self.questions else now
        self.questions.add(request_id)

    def go_on(self, request_id: str, now: float) -> None:
        """A person has decided: it goes on, unless there are more such questions."""
        if self.questions == {request_id}:
            self._end_pause(now)
        self.questions.discard(request_id)

    def _end_pause(self, now: float) -> None:
        self.marks = replace(self.marks, pauses=(*self.marks.pauses, (self.asked_s, now)))
        self.view = None

    def add_item(self, item_id: str) -> None:
        """Counts the item as one of this answer's."""
        if item_id not in self.item_ids:
            self.item_ids.append(item_id)
            self.view = None

    def learn(self, response: Response) -> None:
        """Takes the metadata and the kind of answer, which some servers tell late."""
        self.metadata = response.metadata or self.metadata
        self.modalities = tuple(response.output_modalities or self.modalities)
        spoken = response.audio.output if response.audio else None
        if spoken is not None and spoken.format is not None:
            self.encoding = encoding_of(spoken.format)
        self.view = None

    def finish(self, response: Response, now: float) -> None:
        """Takes over how the answer ended."""
        self.learn(response)
        self.status = response.status or "completed"
        if self.status == "in_progress":  # seen from servers that forget to change it
            self.status = "completed"
        self.why, self.code = why_not_completed(response)
        self.usage = token_counts(response.usage)
        self.is_over = True
        self.marks = replace(self.marks, done=now)

    def break_off(self, why: str, now: float) -> None:
        """Ends an answer of which the server says nothing more."""
        self.status, self.why, self.view = "incomplete", why, None
        self.mark("done", now)

    def snapshot(self) -> ResponseView:
        """The read-only picture, which `view` keeps until something changes."""
        self.view = ResponseView(
            id=self.id,
            status=self.status,
            in_conversation=self.in_conversation,
            why=self.why,
            metadata=self.metadata,
            item_ids=tuple(self.item_ids),
            usage=self.usage,
            marks=self.marks,
            cost=self.cost,
        )
        return self.view
