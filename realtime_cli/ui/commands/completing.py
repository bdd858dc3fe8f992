"""What may come next in a command line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from realtime_cli.core.view import SessionView
from realtime_cli.visible import one_line

from .command import Command, Offer, Typed
from .registry import by_name, commands
from .words import cut, is_command, quoted

_MOST = 60
_LONGEST_SUMMARY = 80
# From so many characters on they may stand anywhere in a word, not only at its beginning.
_ANYWHERE = 3
_HEAD = re.compile(r"/([A-Za-z][\w-]*)(!?)\s")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`text` may stand in the line from `start` to the cursor; a menu shows `shown` and `summary`."""

    text: str
    start: int
    shown: str
    summary: str = ""


def complete(line: str, cursor: int, *, view: SessionView) -> list[Suggestion]:
    """What may stand where the cursor is; nothing where the line is no command."""
    typed = line[:cursor]
    if not is_command(typed) or not typed.startswith("/"):
        return []
    head = _HEAD.match(typed)
    if head is None:
        return list(_commands(typed[1:].lower()))
    command = by_name().get(head[1].lower())
    return list(islice(_words(command, typed, head.end(), view), _MOST)) if command else []


def _commands(word: str) -> Iterator[Suggestion]:
    """The names that the word begins, their other ones last."""
    own = [(command.name, command) for command in commands()]
    others = [(alias, command) for _, command in own for alias in command.aliases]
    for name, command in [*own, *(others if word else [])]:
        if name.startswith(word):
            yield Suggestion(f"/{name}" + " " * command.takes_words, 0, f"/{name}", command.summary)


def _words(command: Command, typed: str, start: int, view: SessionView) -> Iterator[Suggestion]:
    text = typed[start:]
    inside = command.inside(text, view)
    if inside is not None:
        at, offers = inside
        word = text[at:]
    else:
        rest = cut(text)
        at, word, offers = rest.start, rest.word, command.offers(Typed(rest.before, rest.word, view))
    for offer in _fitting(offers, word):
        yield _suggestion(offer, start + at)


def _suggestion(offer: Offer, start: int) -> Suggestion:
    text = offer.text if offer.is_raw else quoted(offer.text) + ("" if offer.goes_on else " ")
    shown = one_line(offer.shown or offer.text, limit=_LONGEST_SUMMARY)
    return Suggestion(text, start, shown, one_line(offer.summary, limit=_LONGEST_SUMMARY))


def _fitting(offers: Iterable[Offer], word: str) -> Iterator[Offer]:
    """The offers that the word begins, then those that hold it."""
    wanted, later = word.lower(), list[Offer]()
    for offer in offers:
        text = offer.text.lower()
        if text.startswith(wanted):
            yield offer
        elif len(wanted) >= _ANYWHERE and wanted in text and not offer.is_raw:
            later.append(offer)
    yield from later
