"""The raw view: a list of events, one of which can be looked at closely."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from realtime_cli.errors import BadInput
from realtime_cli.redaction import Redactor
from realtime_cli.visible import one_line

from .close_up import CloseUp
from .edges import footer, header
from .filter import FILTER_HELP, Filter, parse_filter
from .formats import Formats
from .help import KeyHelp
from .index import Index, numbers_of
from .listing import Listing
from .reading import Reader
from .references import references
from .ring import EventRing
from .rows import RowMaker, fitted
from .sound import Sounds

_ALIASES = {
    "k": "up",
    "j": "down",
    "g": "home",
    "G": "end",
    " ": "pagedown",
    "space": "pagedown",
    "right": "enter",
    "left": "escape",
    "q": "escape",
}
_LIST_KEYS = (
    ("up/down", "move"),
    ("enter", "inspect"),
    ("esc", "back"),
    ("?", "keys"),
    ("/", "filter"),
    ("f", "fold"),
    ("end", "follow"),
    ("r", "same item"),
    ("b", "filter before"),
)
_EVENT_KEYS = (
    ("up/down", "scroll"),
    ("esc", "list"),
    ("?", "keys"),
    ("n/p", "next, previous"),
    ("r", "same item"),
    ("1-9", "same id"),
    ("w", "wrap"),
    ("f", "fold"),
)
_HELP_KEYS = (("up/down", "scroll"), ("esc", "back"))
_DIGITS = ("1", "2", "3", "4", "5", "6", "7", "8", "9")
_MOST_FILTERS = 32


class RawView:
    """Rows of a ring's events, for any size of screen, and what keys do about them.

    Follows what is new until the user moves. Costs the same however many events there are; only a new filter
    looks at all of them, once.
    """

    def __init__(self, ring: EventRing, console: Console, *, redactor: Redactor | None = None) -> None:
        self._ring = ring
        self._console = console
        self._formats = Formats(ring)
        sounds = Sounds(ring, self._formats)
        self._reader = Reader(ring, redactor or Redactor())
        self._rows = RowMaker(console, self._reader, sounds)
        self._close_up = CloseUp(console, self._reader, sounds)
        self._filters = [Filter()]
        self._tried: Filter | None = None
        self._folds = True
        self._help = KeyHelp(console)
        self._rows_of_filter = Listing(self._index())
        self._is_outdated = False
        self._complaint = ""

    @property
    def pattern(self) -> str:
        """What the filter was made of."""
        return self._wanted.pattern

    @property
    def _wanted(self) -> Filter:
        return self._filters[-1] if self._tried is None else self._tried

    @property
    def is_inspecting(self) -> bool:
        """Whether one event has all of the screen."""
        return bool(self._close_up.numbers) and self._tried is None

    @property
    def _listing(self) -> Listing:
        """The rows; those of a new filter are looked for when they are needed, after a burst of keys once."""
        if self._is_outdated:
            self._is_outdated = False
            self._rows_of_filter.show(self._index())
        return self._rows_of_filter

    def filter(self, pattern: str) -> bool:
        """Shows only the events that the pattern finds; False, and a word in the header, for a bad one."""
        try:
            wanted = parse_filter(pattern)
        except BadInput as error:
            self._complaint = one_line(f"{error}; {error.hint}" if error.hint else str(error))
            return False
        self._close_up.close()
        self._complaint = ""
        self.try_out(None)
        if wanted.pattern != self.pattern:
            self._filters = [*self._filters[-_MOST_FILTERS:], wanted]
            self._is_outdated = True
        return True

    def try_out(self, pattern: str | None) -> None:
        """Shows what a filter that is being typed would find; one that is not whole yet changes nothing.

        None goes back to the filter before.
        """
        before = self._tried
        try:
            self._tried = None if pattern is None else parse_filter(pattern)
        except BadInput:
            return
        if self._tried != before:
            self._is_outdated = True

    def inspect(self, number: int | None) -> bool:
        """Shows one event closely, the newest where no number is given; False where it is not kept."""
        self._listing.index.catch_up()
        number = self._ring.last if number is None else number
        if self._ring.event(number) is None:
            self._complaint = f"#{number} is not kept: there are #{self._ring.first} to #{self._ring.last}"
            return False
        if not self._shows(number):
            self.filter("")
        if not self._shows(number):  # in a run that is folded
            self._fold()
        self._listing.select(number)
        self._open()
        return True

    def press(self, key: str) -> bool:
        """Does what a key means; False where the view should be left."""
        self._complaint = ""
        self._listing.index.catch_up()
        key = _ALIASES.get(key, key)
        if self._help.is_open:
            self._help.press(key)
        elif key == "?":
            self._help.open()
        elif key == "f":
            self._fold()
        elif key == "r":
            self._follow_id(0)
        elif self.is_inspecting:
            self._press_in_event(key)
        else:
            return self._press_in_list(key)
        return True

    def rows(self, *, width: int, height: int) -> list[Text]:
        """The screen: exactly `height` rows of exactly `width` cells; the first and the last one explain."""
        if width < 1 or height < 1:
            return []
        self._listing.index.catch_up()
        body = height if height < 3 else height - 2
        shown = self._body(width, body)
        shown += [Text(" " * width)] * (body - len(shown))
        if height < 3:
            return shown
        keys = _HELP_KEYS if self._help.is_open else _EVENT_KEYS if self.is_inspecting else _LIST_KEYS
        return [self._header(width), *shown, footer(self._console, keys, width=width)]

    def _body(self, width: int, height: int) -> list[Text]:
        if self._help.is_open:
            return self._help.rows(width=width, height=height)
        return self._event_rows(width, height) if self.is_inspecting else self._list_rows(width, height)

    def _list_rows(self, width: int, height: int) -> list[Text]:
        shown: list[Text] = []
        for seen in self._listing.window(height):
            above = None if seen.above is None else self._ring.event(numbers_of(seen.above)[-1])
            row = self._rows.row(seen.row, above_s=None if above is None else above.at_s, width=width)
            shown.append(_selected(row) if seen.is_selected else row)
        return shown or [self._nothing(width)]

    def _event_rows(self, width: int, height: int) -> list[Text]:
        self._close_up.grow(self._selected_numbers())
        return self._close_up.rows(width=width, height=height)

    def _nothing(self, width: int) -> Text:
        words = f" nothing matches; {FILTER_HELP}" if self.pattern else " no events yet"
        return fitted(self._console, Text(words, "info"), width=width)

    def _header(self, width: int) -> Text:
        if self._complaint:
            return fitted(self._console, Text(f" {self._complaint}", "error"), width=width)
        if self._help.is_open:
            return fitted(self._console, Text(" keys of the raw view", "heading"), width=width)
        if self.is_inspecting:
            return self._close_up.header(width=width)
        listing = self._listing
        left = [(" events ", "heading"), (one_line(self.pattern), "key")]
        if not self._folds:
            left.append((" unfolded", "info"))
        shown, kept = f"{listing.index.matched:,}", f"{len(self._ring):,}"
        counts = f"{shown} of {kept}" if self.pattern else kept
        row = f"row {listing.position + 1:,}/{len(listing.index.rows):,}"
        place = "follows" if listing.follows else row
        right = (f"{counts} events · {place}", f"{counts}, {place}", counts)
        return header(self._console, left, right, width=width)

    def _press_in_list(self, key: str) -> bool:
        listing = self._listing
        match key:
            case "up" | "down":
                listing.move(1 if key == "down" else -1)
            case "pageup" | "pagedown":
                listing.move_page(1 if key == "pagedown" else -1)
            case "home":
                listing.to_start()
            case "end":
                listing.to_end()
            case "enter":
                self._open()
            case "b":
                self._back()
            case "escape":
                return False
            case _:
                pass
        return True

    def _press_in_event(self, key: str) -> None:
        match key:
            case "n" | "p":
                self._step(1 if key == "n" else -1)
            case "escape" | "b":
                self._close_up.close()
            case _ if key in _DIGITS:
                self._follow_id(_DIGITS.index(key))
            case _:
                self._close_up.press(key)

    def _open(self) -> None:
        numbers = self._selected_numbers()
        if numbers:
            self._listing.select(numbers[0])
            self._close_up.open(numbers)

    def _step(self, rows: int) -> None:
        """Goes to the next row's event, or the one before; not beyond the last one."""
        if 0 <= self._listing.position + rows < len(self._listing.index.rows):
            self._listing.move(rows)
            self._open()

    def _fold(self) -> None:
        self._folds = not self._folds
        self._is_outdated = True
        if self.is_inspecting:
            self._open()

    def _back(self) -> None:
        if len(self._filters) > 1:
            self._filters.pop()
            self._is_outdated = True

    def _follow_id(self, which: int) -> None:
        """Shows the events with an id of the selected one."""
        numbers = self._close_up.numbers or self._selected_numbers()
        frame = self._reader.frame(numbers[0]) if numbers else None
        ids = references(frame.data, direction=frame.event.direction) if frame and frame.data else []
        if which < len(ids):
            self._listing.select(numbers[0])
            self.filter(f"id:{ids[which]}")
        else:
            self._complaint = "nothing else has an id of this event"

    def _selected_numbers(self) -> Sequence[int]:
        selected = self._listing.selected
        return () if selected is None else numbers_of(selected)

    def _shows(self, number: int) -> bool:
        position = self._listing.index.position(number)
        return position >= 0 and numbers_of(self._listing.index.rows[position])[0] == number

    def _index(self) -> Index:
        return Index(self._ring, self._formats, keeps=self._wanted, folds=self._folds)


def _selected(row: Text) -> Text:
    """The row, marked without colours as well."""
    marked = Text(">", "selected").append_text(row[1:])
    marked.stylize("selected")
    return marked
