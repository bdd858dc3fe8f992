"""How loud it is, drawn: what the microphone hears and what the speaker plays."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from rich.console import Console
from rich.text import Text

from realtime_cli.core.view import AudioView
from realtime_cli.runtime.ports import Levels
from realtime_cli.ui.theme import can_show

Size: TypeAlias = Literal["small", "medium", "wide"]

_BARS, _PLAIN_BARS = "▁▂▃▄▅▆▇█", ".,:-=+*#"
_QUIET_DBFS, _LOUD_DBFS = -60.0, -6.0
_BLOCKS = 6
_SHOWN: Mapping[Size, int] = {"small": 2, "medium": 4, "wide": _BLOCKS}


@dataclass(slots=True)
class Meter:
    """How loud it was lately, the newest last."""

    _levels: deque[int] = field(default_factory=lambda: deque([0] * _BLOCKS, _BLOCKS))

    def add(self, dbfs: float) -> bool:
        """Takes the present loudness, and tells whether the picture changes."""
        share = (dbfs - _QUIET_DBFS) / (_LOUD_DBFS - _QUIET_DBFS)
        before = tuple(self._levels)
        self._levels.append(round(max(0.0, min(1.0, share)) * (len(_BARS) - 1)))
        return before != tuple(self._levels)

    def bars(self, shapes: str) -> str:
        """The picture, a character for each block of time."""
        return "".join(shapes[level] for level in self._levels)


@dataclass(slots=True)
class Meters:
    """The microphone's and the speaker's."""

    microphone: Meter = field(default_factory=Meter)
    speaker: Meter = field(default_factory=Meter)

    def add(self, levels: Levels) -> bool:
        """Takes the present loudness of both, and tells whether the picture changes."""
        return self.microphone.add(levels.microphone_dbfs) | self.speaker.add(levels.speaker_dbfs)


def levels(console: Console, audio: AudioView, meters: Meters, size: Size) -> Text | None:
    """Both sides, a wide picture by name; what is muted is not loud. None where there is no device."""
    shapes = _BARS if can_show(console, _BARS) else _PLAIN_BARS
    sides = [("mic ", audio.microphone, meters.microphone, "info" if audio.is_muted else "mark")]
    sides.append(("spk ", audio.speaker, meters.speaker, "mark"))
    blocks = _SHOWN[size]
    shown = [
        Text.assemble((name if size == "wide" else "", "info"), (meter.bars(shapes)[-blocks:], style))
        for name, device, meter, style in sides
        if device
    ]
    return Text(" ").join(shown) if shown else None
