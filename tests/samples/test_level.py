from __future__ import annotations

import math
from array import array

import pytest

from realtime_cli.samples.level import dbfs


def test_silence_and_nothing_have_no_level() -> None:
    assert dbfs(bytes(960)) == dbfs(b"") == dbfs(b"\x05") == -math.inf


def test_a_full_scale_square_wave_is_the_reference() -> None:
    assert dbfs(array("h", [-32768] * 480).tobytes()) == 0


def test_a_sine_is_three_decibels_below_its_peak() -> None:
    sine = array("h", (round(16384 * math.sin(2 * math.pi * n / 48)) for n in range(480)))
    assert dbfs(sine.tobytes()) == pytest.approx(-9.03, abs=0.01)


def test_half_a_sample_does_not_count() -> None:
    pcm = array("h", [1000] * 10).tobytes()
    assert dbfs(pcm + b"\x7f") == dbfs(pcm)
