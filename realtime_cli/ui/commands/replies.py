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
    item_id: str
    tell: Callable[[Json], None]

    def is_given_by(self, event: Json) -> bool:
        """Whether this event of the server's is it."""
        told = at(event, "item", "id") or event.get("item_id")
        return event.get("type") == self.answer and told == self.item_id


class Replies:
    """An `Observer` that finds the answers that commands wait for."""

    def __init__(self) -> None:
        self._awaited: deque[Reply] = deque(maxlen=_MOST_AWAITED)

    def expect(self, reply: Reply) -> None:
        """Waits for one more."""
        self._awaited.append(reply)

    def saw(self, direction: Direction, raw: str | bytes, *, now_s: float, is_object: bool) -> None:
        """Looks at an event; costs nothing where nothing is awaited."""
        _ = now_s
        if not self._awaited or direction != "in" or not is_object:
            return
        event = as_object(json.loads(raw)) or {}
        given = next((reply for reply in self._awaited if reply.is_given_by(event)), None)
        if given is not None:
            self._awaited.remove(given)
            given.tell(event)
