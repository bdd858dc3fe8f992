"""What pyte leaves out of a terminal: its other screen, its keyboard modes, and rows that were too wide."""

from __future__ import annotations

import re
from typing import Any

import pyte
from pyte.modes import DECAWM, DECTCEM
from pyte.screens import StaticDefaultDict
from wcwidth import wcwidth

_ALTERNATE, _BRACKETED_PASTE = 1049 << 5, 2004 << 5
_KEYBOARD = re.compile(rb"\x1b\[([<>=?])([0-9;]*)u")
_BEGUN = re.compile(rb"\x1b(?:\[[0-?]*)?\Z")


class Emulator(pyte.Screen):
    """A screen with another one beside it.

    `overruns` are the rows that had no room for a character.
    """

    def __init__(self, columns: int, lines: int) -> None:
        super().__init__(columns, lines)
        self.overruns: list[str] = []
        self.keyboard_flags: list[int] = []
        self._aside: tuple[Any, int, int] | None = None
        self._held = b""

    @property
    def leftovers(self) -> list[str]:
        """What the shell would not want to find: modes that are not as they were at first."""
        found = {
            "the other screen": self._aside is not None,
            "bracketed paste": _BRACKETED_PASTE in self.mode,
            "no cursor": self.cursor.hidden or DECTCEM not in self.mode,
            "no wrapping": DECAWM not in self.mode,
            "key releases": bool(self.keyboard_flags),
            "colours": self.cursor.attrs != self.default_char,
        }
        return [name for name, is_so in found.items() if is_so]

    def understood(self, data: bytes) -> bytes:
        """The bytes without what only a Kitty keyboard knows, which is remembered."""
        data, self._held = self._held + data, b""
        begun = _BEGUN.search(data)
        if begun is not None:
            data, self._held = data[: begun.start()], begun.group()
        return _KEYBOARD.sub(self._keyboard, data)

    def draw(self, data: str) -> None:
        """Draws one character after the other, to see where each of them gets."""
        for char in data:
            if self.cursor.x >= self.columns and wcwidth(char) > 0:
                self.overruns.append(self.display[self.cursor.y] + char)
            super().draw(char)

    def set_mode(self, *modes: int, **kwargs: Any) -> None:
        """Turns modes on."""
        super().set_mode(*modes, **kwargs)
        if _ALTERNATE in self.mode and self._aside is None:
            self._aside = self.buffer, self.cursor.x, self.cursor.y
            self.buffer = self._empty()

    def reset_mode(self, *modes: int, **kwargs: Any) -> None:
        """Turns modes off."""
        super().reset_mode(*modes, **kwargs)
        if _ALTERNATE not in self.mode and self._aside is not None:
            self.buffer, self.cursor.x, self.cursor.y = self._aside
            self._aside = None

    def _empty(self) -> Any:
        fresh = pyte.Screen(self.columns, self.lines)
        assert isinstance(fresh.buffer[0], StaticDefaultDict)
        return fresh.buffer

    def _keyboard(self, found: re.Match[bytes]) -> bytes:
        kind, number = found.group(1), int(found.group(2) or 0)
        if kind == b">":
            self.keyboard_flags.append(number)
        elif kind == b"<":
            del self.keyboard_flags[-max(1, number) :]
        return b""
