"""The meter of `devices --test`."""

from __future__ import annotations

from array import array
from io import BytesIO, TextIOWrapper

import pytest

from realtime_cli.cli.meter import Meter
from realtime_cli.ui.theme import make_console


def block(level: int) -> bytes:
    """20 ms of a square wave."""
    return array("h", [level, -level] * 240).tobytes()


def meter(columns: int, encoding: str = "utf-8") -> Meter:
    return Meter(make_console(TextIOWrapper(BytesIO(), encoding=encoding), width=columns))


@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize("level", [0, 1, 100, 3000, 32767])
def test_a_row_fits_its_line(columns: int, level: int) -> None:
    shown = meter(columns)
    for _ in range(3):
        shown.take(block(level))
        assert len(shown.row().plain) < columns


def test_the_peak_stays_for_a_second_and_falls_then() -> None:
    shown = meter(60)
    shown.take(block(16384))
    for _ in range(40):
        shown.take(block(0))
    assert shown.row().plain.endswith(" -38.0 peak  -6.0 dBFS")
    assert shown.row().plain.index("│") > shown.row().plain.rindex("█") + 10
    for _ in range(60):
        shown.take(block(0))
    assert shown.row().plain.endswith("  -inf peak  -inf dBFS")
    assert "│" not in shown.row().plain


def test_what_is_louder_is_shown_at_once_and_a_full_bar_is_full() -> None:
    shown = meter(40)
    for level in (100, 1000, 32767):
        shown.take(block(level))
    assert shown.row().plain == f"{'█' * 17}   0.0 peak   0.0 dBFS"


def test_a_terminal_without_unicode_has_plain_signs() -> None:
    shown = meter(40, "ascii")
    shown.take(block(3000))
    shown.row().plain.encode("ascii")
    assert shown.row().plain.startswith("####")
