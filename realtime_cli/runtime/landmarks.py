"""Places in a recording that somebody may want to see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

LandmarkKind: TypeAlias = Literal["turn", "mark", "interruption", "error", "gap"]


@dataclass(frozen=True, slots=True)
class Place:
    """Before the first entry of that time; with a `number`, behind so many entries."""

    t_s: float
    number: int | None = None

    def is_behind(self, other: Place) -> bool:
        """Whether it comes later than the other place."""
        if self.number is None or other.number is None:
            return self.t_s > other.t_s
        return (self.t_s, self.number) > (other.t_s, other.number)


BEGINNING = Place(0.0, 0)


@dataclass(frozen=True, slots=True)
class Landmark:
    """Something that begins at a place, and what it is about; `label` is foreign text."""

    place: Place
    kind: LandmarkKind
    label: str = ""


@dataclass(frozen=True, slots=True)
class Landmarks:
    """What there is in a recording of so many entries: turns, what was marked or went wrong, and sound."""

    turns: tuple[Landmark, ...] = ()
    markers: tuple[Landmark, ...] = ()
    entries: int = 0
    end_s: float = 0.0
    has_sound: bool = False

    def until(self, t_s: float) -> Landmarks:
        """Those of a recording that ends at that time."""
        return replace(
            self,
            turns=tuple(mark for mark in self.turns if mark.place.t_s <= t_s),
            markers=tuple(mark for mark in self.markers if mark.place.t_s <= t_s),
            end_s=min(self.end_s, t_s),
        )

    def share_of(self, place: Place) -> float:
        """How far into the recording it is, from 0 to 1; where entries have no times, their number tells."""
        if self.end_s > 0:
            return min(1.0, place.t_s / self.end_s)
        return min(1.0, (place.number or 0) / self.entries) if self.entries else 0.0

    def place_at(self, share: float) -> Place:
        """Where so much of the recording is over."""
        if self.end_s > 0 or not self.entries:
            return Place(self.end_s * share)
        return Place(0.0, int(self.entries * share))


def next_place(landmarks: Sequence[Landmark], here: Place) -> Place | None:
    """The first of them behind this place."""
    return next((mark.place for mark in landmarks if mark.place.is_behind(here)), None)


def previous_place(landmarks: Sequence[Landmark], here: Place, *, before_s: float) -> Place | None:
    """The last of them before this place, and not later than `before_s`."""
    places = (mark.place for mark in reversed(landmarks))
    return next((place for place in places if here.is_behind(place) and place.t_s <= before_s), None)
