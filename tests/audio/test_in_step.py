from __future__ import annotations

from realtime_cli.audio.in_step import FRAME_BYTES, InStep


class Pairs:
    """A canceller that keeps what it was given, and cancels nothing."""

    def __init__(self) -> None:
        self.seen: list[tuple[bytes, bytes]] = []

    def process(self, microphone: bytes, played: bytes) -> bytes:
        self.seen.append((microphone, played))
        return microphone


def frame(value: int) -> bytes:
    return bytes([value]) * FRAME_BYTES


def test_each_frame_of_the_microphone_meets_the_next_one_of_the_speaker():
    pairs = Pairs()
    in_step = InStep(pairs)
    in_step.play(frame(1) + frame(2))
    assert in_step.capture(frame(7) + frame(8)) == frame(7) + frame(8)
    assert pairs.seen == [(frame(7), frame(1)), (frame(8), frame(2))]


def test_half_a_frame_waits_for_its_other_half():
    in_step = InStep(Pairs())
    half = FRAME_BYTES // 2
    assert in_step.capture(frame(7)[:half]) == b""
    assert in_step.capture(frame(7)) == frame(7)


def test_where_nothing_was_played_the_speaker_is_silent():
    pairs = Pairs()
    in_step = InStep(pairs)
    in_step.play(frame(1)[: FRAME_BYTES // 2])
    in_step.capture(frame(7) + frame(8))
    assert pairs.seen == [
        (frame(7), frame(1)[: FRAME_BYTES // 2] + bytes(FRAME_BYTES // 2)),
        (frame(8), bytes(FRAME_BYTES)),
    ]


def test_a_speaker_that_runs_ahead_is_caught_up_with():
    pairs = Pairs()
    in_step = InStep(pairs)
    for number in range(200):
        in_step.play(frame(number))
    in_step.capture(frame(0))
    assert pairs.seen[0][1][0] >= 189
