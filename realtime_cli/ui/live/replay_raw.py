"""The raw view of a recording."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from prompt_toolkit.key_binding import KeyBindings
from rich.console import Console
from rich.text import Text

from realtime_cli.protocol.jsontypes import is_object, parse
from realtime_cli.redaction import Redactor
from realtime_cli.runtime.replayer import RecordedEntry

from .raw import EventRing
from .raw_page import RawPage


class ReplayedEvents:
    """A `Page` with the last entries of a tape, which are looked at only while it is shown."""

    def __init__(
        self, tape: deque[RecordedEntry], *, close: Callable[[], None], draw: Callable[[], None]
    ) -> None:
        self._tape = tape
        self._ring = EventRing()
        self._page = RawPage(self._ring, Redactor(), close=close, draw=draw)  # a log has no secrets

    def rows(self, *, width: int, height: int) -> list[Text]:
        """The list of events, or one of them."""
        while self._tape:
            entry = self._tape.popleft()
            told = _is_object(entry.raw)
            self._ring.saw(entry.direction, entry.raw, now_s=entry.t_s, is_object=told)
        return self._page.rows(width=width, height=height)

    def begin_anew(self) -> None:
        """Forgets what was played: it is played from the beginning again. The filter stays."""
        self._tape.clear()
        self._ring = EventRing()
        self._page.begin_anew(self._ring)

    def keys(self) -> KeyBindings:
        """All keys of this page."""
        return self._page.keys()

    def draw_on(self, console: Console) -> None:
        """Knows what the terminal can show."""
        self._page.console = console


def _is_object(raw: str | bytes) -> bool:
    try:
        return isinstance(raw, str) and is_object(parse(raw))
    except ValueError:
        return False
