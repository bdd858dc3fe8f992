"""What is speech and what is not, in every encoding, however the audio is cut."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_cli.protocol.encoding import PCM_24K, Encoding
from realtime_cli.samples.conversion import Converter
from realtime_cli.server.voice.activity import Activity, voice_activity
from realtime_cli.server.voice.decimation import Third
from realtime_cli.server.voice.energy import Energy
from tests.support.speech import ALAW, ULAW, blocks, silence, speech_share, spoken

PCM_16K = Encoding("audio/pcm", 16000)
PCM_44K = Encoding("audio/pcm", 44100)
LEAD_MS, TAIL_MS = 1000, 1000


def noise(ms: int, *, dbfs: float) -> bytes:
    samples = np.random.default_rng(1).normal(0, 32768 * 10 ** (dbfs / 20), 24 * ms)
    return samples.clip(-32768, 32767).astype("<i2").tobytes()


def conversation(encoding: Encoding) -> bytes:
    pcm = silence(LEAD_MS) + spoken("What can you do for me today?") + silence(TAIL_MS)
    return Converter(PCM_24K, encoding).convert(pcm, is_last=True)


@pytest.mark.parametrize("encoding", [PCM_24K, PCM_16K, PCM_44K, ULAW, ALAW], ids=str)
def test_speech_is_found_where_it_is(encoding: Encoding) -> None:
    frames = voice_activity(encoding, 0.5).hear(conversation(encoding))
    voiced = [index for index, is_speech in enumerate(frames) if is_speech]
    assert LEAD_MS / 20 <= voiced[0] <= LEAD_MS / 20 + 3
    # Detectors hold on for a while.
    assert len(frames) - TAIL_MS / 20 - 25 <= voiced[-1] <= len(frames) - TAIL_MS / 20 + 10
    assert len(voiced) > 0.8 * (voiced[-1] - voiced[0])


@pytest.mark.parametrize("encoding", [PCM_24K, PCM_16K, ULAW, ALAW], ids=str)
def test_every_20_ms_are_judged_at_once(encoding: Encoding) -> None:
    activity = voice_activity(encoding, 0.5)
    assert [len(activity.hear(block)) for block in blocks(silence(400, encoding), encoding)] == [1] * 20


@given(st.integers(0, 2**32))
def test_it_does_not_matter_how_the_audio_is_cut(seed: int) -> None:
    rng = random.Random(seed)
    audio = noise(300, dbfs=-30) + silence(200) + noise(100, dbfs=-10)
    whole, cut = voice_activity(PCM_24K, 0.5), voice_activity(PCM_24K, 0.5)
    frames: list[bool] = []
    rest = audio
    while rest:
        size = 2 * rng.randrange(1, 2000)
        frames += cut.hear(rest[:size])
        rest = rest[size:]
    assert frames == whole.hear(audio)


def test_silence_is_no_speech() -> None:
    assert speech_share(silence(2000)) == 0


def test_a_higher_threshold_hears_less() -> None:
    audio = spoken("Yes, of course, why not?") + noise(1000, dbfs=-38)
    heard = [sum(voice_activity(PCM_24K, threshold).hear(audio)) for threshold in (0, 0.3, 0.5, 0.7, 1)]
    assert heard == sorted(heard, reverse=True)
    assert heard[0] > heard[-1] > 0


def test_without_webrtc_loudness_decides() -> None:
    pcm = noise(1000, dbfs=-50)
    activity = Activity(PCM_24K, Energy(0.5), votes=1)
    assert sum(activity.hear(pcm)[10:]) == 0
    speech = activity.hear(spoken("What can you do for me today?"))
    assert sum(speech) > 0.6 * len(speech)
    assert sum(activity.hear(pcm)[10:]) == 0


def test_a_third_of_the_rate_keeps_voices_and_drops_what_is_above() -> None:
    seconds = np.arange(24000) / 24000

    def loudness_of(hz: float) -> float:
        tone = (10000 * np.sin(2 * np.pi * hz * seconds)).astype("<i2").tobytes()
        kept = np.frombuffer(Third().convert(tone), "<i2").astype(float)
        return 20 * float(np.log10(np.sqrt(np.mean(kept**2)) / (10000 / np.sqrt(2))))

    assert abs(loudness_of(300)) < 0.5
    assert abs(loudness_of(2000)) < 0.5
    assert loudness_of(6000) < -30


@given(st.lists(st.integers(0, 100), max_size=20))
def test_three_samples_are_one(counts: list[int]) -> None:
    third = Third()
    samples = sum(len(third.convert(bytes(2 * count))) // 2 for count in counts)
    assert samples == sum(counts) // 3
