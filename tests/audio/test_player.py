from __future__ import annotations

import threading
import time
import tracemalloc
from array import array
from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from realtime_cli.audio.parts import Gap, Progress, Stopped
from realtime_cli.audio.player import Player
from realtime_cli.core.part_id import PartId

RATE_HZ = 1000  # a sample is a millisecond: figures are easy to read
FIRST, SECOND = PartId("item_1", 0), PartId("item_2", 0)


def tone(milliseconds: int, level: int = 1000) -> bytes:
    return array("h", [level] * milliseconds).tobytes()


def sounding(pcm: bytes) -> list[int]:
    return [sample for sample in array("h", pcm) if sample]


def read(player: Player, milliseconds: int = 20) -> list[int]:
    return array("h", player.read(milliseconds * 2)).tolist()


def gaps(player: Player) -> list[int]:
    return [event.samples for event in player.events() if isinstance(event, Gap)]


def test_silence_while_nothing_is_queued():
    player = Player(RATE_HZ)
    assert player.read(40) == bytes(40)
    assert player.is_idle
    assert player.events() == []


def test_the_first_audio_waits_for_the_prebuffer():
    player = Player(RATE_HZ)
    player.play(FIRST, tone(59))
    assert read(player) == [0] * 20
    player.play(FIRST, tone(1))
    assert read(player) == [1000] * 20


def test_a_finished_part_plays_at_once_however_short():
    player = Player(RATE_HZ)
    player.play(FIRST, tone(5))
    player.finish(FIRST)
    assert read(player) == [1000] * 5 + [0] * 15
    assert player.events() == [Progress(FIRST, 5, is_end=True)]
    assert player.is_idle


def test_progress_comes_with_the_first_block_every_100_ms_and_at_the_exact_end():
    player = Player(RATE_HZ)
    player.play(FIRST, tone(250))
    player.finish(FIRST)
    for _ in range(14):
        read(player)
    assert player.events() == [
        Progress(FIRST, 20),
        Progress(FIRST, 120),
        Progress(FIRST, 220),
        Progress(FIRST, 250, is_end=True),
    ]


def test_an_end_that_is_known_late_is_reported_and_is_no_gap():
    player = Player(RATE_HZ)
    player.play(FIRST, tone(60))
    for _ in range(5):
        read(player)
    assert not player.is_idle
    player.finish(FIRST)
    read(player)
    assert player.events()[-1] == Progress(FIRST, 60, is_end=True)
    assert gaps(player) == []
    assert player.is_idle


def test_a_part_follows_the_one_before_it_without_a_hole():
    player = Player(RATE_HZ)
    player.play(FIRST, tone(30, 1))
    player.finish(FIRST)
    player.play(SECOND, tone(10, 2))
    assert read(player) == [1] * 20
    assert read(player) == [1] * 10 + [2] * 10


def test_a_part_that_never_ends_does_not_hold_up_the_next_one():
    player = Player(RATE_HZ)
    player.play(FIRST, tone(60, 1))
    player.play(SECOND, tone(60, 2))
    assert [sample for _ in range(6) for sample in read(player)] == [1] * 60 + [2] * 60


def test_audio_that_comes_after_all_counts_on_from_where_its_part_was():
    player = Player(RATE_HZ)
    player.play(FIRST, tone(60))
    player.play(SECOND, tone(60))
    player.finish(SECOND)
    for _ in range(7):
        read(player)
    player.play(FIRST, tone(5))
    player.finish(FIRST)
    read(player)
    assert player.events()[-1] == Progress(FIRST, 65, is_end=True)


def test_an_underrun_is_counted_in_samples_and_waits_for_more_the_next_time():
    player = Player(RATE_HZ)
    player.play(FIRST, tone(60))
    for _ in range(4):
        read(player)
    player.play(FIRST, tone(119))
    assert read(player) == [0] * 20
    player.play(FIRST, tone(1))
    assert read(player) == [1000] * 20
    assert gaps(player) == [40]


def starve(player: Player) -> int:
    """Lets the part run dry, then feeds it 10 ms at a time; gives what it had to wait for."""
    while any(read(player)):
        pass
    for fed_ms in range(10, 1000, 10):
        player.play(FIRST, tone(10))
        if any(read(player)):
            return fed_ms
    raise AssertionError("it never played again")


def test_the_prebuffer_grows_with_each_underrun_and_shrinks_in_calm():
    player = Player(RATE_HZ)
    player.play(FIRST, tone(60))
    assert [starve(player) for _ in range(3)] == [120, 200, 200]
    player.play(FIRST, tone(31_000))
    assert starve(player) == 200
    player.play(FIRST, tone(61_000))
    assert starve(player) == 120


def test_stop_fades_out_within_the_next_block_and_counts_the_fade():
    player = Player(RATE_HZ, fade_ms=8)
    player.play(FIRST, tone(100))
    read(player)
    player.events()
    player.stop()
    block = read(player)
    assert block[8:] == [0] * 12
    assert 0 < block[7] < block[0] < 1000
    assert block[:8] == sorted(block[:8], reverse=True)
    assert player.events() == [Stopped(FIRST, 28)]
    assert player.is_idle


def test_a_part_that_ends_within_the_fade_is_heard_to_its_end():
    player = Player(RATE_HZ, fade_ms=8)
    player.play(FIRST, tone(24))
    player.finish(FIRST)
    player.play(SECOND, tone(100))
    read(player)
    player.events()
    player.stop()
    block = read(player)
    assert block[4:] == [0] * 16
    assert block[3] < 200
    assert player.events() == [Stopped(FIRST, 24)]


def test_stop_before_the_first_sample_says_that_nothing_was_heard():
    player = Player(RATE_HZ)
    player.play(FIRST, tone(10))
    player.stop()
    assert read(player) == [0] * 20
    assert player.events() == [Stopped(FIRST, 0)]


def test_stop_while_nothing_plays_is_answered():
    player = Player(RATE_HZ)
    player.stop()
    read(player)
    assert player.events() == [Stopped(None, 0)]


def test_stop_needs_no_room_in_a_block():
    player = Player(RATE_HZ)
    player.play(FIRST, tone(100))
    read(player)
    player.events()
    player.stop()
    assert player.read(0) == b""
    assert player.events() == [Stopped(FIRST, 20)]


def test_stop_after_the_known_end_finds_nothing_playing():
    player = Player(RATE_HZ)
    player.play(FIRST, tone(60))
    for _ in range(3):
        read(player)
    player.finish(FIRST)
    player.stop()
    read(player)
    assert player.events()[-2:] == [Progress(FIRST, 60, is_end=True), Stopped(None, 0)]


def test_what_is_queued_after_a_stop_plays():
    player = Player(RATE_HZ)
    player.play(FIRST, tone(100, 1))
    player.stop()
    player.play(SECOND, tone(60, 2))
    assert read(player) == [2] * 20


def test_a_part_after_idle_waits_for_its_prebuffer_again():
    player = Player(RATE_HZ)
    player.play(FIRST, tone(20))
    player.finish(FIRST)
    for _ in range(3):
        read(player)
    player.play(SECOND, tone(20))
    assert read(player) == [0] * 20


def test_ten_minutes_fit_and_are_dropped_at_once():
    player = Player(24_000)
    for _ in range(6000):
        player.play(FIRST, bytes(4800))
    player.read(960)
    player.stop()
    player.read(960)
    assert player.is_idle
    assert player.events()[-1] == Stopped(FIRST, 480 + 120)


def test_a_stop_before_anything_could_sound_says_so_although_it_was_asked_for_no_audio():
    player = Player(RATE_HZ)
    player.play(FIRST, tone(100))
    player.read(0)
    player.stop()
    assert read(player) == [0] * 20
    assert player.events() == [Stopped(FIRST, 0)]


def test_thousands_of_parts_do_not_keep_the_device_waiting():
    player = Player(RATE_HZ)
    for number in range(10_000):
        player.play(PartId(f"item_{number}", 0), tone(1))
    began_s = time.thread_time()
    assert read(player) == [1000] * 20
    assert time.thread_time() - began_s < 0.5


def test_what_was_heard_is_forgotten():
    player = Player(RATE_HZ)
    tracemalloc.start()
    try:
        for number in range(1000):
            part = PartId(f"item_{number:0200}", 0)
            player.play(part, tone(1))
            player.finish(part)
            read(player)
            player.events()
        assert tracemalloc.get_traced_memory()[0] < 100_000
    finally:
        tracemalloc.stop()


OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("play"), st.integers(0, 2), st.integers(0, 150)),
        st.tuples(st.just("finish"), st.integers(0, 2)),
        st.tuples(st.just("stop")),
        st.tuples(st.just("read"), st.integers(0, 50)),
    ),
    max_size=60,
)


class Model:
    """What must hold whatever the order of things: each part's samples carry its number, counted by hand."""

    def __init__(self) -> None:
        self.player = Player(RATE_HZ)
        self.queued = defaultdict[int, int](int)
        self.heard = defaultdict[int, int](int)
        self.reported = defaultdict[int, int](int)
        self.is_stopping = False

    def play(self, number: int, size: int) -> None:
        self.player.play(self.part(number), tone(size, 1000 * (number + 1)))
        self.queued[number] += size

    def finish(self, number: int) -> None:
        self.player.finish(self.part(number))

    def stop(self) -> None:
        self.player.stop()
        self.is_stopping = True

    def read(self, size: int) -> None:
        block = read(self.player, size)
        assert len(block) == size
        for event in self.player.events():
            self.check(event)
        if not self.is_stopping:
            for sample in filter(None, block):
                self.heard[sample // 1000 - 1] += 1
            assert all(self.heard[number] <= self.queued[number] for number in self.heard)
        self.is_stopping = False

    def check(self, event: object) -> None:
        if isinstance(event, Progress | Stopped) and event.part is not None:
            number = event.part.content_index
            assert self.reported[number] <= event.samples <= self.queued[number]
            self.reported[number] = event.samples

    @staticmethod
    def part(number: int) -> PartId:
        return PartId("item", number)


@given(OPERATIONS)
@settings(deadline=None)
def test_never_more_is_heard_than_was_queued_and_reports_never_go_back(operations):
    model = Model()
    for name, *arguments in operations:
        getattr(model, name)(*arguments)


@given(
    st.lists(st.lists(st.integers(1, 200), min_size=1, max_size=8), min_size=1, max_size=5),
    st.integers(1, 60),
)
@settings(deadline=None)
def test_everything_is_heard_in_order_and_counted_to_the_sample(parts, block):
    player = Player(RATE_HZ)
    expected: list[int] = []
    for number, deltas in enumerate(parts):
        for size in deltas:
            player.play(PartId("item", number), tone(size, number + 1))
            expected += [number + 1] * size
        player.finish(PartId("item", number))
    heard: list[int] = []
    while not player.is_idle:
        heard += read(player, block)
    assert heard[: len(expected)] == expected
    ends = {
        event.part.content_index: event.samples
        for event in player.events()
        if getattr(event, "is_end", False)
    }
    assert ends == {number: sum(deltas) for number, deltas in enumerate(parts)}


@given(st.lists(st.integers(1, 300), min_size=1, max_size=10), st.integers(0, 20), st.integers(1, 60))
@settings(deadline=None)
def test_stop_counts_what_was_handed_out_and_nothing_sounds_after_it(deltas, blocks, block):
    player = Player(RATE_HZ)
    for size in deltas:
        player.play(FIRST, tone(size, 30_000))
    heard = [sample for _ in range(blocks) for sample in read(player, block)]
    player.stop()
    heard += read(player, block)
    assert player.events()[-1] == Stopped(FIRST, len([sample for sample in heard if sample]))
    assert read(player, 500) == [0] * 500


def test_two_threads_lose_and_invent_nothing():
    player = Player(RATE_HZ)
    heard: list[int] = []

    def device() -> None:
        while not (done.is_set() and player.is_idle):
            heard.extend(sounding(player.read(40)))

    done = threading.Event()
    thread = threading.Thread(target=device)
    thread.start()
    for number in range(300):
        part = PartId("item", number)
        player.play(part, tone(30, number + 1))
        player.play(part, tone(30, number + 1))
        player.finish(part)
    done.set()
    thread.join(timeout=30)
    assert heard == [number + 1 for number in range(300) for _ in range(60)]
