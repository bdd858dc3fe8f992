from __future__ import annotations

import subprocess
import sys
import tracemalloc
from collections.abc import Iterable
from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime_cli.protocol.encoding import PCM_24K, Encoding
from realtime_cli.samples.conversion import Converter
from realtime_cli.samples.g711 import pcm_to_alaw, ulaw_to_pcm
from realtime_cli.samples.level import dbfs

ULAW, ALAW = Encoding("audio/pcmu", 8000), Encoding("audio/pcma", 8000)
PCM_8K = Encoding(rate_hz=8000)
# With soxr in both qualities, and without soxr.
Way = Literal["live", "high", "bare"]
WAYS: tuple[Way, ...] = ("live", "high", "bare")
ENCODINGS = [ULAW, ALAW, *(Encoding(rate_hz=rate) for rate in (8000, 16000, 22050, 24000, 44100, 48000))]


def tone(encoding: Encoding, *, hz: float, seconds: float = 1.0) -> bytes:
    times = np.arange(int(encoding.rate_hz * seconds)) / encoding.rate_hz
    return np.rint(10000 * np.sin(2 * np.pi * hz * times)).astype("<i2").tobytes()


def converter_of(source: Encoding, target: Encoding, way: Way) -> Converter:
    if way != "bare":
        return Converter(source, target, quality=way)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "soxr", None)
        return Converter(source, target)


def converted(source: Encoding, target: Encoding, pieces: Iterable[bytes], way: Way = "live") -> bytes:
    converter = converter_of(source, target, way)
    return b"".join(converter.convert(piece) for piece in pieces) + converter.convert(b"", is_last=True)


def cut(audio: bytes, sizes: Iterable[int]) -> Iterable[bytes]:
    for size in sizes:
        yield audio[:size]
        audio = audio[size:]
    yield audio


def samples(pcm: bytes) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.frombuffer(pcm, "<i2").astype(np.float64)


@settings(max_examples=60, deadline=None)
@given(
    source=st.sampled_from(ENCODINGS),
    target=st.sampled_from(ENCODINGS),
    audio=st.binary(max_size=3000),
    sizes=st.lists(st.integers(0, 700), max_size=12),
    way=st.sampled_from(WAYS),
)
def test_the_result_does_not_depend_on_the_cuts(
    source: Encoding, target: Encoding, audio: bytes, sizes: list[int], way: Way
) -> None:
    whole = converted(source, target, [audio], way)
    assert converted(source, target, cut(audio, sizes), way) == whole


@settings(max_examples=60, deadline=None)
@given(
    source=st.sampled_from(ENCODINGS),
    target=st.sampled_from(ENCODINGS),
    count=st.integers(0, 3000),
    way=st.sampled_from(WAYS),
)
def test_a_stream_lasts_as_long_as_before(source: Encoding, target: Encoding, count: int, way: Way) -> None:
    result = converted(source, target, [source.silence(count * source.sample_bytes)], way)
    expected = -(-count * target.rate_hz // source.rate_hz)
    missing = expected - len(result) // target.sample_bytes
    assert 0 <= missing <= 2 * (way != "bare")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("source_hz", "target_hz"), [(48000, 24000), (44100, 24000), (8000, 24000), (24000, 16000)]
)
def test_a_tone_keeps_its_shape_and_nearly_its_place(source_hz: int, target_hz: int, way: Way) -> None:
    source, target = Encoding(rate_hz=source_hz), Encoding(rate_hz=target_hz)
    result = samples(converted(source, target, [tone(source, hz=1000)], way))[200:-200]
    times = np.arange(200, 200 + len(result)) / target_hz
    analytic = 2 * np.mean(result * np.exp(-2j * np.pi * 1000 * times))
    shape = np.real(analytic * np.exp(2j * np.pi * 1000 * times))
    moved_s = (np.angle(analytic) + np.pi / 2) / (2 * np.pi * 1000)
    assert np.abs(result - shape).max() <= 4
    assert abs(np.abs(analytic) - 10_000) < 5
    assert abs(moved_s) < (0.00012 if way == "live" else 0.000001)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("source_hz", "target_hz", "hz"), [(48000, 24000, 12500), (24000, 8000, 4200)])
def test_what_the_target_cannot_hold_does_not_come_back_as_another_tone(
    source_hz: int, target_hz: int, hz: float, way: Way
) -> None:
    source = Encoding(rate_hz=source_hz)
    result = converted(source, Encoding(rate_hz=target_hz), [tone(source, hz=hz)], way)
    assert dbfs(result[1000:-1000]) < -80


@pytest.mark.parametrize(
    ("source_hz", "target_hz", "late_ms"),
    [(48000, 24000, 5), (24000, 48000, 10), (44100, 24000, 5.5), (16000, 24000, 15), (24000, 8000, 25)],
)
def test_a_live_stream_is_hardly_late(source_hz: int, target_hz: int, late_ms: float) -> None:
    limits_ms: dict[Way, float] = {"live": late_ms, "bare": 33 / min(source_hz, target_hz) * 1000}
    for way, limit_ms in limits_ms.items():
        converter = converter_of(source := Encoding(rate_hz=source_hz), Encoding(rate_hz=target_hz), way)
        result = converter.convert(tone(source, hz=440))
        assert 1000 - Encoding(rate_hz=target_hz).ms(len(result)) <= limit_ms + 0.1


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_same_encoding_costs_nothing(encoding: Encoding) -> None:
    audio = b"\x01\x02\x03\x04"
    assert Converter(encoding, encoding).convert(audio) is audio


def test_half_a_sample_waits_for_its_other_half() -> None:
    converter = Converter(PCM_24K, PCM_24K)
    assert [converter.convert(piece) for piece in (b"a", b"bc", b"d", b"")] == [b"", b"ab", b"cd", b""]


def test_the_last_half_sample_is_dropped_and_does_not_reach_the_next_stream() -> None:
    converter = Converter(PCM_24K, PCM_24K)
    assert converter.convert(b"abc", is_last=True) == b"ab"
    assert converter.convert(b"de") == b"de"


def test_a_converter_begins_again_after_the_last_call() -> None:
    audio = tone(source := Encoding(rate_hz=44100), hz=300, seconds=0.1)
    for way in WAYS:
        converter = converter_of(source, PCM_24K, way)
        assert converter.convert(audio, is_last=True) == converter.convert(audio, is_last=True)


def test_g711_goes_through_pcm() -> None:
    audio = bytes(range(256))
    assert Converter(ULAW, PCM_8K).convert(audio) == ulaw_to_pcm(audio)
    assert Converter(ULAW, ALAW).convert(audio) == pcm_to_alaw(ulaw_to_pcm(audio))


def test_silence_stays_silence() -> None:
    for way in WAYS:
        assert not any(converted(PCM_8K, PCM_24K, [bytes(8000)], way))


def test_loud_samples_are_clipped_not_wrapped() -> None:
    square = np.repeat(np.array([32767, -32768] * 50, "<i2"), 100)
    for way in WAYS:
        result = samples(converted(Encoding(rate_hz=48000), PCM_24K, [square.tobytes()], way))
        plateaus = result.reshape(-1, 50)[:, 4:-4]  # beside the edges, where the filter overshoots
        assert result.max() == 32767
        assert (plateaus[::2] > 20000).all()
        assert (plateaus[1::2] < -20000).all()


def test_nothing_heavy_is_imported_before_something_must_be_computed() -> None:
    program = (
        "import sys; from realtime_cli.samples import conversion, level, wav\n"
        "from realtime_cli.protocol.encoding import PCM_24K\n"
        "conversion.Converter(PCM_24K, PCM_24K).convert(bytes(960))\n"
        "sys.exit(bool({'numpy', 'soxr'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_what_many_rates_need_does_not_stay_in_memory() -> None:
    tracemalloc.start()
    try:
        for rate_hz in range(8010, 8810, 20):
            Converter(Encoding(rate_hz=rate_hz), PCM_24K)
        assert tracemalloc.get_traced_memory()[0] < 21_000_000
    finally:
        tracemalloc.stop()
