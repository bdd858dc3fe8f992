"""Which declared functions a sentence names, in order of appearance. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import cast

from realtime_cli.server.brains.words import STOP_VERBS, STOP_WORDS, Span, Word, stem, words

_DESCRIPTION_LIMIT = 400
_BREAK = re.compile(
    r"[,;.!?]\s+(?:(?:and|then|also)\s+)*|\s+(?:and|then|also)\s+(?:then\s+|also\s+)?", re.IGNORECASE
)
_STOPS = frozenset(stem(word) for word in STOP_WORDS)
_VERBS = frozenset(stem(word) for word in STOP_VERBS)


@dataclass(frozen=True, slots=True)
class Function:
    """A declared function: the telling and the other words of its name, the words of its description."""

    name: str
    telling: frozenset[str]
    others: frozenset[str]
    described: frozenset[str]
    parameters: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Mention:
    """A function that the user's words name, and where: the words that do, the clause round them."""

    function: Function
    spans: tuple[Span, ...]
    clause: Span


def declared(tools: Iterable[Mapping[str, object]]) -> list[Function]:
    """The function tools that have a name; what is not a function or is misshapen is left out."""
    return [_function(name, tool) for tool in tools if isinstance(name := tool.get("name"), str) and name]


def _function(name: str, tool: Mapping[str, object]) -> Function:
    stems = {word.stem for word in words(name)}
    telling = {word for word in stems - _STOPS if not word.isdigit()} or (stems - _VERBS) or stems
    description, parameters = tool.get("description"), tool.get("parameters")
    described = (
        {word.stem for word in words(description[:_DESCRIPTION_LIMIT])}
        if isinstance(description, str)
        else set[str]()
    )
    return Function(
        name=name,
        telling=frozenset(telling),
        others=frozenset(stems - telling),
        described=frozenset(described - _STOPS),
        parameters=cast("Mapping[str, object]", parameters) if isinstance(parameters, Mapping) else {},
    )


def named(functions: Sequence[Function], text: str) -> list[Mention]:
    """The functions of which the text says half of the telling words; a word counts for one function."""
    places = _places(words(text))
    found: list[tuple[Function, tuple[Span, ...]]] = []
    for function in sorted(functions, key=lambda function: _score(function, places), reverse=True):
        told = function.telling & places.keys()
        if told and 2 * len(told) >= len(function.telling):
            found.append((function, tuple(span for word in told for span in places.pop(word))))
    found.sort(key=lambda mention: min(mention[1]))
    clauses = _clauses(text, [min(spans) for _, spans in found])
    return [
        Mention(function, spans, clause) for (function, spans), clause in zip(found, clauses, strict=True)
    ]


def described(functions: Sequence[Function], text: str) -> list[Mention]:
    """The one function whose description the text resembles most: by two of its words, or by half of them."""
    places = _places(words(text))
    best = max(functions, key=lambda function: len(function.described & places.keys()), default=None)
    if best is None:
        return []
    told = best.described & places.keys()
    if not told or (len(told) < 2 and 2 * len(told) < len(best.described)):
        return []
    return [Mention(best, tuple(span for word in told for span in places[word]), (0, len(text)))]


def _places(text_words: Iterable[Word]) -> dict[str, list[Span]]:
    places: dict[str, list[Span]] = {}
    for word in text_words:
        places.setdefault(word.stem, []).append(word.span)
    return places


def _score(function: Function, places: Mapping[str, object]) -> int:
    # Verbs decide between functions on one thing (create_event, delete_event), descriptions a tie.
    described = min(2, len(function.described & places.keys()))
    return 9 * len(function.telling & places.keys()) + 3 * len(function.others & places.keys()) + described


def _clauses(text: str, first_words: Sequence[Span]) -> list[Span]:
    """Cuts the text before each next mention: at the last comma or "and", else at its first word."""
    cuts = [0]
    for (_, previous_end), (start, _) in pairwise(first_words):
        breaks = [found.end() for found in _BREAK.finditer(text, previous_end, start)]
        cuts.append(breaks[-1] if breaks else start)
    return list(zip(cuts, [*cuts[1:], len(text)], strict=False))[: len(first_words)]
