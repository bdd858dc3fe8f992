from __future__ import annotations

from array import array
from types import SimpleNamespace
from typing import cast

from realtime_cli.audio.clock import Mark
from realtime_cli.audio.device_events import DeviceEvent, Stopped, Trouble
from realtime_cli.audio.device_stream import DeviceStream
from realtime_cli.audio.in_step import InStep
from realtime_cli.audio.sides import Sounding
from realtime_cli.core.part_id import PartId

FRAMES = 240
SOUND = array("h", [0, 4000, -4000] * 80).tobytes()


class Perfect:
    """A canceller that leaves nothing of the microphone."""

    def process(self, microphone: bytes, played: bytes) -> bytes:
        return bytes(len(microphone))

    def reset(self) -> None:
        pass


class Room:
    """A speaker of 10 ms blocks, and a microphone that hears what it plays."""

    def __init__(self) -> None:
        self.posted: list[DeviceEvent] = []
        self._in_step = InStep(Perfect())
        stream = SimpleNamespace(plan=SimpleNamespace(rate_hz=24_000), latency_s=0.02)
        self._sounding = Sounding(
            cast("DeviceStream", stream),
            self.posted.append,
            in_step=self._in_step,
            on_unsteady=lambda: None,
        )
        self._now_s = 100.0

    def play(self, seconds: float, *events: Stopped) -> None:
        for _ in range(round(seconds * 100)):
            self._now_s += FRAMES / 24_000
            mark = Mark(FRAMES, self._now_s + 0.02, self._now_s, self._now_s)
            self._sounding.take(SOUND, list(events), mark)
            self._in_step.capture(SOUND)

    def cut_off(self, *, samples: int = 240) -> None:
        self.play(0.01, Stopped(PartId("item_1", 0), samples))

    @property
    def warnings(self) -> list[str]:
        return [event.text for event in self.posted if isinstance(event, Trouble)]


def test_answers_that_are_cut_off_again_and_again_are_told_once() -> None:
    room = Room()
    for needed_s in (1, 2, 4, 8, 16):
        room.play(needed_s + 0.5)
        room.cut_off()
    (warning,) = room.warnings
    assert "interrupt themselves" in warning


def test_a_stop_where_nothing_played_is_no_interruption() -> None:
    room = Room()
    room.play(1.5)
    for _ in range(9):
        room.cut_off(samples=0)
    assert not room.warnings


def test_answers_that_are_heard_for_a_while_are_no_trouble() -> None:
    room = Room()
    for _ in range(9):
        room.play(3)
        room.cut_off()
    assert not room.warnings
