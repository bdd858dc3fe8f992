"""Where a recording stands: the time, a bar with its turns and marked moments, and how it plays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rich.console import Console
from rich.text import Text

from realtime_cli.runtime.deck import Deck
from realtime_cli.runtime.landmarks import Landmark, LandmarkKind
from realtime_cli.ui.theme import can_show

Sound: TypeAlias = Literal["none", "on", "off"]

# A bar that is shorter than this says nothing.
_SHORTEST = 6
# A tick is worth its cell as long as most cells have none.
_MOST_TICKS = 1 / 3
_STYLES: Mapping[LandmarkKind, str] = {
    "mark": "mark",
    "interruption": "warning",
    "error": "error",
    "gap": "warning",
}


@dataclass(frozen=True, slots=True)
class _Shapes:
    """What the bar is drawn with."""

    done: str
    rest: str
    done_turn: str
    rest_turn: str
    head: str
    markers: Mapping[LandmarkKind, str]
    playing: str
    paused: str
    over: str
    times: str
    note: str

    @property
    def all(self) -> str:
        """All characters."""
        signs = (self.done, self.rest, self.done_turn, self.rest_turn, self.head, *self.markers.values())
        return "".join((*signs, self.playing, self.paused, self.over, self.times, self.note))


_FANCY = _Shapes(
    *("━", "─", "┿", "┼", "●"),
    {"mark": "◆", "interruption": "╱", "error": "!", "gap": "~"},
    *("▸", "‖", "■", "×", "♪"),
)
_PLAIN = _Shapes(
    *("=", "-", "+", "+", "O"),
    {"mark": "#", "interruption": "/", "error": "!", "gap": "~"},
    *(">", "|", "x", "x", "sound"),
)


def bar_line(console: Console, deck: Deck, *, width: int) -> Text:
    """One row, narrower than `width`: what has the least to say is left out first."""
    shapes = _FANCY if can_show(console, _FANCY.all) else _PLAIN
    end = clock(deck.end_s)
    times = f" {clock(deck.place.t_s):>{len(end)}} "
    start = Text.assemble((_sign(deck, shapes), "mark"), times)
    for words in _said(deck, shapes):
        cells = width - 1 - start.cell_len - len(end) - 1 - words.cell_len
        if cells >= _SHORTEST:
            return Text.assemble(start, _bar(deck, shapes, cells), (f" {end}", "time"), words)
    short = Text.assemble(start, (f"/ {end}", "time"))
    short.truncate(max(1, width - 1))
    return short


def clock(seconds: float) -> str:
    """`1:23`, `1:02:03`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def marker_sign(console: Console, kind: LandmarkKind) -> Text:
    """What stands for a marked moment."""
    shapes = _FANCY if can_show(console, _FANCY.all) else _PLAIN
    return Text(shapes.markers.get(kind, shapes.rest_turn), _STYLES.get(kind, "bar"))


def _sign(deck: Deck, shapes: _Shapes) -> str:
    if deck.is_over:
        return shapes.over
    return shapes.paused if deck.pace.is_paused else shapes.playing


def _said(deck: Deck, shapes: _Shapes) -> Iterator[Text]:
    """How it plays, from the longest form to the shortest."""
    state = _state(deck)
    speed = "max" if deck.pace.speed is None else f"{shapes.times}{deck.pace.speed:g}"
    sound = _sound(deck, shapes)
    yield _joined(state, speed, sound)
    yield _joined(state, speed)
    yield _joined("", speed)
    yield Text()


def _joined(state: str, speed: str, sound: str = "") -> Text:
    words = Text()
    for word, style in ((state, "warning"), (speed, "info"), (sound, "info")):
        if word:
            words.append("  ").append(word, style)
    return words


def _state(deck: Deck) -> str:
    if deck.is_seeking:
        return "seeking"
    if deck.is_over:
        return "the end"
    return "paused" if deck.pace.is_paused else ""


def _sound(deck: Deck, shapes: _Shapes) -> str:
    if not deck.is_audible:
        return ""
    return f"{shapes.note} off" if deck.is_silent else f"{shapes.note} on"


def _bar(deck: Deck, shapes: _Shapes, cells: int) -> Text:
    head = _cell(deck.landmarks.share_of(deck.place), cells)
    bar = Text()
    ticks, signs = _turn_cells(deck, cells), _marker_cells(deck, cells)
    for cell in range(cells):
        is_done = cell < head
        if cell == head:
            bar.append(shapes.head, "bar.done")
        elif cell in signs:
            bar.append(shapes.markers[signs[cell]], _STYLES[signs[cell]])
        elif cell in ticks:
            bar.append(shapes.done_turn if is_done else shapes.rest_turn, _style(is_done=is_done))
        else:
            bar.append(shapes.done if is_done else shapes.rest, _style(is_done=is_done))
    return bar


def _style(*, is_done: bool) -> str:
    return "bar.done" if is_done else "bar"


def _turn_cells(deck: Deck, cells: int) -> set[int]:
    found = {_place_of(deck, mark, cells) for mark in deck.landmarks.turns}
    return found if len(found) <= cells * _MOST_TICKS else set()


def _marker_cells(deck: Deck, cells: int) -> dict[int, LandmarkKind]:
    """What a user has marked hides what went wrong beside it."""
    marks = sorted(deck.landmarks.markers, key=lambda mark: mark.kind == "mark")
    return {_place_of(deck, mark, cells): mark.kind for mark in marks}


def _place_of(deck: Deck, mark: Landmark, cells: int) -> int:
    return _cell(deck.landmarks.share_of(mark.place), cells)


def _cell(share: float, cells: int) -> int:
    return min(cells - 1, int(share * cells))
