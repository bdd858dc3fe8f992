from __future__ import annotations

import io

import pytest

from realtime_cli.core.view import AudioView
from realtime_cli.runtime.ports import Levels
from realtime_cli.ui.live.meters import Meters, Size, levels
from realtime_cli.ui.theme import make_console

DEVICES = AudioView(microphone="Built-in", speaker="Built-in")


def test_a_meter_knows_whether_its_picture_changes() -> None:
    meters = Meters()
    assert not meters.add(Levels())
    assert meters.add(Levels(microphone_dbfs=-10))
    assert [meters.add(Levels()) for _ in range(7)] == [True] * 6 + [False]


@pytest.mark.parametrize(
    ("audio", "size", "drawn"),
    [
        (DEVICES, "wide", "mic ▁▁▁▁▁█ spk ▁▁▁▁▁▁"),
        (DEVICES, "medium", "▁▁▁█ ▁▁▁▁"),
        (DEVICES, "small", "▁█ ▁▁"),
        (AudioView(speaker="Built-in"), "wide", "spk ▁▁▁▁▁▁"),
        (AudioView(), "wide", None),
    ],
)
def test_the_sides_that_there_are(audio: AudioView, size: Size, drawn: str | None) -> None:
    meters = Meters()
    meters.add(Levels(microphone_dbfs=0.0))
    console = make_console(io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))
    shown = levels(console, audio, meters, size)
    assert (shown.plain if shown else None) == drawn
