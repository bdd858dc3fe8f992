"""What is remembered between a connection that was lost and the one that takes its place."""

from __future__ import annotations

from dataclasses import dataclass, field

from realtime_cli.protocol import items as wire
from realtime_cli.protocol.client_events import ConversationItemCreate


@dataclass(frozen=True, slots=True)
class Restored:
    """An item that the new session was told of, and what it was told."""

    item_id: str
    made: wire.Item

    def is_told_by(self, told: wire.Item) -> bool:
        """Whether the server confirms just this, under whatever name."""
        is_same_name = self.made.id is not None and self.made.id == told.id
        return is_same_name or _gist(self.made) == _gist(told)


@dataclass(slots=True)
class Comeback:
    """The way back to a connection.

    `tries` counts since the last connection that lasted, `retry_s` is when the next one is due, None while
    one is under way. It `is_renewal` where the user wants another session, and `is_due` once the new session
    waits to be told what the old one knew. An answer `is_owed` that was asked for and did not begin.
    `unconfirmed` items were sent, and may not have arrived; `expected` ones were told again.
    """

    tries: int = 0
    retry_s: float | None = None
    lost_s: float = 0.0
    replaced: int = 0
    is_renewal: bool = False
    is_due: bool = False
    is_owed: bool = False
    unconfirmed: list[ConversationItemCreate] = field(default_factory=list[ConversationItemCreate])
    expected: list[Restored] = field(default_factory=list[Restored])


def _gist(item: wire.Item) -> tuple[object, ...]:
    """What makes an item the same in another session."""
    match item:
        case wire.Message():
            return item.type, item.role, *(wire.text_of(part) for part in item.content or ())
        case wire.FunctionCall() | wire.FunctionCallOutput():
            return item.type, item.call_id
        case _:
            return item.type, item.id
