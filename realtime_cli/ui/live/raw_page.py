"""The raw view on the whole terminal: its keys, and the line in which a filter is typed."""

from __future__ import annotations

from collections.abc import Callable

from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from rich.console import Console
from rich.text import Text

from realtime_cli.redaction import Redactor
from realtime_cli.ui.graphemes import edge

from .raw import EventRing, RawView

# Keys with a name, as the view calls them.
_NAMES = {
    "up": "up",
    "down": "down",
    "pageup": "pageup",
    "pagedown": "pagedown",
    "home": "home",
    "end": "end",
    "enter": "enter",
    "escape": "escape",
    "left": "left",
    "right": "right",
}


class RawPage:
    """A `Page` with the session's events. `close` leaves it, `draw` shows what a key changed."""

    console: Console

    def __init__(
        self, ring: EventRing, redactor: Redactor, *, close: Callable[[], None], draw: Callable[[], None]
    ) -> None:
        self._ring = ring
        self._redactor = redactor
        self._close = close
        self._draw = draw
        self._typed: str | None = None
        self._made: RawView | None = None

    @property
    def _view(self) -> RawView:
        if self._made is None:
            self._made = RawView(self._ring, self.console, redactor=self._redactor)
        return self._made

    def begin_anew(self, ring: EventRing) -> None:
        """Shows the events of another ring, with the same filter."""
        pattern = self._made.pattern if self._made is not None else ""
        self._ring, self._made = ring, None
        if pattern:
            self._view.filter(pattern)

    def filter(self, pattern: str) -> None:
        """Shows only the events that the pattern finds; an empty one finds all."""
        self._typed = None
        self._view.filter(pattern)

    def inspect(self, number: int | None) -> None:
        """Shows one event."""
        self._view.inspect(number)

    def rows(self, *, width: int, height: int) -> list[Text]:
        """The list of events, or one of them; the last row may be the filter that is being typed."""
        rows = self._view.rows(width=width, height=height)
        if self._typed is not None:
            rows[-1] = Text(f"filter: {self._typed}_"[-width:], "key")
        return rows

    def keys(self) -> KeyBindings:
        """All keys of this page."""
        keys = KeyBindings()
        for key in _NAMES:
            keys.add(key)(self._pressed_named)

        @keys.add("c-e")
        @keys.add("f4")
        @keys.add("c-c")
        def _(_: KeyPressEvent) -> None:
            self._typed = None
            self._view.try_out(None)
            self._close()

        @keys.add("backspace")
        def _(_: KeyPressEvent) -> None:
            if self._typed is not None:
                self._typed = self._typed[: edge(self._typed, len(self._typed) - 1, ahead=False)]
                self._view.try_out(self._typed)
                self._draw()

        @keys.add("c-u")
        def _(_: KeyPressEvent) -> None:
            if self._typed:
                self._typed = ""
                self._view.try_out("")
                self._draw()

        @keys.add(Keys.BracketedPaste)
        def _(event: KeyPressEvent) -> None:
            self._type(event.data)

        @keys.add(Keys.Any)
        def _(event: KeyPressEvent) -> None:
            self._type(event.data)

        return keys

    def _pressed_named(self, event: KeyPressEvent) -> None:
        name = _NAMES[event.key_sequence[0].key.replace("c-m", "enter")]
        if self._typed is not None and name in {"enter", "escape"}:
            typed, self._typed = self._typed, None
            self._view.try_out(None)
            if name == "enter":
                self.filter(typed)
        elif not self._view.press(name):
            self._close()
            return
        self._draw()

    def _type(self, text: str) -> None:
        if self._typed is not None:
            self._typed += "".join(char for char in text if char.isprintable())
            self._view.try_out(self._typed)
        elif text == "/":
            self._typed = self._view.pattern
        elif not self._view.press(text):
            self._close()
            return
        self._draw()
