from __future__ import annotations

import gc
import sys

from realtime_cli.runtime.ports import Observer
from realtime_cli.ui.live.raw import EventRing
from realtime_cli.ui.live.raw.ring import Event


def saw(ring: EventRing, *raws: str | bytes) -> None:
    for raw in raws:
        ring.saw("in", raw, now_s=1.5, is_object=False)


def raws(ring: EventRing) -> list[str | bytes]:
    return [event.raw for event in ring.after(0)]


def test_it_is_an_observer() -> None:
    ring = EventRing()
    observer: Observer = ring
    observer.saw("out", "{}", now_s=2.0, is_object=True)
    assert ring.event(1) == Event(1, "out", "{}", 2.0, is_object=True)


def test_an_empty_ring_has_nothing() -> None:
    ring = EventRing()
    assert (len(ring), ring.first, ring.last, ring.event(1), ring.event(0)) == (0, 1, 0, None, None)
    assert list(ring.after(0)) == list(ring.before(9)) == []


def test_numbers_go_on_when_the_oldest_are_dropped() -> None:
    ring = EventRing(max_events=3)
    saw(ring, "a", "b", "c", b"d", "e")
    assert (len(ring), ring.first, ring.last) == (3, 3, 5)
    assert raws(ring) == ["c", b"d", "e"]
    assert [ring.event(number) is None for number in (2, 3, 5, 6)] == [True, False, False, True]


def test_bytes_are_bounded_by_what_they_take_in_memory() -> None:
    frame = "x" * 1000
    ring = EventRing(max_bytes=3 * sys.getsizeof(frame))
    saw(ring, *["y" * 1000] * 5, frame)
    assert (len(ring), ring.first, ring.last) == (3, 4, 6)
    saw(ring, "\N{GRINNING FACE}" * 600)
    assert (len(ring), ring.last) == (1, 7)


def test_the_newest_is_kept_however_big_it_is() -> None:
    ring = EventRing(max_bytes=100)
    saw(ring, "small", "x" * 1000)
    assert raws(ring) == ["x" * 1000]
    saw(ring, "small")
    assert raws(ring) == ["small"]


def test_walks_start_at_any_number() -> None:
    ring = EventRing(max_events=4)
    saw(ring, *"abcdef")
    assert [event.number for event in ring.after(4)] == [5, 6]
    assert [event.number for event in ring.after(0)] == [3, 4, 5, 6]
    assert [event.number for event in ring.before(5)] == [4, 3]
    assert [event.number for event in ring.before(99)] == [6, 5, 4, 3]
    assert [event.number for event in ring.before(1)] == []


def test_the_dropped_configuration_is_remembered() -> None:
    ring = EventRing(max_events=2)
    created = '{"type": "session.created", "session": {}}'
    ring.saw("in", created, now_s=0, is_object=True)
    saw(ring, "b", "c", b'"session.', "e", "f")
    ring.saw("out", '{"type": "session.update"}', now_s=0, is_object=True)
    saw(ring, "g", "h", "i")
    assert ring.dropped_session == created


def test_events_are_nothing_that_the_collector_looks_at() -> None:
    ring = EventRing()
    saw(ring, *(f'{{"type": "x{number}"}}' for number in range(2000)))
    gc.collect()
    tracked = [
        thing for thing in gc.get_objects() if isinstance(thing, tuple) and thing[1:2] == ('{"type": "x5"}',)
    ]
    assert tracked == []
