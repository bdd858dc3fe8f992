from __future__ import annotations

import pytest

from realtime_cli.runtime.landmarks import Landmark, Landmarks, Place, next_place, previous_place

TURNS = tuple(
    Landmark(Place(at_s, number), "turn") for at_s, number in ((1.0, 2), (1.0, 4), (5.0, 9), (8.0, 12))
)
ALL = Landmarks(TURNS, entries=20, end_s=10.0)


def numbers(place: Place | None) -> int | None:
    return place.number if place else None


@pytest.mark.parametrize(
    ("here", "later"),
    [
        (Place(0.0, 0), 2),
        (Place(0.5, 2), 2),  # behind all entries before it, but not yet there
        (Place(1.0, 2), 4),
        (Place(1.0, 4), 9),
        (Place(7.0, 10), 12),
        (Place(8.0, 12), None),
        (Place(6.0), 12),
    ],
)
def test_the_next_one_lies_behind(here: Place, later: int | None) -> None:
    assert numbers(next_place(TURNS, here)) == later


@pytest.mark.parametrize(
    ("here", "before_s", "earlier"),
    [
        (Place(9.0, 15), 9.0, 12),
        (Place(8.5, 13), 7.5, 9),
        (Place(8.0, 12), 8.0, 9),
        (Place(1.0, 4), 1.0, 2),
        (Place(1.0, 2), 1.0, None),
        (Place(6.0), 6.0, 9),
    ],
)
def test_the_one_before_lies_before_both(here: Place, before_s: float, earlier: int | None) -> None:
    assert numbers(previous_place(TURNS, here, before_s=before_s)) == earlier


def test_a_share_is_one_of_time() -> None:
    assert ALL.share_of(Place(2.5, 19)) == 0.25
    assert ALL.share_of(Place(99.0)) == 1.0
    assert ALL.place_at(0.25) == Place(2.5)


def test_without_times_a_share_is_one_of_entries() -> None:
    timeless = Landmarks(entries=20)
    assert timeless.share_of(Place(0.0, 5)) == 0.25
    assert timeless.place_at(0.25) == Place(0.0, 5)
    assert Landmarks().share_of(Place(0.0, 5)) == 0.0
    assert Landmarks().place_at(0.5) == Place(0.0)


def test_what_lies_behind_the_end_is_left_out() -> None:
    cut = ALL.until(5.0)
    assert cut.turns == TURNS[:3]
    assert cut.end_s == 5.0
    assert ALL.until(99.0) == ALL
