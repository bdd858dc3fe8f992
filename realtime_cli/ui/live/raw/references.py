"""Which events belong together: by the ids in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from realtime_cli.protocol.jsontypes import Json, at

from .reading import Frame, Reader, mentions, type_of
from .ring import Event

# Where ids stand that other events have too, the most telling first.
_PLACES = (
    ("error", "event_id"),
    ("item_id",),
    ("item", "id"),
    ("call_id",),
    ("item", "call_id"),
    ("response_id",),
    ("response", "id"),
    ("previous_item_id",),
    ("item", "approval_request_id"),
)
# How many events are looked through for one that belongs to another.
_REACH = 5_000


@dataclass(frozen=True, slots=True)
class Related:
    """An event that another one points at."""

    event: Event
    type: str


def references(data: Json, *, direction: str) -> list[str]:
    """The ids in an event by which others can be found."""
    places = (*_PLACES, ("event_id",)) if direction == "out" else _PLACES
    found = (at(data, *place) for place in places)
    return list(dict.fromkeys(id_ for id_ in found if isinstance(id_, str) and id_))


def cause_of(reader: Reader, frame: Frame) -> Related | None:
    """The event that an error answers, where the error names it."""
    id_ = at(frame.data, "error", "event_id")
    if not isinstance(id_, str) or not id_:
        return None
    earlier = reader.ring.before(frame.event.number)
    return _first(event for event in islice(earlier, _REACH) if event.direction == "out" and _has(event, id_))


def answer_to(reader: Reader, frame: Frame) -> Related | None:
    """The error that names this event."""
    id_ = at(frame.data, "event_id")
    if frame.event.direction != "out" or not isinstance(id_, str) or not id_:
        return None
    later = islice(reader.ring.after(frame.event.number), _REACH)
    return _first(event for event in later if _has(event, id_) and type_of(event) == "error")


def earlier_with(reader: Reader, frame: Frame, id_: str) -> Related | None:
    """The last event before this one that has the id."""
    return _first(
        event for event in islice(reader.ring.before(frame.event.number), _REACH) if _has(event, id_)
    )


def later_with(reader: Reader, frame: Frame, id_: str) -> Related | None:
    """The first event after this one that has the id."""
    return _first(
        event for event in islice(reader.ring.after(frame.event.number), _REACH) if _has(event, id_)
    )


def _has(event: Event, id_: str) -> bool:
    return mentions(event, f'"{id_}"')


def _first(events: Iterable[Event]) -> Related | None:
    for event in events:
        return Related(event, type_of(event))
    return None
