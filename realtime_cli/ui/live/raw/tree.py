"""A whole event as an indented tree, its audio as a picture."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from rich.console import Console
from rich.text import Text

from realtime_cli.protocol.encoding import Encoding
from realtime_cli.protocol.jsontypes import Json, is_array, is_object
from realtime_cli.ui.events import base64_bytes
from realtime_cli.visible import one_line, visible

from .columns import duration_cell
from .reading import object_in
from .sound import decoded, fine_peaks, loudness, wave

_DEEPEST, _MOST_LINES, _LONGEST = 16, 2_000, 20_000
_WAVE_HEIGHT = 3
# Text that holds JSON.
_NESTED = frozenset({"arguments", "output", "input_schema"})
_ENCODINGS = {"audio/pcm": "PCM", "audio/pcmu": "G.711 mu-law", "audio/pcma": "G.711 A-law"}


@dataclass(slots=True)
class Tree:
    """Grows lines of at most `width` cells; long texts go on below, unless `wraps` is False."""

    console: Console
    width: int
    encoding: Encoding
    wraps: bool = True
    event_type: str = ""
    lines: list[Text] = field(default_factory=list[Text])

    def add(self, data: Json, *, depth: int = 0) -> None:
        """Adds the members of an object."""
        for key, value in data.items():
            self._grow(key, f"{one_line(key)}: ", value, depth)

    def put(self, line: Text, *, depth: int = 0) -> None:
        """Adds a paragraph."""
        if len(self.lines) > _MOST_LINES:
            return
        if len(self.lines) == _MOST_LINES:
            line, depth = Text("(more than can be shown)", "info"), 0
        if "\t" in line.plain:
            line.expand_tabs(4)
        indent = min(2 * depth, self.width // 2)
        for index, row in enumerate(self._broken(line, max(1, self.width - indent - 2))):
            row.rstrip()
            self._end(Text(" " * (indent + (2 if index else 0))).append_text(row))

    def _broken(self, line: Text, width: int) -> Iterable[Text]:
        if "\n" not in line.plain and line.cell_len <= width:
            return (line,)
        return line.wrap(self.console, width) if self.wraps else line.split("\n")

    def put_wave(self, rows: list[str], *, depth: int = 0) -> None:
        """Adds a picture of sound."""
        for row in rows:
            self._end(Text(" " * min(2 * depth, self.width // 2)).append(row, "mark"))

    def _end(self, line: Text) -> None:
        line.truncate(self.width, overflow="crop" if self.wraps else "ellipsis")
        self.lines.append(line)

    def _grow(self, key: str, label: str, value: object, depth: int) -> None:
        if len(self.lines) > _MOST_LINES:
            return
        start = Text(label, "key")
        if isinstance(value, str):
            self._grow_text(key, start, value, depth)
        elif not (is_object(value) or is_array(value)) or not value or _is_flat(value):
            self.put(start.append(one_line(json.dumps(value, ensure_ascii=False)), "number"), depth=depth)
        elif depth >= _DEEPEST:
            self.put(start.append("(too deep to show)", "info"), depth=depth)
        elif is_object(value):
            self.put(start, depth=depth)
            self.add(value, depth=depth + 1)
        elif is_array(value):
            self.put(start, depth=depth)
            for index, inner in enumerate(value[:_MOST_LINES]):
                self._grow(key, f"[{index}] ", inner, depth + 1)

    def _grow_text(self, key: str, start: Text, value: str, depth: int) -> None:
        size = base64_bytes(key, value, event_type=self.event_type if depth == 0 else None)
        if size is not None:
            self._grow_sound(key, start, value, size, depth)
        elif key in _NESTED and (inner := object_in(value)):
            self.put(start.append("(JSON in a text)", "info"), depth=depth)
            self.add(inner, depth=depth + 1)
        elif key == "id" or key.endswith("_id"):
            self.put(start.append(one_line(value), "link"), depth=depth)
        else:
            style = "error" if self.event_type == "error" and key in {"message", "code"} else "code.string"
            start.append('"', "info").append(visible(value[:_LONGEST]), style).append('"', "info")
            if len(value) > _LONGEST:
                start.append(f" ({len(value):,} characters)", "info")
            self.put(start, depth=depth)

    def _grow_sound(self, key: str, start: Text, value: str, size: int, depth: int) -> None:
        start.append(f"({size:,} bytes)", "info")
        audio = decoded(value) if key in {"audio", "delta"} else None
        if not audio:
            self.put(start, depth=depth)
            return
        self.put(start.append(" " + sound_words(audio, self.encoding), "number"), depth=depth)
        room = max(1, self.width - min(2 * depth + 2, self.width // 2) - 1)
        peaks = fine_peaks(audio, self.encoding, cells=room)
        self.put_wave(wave(self.console, peaks, height=_WAVE_HEIGHT), depth=depth + 1)


def sound_words(audio: bytes, encoding: Encoding) -> str:
    """Format, duration and levels of audio."""
    told = loudness(audio, encoding)
    levels = ", ".join(
        f"{name} {level:.1f} dBFS" if math.isfinite(level) else f"{name} silent"
        for name, level in (("peak", told.peak_dbfs), ("RMS", told.rms_dbfs))
    )
    if not math.isfinite(told.peak_dbfs):
        levels = "silence"
    name, rate_khz = _ENCODINGS[encoding.type], encoding.rate_hz / 1000
    return f"{name} {rate_khz:g} kHz, {duration_cell(encoding.ms(len(audio)))}, {levels}"


def _is_flat(value: object) -> bool:
    """Whether a list is short enough for one line: no objects, no long texts."""
    return is_array(value) and len(value) <= 8 and all(_is_short(inner) for inner in value)


def _is_short(value: object) -> bool:
    return len(value) <= 24 if isinstance(value, str) else not (is_object(value) or is_array(value))
