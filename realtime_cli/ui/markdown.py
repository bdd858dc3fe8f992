"""Answers in Markdown, laid out in rows: those that more text cannot change are told, and never again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rich.console import Console
from rich.text import Text

from realtime_cli.visible import visible

from .blocks import Context, Line, Look, Source, shown_line
from .table import Table, body_rows, head_rows, is_delimiter, may_become_delimiter, table_of
from .theme import can_show
from .wrap import cut, parts_of, rows_of, untabbed

# A table is as wide as its first rows want it.
_MEASURED = 30
_MEASURED_SIZE = 4000
# A longer line is no row of a table.
_LONGEST_ROW = 2000
# A longer line is laid out in parts: the picture of one that grows must not cost more and more.
_LONGEST_LINE = 4000
# Behind so many rows, or characters, the rest may wait for the next picture.
MOST_ROWS, MOST_SIZE = 100, 3000
_FREE_LINES = re.compile(r"(?:[ \t]*\r?\n)+")
_NO_CONTEXT = Context()


@dataclass(frozen=True, slots=True)
class Place:
    """How far an answer is told: the line that begins `at`, but for `start` of its characters.

    Of what is shown for the rest of that line the first `shown` characters are told as well. `has_gap` where
    a free row comes before what follows.
    """

    at: int = 0
    start: int = 0
    shown: int = 0
    context: Context = _NO_CONTEXT
    table: Table | None = None
    has_gap: bool = False

    @property
    def is_within(self) -> bool:
        """Whether a part of the line is told."""
        return bool(self.start or self.shown)


@dataclass(frozen=True, slots=True)
class Placed:
    """A row, and the place behind it; None while more text may change the row."""

    text: Text
    after: Place | None = None


@dataclass(frozen=True, slots=True)
class Laid:
    """Rows, and where the next picture goes on; None where they are all there is."""

    rows: list[Placed]
    rest: Place | None = None


@dataclass(frozen=True, slots=True)
class _Raw:
    """A line of the source, and where the next one begins."""

    text: str
    end: int
    is_complete: bool


def look_of(console: Console) -> Look:
    """What the console can show."""
    ticks = console.color_system is None
    if can_show(console, "•│─☐☑"):
        return Look(shows_ticks=ticks)
    return Look("- ", "| ", "-", ("[ ] ", "[x] "), shows_ticks=ticks)


@dataclass(slots=True)
class _Layout:
    """One pass over what is not told yet; it ends being `settled` where more text may change something."""

    text: str
    place: Place
    look: Look
    width: int
    indent: int
    lead: int
    is_over: bool
    goes_on: bool
    is_bounded: bool
    rows: list[Placed] = field(default_factory=list[Placed])
    is_settled: bool = True
    has_gap: bool = False

    def run(self) -> Laid:
        """The rows of the rest, or as many as one picture has time for."""
        place, self.has_gap = self.place, self.place.has_gap
        while place.at < len(self.text):
            if self.is_bounded and self.is_settled and self._is_enough(place):
                return Laid(self.rows, replace(place, has_gap=self.has_gap))
            place = self._block(place)
        return Laid(self.rows)

    def _is_enough(self, place: Place) -> bool:
        return len(self.rows) >= MOST_ROWS or place.at - self.place.at >= MOST_SIZE

    def _raw(self, at: int) -> _Raw:
        end = self.text.find("\n", at, at + _LONGEST_LINE + 1)
        if end < 0 and len(self.text) > at + _LONGEST_LINE:
            end = at + _LONGEST_LINE
            return _Raw(untabbed(visible(self.text[at:end])), end, is_complete=True)
        is_complete = end >= 0 or self.is_over
        end = end if end >= 0 else len(self.text)
        return _Raw(untabbed(visible(self.text[at:end].removesuffix("\r"))), end + 1, is_complete)

    def _block(self, place: Place) -> Place:
        """Lays out a line, or the beginning of a table; gives the place behind it."""
        is_code = place.context.fence is not None
        if not is_code and (free := _FREE_LINES.match(self.text, place.at)) is not None:
            return self._free(free.end(), place)
        raw = self._raw(place.at)
        if not is_code and not raw.text.strip(" "):
            return self._free(raw.end, place)
        if not is_code and not place.is_within and _may_be_row(raw.text):
            return self._tabular(raw, place)
        return self._line(raw, replace(place, table=None))

    def _free(self, end: int, place: Place) -> Place:
        """Free lines: one of them will show, before whatever follows."""
        self.has_gap = self.has_gap or self.goes_on or bool(self.rows)
        return Place(end, context=place.context)

    def _line(self, raw: _Raw, place: Place) -> Place:
        source = Source(raw.text, place.start, raw.is_complete)
        line, context = shown_line(source, place.context, self.look)
        after = Place(raw.end, context=context)
        if line is None:
            self.is_settled = self.is_settled and raw.is_complete
            return after
        self._open_gap(place)
        ends = self._shown_rows(line, place)
        for index, (row, end) in enumerate(ends):
            is_last = index == len(ends) - 1
            is_final = raw.is_complete or (not is_last and end <= line.words.decided)
            self._add(
                row, _behind(place, line, end) if not (is_last and raw.is_complete) else after, is_final
            )
        return after

    def _shown_rows(self, line: Line, place: Place) -> list[tuple[Text, int]]:
        """The rows of a line's words that are not told, each with the number of characters that are then."""
        words = line.words.words[place.shown :] if place.shown else line.words.words
        first = line.below if place.is_within else line.first
        indent = self.indent + first.cell_len
        below = line.below
        if indent + 2 > self.width:
            first, below = _shortest(first), Text()
            indent = self.indent + first.cell_len
        if line.is_code:
            spans = parts_of(words.plain, room=self.width - indent)
        else:
            spans = rows_of(
                words.plain,
                width=self.width,
                indent=indent,
                lead=0 if self.rows or self.goes_on else self.lead,
            )
        nexts = [*(begin for begin, _ in spans[1:]), len(words)]
        prefixes = [first, *[below] * (len(spans) - 1)]
        rows = [_joined(prefix, row) for prefix, row in zip(prefixes, cut(words, spans), strict=True)]
        return [(row, place.shown + end) for row, end in zip(rows, nexts, strict=True)]

    def _tabular(self, raw: _Raw, place: Place) -> Place:
        if place.table is not None:
            return self._body(raw, place, place.table)
        lines, ends, is_open = [raw.text], [raw.end], not raw.is_complete
        size = len(raw.text)
        while not is_open and len(lines) < _MEASURED and (len(lines) < 2 or size < _MEASURED_SIZE):
            if ends[-1] >= len(self.text):
                is_open = not self.is_over
                break
            row = self._raw(ends[-1])
            if not _goes_on(lines, row):
                is_open = not row.is_complete and row.text.strip(" ") in {"", "|"}
                break
            lines, ends, is_open = [*lines, row.text], [*ends, row.end], not row.is_complete
            size += len(row.text)
        if len(lines) < 2 or not is_delimiter(lines[1]):
            return self._not_tabular(raw, place, is_open=is_open and len(lines) <= 2)
        self.is_settled = self.is_settled and not is_open
        return self._table(lines, ends, place)

    def _not_tabular(self, raw: _Raw, place: Place, *, is_open: bool) -> Place:
        """A line of words that only looks like the head of a table."""
        self.is_settled = self.is_settled and not is_open
        return self._line(raw, place)

    def _table(self, lines: Sequence[str], ends: Sequence[int], place: Place) -> Place:
        self._open_gap(place)
        table = table_of(lines, shows_ticks=self.look.shows_ticks)
        room = max(1, self.width - self.indent)
        after = Place(ends[1], context=place.context, table=table)
        head = head_rows(table, width=room, shows_ticks=self.look.shows_ticks, rule=self.look.rule)
        self._add_all(head, place, after)
        for line, end in zip(lines[2:], ends[2:], strict=True):
            after = self._body(_Raw(line, end, is_complete=True), after, table)
        return after

    def _body(self, raw: _Raw, place: Place, table: Table) -> Place:
        after = Place(raw.end, context=place.context, table=table)
        room = max(1, self.width - self.indent)
        self.is_settled = self.is_settled and raw.is_complete
        self._add_all(body_rows(table, raw.text, width=room, shows_ticks=self.look.shows_ticks), place, after)
        return after

    def _add_all(self, rows: Sequence[Text], place: Place, after: Place) -> None:
        """Rows that are told together or not at all: the place is behind the last of them."""
        for row in rows[:-1]:
            self._add(row, place, is_final=True)
        for row in rows[-1:]:
            self._add(row, after, is_final=True)

    def _open_gap(self, place: Place) -> None:
        """A free row, if there are free lines before this one."""
        if self.has_gap:
            self.has_gap = False
            self._add(Text(), replace(place, table=None), is_final=True)

    def _add(self, row: Text, after: Place, is_final: bool) -> None:
        self.is_settled = self.is_settled and is_final
        self.rows.append(Placed(row, after if self.is_settled else None))


def lay_out(
    text: str,
    place: Place,
    look: Look,
    *,
    width: int,
    indent: int,
    is_over: bool,
    goes_on: bool,
    lead: int = 0,
    is_bounded: bool = False,
) -> Laid:
    """What of the text is behind the place, in rows without their margin of `indent` cells.

    `goes_on` where a row of the text is told right above; if not, `lead` cells more stand before the first.
    With `is_bounded` the work is: what is not laid out is left to the next picture.
    """
    return _Layout(text, place, look, width, indent, lead, is_over, goes_on, is_bounded).run()


def _may_be_row(text: str) -> bool:
    return text.lstrip(" ").startswith("|") and len(text) <= _LONGEST_ROW


def _goes_on(lines: Sequence[str], row: _Raw) -> bool:
    """Whether a line belongs to the table that these lines begin."""
    if len(row.text) > _LONGEST_ROW:
        return False
    if len(lines) == 1:
        return is_delimiter(row.text) or (not row.is_complete and may_become_delimiter(row.text))
    return row.text.lstrip(" ").startswith("|")


def _behind(place: Place, line: Line, shown: int) -> Place:
    """The place in a line behind so many of the characters that are shown for it."""
    start, rest = line.words.source_of(shown)
    if start < 0:
        return replace(place, shown=shown, table=None)
    return replace(place, start=start, shown=rest, table=None)


def _shortest(prefix: Text) -> Text:
    """The last of the signs before a row."""
    signs = prefix.plain.split()
    return Text.assemble((f"{signs[-1]} ", "key")) if signs else Text()


def _joined(prefix: Text, row: Text) -> Text:
    joined = prefix + row
    if not row:
        joined.rstrip()
    return joined
