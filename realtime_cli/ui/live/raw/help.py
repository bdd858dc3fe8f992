"""The screen that tells the keys of the raw view."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from realtime_cli.ui.commands.layout import definitions
from realtime_cli.ui.raw_keys import RAW_KEYS, simple_key
from realtime_cli.ui.theme import can_show

from .rows import fitted


class KeyHelp:
    """All keys, as many as the screen has room for; the others below."""

    def __init__(self, console: Console) -> None:
        self.is_open = False
        self._console = console
        self._scroll = 0

    def open(self) -> None:
        """Shows the keys from the first one on."""
        self.is_open, self._scroll = True, 0

    def press(self, key: str) -> None:
        """Scrolls, or is over."""
        steps = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10}
        self._scroll += steps.get(key, 0)
        self.is_open = key in steps

    def rows(self, *, width: int, height: int) -> list[Text]:
        """At most so many rows."""
        is_fancy = can_show(self._console, "".join(key for key, _ in RAW_KEYS))
        entries = [
            (Text(" " + (key if is_fancy else simple_key(key)), "key"), Text(does)) for key, does in RAW_KEYS
        ]
        rows = definitions(self._console, entries, width=width)
        self._scroll = max(0, min(self._scroll, len(rows) - height))
        some = rows[self._scroll : self._scroll + height]
        return [fitted(self._console, row, width=width) for row in some]
