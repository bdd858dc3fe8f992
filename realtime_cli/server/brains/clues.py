"""What a sentence offers for a function's arguments, each thing once, the most fitting first. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice

from realtime_cli.server.brains import evidence
from realtime_cli.server.brains.evidence import Clue
from realtime_cli.server.brains.words import Span, plain, word_set, words

# More than anybody says in a sentence; hostile input stops here.
_STRING_LIMIT = 50
_NUMBER_LIMIT = 50

_FALSE = re.compile(r"\b(?:no|not|off|false|without|never|disabled?|don['’]?t)\b", re.IGNORECASE)
_TRUE = re.compile(r"\b(?:yes|on|true|with|enabled?)\b", re.IGNORECASE)

# The kinds of clue that suit a property by a word of its name, best first.
_SUITS: Sequence[tuple[frozenset[str], tuple[str, ...]]] = [
    (word_set(names), tuple(kinds.split()))
    for names, kinds in (
        ("to recipient destination target arrival receiver contact", "to with for"),
        ("from origin source departure sender", "from"),
        ("city location place country town region address where area", "in at for to of on"),
        ("date day time when month", "day at on code"),
        ("id code number phone zip postcode", "code"),
        ("name title label", "called named quoted"),
        ("subject", "about called quoted"),
        ("message text body content note prompt", "quoted saying about rest"),
        ("query question topic term keyword search", "quoted for about on of rest"),
    )
]
_ANY_KIND = ("quoted", "in", "for", "at", "to", "named", "called", "from", "of", "about", "with", "on")
_LAST_KINDS = ("saying", "capital", "start", "code")


class Clues:
    """The clues of one clause. What is taken is taken once: two arguments never share their words.

    `spans` are the words that named the function, which are no argument; `around` is the whole sentence's
    clues, asked only for what plainly suits ("the weather and the time in Berlin").
    """

    def __init__(self, text: str, *, spans: Iterable[Span] = (), around: Clues | None = None) -> None:
        self._text = text
        self._plain = plain(text)
        self._taken = list(spans)
        self._around = around
        self._strings = [*islice(evidence.strings(text), _STRING_LIMIT), *evidence.rest(text, self._taken)]
        self._numbers = list(islice(evidence.numbers(text), _NUMBER_LIMIT))

    def suit(self, name: str) -> bool:
        """Whether some clue plainly belongs to the property of that name."""
        return self._first(_kinds(name)) is not None or self._number_beside(name) is not None

    def string(self, name: str) -> str | None:
        """Takes the string that suits the property's name best, else the likeliest one."""
        kinds = _kinds(name)
        clue = self._first(kinds) or self._first(_ANY_KIND) or self._first(_LAST_KINDS)
        if clue is None:
            return self._around.only_suiting(name) if self._around is not None else None
        self._taken.append(clue.span)
        return clue.text

    def only_suiting(self, name: str) -> str | None:
        """The string that plainly belongs to the property of that name; it is not taken."""
        clue = self._first(tuple(kind for kind in _kinds(name) if kind != "rest"))
        return clue.text if clue else None

    def strings(self) -> list[str]:
        """Takes every quoted string, or else every capitalised name, for a list of them."""
        for kind in ("quoted", "capital"):
            if found := [clue for clue in self._strings if clue.kind == kind and self._free(clue.span)]:
                self._taken.extend(clue.span for clue in found)
                return [clue.text for clue in found]
        return []

    def number(self, name: str) -> float | None:
        """Takes the number beside the property's name, else the first one."""
        beside = self._number_beside(name)
        if beside is None:
            beside = next((found for found in self._numbers if self._free(found[1])), None)
        return self._take_number(beside)

    def number_beside(self, name: str) -> float | None:
        """Takes the number beside the property's name ("volume 5", "5 seconds"), if one is there."""
        return self._take_number(self._number_beside(name))

    def match(self, pattern: re.Pattern[str]) -> str | None:
        """Takes the first text of that form (an address, a date)."""
        found = next((found for found in pattern.finditer(self._text) if self._free(found.span())), None)
        if found is None:
            return None
        self._taken.append(found.span())
        return found.group()

    def choice(self, values: Sequence[str]) -> str | None:
        """Takes the value that is named first, or the longer of two; "new york" names `new_york`."""
        best: tuple[int, int, str, Span] | None = None
        for value in values:
            if plain(value[:100]) not in self._plain:
                continue
            phrase = r"[\s_-]+".join(re.escape(part) for part in re.split(r"[\s_-]+", value[:100]) if part)
            found = re.search(rf"(?<!\w){phrase}(?!\w)", self._text, re.IGNORECASE) if phrase else None
            if found and self._free(found.span()):
                candidate = (found.start(), -len(value), value, found.span())
                best = min(best, candidate) if best else candidate
        if best is None:
            return None
        self._taken.append(best[3])
        return best[2]

    def flag(self) -> bool | None:
        """Whether the words say no (no, not, off, without, ...) or yes (yes, on, with, ...)."""
        if _FALSE.search(self._text):
            return False
        return True if _TRUE.search(self._text) else None

    def _first(self, kinds: Sequence[str]) -> Clue | None:
        fitting = (
            clue for kind in kinds for clue in self._strings if clue.kind == kind and self._free(clue.span)
        )
        return next(fitting, None)

    def _free(self, span: Span) -> bool:
        return all(span[1] <= start or end <= span[0] for start, end in self._taken)

    def _number_beside(self, name: str) -> tuple[float, Span] | None:
        stems = [re.escape(word.stem) for word in words(name[:64])]
        if not stems or not self._numbers:
            return None
        label = rf"\b(?:{'|'.join(stems)})(?:e?s)?"
        before = re.compile(rf"{label}\s*(?:to|at|of|is|by|[=:])?\s*$", re.IGNORECASE)
        after = re.compile(rf"\s*-?{label}\b", re.IGNORECASE)
        for value, span in self._numbers:
            near = self._text[max(0, span[0] - 80) : span[0]]
            if self._free(span) and (before.search(near) or after.match(self._text, span[1])):
                return value, span
        return None

    def _take_number(self, found: tuple[float, Span] | None) -> float | None:
        if found is None:
            return None
        self._taken.append(found[1])
        return found[0]


def _kinds(name: str) -> tuple[str, ...]:
    stems = {word.stem for word in words(name[:64])}
    return tuple(kind for suited, kinds in _SUITS if suited & stems for kind in kinds)
