"""What a terminal sends, made fit for a parser of keys: only what that knows gets through as a sequence.

The Kitty keyboard protocol (https://sw.kovidgoyal.net/kitty/keyboard-protocol/) is read here.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import TypeAlias

_ESC = "\x1b"
_SEQUENCES = re.compile(
    r"\x1b\[(?P<parameters>[0-?]*)[ -/]*(?P<final>[@-~])"  # CSI
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC
    r"|\x1b[PX^_][^\x1b]*\x1b\\"  # DCS, SOS, PM, APC
    r"|\x1bO[ -~]"  # SS3
)
_BEGUN = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]*\x1b?|[PX^_][^\x1b]*\x1b?|O)?\Z")
_PASTE, _END_OF_PASTE = "\x1b[200~", "\x1b[201~"
# No key sends these: C1 controls, and bytes that were no text.
_STRAY = re.compile("[\x80-\x9f\ud800-\udfff]")
_REPEAT, _RELEASE = 2, 3
# Caps Lock and Num Lock are told like modifiers that are held down.
_LOCKS = 64 | 128
_NO_MODIFIER, _SHIFT, _ALT, _CTRL = 1, 2, 3, 5
# The key held down must not do these again and again: interrupt, end of input, suspend.
_ONCE = "\x03\x04\x1a"


@dataclass(frozen=True, slots=True)
class SpaceReleased:
    """The space bar came up."""


@dataclass(frozen=True, slots=True)
class FlagsTold:
    """The terminal knows the Kitty protocol, and these enhancements are on."""

    flags: int


Token: TypeAlias = str | SpaceReleased | FlagsTold


class KeyFilter:
    """Takes text from a terminal, in whatever pieces it comes, and drops sequences that are not `known`."""

    def __init__(self, known: Container[str]) -> None:
        self._known = known
        self._held = ""
        self._pasted: str | None = None

    def feed(self, data: str) -> list[Token]:
        """The keys in it; a sequence that is not complete waits for its end."""
        return list(self._tokens(data))

    def flush(self) -> list[Token]:
        """The keys that waited: nothing came behind them, so they were pressed by hand."""
        held = self._held
        if held.startswith(_ESC + "["):
            return []
        self._held = ""
        return [held] if 0 < len(held) <= 2 else []

    def _tokens(self, data: str) -> Iterator[Token]:
        while data:
            if self._pasted is not None:
                pasted, data = self._paste(data)
                yield pasted
                continue
            data, self._held = self._held + data, ""
            found = _SEQUENCES.search(data)
            if found is None:
                yield from self._typed(data)
                return
            yield from _plain(data[: found.start()])
            yield from self._sequence(found)
            data = data[found.end() :]

    def _typed(self, data: str) -> Iterator[str]:
        begun = _BEGUN.search(data)
        if begun is not None:
            data, self._held = data[: begun.start()], begun.group()
        yield from _plain(data)

    def _paste(self, data: str) -> tuple[str, str]:
        """What still belongs to the paste, and what comes behind it."""
        before = self._pasted or ""
        end = (before + data).find(_END_OF_PASTE)
        if end < 0:
            self._pasted = (before + data)[1 - len(_END_OF_PASTE) :]
            return data, ""
        self._pasted = None
        size = end + len(_END_OF_PASTE) - len(before)
        return data[:size], data[size:]

    def _sequence(self, found: re.Match[str]) -> Iterator[Token]:
        sequence, parameters, final = found.group(), found["parameters"], found["final"]
        if sequence == _PASTE:
            self._pasted = ""
            yield sequence
        elif final == "u":
            token = _key(parameters)
            if token is not None:
                yield token
        else:
            sequence = _without_event(sequence, parameters or "", final or "")
            if sequence in self._known:
                yield sequence


def _plain(text: str) -> Iterator[str]:
    text = _STRAY.sub("", text)
    if text:
        yield text


def _key(parameters: str) -> Token | None:
    """What `CSI … u` means: a key with its code, modifiers and event, or the answer to `CSI ? u`."""
    if parameters.startswith("?"):
        return FlagsTold(_number(parameters[1:], otherwise=0))
    code, modifiers, event = _fields(parameters)
    if event == _RELEASE:
        return SpaceReleased() if code == ord(" ") else None
    key = _legacy(code, modifiers)
    return None if event == _REPEAT and key in _ONCE else key or None


def _fields(parameters: str) -> tuple[int, int, int]:
    """The code, the modifiers, and the event (1 is a press)."""
    code, _, rest = parameters.partition(";")
    modifiers, _, event = rest.partition(";")[0].partition(":")
    return (
        _number(code.partition(":")[0], otherwise=0),
        _unlocked(modifiers),
        _number(event, otherwise=1),
    )


def _unlocked(modifiers: str) -> int:
    return (_number(modifiers, otherwise=_NO_MODIFIER) - 1 & ~_LOCKS) + 1


def _number(text: str, *, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else otherwise


def _legacy(code: int, modifiers: int) -> str:
    """The key as terminals sent it before there was a protocol; empty for one that they could not send."""
    if not _is_typed(code):
        return ""
    if modifiers in (_NO_MODIFIER, _SHIFT):
        return chr(code)
    if modifiers == _CTRL and 0x40 < code < 0x7F:
        return chr(code & 0x1F)
    return _ESC + chr(code) if modifiers == _ALT else ""


def _is_typed(code: int) -> bool:
    """Whether the code is a character, or Enter, Tab or Backspace; functional keys have private codes."""
    if code in {0x0D, 0x09, 0x7F}:
        return True
    return 0x20 <= code < 0x7F or 0xA0 <= code < 0xD800 or 0x10000 <= code < 0x11_0000


def _without_event(sequence: str, parameters: str, final: str) -> str:
    """A functional key as it was before there were events; its release is nothing at all."""
    number, _, rest = parameters.partition(";")
    modifiers, colon, event = rest.partition(":")
    if not colon:
        return sequence
    if event == str(_RELEASE):
        return ""
    held = _unlocked(modifiers)
    kept = f"{number};{held}" if held != _NO_MODIFIER else number.removesuffix("1")
    return f"{_ESC}[{kept}{final}"
