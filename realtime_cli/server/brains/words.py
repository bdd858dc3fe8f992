"""Text as the rules and the scripts read it: cleaned, cut, split into words. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TypeAlias

Span: TypeAlias = tuple[int, int]

# What is read of one turn: longer than anybody speaks, short enough that hostile input costs nothing.
READ_LIMIT = 4_000
QUOTE_LIMIT = 200

_RUN = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_PIECE = re.compile(r"\S+\s*|\s+")


def word_set(text: str) -> frozenset[str]:
    """The words of a list that is written with spaces."""
    return frozenset(text.split())


# Too common to tell one function from another.
STOP_VERBS = word_set(
    """get set fetch find show tell give do make run call create list read check use look lookup retrieve
    return update query execute perform handle process invoke send add start stop open close cancel delete
    remove change save please"""
)
STOP_WORDS = STOP_VERBS | word_set(
    """a an the and or but if then so of in on at to for from by with about as is are was be it its this that
    these those i me my we us our you your he she they them what which who when where why how can could will
    would shall should may might must not no yes ok okay now today current latest info information data detail
    function tool api user hello hi hey thanks any some all each one also into s t m ll re ve d"""
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text, case-folded and without its plural s, and where it stands."""

    stem: str
    span: Span


def clean(text: str) -> str:
    """What of a text is read: 4,000 characters at most, control characters and runs of space as one space."""
    kept = (_readable(character) for character in text[:READ_LIMIT])
    return " ".join("".join(kept).split())


def _readable(character: str) -> str:
    category = unicodedata.category(character)
    # A lone surrogate cannot be encoded: one in an answer would break the connection.
    return " " if category == "Cc" else "" if category == "Cs" else character


def excerpt(text: str) -> str:
    """The text in at most 200 characters, cut at a word where there is one, on one line."""
    line = clean(text)
    if len(line) <= QUOTE_LIMIT:
        return line
    cut = line[: QUOTE_LIMIT - 1]
    at_word = cut.rfind(" ", QUOTE_LIMIT - 40)
    return (cut[:at_word] if at_word > 0 else cut) + "…"


def words(text: str) -> list[Word]:
    """The words of a text or of a function's name: `get_weather` and `getWeather` are `get`, `weather`."""
    found: list[Word] = []
    for run in _RUN.finditer(text):
        start = run.start()
        for part in _CAMEL.split(run.group()):
            found.append(Word(stem(part), (start, start + len(part))))
            start += len(part)
    return found


def stem(word: str) -> str:
    """The word case-folded and without a plural s."""
    folded = word.casefold()
    plural = len(folded) > 3 and folded.endswith("s") and not folded.endswith("ss")
    return folded[:-1] if plural else folded


def plain(text: str) -> str:
    """The text for comparing: case-folded, no punctuation; the bare text if there is nothing else (emoji)."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(_RUN.findall(folded)) or folded.strip()


def pieces(text: str) -> list[str]:
    """The text in words that keep the space behind them, as an answer streams; joined they are the text."""
    return _PIECE.findall(text)
