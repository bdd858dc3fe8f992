"""Takes command lines apart, as a shell would: quotes hold words together, a backslash frees a space.

A backslash before anything else is itself, so that paths of Windows need no quotes; there it always is.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from realtime_cli.errors import UsageError

_LINE = re.compile(r"/([A-Za-z][\w-]*)(!?)(?:\s+(.*))?", re.DOTALL)
_PLAIN = re.compile(r"[\w@%+=:,./~*\[\]\\-]+")
_QUOTES = "'\""
_FREED = "" if sys.platform == "win32" else " \t\n'\""
_FREED_IN_QUOTES = "" if sys.platform == "win32" else '"'


@dataclass(frozen=True, slots=True)
class Line:
    """A command line; `!` after the name insists."""

    name: str
    rest: str = ""
    insists: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """A word without its quotes, and where it stands; `quote` is one that was not closed."""

    text: str
    start: int
    end: int
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Cut:
    """What was typed so far: whole words, and the one that is being typed, which begins at `start`."""

    before: tuple[str, ...]
    word: str
    start: int


def is_command(line: str) -> bool:
    """Whether a line is for us: it begins with one `/`, or is a question mark."""
    return line.strip() == "?" or (line.startswith("/") and not line.startswith("//"))


def as_turn(line: str) -> str:
    """A line that is no command, as it is to be said: `//` stands for `/`."""
    return line[1:] if line.startswith("//") else line


def parse(line: str) -> Line | None:
    """The command of a line; None where no name can be seen."""
    if line.strip() == "?":
        return Line("help")
    match = _LINE.fullmatch(line.strip())
    return Line(match[1].lower(), (match[3] or "").strip(), match[2] == "!") if match else None


def split(text: str) -> list[str]:
    """The words of a text. Raises `UsageError` where a quote is not closed."""
    return [_closed(word).text for word in _words(text)]


def first(text: str) -> tuple[str, str]:
    """The first word, and the rest as it is. Raises `UsageError` where its quote is not closed."""
    word = next(_words(text), None)
    return (_closed(word).text, text[word.end :].strip()) if word else ("", "")


def cut(text: str) -> Cut:
    """The words of a text that is being typed."""
    words = list(_words(text))
    if not words or (words[-1].end < len(text) or (text[-1:].isspace() and not words[-1].quote)):
        return Cut(tuple(word.text for word in words), "", len(text))
    *before, last = words
    return Cut(tuple(word.text for word in before), last.text, last.start)


def quoted(word: str) -> str:
    """The word in quotes, where it needs them."""
    if _PLAIN.fullmatch(word) and not (sys.platform != "win32" and word.endswith("\\")):
        return word
    if "'" not in word:
        return f"'{word}'"
    return f'"{word}"' if '"' not in word and "\\" not in word else _pieces(word)


def _pieces(word: str) -> str:
    """A word that holds an apostrophe and more."""
    return '"\'"'.join(f"'{piece}'" for piece in word.split("'"))


def _closed(word: Word) -> Word:
    if word.quote:
        hint = f"close it, or write {word.quote} as \\{word.quote}"
        raise UsageError(f"a quote is open: {word.quote}", hint=hint)
    return word


def _words(text: str) -> Iterator[Word]:
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        word = _word(text, at)
        yield word
        at = word.end


def _word(text: str, start: int) -> Word:
    letters, quote, at = list[str](), "", start
    while at < len(text) and (quote or not text[at].isspace()):
        char = text[at]
        if _is_freed(text, at, quote):
            at += 1
            letters.append(text[at])
        elif char == quote:
            quote = ""
        elif not quote and char in _QUOTES:
            quote = char
        else:
            letters.append(char)
        at += 1
    return Word("".join(letters), start, at, quote)


def _is_freed(text: str, at: int, quote: str) -> bool:
    """Whether a backslash here makes the next character an ordinary one."""
    if text[at] != "\\" or quote == "'" or at + 1 == len(text):
        return False
    return text[at + 1] in (_FREED_IN_QUOTES if quote else _FREED)
