from __future__ import annotations

import warnings
from array import array
from types import ModuleType

import pytest

from realtime_cli.samples.g711 import alaw_to_pcm, pcm_to_alaw, pcm_to_ulaw, ulaw_to_pcm

EVERY_SAMPLE = array("h", range(-32768, 32768)).tobytes()
EVERY_BYTE = bytes(range(256))


@pytest.fixture
def audioop() -> ModuleType:
    """Left the standard library with Python 3.13."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return pytest.importorskip("audioop")


def test_every_sample_is_encoded_as_audioop_does(audioop: ModuleType) -> None:
    assert pcm_to_ulaw(EVERY_SAMPLE) == audioop.lin2ulaw(EVERY_SAMPLE, 2)
    assert pcm_to_alaw(EVERY_SAMPLE) == audioop.lin2alaw(EVERY_SAMPLE, 2)


def test_every_byte_is_decoded_as_audioop_does(audioop: ModuleType) -> None:
    assert ulaw_to_pcm(EVERY_BYTE) == audioop.ulaw2lin(EVERY_BYTE, 2)
    assert alaw_to_pcm(EVERY_BYTE) == audioop.alaw2lin(EVERY_BYTE, 2)


def test_known_values() -> None:
    assert array("h", ulaw_to_pcm(b"\xff\x7f\x80\x00")).tolist() == [0, 0, 32124, -32124]
    assert array("h", alaw_to_pcm(b"\xd5\x55\xaa\x2a")).tolist() == [8, -8, 32256, -32256]


def test_a_byte_survives_the_way_through_pcm() -> None:
    assert pcm_to_alaw(alaw_to_pcm(EVERY_BYTE)) == EVERY_BYTE
    minus_zero = 0x7F
    expected = bytes(0xFF if byte == minus_zero else byte for byte in EVERY_BYTE)
    assert pcm_to_ulaw(ulaw_to_pcm(EVERY_BYTE)) == expected


def test_nothing_stays_nothing() -> None:
    assert pcm_to_ulaw(b"") == ulaw_to_pcm(b"") == pcm_to_alaw(b"") == alaw_to_pcm(b"") == b""
