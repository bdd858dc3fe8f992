"""What went out and was not answered yet: errors are matched to their cause here.

Servers name the event (`error.event_id`), or they do not; then the oldest unanswered event is the best guess.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from realtime_cli.protocol import client_events as client
from realtime_cli.protocol import items as wire
from realtime_cli.protocol.codec import ClientEvent, MalformedEvent, UnknownEvent
from realtime_cli.protocol.translation import SessionClose

from .view import Cause

_REMEMBERED = 256
# Servers may take these without a word; an answer to a later event shows that they did.
_OFTEN_SILENT = (
    client.ResponseCancel,
    client.ConversationItemTruncate,
    SessionClose,
    UnknownEvent,
    MalformedEvent,
)


@dataclass(frozen=True, slots=True)
class SentEvent:
    """An event that went out."""

    event: ClientEvent
    certain: bool = True

    @property
    def cause(self) -> Cause:
        """The event, as a notice names it."""
        return Cause(self.event.type, self.event.event_id, self.certain)


class SentEvents:
    """The last events that went out, oldest first."""

    def __init__(self) -> None:
        self._recent: deque[ClientEvent] = deque(maxlen=_REMEMBERED)
        self._unanswered: deque[ClientEvent] = deque(maxlen=_REMEMBERED)

    def add(self, event: ClientEvent) -> None:
        """Remembers an event; those of audio are never answered, and too many to be kept."""
        self._recent.append(event)
        self._unanswered.append(event)

    @property
    def any_unanswered(self) -> bool:
        """Whether an event waits for its answer; one that the server does not know may wait for ever."""
        return bool(self._unanswered)

    def awaits(self, *kinds: type[ClientEvent]) -> bool:
        """Whether an event of these kinds waits for its answer."""
        return any(isinstance(event, kinds) for event in self._unanswered)

    def answered(self, *kinds: type[ClientEvent]) -> ClientEvent | None:
        """The oldest unanswered event of these kinds, now answered; None where there is none."""
        for event in self._unanswered:
            if isinstance(event, kinds):
                self._settle(event)
                return event
        return None

    def item_added(self, item: wire.Item) -> client.ConversationItemCreate | None:
        """The event that made the item, now answered; None where the item is not the client's."""
        for event in self._unanswered:
            if isinstance(event, client.ConversationItemCreate) and _makes(event.item, item):
                self._settle(event)
                return event
        return None

    def confirmed(self, made: wire.Item) -> None:
        """The server has said that it knows an item."""
        for event in list(self._unanswered):
            if isinstance(event, client.ConversationItemCreate) and event.item is made:
                self._settle(event)

    def forget(self) -> list[ClientEvent]:
        """Nothing will be answered any more; gives what was not, and may not have arrived."""
        unanswered = list(self._unanswered)
        self._recent.clear()
        self._unanswered.clear()
        return unanswered

    def items_awaited(self) -> list[wire.Item]:
        """Our items, by their own ids, that the server has not confirmed."""
        made = [event.item for event in self._unanswered if isinstance(event, client.ConversationItemCreate)]
        return [item for item in made if item.id is not None]

    def refused(self, event_id: str | None, *, kind: type[ClientEvent] | None = None) -> SentEvent | None:
        """The event that an error answers: the one it names, else the oldest unanswered one.

        Where the error tells what `kind` of event it answers, one that seemed answered can be meant too.
        """
        for event in reversed(self._recent):
            if event_id is not None and event.event_id == event_id:
                self._settle(event)
                return SentEvent(event)
        guesses = self._unanswered if kind is None else [*self._unanswered, *reversed(self._recent)]
        for event in guesses:
            if kind is None or isinstance(event, kind):
                self._settle(event)
                return SentEvent(event, certain=False)
        return None

    def _settle(self, answered: ClientEvent) -> None:
        """Forgets an event that was answered, and what before it needed no answer of its own."""
        waiting = list(self._unanswered)
        place = next((place for place, event in enumerate(waiting) if event is answered), 0)
        self._unanswered.clear()
        self._unanswered.extend(event for event in waiting[:place] if not isinstance(event, _OFTEN_SILENT))
        self._unanswered.extend(event for event in waiting[place:] if event is not answered)


def _makes(asked: wire.Item, told: wire.Item) -> bool:
    """Whether a client's item became the server's; without an id of its own, kind and role have to do."""
    if asked.id is not None:
        return asked.id == told.id
    return asked.type == told.type and _role(asked) == _role(told)


def _role(item: wire.Item) -> str | None:
    return item.role if isinstance(item, wire.Message) else None
