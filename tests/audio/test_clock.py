from __future__ import annotations

import pytest

from realtime_cli.audio.clock import DeviceClock, Mark, Steadiness

RATE_HZ = 24_000
FRAMES = 480
BLOCK_S = FRAMES / RATE_HZ


def steady(count: int, *, start_s: float = 100.0, delay_s: float = 0.04) -> list[Mark]:
    marks = []
    for number in range(count):
        now_s = start_s + number * BLOCK_S
        marks.append(Mark(FRAMES, now_s + delay_s, now_s, now_s - 50))
    return marks


def gaps(marks: list[Mark]) -> list[float]:
    clock = DeviceClock(RATE_HZ, latency_s=0.04)
    return [gap_s for mark in marks if (gap_s := clock.gap_s(mark))]


def shifted(marks: list[Mark], seconds: float) -> list[Mark]:
    return [
        mark._replace(
            converter_s=mark.converter_s + seconds,
            device_now_s=mark.device_now_s + seconds,
            called_s=mark.called_s + seconds,
        )
        for mark in marks
    ]


def test_a_steady_stream_has_no_gap():
    assert gaps(steady(200)) == []


def test_time_that_is_missing_for_good_is_one_gap():
    marks = steady(200)
    assert gaps(marks[:50] + shifted(marks[50:], 0.06)) == [pytest.approx(0.06, abs=0.001)]


def test_a_late_callback_that_the_buffer_bridged_is_no_gap():
    marks = steady(60)
    marks[30] = marks[30]._replace(converter_s=marks[30].converter_s + 0.03)
    assert gaps(marks) == []


def test_a_clock_that_leaps_a_block_back_for_a_moment_has_no_gap():
    marks = steady(400)
    for at in range(50, 400, 30):
        marks[at] = shifted([marks[at]], -BLOCK_S)[0]
    assert gaps(marks) == []


def test_a_block_of_10_ms_that_is_missing_is_a_gap():
    marks = steady(200)
    assert gaps(marks[:50] + shifted(marks[50:], 0.01)) == [pytest.approx(0.01, abs=0.001)]


def test_the_leaps_of_a_stream_that_starts_are_no_gap():
    marks = steady(60)
    assert gaps(marks[:3] + shifted(marks[3:], 0.048)) == []


def test_a_slow_drift_is_no_gap():
    drifting = [
        shifted([mark], 0.0001 * BLOCK_S * number)[0] for number, mark in enumerate(steady(60 * 60 * 2))
    ]
    assert gaps(drifting) == []


def test_without_a_device_clock_the_time_of_the_calls_counts():
    marks = [mark._replace(converter_s=0.0, device_now_s=0.0) for mark in steady(200)]
    late = [mark._replace(called_s=mark.called_s + 0.2) for mark in marks[50:]]
    assert gaps(marks) == []
    assert gaps(marks[:50] + late) == [pytest.approx(0.2, abs=0.001)]


def test_a_block_whose_time_cannot_be_is_passed_over():
    marks = steady(60)
    marks[30] = marks[30]._replace(converter_s=0.0)
    assert gaps(marks) == []


@pytest.mark.parametrize(
    ("converter_s", "delay_s"),
    [(100.03, 0.03), (100.0, 0.0), (0.0, 0.04), (99.9, 0.04), (103.0, 0.04)],
    ids=["plausible", "at once", "no clock", "in the past", "far away"],
)
def test_the_delay_is_the_devices_where_that_can_be(converter_s, delay_s):
    clock = DeviceClock(RATE_HZ, latency_s=0.04)
    assert clock.delay_s(Mark(FRAMES, converter_s, 100.0, 5.0)) == pytest.approx(delay_s)


@pytest.mark.parametrize(
    ("gaps_at_s", "lost_at_s"),
    [
        ([5.0], []),
        ([5.0, 5.1, 5.2], []),
        ([5.0, 5.1, 7.0], [7.0]),
        ([5.0, 5.4, 5.8, 6.2], [6.2]),
        ([5.0, 16.0], []),
        ([5.0, 16.0, 25.0], [25.0]),
    ],
)
def test_gaps_of_one_moment_are_one_event(gaps_at_s: list[float], lost_at_s: list[float]) -> None:
    steadiness = Steadiness()
    assert [at_s for at_s in gaps_at_s if steadiness.is_lost(at_s)] == lost_at_s
