"""Which events to show: `in:response.* -*.delta "weather" item:item_1`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import TypeAlias

from realtime_cli.errors import BadInput

from .reading import is_failure, mentions, object_in
from .ring import Event

# Whether an event of this type is meant.
_Test: TypeAlias = Callable[[Event, str], bool]

FILTER_HELP = 'response.*   error   in:   out:   local:   -*.delta   item:item_1   "words"'
_HINT = f"try {FILTER_HELP}"
_DIRECTIONS = ("in", "out", "local")
_IDS = ("item", "response", "call", "event", "id")
_TERM = re.compile(r'\s*(-?)(?:([A-Za-z_]+):)?(?:"([^"]*)"|([^\s"]*))(?=\s|$)')
# A frame longer than this may be mostly audio, in which any word can be found.
_LONG = 600


@dataclass(frozen=True, slots=True)
class Filter:
    """Lets an event through that is all of what the pattern says."""

    pattern: str = ""
    tests: tuple[_Test, ...] = ()

    def lets_through(self, event: Event, type_: str) -> bool:
        """Whether to show the event."""
        for test in self.tests:  # noqa: SIM110 (asked for every event; all() takes three times as long)
            if not test(event, type_):
                return False
        return True


def parse_filter(pattern: str) -> Filter:
    """The filter that a pattern means. Raises `BadInput` for one that means nothing."""
    pattern = pattern.strip()
    tests: list[_Test] = []
    at = 0
    while at < len(pattern):
        term = _TERM.match(pattern, at)
        if term is None:
            raise BadInput(f"the filter has a quotation mark too many or too few: {pattern}", hint=_HINT)
        tests.append(_test_of(term))
        at = term.end()
    return Filter(pattern, tuple(tests))


def _test_of(term: re.Match[str]) -> _Test:
    minus, name, words, glob = term.groups()
    tests: list[_Test] = []
    if name in _DIRECTIONS:
        tests.append(_direction(name))
    elif name in _IDS:
        tests.append(_mention(words or glob or _missing(term)))
    elif name:
        raise BadInput(f'no filter begins with "{name}:"', hint=_HINT)
    if words and name not in _IDS:
        tests.append(_words(words))
    if glob and name not in _IDS:
        tests.append(_type(glob))
    if not tests:
        _missing(term)
    return _not(tests) if minus else _all(tests)


def _missing(term: re.Match[str]) -> str:
    raise BadInput(f"the filter has nothing behind {term[0].strip()}", hint=_HINT)


def _all(tests: list[_Test]) -> _Test:
    return tests[0] if len(tests) == 1 else lambda event, type_: all(test(event, type_) for test in tests)


def _not(tests: list[_Test]) -> _Test:
    return lambda event, type_: not all(test(event, type_) for test in tests)


def _direction(name: str) -> _Test:
    return lambda event, _: event.direction == name


def _type(glob: str) -> _Test:
    """By the whole type where there are wildcards, by a part of it where there are none; commas mean or."""
    globs = [part if set(part) & set("*?[") else f"*{part}*" for part in glob.lower().split(",") if part]

    @cache
    def fits(type_: str) -> bool:
        return any(fnmatchcase(type_.lower(), part) for part in globs)

    if glob.lower() == "error":
        return _went_wrong
    return lambda _, type_: fits(type_)


def _went_wrong(event: Event, type_: str) -> bool:
    return is_failure(type_, object_in(event.raw) if type_ == "response.done" else None)


def _mention(id_: str) -> _Test:
    """By an id anywhere in the event; `item_12*` means all that begin so."""
    quoted = f'"{id_[:-1]}' if id_.endswith("*") else f'"{id_}"'
    return lambda event, _: mentions(event, quoted)


def _words(words: str) -> _Test:
    """By words anywhere in the event, as they are or as JSON writes them, in either case."""
    written = (json.dumps(words, ensure_ascii=ascii_)[1:-1] for ascii_ in (False, True))
    wanted = {spelling.lower() for spelling in (words, *written)}

    def has(event: Event, _: str) -> bool:
        text = _wordy(event.raw).lower()
        return any(spelling in text for spelling in wanted)

    return has


def _wordy(raw: str | bytes) -> str:
    """The text of a frame without the long run of base64 round its middle."""
    text = raw.decode("latin-1") if isinstance(raw, bytes) else raw
    if len(text) < _LONG:
        return text
    middle = len(text) // 2
    start, end = text.rfind('"', 0, middle), text.find('"', middle)
    if start < 0 or end - start < _LONG // 2 or text.find(" ", start, end) >= 0:
        return text
    return text[:start] + text[end:]
