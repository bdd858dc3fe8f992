from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from realtime_cli.audio.device_events import Progress, Stopped
from realtime_cli.audio.unheard import Unheard
from realtime_cli.core.part_id import PartId

_A, _B = PartId("item_a", 0), PartId("item_b", 0)


def _samples(count: int, *, first: int = 0) -> bytes:
    return b"".join((first + number).to_bytes(2, "little") for number in range(count))


def test_what_was_not_heard_is_played_again() -> None:
    unheard = Unheard()
    unheard.play(_A, _samples(10))
    unheard.play(_B, _samples(5, first=100))
    unheard.finish(_B)
    assert unheard.hear(Progress(_A, 4)) == Progress(_A, 4)
    assert list(unheard.again()) == [(_A, _samples(6, first=4), False), (_B, _samples(5, first=100), True)]


def test_positions_continue_in_the_next_child() -> None:
    unheard = Unheard()
    unheard.play(_A, _samples(10))
    unheard.hear(Progress(_A, 4))
    list(unheard.again())
    assert unheard.hear(Progress(_A, 3)) == Progress(_A, 7)
    list(unheard.again())
    assert unheard.hear(Progress(_A, 1)) == Progress(_A, 8)
    assert list(unheard.again()) == [(_A, _samples(2, first=8), False)]


def test_a_part_that_was_heard_to_its_end_is_not_played_again() -> None:
    unheard = Unheard()
    unheard.play(_A, _samples(10))
    unheard.finish(_A)
    assert unheard.hear(Progress(_A, 10, is_end=True)) == Progress(_A, 10, is_end=True)
    assert not list(unheard.again())


def test_nothing_is_played_again_after_a_stop() -> None:
    unheard = Unheard()
    unheard.play(_A, _samples(10))
    unheard.hear(Progress(_A, 4))
    unheard.stop()
    assert not list(unheard.again())
    assert unheard.is_stopping
    assert unheard.stopped(Stopped(_A, 6)) == Stopped(_A, 6)
    assert not unheard.is_stopping


def test_what_is_queued_behind_a_stop_is_kept() -> None:
    unheard = Unheard()
    unheard.play(_A, _samples(10))
    unheard.stop()
    unheard.play(_B, _samples(5))
    assert unheard.stopped(Stopped(_A, 2)) == Stopped(_A, 2)
    assert list(unheard.again()) == [(_B, _samples(5), False)]


def test_a_stop_without_an_answer_ends_at_the_last_known_position() -> None:
    unheard = Unheard()
    unheard.play(_A, _samples(10))
    unheard.hear(Progress(_A, 4))
    list(unheard.again())
    unheard.hear(Progress(_A, 1))
    unheard.stop()
    unheard.hear(Progress(_A, 2))
    assert unheard.give_up_stop() == Stopped(_A, 6)
    assert not unheard.is_stopping


def test_a_stop_names_the_part_that_plays_and_not_one_before_it() -> None:
    unheard = Unheard()
    unheard.play(_A, _samples(10))
    unheard.play(_B, _samples(10))
    unheard.hear(Progress(_A, 10))
    unheard.hear(Progress(_B, 1))
    unheard.stop()
    assert unheard.give_up_stop() == Stopped(_B, 1)


def test_a_stop_where_nothing_plays_has_no_position() -> None:
    unheard = Unheard()
    unheard.stop()
    assert unheard.give_up_stop() == Stopped()
    unheard.stop()
    assert unheard.stopped(Stopped()) == Stopped()


def test_every_stop_has_its_own_answer() -> None:
    unheard = Unheard()
    unheard.play(_A, _samples(10))
    unheard.hear(Progress(_A, 4))
    list(unheard.again())
    unheard.stop()
    unheard.play(_B, _samples(10))
    unheard.stop()
    assert unheard.stopped(Stopped(_A, 2)) == Stopped(_A, 6)
    assert unheard.is_stopping
    assert unheard.give_up_stop() == Stopped(_B, 0)
    assert not unheard.is_stopping


def test_a_part_whose_end_is_known_after_it_was_heard_is_forgotten() -> None:
    unheard = Unheard()
    for part in (_A, _B):
        unheard.play(part, _samples(10))
        unheard.hear(Progress(part, 10))
        unheard.finish(part)
    assert not list(unheard.again())


def test_an_answer_that_nobody_waits_for_changes_nothing() -> None:
    unheard = Unheard()
    unheard.play(_A, _samples(10))
    assert unheard.stopped(Stopped(_A, 2)) == Stopped(_A, 2)
    assert list(unheard.again()) == [(_A, _samples(8, first=2), False)]


@given(st.lists(st.integers(1, 50), max_size=20), st.data())
def test_heard_and_unheard_are_always_the_whole(sizes: list[int], data: st.DataObject) -> None:
    unheard, total, heard, earlier = Unheard(), 0, 0, 0
    for size in sizes:
        unheard.play(_A, _samples(size, first=total))
        total += size
        heard = data.draw(st.integers(heard, total))
        assert unheard.hear(Progress(_A, heard - earlier)) == Progress(_A, heard)
        if data.draw(st.booleans()):
            (rest,) = unheard.again()
            assert rest == (_A, _samples(total - heard, first=heard), False)
            earlier = heard
