"""The screen with one event: where it is scrolled to, and what stands above it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from realtime_cli.ui.events import arrow
from realtime_cli.visible import one_line

from .columns import size_cell
from .edges import header
from .inspector import Inspector, Page
from .reading import Reader, size_bytes
from .rows import fitted
from .sound import Sounds

_NO_PAGE = Page([], [])


class CloseUp:
    """One event, or a run of them, on all of the screen; nothing where `numbers` is empty."""

    def __init__(self, console: Console, reader: Reader, sounds: Sounds) -> None:
        self.numbers: Sequence[int] = ()
        self._console = console
        self._reader = reader
        self._inspector = Inspector(console, reader, sounds)
        self._page = _NO_PAGE
        self._scroll = 0
        self._height = 1
        self._wraps = True

    def open(self, numbers: Sequence[int]) -> None:
        """Shows these events, from the top."""
        self.numbers, self._scroll = tuple(numbers), 0

    def close(self) -> None:
        """Shows nothing any more."""
        self.numbers = ()

    def grow(self, numbers: Sequence[int]) -> None:
        """Takes what has joined the run. What the ring has dropped stays for as long as it is looked at."""
        if self.numbers[0] >= self._reader.ring.first and self.numbers[0] in numbers:
            self.numbers = tuple(numbers)

    def rows(self, *, width: int, height: int) -> list[Text]:
        """The lines that are seen, at most `height`."""
        self._page = page = self._inspector.page(self.numbers, width=width, wraps=self._wraps)
        self._height = height
        self._scroll = max(0, min(self._scroll, len(page.lines) - height))
        some = page.lines[self._scroll : self._scroll + height]
        return [fitted(self._console, line.copy(), width=width) for line in some]

    def header(self, *, width: int) -> Text:
        """Which event this is."""
        frame = self._reader.frame(self.numbers[0])
        if frame is None:
            gone = Text(f" #{self.numbers[0]} is not kept any more", "warning")
            return fitted(self._console, gone, width=width)
        event = frame.event
        left = [
            (f" #{event.number} ", "heading"),
            (f"{arrow(self._console, event.direction)} ", event.direction),
            (one_line(frame.type) or "(no type)", event.direction),
        ]
        facts = f"{event.at_s:.3f} s · {size_cell(size_bytes(event.raw)).strip()} bytes"
        right = (facts + self._place(), facts, f"{event.at_s:.1f} s")
        return header(self._console, left, right, width=width)

    def press(self, key: str) -> None:
        """Does what a key means on this screen."""
        match key:
            case "up" | "down":
                self._scroll += 1 if key == "down" else -1
            case "pageup" | "pagedown":
                self._scroll += (1 if key == "pagedown" else -1) * max(1, self._height - 1)
            case "home":
                self._scroll = 0
            case "end":
                self._scroll = len(self._page.lines)
            case "w":
                self._wraps = not self._wraps
            case _:
                pass

    def _place(self) -> str:
        lines, last = len(self._page.lines), self._scroll + self._height
        return f" · lines {self._scroll + 1:,} to {last:,} of {lines:,}" if lines > self._height else ""
