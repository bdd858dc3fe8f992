"""The devices for real, on a sound card in memory (`tests/support/rig.py`)."""

from __future__ import annotations

import ctypes
import random
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

import pytest

from realtime_cli.audio import portaudio
from realtime_cli.audio.config import RATE_HZ, AudioConfig
from realtime_cli.audio.device_events import (
    Block,
    DeviceEvent,
    DeviceGap,
    Progress,
    Ready,
    SpeakerLevel,
    Stopped,
    Trouble,
)
from realtime_cli.audio.device_stream import DeviceStream
from realtime_cli.audio.devices import Plan, choose, find_plan, list_devices, supported_rates_hz
from realtime_cli.audio.player import Player
from realtime_cli.audio.shapes import Intake, Outlet
from realtime_cli.audio.streams import DeviceCore
from realtime_cli.core.part_id import PartId
from realtime_cli.errors import RealtimeError, UsageError
from tests.support.listening import without_holes
from tests.support.patience import PATIENCE_S
from tests.support.rig import Rig, longest_hole_ms, rig, wait_until

__all__ = ["rig"]
# What is measured again where the machine stood still: with the latency that the program then takes itself.
CONFIGS = (AudioConfig(), AudioConfig(latency=0.1), AudioConfig(latency=0.1))
FIRST, SECOND = PartId("item_1", 0), PartId("item_2", 0)


def noise(duration_ms: int, *, seed: int = 1) -> bytes:
    """Sound without a zero in it, in which every place is unlike every other."""
    chance = random.Random(seed)
    count = RATE_HZ * duration_ms // 1000
    return array("h", (chance.choice((-1, 1)) * chance.randint(2000, 9000) for _ in range(count))).tobytes()


class Room:
    """A running device core and what it said."""

    def __init__(self, core: DeviceCore, events: list[DeviceEvent]) -> None:
        self.core = core
        self.events = events

    def of(self, *kinds: type[DeviceEvent]) -> list[DeviceEvent]:
        return [event for event in list(self.events) if isinstance(event, kinds)]

    def wait_for(self, *kinds: type[DeviceEvent], count: int = 1) -> DeviceEvent:
        wait_until(lambda: len(self.of(*kinds)) >= count, f"{count} x {kinds}")
        return self.of(*kinds)[count - 1]

    def wait_for_ready(self, **names: str) -> None:
        def is_so() -> bool:
            last = self.of(Ready)[-1]
            return all(getattr(last, name) == value for name, value in names.items())

        wait_until(is_so, f"devices {names}")

    def wait_for_end(self, part: PartId) -> Progress:
        def ends() -> list[Progress]:
            return [event for event in self.of(Progress) if event.is_end and event.part == part]

        wait_until(lambda: bool(ends()), f"the end of {part}")
        return ends()[0]

    def say(self, part: PartId, pcm: bytes) -> None:
        for start in range(0, len(pcm), 4800):
            self.core.play(part, pcm[start : start + 4800])
        self.core.finish(part)

    def heard(self) -> bytes:
        return b"".join(event.pcm for event in self.of(Block))

    def wait_for_trouble(self, words: str) -> None:
        wait_until(lambda: self.has_told(words), f"trouble: {words}")

    def has_told(self, words: str) -> bool:
        return any(words in event.text for event in self.of(Trouble))

    @property
    def was_disturbed(self) -> bool:
        """Whether it counted a gap, or a device stood still."""
        return bool(self.of(DeviceGap)) or self.has_told("opened again")


@contextmanager
def running_core(config: AudioConfig | None = None, **options) -> Iterator[Room]:
    portaudio.refresh()  # this process may know another test's devices
    events: list[DeviceEvent] = []
    core = DeviceCore(config or AudioConfig(), events.append, **options)
    try:
        core.start()
        room = Room(core, events)
        room.wait_for(Ready)
        yield room
    finally:
        core.close()


@dataclass(frozen=True)
class Take:
    """What a core said while it played, and what was heard of it."""

    room: Room
    heard: bytes

    def is_exactly(self, pcm: bytes) -> bool:
        """Whether the sound, which has no zero, was heard and nothing else; a gap has to be counted."""
        return (without_holes(self.heard) if self.room.was_disturbed else self.heard) == pcm


def play(rig: Rig, config: AudioConfig, *parts: tuple[PartId, bytes]) -> Take:
    with running_core(config) as room:
        recording = rig.record()
        for part, pcm in parts:
            room.say(part, pcm)
        for part, pcm in parts:
            assert room.wait_for_end(part).samples == len(pcm) // 2
        heard = recording.wait_for_silence()
        recording.stop()
        return Take(room, heard)


def play_in_peace(rig: Rig, *parts: tuple[PartId, bytes]) -> Take:
    """The parts as they are heard where no gap comes between, which may take three attempts."""
    for config in CONFIGS:
        if not (take := play(rig, config, *parts)).room.was_disturbed:
            break
    return take


def test_playback_is_exact_and_has_no_gap(rig: Rig):
    pcm = noise(5000)
    take = play_in_peace(rig, (FIRST, pcm))
    assert take.is_exactly(pcm)
    progress = [event for event in take.room.events if isinstance(event, Progress)]
    assert progress[0].samples == 240
    assert (progress[-1].is_end, progress[-1].samples) == (True, len(pcm) // 2)
    assert all(0 <= event.delay_ms < 500 for event in progress)
    assert len(progress) == pytest.approx(51, abs=5)
    levels = [event.level_dbfs for event in take.room.events if isinstance(event, SpeakerLevel)]
    assert max(levels) == pytest.approx(-15, abs=2)


def test_smaller_blocks_sound_sooner(rig: Rig):
    def delay_ms(block_ms: float) -> float:
        take = play(rig, AudioConfig(block_ms=block_ms), (FIRST, noise(2000)))
        return median(event.delay_ms for event in take.room.events if isinstance(event, Progress))

    assert delay_ms(20) - delay_ms(10) > 4


def test_capture_is_exact_and_starts_only_when_asked(rig: Rig):
    pcm = noise(1000)
    with running_core() as room:
        rig.speak(noise(300, seed=2)).wait(PATIENCE_S)
        assert room.of(Block) == []
        room.core.listen()
        room.wait_for(Block)
        assert hears(rig, room, pcm)
        assert max(event.level_dbfs for event in room.of(Block)) == pytest.approx(-15, abs=2)


def hears(rig: Rig, room: Room, pcm: bytes) -> bool:
    """Whether it is heard exactly; where the mouth or the machine stumbled, it is said again, twice."""
    for _ in range(3):
        rig.speak(pcm).wait(PATIENCE_S)
        room.wait_for(Block, count=len(room.of(Block)) + 25)
        if pcm in room.heard():
            return True
    return False


def test_two_parts_follow_each_other_without_a_hole(rig: Rig):
    first, second = noise(400), noise(300, seed=2)
    assert play_in_peace(rig, (FIRST, first), (SECOND, second)).is_exactly(first + second)


def test_stop_is_where_the_sound_ended(rig: Rig):
    pcm = noise(60_000)
    with running_core() as room:
        recording = rig.record()
        room.say(FIRST, pcm)
        room.wait_for(Progress, count=4)
        room.core.stop()
        stopped = room.wait_for(Stopped)
        heard = without_holes(recording.wait_for_silence())
    assert isinstance(stopped, Stopped)
    error_ms = (stopped.samples - len(heard) // 2) / RATE_HZ * 1000
    print(f"truncation error: {error_ms:.3f} ms")
    assert stopped.part == FIRST
    assert abs(error_ms) < 5
    assert pcm.startswith(heard[:-400])


def test_a_new_part_plays_after_a_stop(rig: Rig):
    after = noise(300, seed=2)
    with running_core() as room:
        room.say(FIRST, noise(30_000))
        room.wait_for(Progress)
        room.core.stop()
        room.wait_for(Stopped)
        recording = rig.record()
        room.say(SECOND, after)
        room.wait_for_end(SECOND)
        assert without_holes(recording.wait_for_silence()).endswith(after)


def test_a_speaker_that_stands_still_is_noticed_and_the_rest_is_heard(rig: Rig):
    pcm = noise(3000)
    with running_core() as room:
        room.say(FIRST, pcm)
        room.wait_for(Progress, count=4)
        rig.suspend("speaker")
        room.wait_for_trouble("speaker")
        room.wait_for_ready(speaker="")
        rig.resume("speaker")
        recording = rig.record()
        room.wait_for_ready(speaker="default")
        assert room.wait_for_end(FIRST).samples == len(pcm) // 2
        assert without_holes(recording.wait_for_silence()).endswith(pcm[-RATE_HZ:])
        assert len([event for event in room.of(Trouble) if "No speaker" in event.text]) == 1


def test_devices_that_go_away_come_back(rig: Rig):
    with running_core() as room:
        room.core.listen()
        room.wait_for(Block)
        rig.remove_sink("speaker")
        rig.remove_sink("mic")
        room.wait_for_ready(microphone="", speaker="")
        room.core.play(FIRST, noise(100))
        room.core.stop()
        room.wait_for(Stopped)
        rig.add_sink("speaker")
        rig.add_sink("mic")
        room.wait_for_ready(microphone="default", speaker="default")
        recording, pcm = rig.record(), noise(300)
        room.say(SECOND, pcm)
        room.wait_for_end(SECOND)
        assert without_holes(recording.wait_for_silence()).endswith(pcm[-4800:])
        assert hears(rig, room, pcm[-4800:])


def test_a_microphone_that_gives_only_zeros_is_mentioned_once(rig: Rig):
    with running_core() as room:
        room.core.listen()
        room.wait_for_trouble("silence only")
        room.wait_for(Block, count=len(room.of(Block)) + 120)
        (notice,) = [event for event in room.of(Trouble) if "silence only" in event.text]
        assert "muted" in notice.hint


def test_a_microphone_that_has_given_sound_may_be_silent(rig: Rig):
    with running_core() as room:
        room.core.listen()
        room.wait_for(Block)
        rig.speak(noise(100))
        wait_until(lambda: any(room.heard()), "the sound")
        room.wait_for(Block, count=len(room.of(Block)) + 120)
        assert not room.has_told("silence only")


def test_closing_lets_the_fade_sound_and_then_is_silent(rig: Rig):
    with running_core() as room:
        recording = rig.record()
        room.say(FIRST, noise(30_000))
        room.wait_for(Progress, count=3)
        room.core.close()
        stopped = room.wait_for(Stopped)
        assert isinstance(stopped, Stopped)
        heard = without_holes(recording.wait_for_silence())
        assert abs(stopped.samples - len(heard) // 2) / RATE_HZ < 0.005


def test_a_speaker_with_gaps_gets_more_latency_and_loses_nothing(rig: Rig):
    pcm = noise(8000)
    with running_core() as room:
        recording = rig.record()
        room.say(FIRST, pcm)
        room.wait_for(Progress, count=5)
        # Held in C with the interpreter's lock, no callback gets through: what a busy program does.
        hold = ctypes.PyDLL(None).usleep
        holes = 0
        while not room.has_told("100 ms of latency"):
            hold(120_000)
            holes += 1
            seen = len(room.of(Progress))
            room.wait_for(Progress, count=seen + 12)  # a second apart: each is an event
        assert holes <= 2 or room.has_told("opened again")
        assert len(room.of(DeviceGap)) >= 2
        assert room.wait_for_end(FIRST).samples == len(pcm) // 2
        assert without_holes(recording.wait_for_silence()).endswith(pcm[-RATE_HZ:])


class Mirror:
    """A canceller that keeps what was played."""

    def __init__(self) -> None:
        self.played = b""

    def process(self, microphone: bytes, played: bytes) -> bytes:
        assert len(microphone) == len(played) == 480
        self.played += played
        return microphone

    def reset(self) -> None:
        pass

    @property
    def is_silent_again(self) -> bool:
        return any(self.played) and not any(self.played[-9600:])


def test_a_canceller_gets_both_sides_in_step(rig: Rig):
    pcm = noise(500)

    def mirrored() -> bytes:
        mirror = Mirror()
        with running_core(canceller=mirror) as room:
            room.core.listen()
            room.wait_for(Block)
            room.say(FIRST, pcm)
            room.wait_for_end(FIRST)
            wait_until(lambda: mirror.is_silent_again, "the mirrored sound")
        return mirror.played.strip(b"\0")

    # Where a thread stands still, what is captured meanwhile meets nothing that was played.
    takes = (mirrored() for _ in range(3))
    assert any(len(played) >= len(pcm) - 1 and longest_hole_ms(played) < 50 for played in takes)


def test_a_name_that_fits_none_or_two_is_refused(rig: Rig):
    rig.name_devices(
        {"headset_one": "type pulse device mic.monitor", "headset_two": "type pulse device mic.monitor"}
    )
    for wanted in ("headset", "piano"):
        with pytest.raises(UsageError, match="headset_one"), running_core(AudioConfig(input_device=wanted)):
            pass
    with running_core(AudioConfig(input_device="headset_two", output_device="none")) as room:
        assert room.of(Ready) == [Ready("headset_two", "", RATE_HZ, 0)]


def test_a_machine_without_devices_says_so_once_and_works_without(rig: Rig):
    rig.close()
    with running_core() as room:
        assert room.of(Ready) == [Ready()]
        assert [event.text for event in room.of(Trouble)] == [
            "No microphone and no speaker: there is no sound device"
        ]
        room.core.play(FIRST, noise(100))
        room.core.stop()
        assert room.wait_for(Stopped) == Stopped(FIRST, 0)
        assert len(room.of(Trouble)) == 1


def test_a_device_that_cannot_be_opened_is_trouble(rig: Rig):
    rig.name_devices({"broken": "type pulse device nowhere"})
    with running_core(AudioConfig(output_device="broken", input_device="none")) as room:
        assert room.of(Ready) == [Ready()]
        assert "No speaker: broken cannot be opened" in room.of(Trouble)[0].text


def test_what_a_device_takes_is_found_out(rig: Rig):
    portaudio.refresh()
    device = choose(list_devices(), "", "output")
    assert device is not None
    assert find_plan(device, "output") == Plan(device, RATE_HZ, 1)
    assert supported_rates_hz(device, "input") == [24_000, 48_000, 44_100, 16_000]


def test_a_device_that_runs_at_48_khz_in_stereo_speaks_and_hears(rig: Rig, monkeypatch: pytest.MonkeyPatch):
    rig.control(
        "load-module", "module-null-sink", "sink_name=wide", "rate=48000", "channels=2", "norewinds=1"
    )
    monkeypatch.setenv("PULSE_SINK", "wide")
    monkeypatch.setenv("PULSE_SOURCE", "wide.monitor")
    portaudio.refresh()
    device = choose(list_devices(), "default", "output")
    assert device is not None
    plan, player, heard = Plan(device, 48_000, 2), Player(RATE_HZ), bytearray()
    outlet, intake = Outlet(player, plan), Intake(plan)

    def play(buffer: portaudio.Buffer, mark: object) -> None:
        buffer[:] = outlet.read(len(buffer) // 4)[0]

    def hear(buffer: portaudio.Buffer, mark: object) -> None:
        heard.extend(intake.take(buffer[:]))

    speaker = DeviceStream(plan, "output", block_ms=20, latency="low", on_block=play)
    microphone = DeviceStream(plan, "input", block_ms=20, latency="low", on_block=hear)
    speaker.start()
    microphone.start()
    tone = array("h", [6000, 6000, 6000, -6000, -6000, -6000] * 4000).tobytes()
    player.play(FIRST, tone)
    player.finish(FIRST)
    wait_until(lambda: player.is_idle and any(heard) and not any(heard[-9600:]), "the sound's end")
    speaker.release()
    microphone.release()
    # On a busy machine the speaker may miss whole blocks; test_shapes has the exact length.
    sounded = without_holes(bytes(heard), shortest=RATE_HZ // 100)
    assert len(sounded) / 2 / RATE_HZ == pytest.approx(1.0, abs=0.1)


def test_a_stream_that_is_refused_is_one_line(rig: Rig):
    portaudio.refresh()
    device = choose(list_devices(), "default", "output")
    assert device is not None
    with pytest.raises(RealtimeError, match="default cannot be opened") as caught:
        DeviceStream(Plan(device, 24_000, 99), "output", block_ms=20, latency="low", on_block=lambda *_: None)
    assert "\n" not in str(caught.value)
