"""Answers: which ones run, who may ask for the next one, and when.

The conversation has one response at a time; others run beside it (`conversation: "none"`).
A `response.create` that comes too early waits for `response.done`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from realtime_cli.protocol import client_events as client
from realtime_cli.protocol.session import Response

from .response_state import ResponseState
from .view import UNNAMED, Marks, ResponseView

# A refusal promises a `response.done` that does not always come (livekit/agents#6817); then we ask again.
RETRY_AFTER_S = 5.0


class ResponseList:
    """All answers by id, and the queue for the next one of the conversation."""

    def __init__(self) -> None:
        self._responses: dict[str, ResponseState] = {}
        self._active_id: str | None = None
        self._asked: client.ResponseCreate | None = None
        self._waiting: client.ResponseCreate | None = None
        self._retry_at: float | None = None
        self._asked_outside: list[client.ResponseCreate] = []
        self._cancels_asked = False
        self._beside: set[str] = set()
        self._broken_off: set[str] = set()

    @property
    def active(self) -> ResponseState | None:
        """The conversation's answer that is coming now."""
        return self._responses.get(self._active_id) if self._active_id else None

    @property
    def is_answering(self) -> bool:
        """Whether the conversation's answer is coming, or asked for."""
        return self._active_id is not None or self._asked is not None

    @property
    def is_busy(self) -> bool:
        """Whether any answer is coming, asked for, or waiting to be asked for."""
        outside = bool(self._asked_outside) or bool(self._beside)
        return self.is_answering or self._waiting is not None or outside

    def any_completed_since(self, began_s: float) -> bool:
        """Whether an answer has come to its end since then, in session seconds."""
        ends = (state.marks.done for state in self._responses.values() if state.status == "completed")
        return any(done_s is not None and done_s >= began_s for done_s in ends)

    @property
    def wanted(self) -> client.ResponseCreate | None:
        """What asked for the conversation's next answer, and was not stopped since, or waits to ask."""
        return self._waiting if self._cancels_asked else self._asked or self._waiting

    @property
    def waited_for(self) -> ResponseState | client.ResponseCreate | None:
        """The conversation's answer that is coming, or else the request for it."""
        return self.active or self._asked

    @property
    def any_broken_off(self) -> bool:
        """Whether there are answers of whose end the server said nothing."""
        return bool(self._broken_off)

    @property
    def retry_at(self) -> float | None:
        """When to ask again although no `response.done` came."""
        return self._retry_at

    def get(self, response_id: str | None) -> ResponseState | None:
        """The answer with the id."""
        return self._responses.get(response_id) if response_id else None

    def find(self, response_id: str | None) -> ResponseState | None:
        """The answer that an event means; without an id, the one that is due or coming, else the last one."""
        active = self.active
        if response_id:
            return self.get(response_id) or (active if active and not active.is_named else None)
        if self.is_answering:
            return active
        return next(reversed(self._responses.values()), None)

    def ask(self, create: client.ResponseCreate | None = None) -> None:
        """Asks for an answer, maybe again, as soon as one may be asked for. Requests that wait become one."""
        again = client.ResponseCreate() if create is None else create.model_copy(update={"event_id": None})
        self._waiting = self._waiting or again

    def next_to_ask(self) -> client.ResponseCreate | None:
        """The waiting request, if its time has come."""
        if self.is_answering or self._retry_at is not None:
            return None
        waiting, self._waiting = self._waiting, None
        return waiting

    def cancel_refused(self) -> None:
        """The server did not take the request to stop; it may be asked again."""
        if self.active is not None:
            self.active.is_cancelling = False

    def cancel(self) -> client.ResponseCancel | None:
        """The request to stop the conversation's answer; None where there is none, or it was sent before."""
        active = self.active
        if active is None:
            self._cancels_asked = self._asked is not None
            return client.ResponseCancel() if self._cancels_asked else None
        if active.is_cancelling:
            return None
        active.is_cancelling = True
        return client.ResponseCancel(response_id=active.id) if active.is_named else client.ResponseCancel()

    @property
    def is_stopped(self) -> bool:
        """Whether the answer that is coming, or asked for, was interrupted already."""
        return self.active.is_silenced if self.active else self._cancels_asked

    def sent(self, create: client.ResponseCreate) -> None:
        """Notes a request that went out, by whatever way."""
        if is_outside(create):
            self._asked_outside.append(create)
        else:
            self._asked = self._asked or create

    def refused(self, create: client.ResponseCreate, *, is_race: bool, now: float) -> None:
        """A request was answered by an error. In a race with another answer it waits for that one's end."""
        if create in self._asked_outside:
            self._asked_outside.remove(create)
            return
        if create is self._asked:
            self.forget_asked()
        if is_race:
            self.ask(create)
            self._retry_at = now + RETRY_AFTER_S if self._active_id is None else None

    def retry(self) -> None:
        """Waits no longer for the end of an answer that nobody has seen."""
        self._retry_at = None

    def forget_waiting(self) -> None:
        """Drops what was not asked for yet."""
        self._waiting = self._retry_at = None

    def forget_asked(self) -> None:
        """Waits no longer for an answer to what was asked."""
        self._asked, self._cancels_asked = None, False

    def created(self, response: Response, now: float) -> ResponseState:
        """Notes that an answer begins. One that never ended counts as broken off now."""
        outside = self._take_outside(response)
        asked = None if outside else self._asked
        state = ResponseState(
            response.id or self._new_id(), not outside, metadata=response.metadata, asked=asked
        )
        state.learn(response)
        state.marks = Marks(response_created=now)
        self._responses[state.id] = state
        if outside:
            self._beside.add(state.id)
        else:
            if self.active is not None:
                self._break_off(self.active, "the server never ended it", now)
            state.is_silenced, self._cancels_asked = self._cancels_asked, False
            self._active_id, self._asked, self._retry_at = state.id, None, None
        return state

    def done(self, state: ResponseState, response: Response, now: float) -> bool:
        """Notes that an answer ended, and tells whether it is news: some servers end an answer twice."""
        if state.is_over:
            return False
        state.finish(response, now)
        self._beside.discard(state.id)
        self._broken_off.discard(state.id)
        if state.in_conversation:
            self._retry_at = None
        if state.id == self._active_id:
            self._active_id = None
        return True

    def not_active(self, response_id: str | None) -> ResponseState | None:
        """The answer that we wait for, and that the server does not know."""
        active = self.active
        return active if active is not None and active.id == response_id else None

    def give_up(self, orphan: ResponseState, now: float) -> None:
        """Waits no longer for the end of the active answer: it is broken off."""
        self._break_off(orphan, "the server never ended it", now)
        self._active_id = None

    def connection_lost(self, now: float) -> list[ResponseState]:
        """Breaks off everything that was under way."""
        self._waiting = self._asked = self._active_id = self._retry_at = None
        self._cancels_asked = False
        self._asked_outside.clear()
        open_ones = [state for state in self._responses.values() if state.status == "in_progress"]
        for state in open_ones:
            self._break_off(state, "the connection was lost", now)
        self._beside.clear()
        return open_ones

    def snapshot(self) -> tuple[ResponseView, ...]:
        """All answers, oldest first."""
        return tuple([state.view or state.snapshot() for state in self._responses.values()])

    def _break_off(self, state: ResponseState, why: str, now: float) -> None:
        state.break_off(why, now)
        self._broken_off.add(state.id)

    def _take_outside(self, response: Response) -> bool:
        """Whether this answers a request beside the conversation; metadata is what is sure to come back."""
        told = response.metadata or None
        create = next((asked for asked in self._asked_outside if (_metadata(asked) or None) == told), None)
        if create is None:
            return False
        is_beside = response.conversation_id is None
        if is_beside or self._asked is None:  # some servers do not know "none"
            self._asked_outside.remove(create)
        return is_beside

    def _new_id(self) -> str:
        return f"{UNNAMED}{len(self._responses) + 1}"


def is_outside(create: client.ResponseCreate) -> bool:
    """Whether the request asks for an answer beside the conversation."""
    return create.response is not None and create.response.conversation == "none"


def _metadata(create: client.ResponseCreate) -> Mapping[str, Any] | None:
    return create.response.metadata if create.response else None
