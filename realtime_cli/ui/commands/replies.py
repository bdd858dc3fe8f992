"""What the server answers to a command, told when it comes."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from realtime_cli.protocol.jsontypes import Json, as_object, at
from realtime_cli.runtime.ports import Direction

# Servers that never answer must not fill the memory.
_MOST_AWAITED = 16


@dataclass(frozen=True, slots=True)
class Reply:
    """An `answer` about an item, by its type; `tell` shows it. An error is told by the session."""

    answer: str
    tell: Callable[[Json], None]


@dataclass(slots=True)
class _Awaited:
    """A reply to the event with the id `asked_by`; `item_id` is what that called the item."""

    reply: Reply
    asked_by: str
    item_id: object = None

    def is_given_by(self, event: Json) -> bool:
        """Whether this event of the server's is it."""
        told = at(event, "item", "id") or event.get("item_id")
        return self.item_id is not None and event.get("type") == self.reply.answer and told == self.item_id


class Replies:
    """An `Observer` that finds the answers that commands wait for.

    What an item is called on the wire is seen on the way out: a new session may have another name for it.
    """

    def __init__(self) -> None:
        self._awaited: deque[_Awaited] = deque(maxlen=_MOST_AWAITED)
        self._asked = 0

    def expect(self, reply: Reply) -> str:
        """Waits for one more; gives the `event_id` for the event that asks for it."""
        self._asked += 1
        self._awaited.append(_Awaited(reply, f"asked_{self._asked}"))
        return self._awaited[-1].asked_by

    def saw(self, direction: Direction, raw: str | bytes, *, now_s: float, is_object: bool) -> None:
        """Looks at an event; costs nothing where nothing is awaited."""
        _ = now_s
        if not self._awaited or not is_object:
            return
        if direction == "in":
            self._hear(_object(raw))
        elif direction == "out" and any(awaited.asked_by in str(raw) for awaited in self._awaited):
            self._note(_object(raw))

    def _note(self, asked: Json) -> None:
        for awaited in self._awaited:
            if awaited.asked_by == asked.get("event_id"):
                awaited.item_id = asked.get("item_id")

    def _hear(self, event: Json) -> None:
        given = next((awaited for awaited in self._awaited if awaited.is_given_by(event)), None)
        if given is not None:
            self._awaited.remove(given)
            given.reply.tell(event)


def _object(raw: str | bytes) -> Json:
    return as_object(json.loads(raw)) or {}
