"""Asks the terminal to report when keys are released (Kitty keyboard protocol), and takes that back."""

from __future__ import annotations

_ASK = "\x1b[?u"
_EVENT_TYPES = 2
_PUSH, _POP = f"\x1b[>{_EVENT_TYPES}u", "\x1b[<u"


class KeyReleases:
    """What to write to the terminal, and whether it reports releases now.

    A terminal that does not know the protocol never answers, and gets nothing but the question.
    """

    def __init__(self) -> None:
        self.are_reported = False
        self._are_wanted = False
        self._is_pushed = False

    def want(self) -> str:
        """Begins, where that has not begun."""
        if self._are_wanted:
            return ""
        self._are_wanted = True
        return _ASK

    def told(self, flags: int) -> str:
        """Goes on after the terminal's answer: only one that knows the protocol is asked for more."""
        if not self._are_wanted:
            return ""
        if not self._is_pushed:
            self._is_pushed = True
            return _PUSH + _ASK
        self.are_reported = bool(flags & _EVENT_TYPES)
        return ""

    def forget(self) -> str:
        """Takes everything back: nobody wants releases any more, or somebody else gets the terminal."""
        was_pushed, self._is_pushed = self._is_pushed, False
        self._are_wanted = self.are_reported = False
        return _POP if was_pushed else ""
