"""What is remembered between a connection that was lost and the one that takes its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from realtime_cli.protocol import items as wire
from realtime_cli.protocol.client_events import ConversationItemCreate, ResponseCreate

_Gist: TypeAlias = tuple[object, ...]


class Restored:
    """An item that the new session was told of, and what it was told."""

    def __init__(self, item_id: str, made: wire.Item) -> None:
        self.item_id = item_id
        self.made = made
        self._gist = gist(made)

    def likeness(self, told: wire.Item, its_gist: _Gist) -> int:
        """How likely it is that the server confirms just this, maybe by another name; 0: it does not."""
        is_same_name = self.made.id is not None and self.made.id == told.id
        return 2 * (self._gist == its_gist) + is_same_name


@dataclass(slots=True)
class Comeback:
    """The way back to a connection.

    `tries` counts since the last connection that lasted, `retry_s` is when the next one is due, None while
    one is under way. It `is_renewal` where the user wants another session, and `is_by_choice` once that made
    an end to the old one. It `is_due` until the new session is told what the old one knew. An answer
    was to come that did not begin: what asks for it is `owed`. `unconfirmed` items were sent, and may not
    have arrived; `expected` ones were told again.
    """

    tries: int = 0
    retry_s: float | None = None
    lost_s: float = 0.0
    replaced: int = 0
    is_renewal: bool = False
    is_by_choice: bool = False
    is_due: bool = False
    owed: ResponseCreate | None = None
    unconfirmed: list[ConversationItemCreate] = field(default_factory=list[ConversationItemCreate])
    expected: list[Restored] = field(default_factory=list[Restored])


def gist(item: wire.Item) -> _Gist:
    """What makes an item the same in another session."""
    match item:
        case wire.Message():
            return item.type, item.role, *map(_gist_of_part, item.content or ())
        case wire.FunctionCall() | wire.FunctionCallOutput():
            return item.type, item.call_id
        case _:
            return item.type, item.id


def _gist_of_part(part: wire.ContentPart) -> object:
    """Its words; what has none is of its kind."""
    return wire.text_of(part) or (part.type,)
