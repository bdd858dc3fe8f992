"""The loopback measurement, on sound that was made by arithmetic."""

from __future__ import annotations

import numpy as np
import pytest

from realtime_cli.cli.echo_measure import chirps, find_echo

RATE_HZ = 24000


def _room(*, delay_ms: float, gain_db: float, noise: float = 30.0) -> bytes:
    """What a microphone hears that began with the chirps and goes on for a second."""
    played = np.frombuffer(chirps(), "<i2").astype(float)
    heard = np.random.default_rng(1).normal(0, noise, len(played) + RATE_HZ)
    start = round(delay_ms * RATE_HZ / 1000)
    heard[start : start + len(played)] += played * 10 ** (gain_db / 20)
    return heard.clip(-32768, 32767).astype("<i2").tobytes()


@pytest.mark.parametrize(("delay_ms", "gain_db"), [(0, 0), (60, -6), (333.25, -30), (900, -40)])
def test_delay_and_level_are_found(delay_ms: float, gain_db: float) -> None:
    echo = find_echo(chirps(), _room(delay_ms=delay_ms, gain_db=gain_db), offset_s=0)
    assert echo is not None
    assert echo.round_trip_ms == pytest.approx(delay_ms, abs=0.05)
    assert echo.level_db == pytest.approx(gain_db, abs=1)


def test_what_was_heard_before_the_chirps_does_not_count() -> None:
    heard = bytes(2 * RATE_HZ) + _room(delay_ms=40, gain_db=-10)
    echo = find_echo(chirps(), heard, offset_s=1.0)
    assert echo is not None
    assert echo.round_trip_ms == pytest.approx(40, abs=0.05)


@pytest.mark.parametrize("noise", [0.0, 1.0, 3000.0])
def test_noise_is_no_echo(noise: float) -> None:
    assert find_echo(chirps(), _room(delay_ms=10, gain_db=-200, noise=noise), offset_s=0) is None


def test_too_little_sound_is_no_echo() -> None:
    assert find_echo(chirps(), b"", offset_s=0) is None
