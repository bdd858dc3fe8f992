"""How loud a microphone is, as a bar in one line: the level now, and the loudest of the last while."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from realtime_cli.protocol.encoding import PCM_24K
from realtime_cli.samples.level import dbfs

_FLOOR_DBFS = -60.0
# What is louder is near to being cut off.
_LOUD_DBFS = -3.0
_SILENT_DBFS = float("-inf")
# The peak stays so long, and falls then; the level rises at once, and falls slowly enough to be read.
_HOLD_S = 1.0
_FALL_DB_PER_S = 40.0
_LONGEST, _SHORTEST = 48, 4
_BLOCKS = "▏▎▍▌▋▊▉█"


class Meter:
    """Takes blocks of 24 kHz PCM, and shows them at the width of a console."""

    def __init__(self, console: Console) -> None:
        self._width = console.width
        self._is_fine = console.encoding.lower().startswith("utf")
        self._level_dbfs = _SILENT_DBFS
        self._peak_dbfs = _SILENT_DBFS
        self._held_s = 0.0

    def take(self, block: bytes) -> None:
        """One more block."""
        level_dbfs, duration_s = dbfs(block), PCM_24K.ms(len(block)) / 1000
        fallen_dbfs = self._level_dbfs - _FALL_DB_PER_S * duration_s
        self._level_dbfs = max(level_dbfs, fallen_dbfs if fallen_dbfs > _FLOOR_DBFS else _SILENT_DBFS)
        self._held_s += duration_s
        if level_dbfs >= self._peak_dbfs or self._held_s > _HOLD_S:
            self._peak_dbfs, self._held_s = self._level_dbfs, 0.0

    def row(self) -> Text:
        """The bar, then the level and its peak in dBFS."""
        words = f" {_number(self._level_dbfs)} peak {_number(self._peak_dbfs)} dBFS"
        cells = max(_SHORTEST, min(_LONGEST, self._width - len(words) - 1))
        style = "warning" if self._peak_dbfs > _LOUD_DBFS else "user"
        return Text(self._bar(cells), style, no_wrap=True).append(words, "number")

    def _bar(self, cells: int) -> str:
        eighths = round(_share(self._level_dbfs) * cells * 8)
        full, rest = ("█", "·") if self._is_fine else ("#", ".")
        bar = full * (eighths // 8) + (_BLOCKS[eighths % 8 - 1] if self._is_fine and eighths % 8 else "")
        peak = min(cells - 1, int(_share(self._peak_dbfs) * cells))
        if peak < len(bar) or self._peak_dbfs <= _FLOOR_DBFS:
            return bar.ljust(cells, rest)
        return (bar.ljust(peak, rest) + ("│" if self._is_fine else "|")).ljust(cells, rest)


def _share(level_dbfs: float) -> float:
    """How much of the bar that is."""
    return min(1.0, max(0.0, 1 - level_dbfs / _FLOOR_DBFS)) if level_dbfs > _FLOOR_DBFS else 0.0


def _number(level_dbfs: float) -> str:
    return f"{round(level_dbfs, 1) + 0.0:5.1f}" if level_dbfs > _SILENT_DBFS else " -inf"
