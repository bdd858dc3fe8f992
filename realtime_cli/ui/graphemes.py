"""Where one sees a character end: several code points may be one of them (Unicode's UAX #29, in short)."""

from __future__ import annotations

from unicodedata import category

_JOINER = "\u200d"
# They belong to what is before them: joiners, colours of skin, tags of flags, Korean vowels and finals.
_FOLLOWERS = (
    ("\u200c", _JOINER),
    ("\U0001f3fb", "\U0001f3ff"),
    ("\U000e0020", "\U000e007f"),
    ("\u1160", "\u11ff"),
)
_FLAG_LETTERS = ("\U0001f1e6", "\U0001f1ff")
_PICTURES = ("\U0001f000", "\U0001faff")


def edge(text: str, at: int, *, ahead: bool) -> int:
    """The place itself, or, within what one sees as a character, its end (`ahead`) or its beginning."""
    step = 1 if ahead else -1
    while 0 < at < len(text) and _belongs(text, at):
        at += step
    return at


def _belongs(text: str, at: int) -> bool:
    """Whether a code point is a part of the character before it."""
    before, char = text[at - 1], text[at]
    if char.isascii() or before == "\n":
        return False
    if category(char)[0] == "M" or any(_within(char, span) for span in _FOLLOWERS):
        return True
    if before == _JOINER:
        return category(char) in {"So", "Sm"} or _within(char, _PICTURES)
    return _within(char, _FLAG_LETTERS) and _flag_letters_before(text, at) % 2 == 1


def _flag_letters_before(text: str, at: int) -> int:
    start = at
    while start and _within(text[start - 1], _FLAG_LETTERS):
        start -= 1
    return at - start


def _within(char: str, span: tuple[str, str]) -> bool:
    first, last = span
    return first <= char <= last
