from __future__ import annotations

from array import array

from realtime_cli.audio.in_step import FRAME_BYTES, InStep

LOUD = 3000


class Pairs:
    """A canceller that keeps the numbers of the frames it was given, and cancels nothing."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, int]] = []
        self.resets = 0

    def process(self, microphone: bytes, played: bytes) -> bytes:
        self.seen.append((number(microphone), number(played)))
        return microphone

    def reset(self) -> None:
        self.resets += 1

    def distances(self, count: int) -> set[int]:
        """How far the speaker's frames were behind the microphone's, of the last pairs."""
        return {heard - played for heard, played in self.seen[-count:]}


class Late:
    """A canceller that works from some moment on, and cancels nothing."""

    def __init__(self) -> None:
        self.is_loaded = False
        self.resets = 0

    def process(self, microphone: bytes, played: bytes) -> bytes | None:
        _ = played
        return microphone if self.is_loaded else None

    def reset(self) -> None:
        self.resets += 1


def frame(value: int) -> bytes:
    return array("h", [value] * (FRAME_BYTES // 2)).tobytes()


def number(pcm: bytes) -> int:
    assert len(pcm) == FRAME_BYTES
    return array("h", pcm)[-1]


class Devices:
    """A speaker that plays numbered frames one by one, and a microphone that hears two at a time."""

    def __init__(self) -> None:
        self.pairs = Pairs()
        self.in_step = InStep(self.pairs)
        self.played = self.heard = 0
        self.play(3)

    def play(self, count: int, *, gap_s: float = 0.0) -> None:
        for _ in range(count):
            self.played += 1
            self.in_step.play(frame(self.played), gap_s)
            gap_s = 0.0

    def capture(self, blocks: int) -> bytes:
        heard = b""
        for _ in range(blocks):
            self.heard += 2
            heard += self.in_step.capture(frame(self.heard - 1) + frame(self.heard))
        return heard

    def run(self, blocks: int) -> None:
        for _ in range(blocks):
            self.play(2)
            self.capture(1)


def test_each_frame_of_the_microphone_meets_the_next_one_of_the_speaker() -> None:
    devices = Devices()
    devices.run(100)
    assert len(devices.pairs.distances(180)) == 1


def test_half_a_frame_waits_for_its_other_half() -> None:
    in_step = InStep(Pairs())
    half = FRAME_BYTES // 2
    assert in_step.capture(frame(7)[:half]) == b""
    assert in_step.capture(frame(7)) == frame(7)


def test_where_nothing_was_played_the_speaker_is_silent() -> None:
    devices = Devices()
    devices.run(100)
    devices.capture(5)
    assert devices.pairs.seen[-1][1] == 0


def test_a_microphone_that_comes_late_keeps_its_pairs() -> None:
    devices = Devices()
    devices.run(100)
    (distance,) = devices.pairs.distances(20)
    resets = devices.pairs.resets
    devices.play(12)
    devices.capture(6)
    devices.run(100)
    assert devices.pairs.distances(212) == {distance}
    assert devices.pairs.resets == resets


def test_a_speaker_that_comes_late_keeps_its_pairs() -> None:
    devices = Devices()
    devices.run(100)
    (distance,) = devices.pairs.distances(20)
    devices.capture(3)
    devices.play(6)
    devices.run(100)
    assert devices.pairs.distances(200) == {distance}


def test_a_gap_of_the_speaker_is_silence_in_its_place() -> None:
    devices = Devices()
    devices.run(100)
    (distance,) = devices.pairs.distances(20)
    devices.capture(2)  # meanwhile the speaker was not asked
    devices.play(1)
    devices.play(5, gap_s=0.04)
    devices.capture(3)
    devices.run(100)
    assert devices.pairs.distances(200) == {distance + 4}


def test_time_that_is_missing_without_a_word_is_found_within_a_second_or_two() -> None:
    devices = Devices()
    devices.run(100)
    (distance,) = devices.pairs.distances(20)
    resets = devices.pairs.resets
    devices.capture(4)  # the speaker's 80 ms are lost
    devices.run(100)
    assert devices.pairs.distances(20) == {distance + 8}
    assert devices.pairs.resets == resets + 1
    devices.play(8)  # and now the microphone's
    devices.run(100)
    assert devices.pairs.distances(20) == {distance}
    assert devices.pairs.resets == resets + 2


def test_another_stream_is_met_where_it_is() -> None:
    devices = Devices()
    devices.run(100)
    resets = devices.pairs.resets
    devices.in_step.reopen()
    devices.play(20)
    devices.run(100)
    assert len(devices.pairs.distances(150)) == 1
    assert devices.pairs.resets > resets


def test_a_microphone_alone_is_heard() -> None:
    devices = Devices()
    heard = devices.capture(500)
    assert heard == b"".join(map(frame, range(1, 1001)))


def test_before_the_canceller_knows_the_room_the_microphone_is_silent_while_the_speaker_sounds() -> None:
    in_step = InStep(Pairs())
    in_step.play(frame(LOUD))
    heard: list[bool] = []
    for _ in range(300):
        in_step.play(frame(LOUD))
        heard.append(in_step.capture(frame(7)) == frame(7))
    assert 90 <= heard.index(True, 20) <= 130
    assert all(heard[130:])


def test_until_there_is_a_canceller_the_microphone_is_silent_while_the_speaker_sounds() -> None:
    canceller = Late()
    in_step = InStep(canceller)
    assert in_step.capture(frame(7)) == frame(7)

    def heard(blocks: int) -> list[bool]:
        seen: list[bool] = []
        for _ in range(blocks):
            in_step.play(frame(LOUD))
            seen.append(in_step.capture(frame(7)) == frame(7))
        return seen

    in_step.play(frame(LOUD))
    assert not any(heard(600)[20:])
    assert not canceller.resets
    canceller.is_loaded = True
    assert 90 <= heard(300).index(True) <= 110
