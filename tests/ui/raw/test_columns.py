from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from realtime_cli.ui.live.raw.columns import duration_cell, since_cell, size_cell, time_cell, type_cell


@pytest.mark.parametrize(
    ("at_s", "size", "shown"),
    [
        (1.5, 8, "   1.500"),
        (9999.9994, 8, "9999.999"),
        (12345.678, 8, "12345.68"),
        (1.5, 6, "   1.5"),
        (3599.94, 6, "3599.9"),
        (123456.7, 6, "123457"),
        (12345678.0, 6, "123456"),
    ],
)
def test_time_is_as_exact_as_there_is_room_for(at_s: float, size: int, shown: str) -> None:
    assert time_cell(at_s, size=size) == shown


@pytest.mark.parametrize(
    ("passed_s", "shown"),
    [
        (0, "+0ms"),
        (0.0204, "+20ms"),
        (0.9999, "+1.0s"),
        (12.34, "+12.3s"),
        (99.96, "+1m40"),
        (3700, "+61m40"),
    ],
)
def test_time_since_the_event_above(passed_s: float, shown: str) -> None:
    assert since_cell(passed_s, 0.0) == shown.rjust(7)


def test_nothing_is_told_of_the_time_since_a_later_event() -> None:
    assert since_cell(1.0, 1.5) == since_cell(1.0, None) == " " * 7


@pytest.mark.parametrize(
    ("size_bytes", "shown"),
    [
        (0, "0"), (999, "999"), (1000, "1.0k"), (1449, "1.4k"), (99_949, "99.9k"), (99_950, "100k"),
        (999_499, "999k"), (999_500, "1.0M"), (64_000_000, "64.0M"), (640_000_000, "640M"),
    ],
)  # fmt: skip
def test_sizes(size_bytes: int, shown: str) -> None:
    assert size_cell(size_bytes) == shown.rjust(5)


@pytest.mark.parametrize(
    ("ms", "shown"), [(0, "0 ms"), (20, "20 ms"), (999.6, "1.0 s"), (5000, "5.0 s"), (200_000, "3:20 min")]
)
def test_durations(ms: float, shown: str) -> None:
    assert duration_cell(ms) == shown


@pytest.mark.parametrize(
    ("type_", "size", "shown"),
    [
        ("response.done", 16, "response.done   "),
        ("response.output_audio.delta", 16, "…audio.delta    "),
        ("input_audio_buffer.append", 15, "…buffer.append "),
        ("a" * 30, 8, "…aaaaaaa"),
        ("", 4, "    "),
    ],
)
def test_a_long_type_loses_its_beginning(type_: str, size: int, shown: str) -> None:
    assert type_cell(type_, size=size) == shown


@given(st.text(), st.integers(4, 60))
def test_a_type_fills_its_column(type_: str, size: int) -> None:
    assert cell_len(type_cell(type_, size=size)) == size


@given(st.floats(0, 1e9), st.floats(0, 1e9))
def test_times_fill_their_columns(at_s: float, above_s: float) -> None:
    assert len(since_cell(at_s, above_s)) == 7
    assert len(time_cell(at_s, size=8)) == 8
    assert len(time_cell(at_s, size=6)) == 6


@given(st.integers(0, 10**10))
def test_sizes_fill_their_column(size_bytes: int) -> None:
    assert len(size_cell(size_bytes)) == 5
