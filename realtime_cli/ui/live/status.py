"""The status line: who is there, how it listens, what happens now, how loud it is; folded to fit."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product

from rich.console import Console
from rich.text import Text

from realtime_cli.core.view import SessionView
from realtime_cli.runtime.ports import Levels
from realtime_cli.ui.theme import can_show
from realtime_cli.visible import one_line

_BARS, _PLAIN_BARS = "▁▂▃▄▅▆▇█", ".,:-=+*#"
_QUIET_DBFS, _LOUD_DBFS = -60.0, -6.0
_BLOCKS = 6


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


@dataclass(frozen=True, slots=True)
class Status:
    """What the status line is made of, beside the session. `note` takes the place of everything else."""

    server: str
    meters: Meters
    holds_to_talk: bool = False
    note: str = ""


def status_line(console: Console, view: SessionView, status: Status, *, width: int) -> Text:
    """The line, folded until it fits."""
    if status.note:
        line = Text(one_line(status.note), "warning")
    else:
        line = next(
            (line for line in _variants(console, view, status) if line.cell_len < width),
            Text(state_of(view), "info"),
        )
    line.truncate(max(1, width - 1), overflow="ellipsis" if can_show(console, "…") else "crop")
    return line


def state_of(view: SessionView) -> str:
    """What happens now, in a word or two."""
    if view.connection != "open":
        return view.connection
    if view.user_speaking or view.audio.is_talking:
        return "user speaking"
    if view.audio.is_playing:
        return "speaking"
    if view.is_busy:
        return "writing" if _has_words(view) else "thinking"
    return "listening" if view.audio.is_listening and not view.audio.is_push_to_talk else "ready"


def _has_words(view: SessionView) -> bool:
    return any(
        response.is_active and response.marks.first_text is not None for response in view.responses[-1:]
    )


def mode_of(view: SessionView) -> tuple[str, str]:
    """How the user is heard, in words and in one word."""
    if not view.audio.microphone:
        return "text", "text"
    if view.audio.is_muted:
        return "muted", "muted"
    if view.audio.is_push_to_talk:
        return ("push-to-talk (talking)", "talking") if view.audio.is_talking else ("push-to-talk", "ptt")
    if view.audio.is_half_duplex:
        return "half-duplex", "half-duplex"
    return "open microphone", "mic open"


def _variants(console: Console, view: SessionView, status: Status) -> Iterator[Text]:
    """The line from its longest form to its shortest: first the hints go, then names, then the levels."""
    servers = dict.fromkeys([one_line(f"{status.server} {view.model}"), one_line(view.model), ""])
    levels = dict.fromkeys(_levels(console, view, status))
    hints = _hints(view, holds_to_talk=status.holds_to_talk)
    dot = " · " if can_show(console, "·") else " - "
    for level, server, mode, hint in product(levels, servers, mode_of(view), hints):
        words = dot.join(filter(None, [server.strip(), mode, state_of(view)]))
        line = Text(words, "info")
        if level:
            line.append("  " + level, "mark")
        if hint:
            line.append("  " + hint, "info")
        yield line


def _levels(console: Console, view: SessionView, status: Status) -> Iterator[str]:
    shapes = _BARS if can_show(console, _BARS) else _PLAIN_BARS
    sides = [("mic", view.audio.microphone, status.meters.microphone)]
    sides.append(("spk", view.audio.speaker, status.meters.speaker))
    heard = [(name, meter.bars(shapes)) for name, device, meter in sides if device]
    yield " ".join(f"{name} {bars}" for name, bars in heard)
    yield " ".join(bars[-2:] for _, bars in heard)
    yield ""


def _hints(view: SessionView, *, holds_to_talk: bool) -> list[str]:
    """The keys, all of them, the one that matters most, and none."""
    if not view.audio.microphone:
        return [""]
    mute = "^T unmutes" if view.audio.is_muted else "^T mutes"
    if not view.audio.is_push_to_talk:
        return [f"{mute}  ^O push-to-talk", mute, ""]
    talk = "hold space to talk" if holds_to_talk else "space talks"
    return [f"{talk}  {mute}  ^O open microphone", talk, ""]
