"""What stands beside the conversation: notices, remarks, and how much was not understood."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from realtime_cli.core.reconnect import TRY_CODE
from realtime_cli.core.view import ItemView, SessionView
from realtime_cli.ui.turns import aside_sign, is_worth_a_line, notice_words

from .page import Page


@dataclass(frozen=True, slots=True)
class Beside:
    """Words behind an item, or wherever a paragraph ends."""

    words: Text
    after_id: str = ""
    is_laid_out: bool = False

    def rows(self, page: Page) -> list[Text]:
        """The words as wide as the page."""
        return [self.words] if self.is_laid_out else page.wrapped(self.words)


class Asides:
    """Keeps what stands beside the conversation until there is a place for it."""

    def __init__(self, console: Console, *, in_words: bool) -> None:
        self._console = console
        self._in_words = in_words
        self._waiting: list[Beside] = []
        self._notices_told = 0
        self._unknown_told = 0

    def add(self, *asides: Beside) -> None:
        """Something more."""
        self._waiting += asides

    def hear(self, view: SessionView, *, is_last: bool) -> None:
        """Adds what the session says of itself since the last time."""
        for notice in filter(is_worth_a_line, view.notices[self._notices_told :]):
            if notice.code == TRY_CODE:
                continue  # of many that came to nothing only the last one is of interest, and not for long
            words = notice_words(self._console, notice, in_words=self._in_words)
            self._waiting.append(Beside(words, notice.after_item_id))
        self._notices_told = len(view.notices)
        start = aside_sign(self._console, in_words=self._in_words)
        unknown = unknown_words(self._unknown_told, view.counters.unknown, start=start, is_last=is_last)
        if unknown is not None:
            self._unknown_told = view.counters.unknown
            self._waiting.append(Beside(unknown))

    def due(self, page: Page, unfinished: ItemView | None) -> list[Text]:
        """The rows before which nothing came that is not told yet: the first `unfinished` item, and what is
        behind it. They are over then."""
        if not self._waiting:
            return []
        places = {} if unfinished is None else {item.id: at for at, item in enumerate(page.view.items)}
        rows, waiting = list[Text](), list[Beside]()
        for each in self._waiting:
            waits = unfinished is not None and places.get(each.after_id, -1) >= places[unfinished.id]
            if waits or waiting:
                waiting.append(each)
            else:
                rows += each.rows(page)
        self._waiting = waiting
        return rows

    def waiting(self, page: Page) -> list[list[Text]]:
        """The rows of each that has no place yet."""
        return [each.rows(page) for each in self._waiting]


def unknown_words(told: int, count: int, *, start: str, is_last: bool) -> Text | None:
    """How many events nobody knows; told at the first, the tenth, the hundredth one, and at the end."""
    is_due = len(str(count)) > len(str(told)) or not told
    if count == told or not (is_due or is_last):
        return None
    events = "1 event" if count == 1 else f"{count:,} events"
    return Text(f"{start}{events} of an unknown type so far: /events shows all", "info")
