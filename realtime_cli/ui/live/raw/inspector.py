"""One event, looked at closely: what it belongs to, and all that is in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from realtime_cli.visible import one_line, visible

from .columns import duration_cell
from .details import quoted, spoken_in
from .reading import Frame, Reader
from .references import Related, answer_to, cause_of, earlier_with, later_with, references
from .sound import Sounds, squeezed, wave
from .tree import Tree

_MOST_BYTES = 4_096
_A_ROW = 16
_LONGEST = 20_000
_WAVE_HEIGHT = 3
_LABEL = 12


@dataclass(frozen=True, slots=True)
class Page:
    """Everything there is to see of an event; `ids` are those by which others can be found."""

    lines: list[Text]
    ids: list[str]


class Inspector:
    """Makes pages, the last one only once."""

    def __init__(self, console: Console, reader: Reader, sounds: Sounds) -> None:
        self._console = console
        self._reader = reader
        self._sounds = sounds
        self._last: tuple[tuple[int, int, int, bool], Page] | None = None

    def page(self, numbers: Sequence[int], *, width: int, wraps: bool) -> Page:
        """The page for an event, or for a run of them."""
        key = (numbers[0], numbers[-1], width, wraps)
        if self._last is None or self._last[0] != key:
            self._last = (key, self._made(numbers, width, wraps))
        return self._last[1]

    def _made(self, numbers: Sequence[int], width: int, wraps: bool) -> Page:
        frame = self._reader.frame(numbers[0])
        if frame is None:
            return Page([Text(f"#{numbers[0]} is not kept any more", "warning")], [])
        tree = Tree(self._console, width, self._sounds.encoding(frame), wraps, frame.type)
        if len(numbers) > 1:
            self._put_run(tree, numbers)
        if frame.data is None:
            self._put_text(tree, frame)
            return Page(tree.lines, [])
        ids = references(frame.data, direction=frame.event.direction)
        for line in self._relations(frame, ids):
            tree.put(line)
        if tree.lines:
            tree.put(Text())
        tree.add(frame.data)
        return Page(tree.lines, ids)

    def _relations(self, frame: Frame, ids: list[str]) -> Iterator[Text]:
        cause, answer = cause_of(self._reader, frame), answer_to(self._reader, frame)
        told = [("answers", cause, "warning"), ("answered by", answer, "error")]
        if ids:
            told.append(("before it", earlier_with(self._reader, frame, ids[0]), "info"))
            told.append(("after it", later_with(self._reader, frame, ids[0]), "info"))
        numbers: set[int] = set()
        for words, other, style in told:
            if other is not None and other.event.number not in numbers:
                numbers.add(other.event.number)
                yield _related(words, other, style)
        if ids:
            yield _listed(ids)

    def _put_run(self, tree: Tree, numbers: Sequence[int]) -> None:
        tree.put(Text(f"×{len(numbers)}, #{numbers[0]} to #{numbers[-1]}: f shows each of them", "number"))
        sound = self._sounds.of_events(numbers)
        if sound is not None:
            tree.put(Text(f"together {duration_cell(sound.ms)}", "number"))
            peaks = squeezed(sound.peaks, cells=max(1, tree.width - 1))
            tree.put_wave(wave(self._console, peaks, height=_WAVE_HEIGHT))
        elif words := self._joined(numbers):
            tree.put(Text("together ", "number").append(words))
        tree.put(Text())
        tree.put(Text("the first of them:", "info"))

    def _joined(self, numbers: Sequence[int]) -> str:
        frames = (self._reader.frame(number) for number in numbers)
        words = (spoken_in(frame.type, frame.data) or "" for frame in frames if frame and frame.data)
        text = visible("".join(words))
        return quoted(text) if len(text) < 200 else text[:_LONGEST]

    def _put_text(self, tree: Tree, frame: Frame) -> None:
        if isinstance(frame.event.raw, str):
            tree.put(Text("no JSON object:", "warning"))
            tree.put(Text(visible(frame.text[:_LONGEST])))
            return
        tree.put(Text(f"a binary frame of {len(frame.event.raw):,} bytes", "warning"))
        raw = frame.text.encode("latin-1")[:_MOST_BYTES]
        for start in range(0, len(raw), _A_ROW):
            tree.put(_hex_row(raw[start : start + _A_ROW], start))


def _related(words: str, other: Related, style: str) -> Text:
    return Text.assemble(
        (words.ljust(_LABEL), "info"), (f"#{other.event.number} ", "number"), (one_line(other.type), style)
    )


def _listed(ids: Sequence[str]) -> Text:
    line = Text("ids".ljust(_LABEL), "info")
    for index, id_ in enumerate(ids[:9], start=1):
        line.append(f"{index} ", "key").append(one_line(id_), "link").append("  ")
    return line


def _hex_row(some: bytes, at: int) -> Text:
    letters = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in some)
    return Text.assemble(
        (f"{at:06x}  ", "info"), (some.hex(" ").ljust(3 * _A_ROW), "number"), (f" {letters}", "")
    )
