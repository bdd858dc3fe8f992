from __future__ import annotations

import pytest

from realtime_cli.audio.wire import Speech
from realtime_cli.core.effects import PlayAudio
from realtime_cli.core.part_id import PartId
from realtime_cli.protocol.encoding import PCM_24K, Encoding

PART = PartId("item", 0)


def speak(encoding: Encoding, sizes: list[int]) -> tuple[Speech, bytes]:
    speech = Speech()
    sound = b"".join(speech.take(PlayAudio("item", 0, bytes(size), encoding)) for size in sizes)
    return speech, sound + speech.finish(PART)


@pytest.mark.parametrize(
    "encoding",
    [PCM_24K, Encoding(rate_hz=16_000), Encoding("audio/pcmu", 8000), Encoding("audio/pcma", 8000)],
    ids=["24 kHz", "16 kHz", "mu-law", "A-law"],
)
def test_the_end_of_a_part_is_where_its_own_audio_ends(encoding):
    sizes = [encoding.sample_bytes * count for count in (801, 333, 77)]
    speech, sound = speak(encoding, sizes)
    assert len(sound) / 2 == pytest.approx(1211 * 24_000 / encoding.rate_hz, abs=2)
    assert speech.heard_ms(PART, len(sound) // 2, is_end=True) == 1211 * 1000 / encoding.rate_hz
    assert speech.heard_ms(PART, len(sound) // 2 + 5) <= 1211 * 1000 / encoding.rate_hz


def test_half_a_sample_is_not_counted():
    speech, sound = speak(PCM_24K, [961, 960])
    assert len(sound) == 1920
    assert speech.heard_ms(PART, 960, is_end=True) == 40.0


def test_a_position_inside_a_part_is_in_its_own_time():
    speech, _ = speak(Encoding(rate_hz=16_000), [3200])
    assert speech.heard_ms(PART, 1200) == 50.0
