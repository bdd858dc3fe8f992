from __future__ import annotations

import math
from array import array

import pytest

from realtime_cli.audio.devices import Device, Plan
from realtime_cli.audio.player import Player
from realtime_cli.audio.shapes import Intake, Outlet, mixed, spread
from realtime_cli.core.part_id import PartId

PART = PartId("item", 0)
DEVICE = Device(0, "odd one", "ALSA", 2, 2, 48_000, 10, 10, True, True)


def tone(duration_ms: int, *, rate_hz: int = 24_000, level: int = 10_000) -> bytes:
    count = rate_hz * duration_ms // 1000
    return array(
        "h", (round(level * math.sin(2 * math.pi * 440 * n / rate_hz)) for n in range(count))
    ).tobytes()


def rms(pcm: bytes) -> float:
    samples = array("h", pcm)
    return math.sqrt(sum(sample * sample for sample in samples) / len(samples))


def test_a_device_like_us_gets_what_the_player_has():
    player = Player(24_000)
    player.play(PART, tone(100))
    assert Outlet(player, Plan(DEVICE, 24_000, 1)).read(480) == (tone(20), tone(20))


@pytest.mark.parametrize("rate_hz", [16_000, 44_100, 48_000])
def test_another_rate_gets_the_same_sound_for_as_long(rate_hz):
    player = Player(24_000)
    player.play(PART, tone(1000))
    player.finish(PART)
    outlet = Outlet(player, Plan(DEVICE, rate_hz, 2))
    frames = rate_hz // 50
    blocks = [outlet.read(frames) for _ in range(60)]
    assert all(len(block) == frames * 4 for block, _ in blocks)
    sound = array("h", b"".join(block for block, _ in blocks))
    assert sound[::2] == sound[1::2]
    loud = [index for index, sample in enumerate(sound[::2]) if abs(sample) > 100]
    assert (loud[-1] - loud[0]) / rate_hz == pytest.approx(1.0, abs=0.005)
    middle = sound[::2][frames * 10 : frames * 40]
    assert rms(middle.tobytes()) == pytest.approx(10_000 / math.sqrt(2), rel=0.02)


def test_what_was_counted_as_heard_is_all_handed_to_a_device_of_another_rate():
    player = Player(24_000)
    player.play(PART, tone(1000))
    outlet = Outlet(player, Plan(DEVICE, 48_000, 1))
    played = b"".join(outlet.read(960)[1] for _ in range(10))
    player.stop()
    tail = [outlet.read(960) for _ in range(3)]
    assert tail[0][1].rstrip(b"\0")
    assert not any(tail[2][0])
    assert played in tone(1000)


@pytest.mark.parametrize("rate_hz", [16_000, 44_100, 48_000])
def test_a_microphone_of_another_rate_comes_at_ours(rate_hz):
    intake = Intake(Plan(DEVICE, rate_hz, 2))
    block = rate_hz // 50 * 2
    source = tone(1000, rate_hz=rate_hz)
    sound = b"".join(
        intake.take(spread(source[start : start + block], 2)) for start in range(0, len(source), block)
    )
    assert len(sound) / 2 / 24_000 == pytest.approx(1.0, abs=0.02)
    assert rms(sound[9_600:]) == pytest.approx(10_000 / math.sqrt(2), rel=0.03)


def test_channels_are_mixed_to_their_mean():
    assert mixed(array("h", [100, 300, -7, -7]).tobytes(), 2) == array("h", [200, -7]).tobytes()


def test_spreading_and_mixing_are_inverse():
    assert mixed(spread(tone(10), 3), 3) == tone(10)


@pytest.mark.parametrize("rate_hz", [16_000, 24_000, 44_100, 48_000])
def test_it_is_known_how_much_later_another_rate_sounds(rate_hz):
    player = Player(24_000, prebuffer_ms=0)
    outlet = Outlet(player, Plan(DEVICE, rate_hz, 1))
    for _ in range(50):
        outlet.read(rate_hz // 50)
    player.play(PART, array("h", [20_000] * 24_000).tobytes())
    sound = array("h", b"".join(outlet.read(rate_hz // 50)[0] for _ in range(5)))
    began = next(index for index, sample in enumerate(sound) if sample > 10_000)
    assert began / rate_hz == pytest.approx(outlet.delay_s, abs=0.0003)
    assert outlet.delay_s <= 0.01
