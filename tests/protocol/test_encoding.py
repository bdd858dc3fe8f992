"""Which encodings a `format` may mean."""

from __future__ import annotations

import pytest

from realtime_cli.protocol.audio import AudioFormat
from realtime_cli.protocol.encoding import PCM_24K, Encoding, encoding_named, encoding_of


@pytest.mark.parametrize("rate", [-8000, 0, 1, 1_000_000_007, 10**400, None, True, "24000", 44100.0, [8000]])
def test_a_rate_that_no_device_has_is_the_usual_one(rate: object) -> None:
    assert encoding_named("audio/pcm", rate) == PCM_24K


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000, 96000])
def test_rates_of_devices_are_taken(rate: int) -> None:
    assert encoding_of(AudioFormat(type="audio/pcm", rate=rate)) == Encoding("audio/pcm", rate)


@pytest.mark.parametrize("type_", [None, "audio/opus", 7, ["audio/pcm"]])
def test_what_is_unknown_is_pcm_at_24_khz(type_: object) -> None:
    assert encoding_named(type_, 16000) == PCM_24K
    assert encoding_of(None) == PCM_24K


def test_g711_has_one_rate() -> None:
    assert encoding_named("audio/pcmu", 10**400) == Encoding("audio/pcmu", 8000)
