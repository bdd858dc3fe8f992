"""One row for an event, or for a run of them."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from realtime_cli.ui.events import arrow, size_of
from realtime_cli.ui.theme import can_show
from realtime_cli.visible import one_line

from .columns import Columns, columns_for, duration_cell, since_cell, size_cell, time_cell, type_cell
from .details import details, quoted, spoken_in
from .index import Row, numbers_of
from .reading import Frame, Reader, is_failure, size_bytes
from .references import cause_of
from .sound import Sound, Sounds, squeezed, wave

_REMEMBERED = 256
_OURS = "…×·"
_PLAIN = str.maketrans(_OURS, "~x-")
# Enough of a text for a row.
_EXCERPT = 400


@dataclass(slots=True)
class _Look:
    """What rows look like at a width."""

    width: int
    columns: Columns
    rows: dict[tuple[int, int, int], Text]


class RowMaker:
    """Makes rows, each once as long as the width stays."""

    def __init__(self, console: Console, reader: Reader, sounds: Sounds) -> None:
        self._console = console
        self._reader = reader
        self._sounds = sounds
        self._look = _Look(0, columns_for(80), {})

    def row(self, row: Row, *, above_s: float | None, width: int) -> Text:
        """The row, exactly as wide as that; `above_s` is the time of the one above it."""
        look = self._at(width)
        numbers = numbers_of(row)
        key = (numbers[0], len(numbers), int((above_s or 0.0) * 1000))
        if key not in look.rows:
            look.rows[key] = self._made(row, above_s=above_s)
        return look.rows[key].copy()

    def _at(self, width: int) -> _Look:
        columns = columns_for(width, last=self._reader.ring.last)
        if (self._look.width, self._look.columns) != (width, columns) or len(self._look.rows) >= _REMEMBERED:
            self._look = _Look(width, columns, {})
        return self._look

    def _made(self, row: Row, *, above_s: float | None) -> Text:
        frame = self._reader.frame(numbers_of(row)[0])
        line = Text(no_wrap=True, overflow="crop")
        if frame is not None:
            self._put_head(line, frame, above_s)
            self._put_type(line, frame, row)
            self._put_words(line, frame, row)
        if frame is not None and frame.event.direction == "local":
            line.stylize("local")
        return fitted(self._console, line, width=self._look.width)

    def _put_head(self, line: Text, frame: Frame, above_s: float | None) -> None:
        columns, event = self._look.columns, frame.event
        line.append(" ").append(f"{event.number:>{columns.number}} ", "info")
        line.append(time_cell(event.at_s, size=columns.time) + " ", "time")
        if columns.since:
            line.append(since_cell(event.at_s, above_s) + " ", "time")
        line.append(f"{arrow(self._console, event.direction)} ", event.direction)

    def _put_type(self, line: Text, frame: Frame, row: Row) -> None:
        columns = self._look.columns
        style = "error" if is_failure(frame.type, frame.data) else frame.event.direction
        name = one_line(frame.type) or ("(no type)" if frame.data is not None else "(not an event)")
        line.append(type_cell(name, size=columns.type), style if frame.data is not None else "warning")
        if columns.size:
            events = (self._reader.ring.event(number) for number in numbers_of(row))
            line.append(" " + size_cell(sum(size_bytes(event.raw) for event in events if event)), "info")
        line.append("  " if columns.size else " ")

    def _put_words(self, line: Text, frame: Frame, row: Row) -> None:
        numbers = numbers_of(row)
        if len(numbers) > 1:
            line.append(f"×{len(numbers)} ", "number")
        sound = self._sounds.of_events(numbers)
        if sound is not None:
            self._put_sound(line, sound)
        elif frame.data is None:
            line.append(f"{size_of(frame.event.raw)}: ", "info").append(
                one_line(frame.text[:_EXCERPT]), "info"
            )
        elif len(numbers) > 1 and (words := self._joined(row)) is not None:
            line.append(quoted(words))
        else:
            self._put_details(line, self._last(row) or frame)

    def _put_sound(self, line: Text, sound: Sound) -> None:
        line.append(duration_cell(sound.ms).rjust(6) + " ", "number")
        cells = min(self._look.columns.wave, max(1, self._look.width - line.cell_len))
        line.append(wave(self._console, squeezed(sound.peaks, cells=cells))[0], "mark")

    def _put_details(self, line: Text, frame: Frame) -> None:
        columns = self._look.columns
        cause = cause_of(self._reader, frame) if columns.size else None
        if cause is not None:
            name = f" {one_line(cause.type)}" if columns.since else ""
            line.append(f"#{cause.event.number}{name}: ", "warning")
        words = details(frame.type, frame.data or {}, roomy=columns.is_roomy)
        if is_failure(frame.type, frame.data):
            line.append(words, "error")
            return
        before, mark, rest = words.partition('"')
        quote, mark, behind = (mark + rest).rpartition('"')
        line.append(before, "info").append(quote + mark).append(behind, "info")

    def _joined(self, row: Row) -> str | None:
        """The text that a run's deltas make together, as far as a row can show it."""
        words: list[str] = []
        size = 0
        for number in numbers_of(row):
            frame = self._reader.frame(number)
            spoken = spoken_in(frame.type, frame.data) if frame and frame.data else None
            if spoken is None or size > _EXCERPT:
                break
            words.append(spoken)
            size += len(spoken)
        return "".join(words) if words else None

    def _last(self, row: Row) -> Frame | None:
        return self._reader.frame(numbers_of(row)[-1])


def fitted(console: Console, line: Text, *, width: int) -> Text:
    """The line, exactly so wide, in characters that the terminal has as far as they are ours."""
    line.truncate(width, overflow="ellipsis", pad=True)
    if not can_show(console, _OURS):
        line.plain = line.plain.translate(_PLAIN)
    return line
