from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_cli.runtime.ports import Direction
from realtime_cli.ui.live.raw import EventRing
from realtime_cli.ui.live.raw.filter import parse_filter
from realtime_cli.ui.live.raw.formats import Formats
from realtime_cli.ui.live.raw.index import Index, numbers_of
from tests.ui.raw.scenes import seen

DELTA, APPEND, DONE = "response.output_text.delta", "input_audio_buffer.append", "response.done"
SIDES: dict[str, Direction] = {DELTA: "in", APPEND: "out", DONE: "in"}


def add(ring: EventRing, *types: str) -> None:
    for type_ in types:
        seen(ring, {"type": type_}, direction=SIDES.get(type_, "in"))


def index_of(ring: EventRing, pattern: str = "", *, folds: bool = True) -> Index:
    index = Index(ring, Formats(ring), keeps=parse_filter(pattern), folds=folds)
    index.catch_up()
    return index


def rows(index: Index) -> list[list[int]]:
    return [list(numbers_of(row)) for row in index.rows]


def test_streams_are_folded_and_nothing_else() -> None:
    ring = EventRing()
    add(ring, DONE, DONE, DELTA, DELTA, DONE, DELTA)
    assert rows(index_of(ring)) == [[1], [2], [3, 4], [5], [6]]
    assert rows(index_of(ring, folds=False)) == [[1], [2], [3], [4], [5], [6]]


def test_streams_side_by_side_have_a_row_each() -> None:
    ring = EventRing()
    add(ring, APPEND, DELTA, APPEND, DELTA, APPEND, DONE, APPEND)
    assert rows(index_of(ring)) == [[1, 3, 5], [2, 4], [6], [7]]


def test_a_type_from_both_sides_is_two_streams() -> None:
    ring = EventRing()
    seen(ring, {"type": DELTA}, {"type": DELTA})
    seen(ring, {"type": DELTA}, direction="out")
    assert rows(index_of(ring)) == [[1, 2], [3]]


@pytest.mark.parametrize("key", ["item_id", "response_id"])
def test_a_stream_of_another_item_is_another_row(key: str) -> None:
    ring = EventRing()
    quoting = {"type": DELTA, "delta": '{"item_id":"c"}', key: "a"}
    seen(ring, {"type": DELTA, key: "a"}, quoting, {"type": DONE}, {"type": DELTA, key: "b"})
    seen(ring, {"type": DELTA, key: "a"})
    assert rows(index_of(ring, "*.delta")) == [[1, 2, 5], [4]]


def test_a_long_stream_is_several_rows() -> None:
    ring = EventRing()
    add(ring, *[APPEND] * 601)
    assert [len(row) for row in rows(index_of(ring))] == [250, 250, 101]


def test_a_filter_joins_what_it_leaves() -> None:
    ring = EventRing()
    add(ring, DELTA, DONE, DELTA)
    index = index_of(ring, "*.delta")
    assert rows(index) == [[1, 3]]
    assert index.matched == 2


def test_new_events_go_on_where_the_last_ones_were() -> None:
    ring = EventRing()
    add(ring, DELTA)
    index = index_of(ring)
    add(ring, DELTA, DONE)
    index.catch_up()
    index.catch_up()
    assert rows(index) == [[1, 2], [3]]


def test_dropped_events_leave_their_rows() -> None:
    ring = EventRing(max_events=4)
    add(ring, APPEND, DELTA, APPEND, DELTA)
    index = index_of(ring)
    add(ring, DELTA, DONE)
    index.catch_up()
    assert rows(index) == [[3], [4, 5], [6]]
    add(ring, DONE)
    index.catch_up()
    assert rows(index) == [[4, 5], [6], [7]]
    assert index.matched == 4


def test_an_event_is_found_in_its_row_or_before_it() -> None:
    ring = EventRing()
    add(ring, APPEND, DELTA, APPEND, DELTA, DONE)
    index = index_of(ring, f"{APPEND},{DELTA}")
    assert [index.position(number) for number in range(7)] == [-1, 0, 1, 0, 1, 1, 1]


def test_many_kinds_of_streams_at_once_stay_bounded() -> None:
    ring = EventRing()
    seen(ring, *({"type": f"{number}.delta"} for number in range(100)))
    assert rows(index_of(ring)) == [[number] for number in range(1, 101)]


@given(st.lists(st.sampled_from([DELTA, APPEND, DONE, "error"])), st.integers(1, 8), st.booleans())
def test_every_event_that_is_kept_and_matches_is_in_one_row(types: list[str], most: int, folds: bool) -> None:
    ring = EventRing(max_events=most)
    index = index_of(ring, "-error", folds=folds)
    for type_ in types:
        add(ring, type_)
        index.catch_up()
    wanted = [n for n, type_ in enumerate(types, 1) if n >= ring.first and type_ != "error"]
    assert sorted(n for row in rows(index) for n in row) == wanted
    assert index.matched == len(wanted)
    assert all(n in numbers_of(index.rows[index.position(n)]) for n in wanted)
