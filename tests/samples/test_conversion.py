from __future__ import annotations

import subprocess
import sys
import tracemalloc
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime_cli.protocol.encoding import PCM_24K, Encoding
from realtime_cli.samples.conversion import Converter, Quality
from realtime_cli.samples.g711 import pcm_to_alaw, ulaw_to_pcm
from realtime_cli.samples.level import dbfs

ULAW, ALAW = Encoding("audio/pcmu", 8000), Encoding("audio/pcma", 8000)
PCM_8K = Encoding(rate_hz=8000)
ENCODINGS = [ULAW, ALAW, *(Encoding(rate_hz=rate) for rate in (8000, 16000, 22050, 24000, 44100, 48000))]


def tone(encoding: Encoding, *, hz: float, seconds: float = 1.0) -> bytes:
    times = np.arange(int(encoding.rate_hz * seconds)) / encoding.rate_hz
    return np.rint(10000 * np.sin(2 * np.pi * hz * times)).astype("<i2").tobytes()


def converted(
    source: Encoding, target: Encoding, pieces: Iterable[bytes], quality: Quality = "live"
) -> bytes:
    converter = Converter(source, target, quality=quality)
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
    quality=st.sampled_from(["live", "high"]),
)
def test_the_result_does_not_depend_on_the_cuts(
    source: Encoding, target: Encoding, audio: bytes, sizes: list[int], quality: Quality
) -> None:
    whole = converted(source, target, [audio], quality)
    assert converted(source, target, cut(audio, sizes), quality) == whole


@settings(max_examples=60, deadline=None)
@given(source=st.sampled_from(ENCODINGS), target=st.sampled_from(ENCODINGS), count=st.integers(0, 3000))
def test_a_stream_lasts_as_long_as_before(source: Encoding, target: Encoding, count: int) -> None:
    result = converted(source, target, [source.silence(count * source.sample_bytes)])
    expected = -(-count * target.rate_hz // source.rate_hz)
    assert len(result) == expected * target.sample_bytes


@pytest.mark.parametrize("quality", ["live", "high"])
@pytest.mark.parametrize(
    ("source_hz", "target_hz"), [(48000, 24000), (44100, 24000), (8000, 24000), (24000, 16000)]
)
def test_a_tone_keeps_its_shape(source_hz: int, target_hz: int, quality: Quality) -> None:
    source, target = Encoding(rate_hz=source_hz), Encoding(rate_hz=target_hz)
    result = samples(converted(source, target, [tone(source, hz=1000)], quality))
    error = (result - samples(tone(target, hz=1000)))[200:-200]
    assert np.abs(error).max() <= 2


@pytest.mark.parametrize("quality", ["live", "high"])
@pytest.mark.parametrize(("source_hz", "target_hz", "hz"), [(48000, 24000, 12500), (24000, 8000, 4200)])
def test_what_the_target_cannot_hold_does_not_come_back_as_another_tone(
    source_hz: int, target_hz: int, hz: float, quality: Quality
) -> None:
    source = Encoding(rate_hz=source_hz)
    result = converted(source, Encoding(rate_hz=target_hz), [tone(source, hz=hz)], quality)
    assert dbfs(result[1000:-1000]) < -80


@pytest.mark.parametrize(
    ("source_hz", "target_hz"), [(48000, 24000), (24000, 48000), (44100, 24000), (24000, 8000)]
)
def test_a_live_stream_is_late_by_32_samples_of_the_lower_rate(source_hz: int, target_hz: int) -> None:
    converter = Converter(source := Encoding(rate_hz=source_hz), target := Encoding(rate_hz=target_hz))
    result = converter.convert(tone(source, hz=440))
    late_ms = 1000 - target.ms(len(result))
    assert late_ms <= 33 / min(source_hz, target_hz) * 1000


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
    for quality in ("live", "high"):
        converter = Converter(source, PCM_24K, quality=quality)
        assert converter.convert(audio, is_last=True) == converter.convert(audio, is_last=True)


def test_g711_goes_through_pcm() -> None:
    audio = bytes(range(256))
    assert Converter(ULAW, PCM_8K).convert(audio) == ulaw_to_pcm(audio)
    assert Converter(ULAW, ALAW).convert(audio) == pcm_to_alaw(ulaw_to_pcm(audio))


def test_silence_stays_silence() -> None:
    for quality in ("live", "high"):
        assert not any(converted(PCM_8K, PCM_24K, [bytes(8000)], quality))


def test_loud_samples_are_clipped_not_wrapped() -> None:
    square = np.repeat(np.array([32767, -32768] * 50, "<i2"), 100)
    result = samples(converted(Encoding(rate_hz=48000), PCM_24K, [square.tobytes()]))
    plateaus = result.reshape(-1, 50)[:, 2:-2]  # beside the edges, where the filter overshoots
    assert result.max() == 32767
    assert (plateaus[::2] > 25000).all()
    assert (plateaus[1::2] < -25000).all()


def test_high_quality_does_without_soxr_where_it_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "soxr", None)
    audio = tone(PCM_8K, hz=440, seconds=0.1)
    assert converted(PCM_8K, PCM_24K, [audio], "high") == converted(PCM_8K, PCM_24K, [audio], "live")


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
