"""What of a session is told for good, and what may still change: rows above, and rows of the live region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from realtime_cli.core.view import ItemView, SessionView
from realtime_cli.ui.turns import Mark, interruption, is_over, notice_words, tool_words, unheard
from realtime_cli.visible import visible

from .hearing import cut_ms, is_sounding
from .page import Page


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that belong together; the one at `focus` is what happens now."""

    rows: list[Text]
    focus: int = 0
    is_main: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    """What is printed now and never again, and below it a group of rows for each thing that may change."""

    above: list[Text]
    live: list[Group]


@dataclass(frozen=True, slots=True)
class _Typed:
    """A turn of the user's that the server has not confirmed, behind the items that were there before."""

    text: str
    behind: frozenset[str]


class Story:
    """Tells each item once, in the conversation's order: what is behind an unfinished item waits for it.

    Of the first unfinished answer the rows that are complete (and heard, where it is spoken) are told.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._told: dict[str, ItemView] = {}
        self._written: dict[str, int] = {}
        self._interrupted: set[str] = set()
        self._open_id = ""
        self._last_id = ""
        self._notices_told = 0
        self._asides: list[Text] = []
        self._typed: list[_Typed] = []
        self._unconfirmed: list[str] = []
        self._confirmed: set[str] = set()
        self._waiting: frozenset[str] = frozenset()

    def typed(self, text: str) -> None:
        """The user has typed a turn: it is told without waiting for the server."""
        self._typed.append(_Typed(text, self._waiting))

    def remark(self, words: Text) -> None:
        """Something is to be said beside the conversation, between two paragraphs."""
        self._asides.append(words)

    def tell(self, view: SessionView, *, width: int, is_last: bool = False) -> Rows:
        """What is new, and what is not over yet; with `is_last` nothing is left for later."""
        page, above = Page(self._console, view, width), list[Text]()
        self._asides += [notice_words(self._console, notice) for notice in view.notices[self._notices_told :]]
        self._notices_told = len(view.notices)
        pending = self._pending(view)
        while pending and (is_last or _is_settled(view, pending)):
            above += self._ended(page, pending.pop(0))
        if pending:
            above += self._begun(page, pending[0])
        above += self._typed_turns(page, pending, is_last=is_last)
        if not pending and self._asides:
            above += [row for words in self._asides for row in page.wrapped(words)]
            self._asides, self._last_id = [], ""
        self._waiting = frozenset(item.id for item in pending)
        return Rows(above, self._live(page, pending))

    def _pending(self, view: SessionView) -> list[ItemView]:
        changed = [item for item in view.items if self._told.get(item.id) is not item and _is_told(item)]
        return [item for item in changed if not self._is_told_already(item)]

    def _is_told_already(self, item: ItemView) -> bool:
        """Whether the item is a turn that was told when it was typed."""
        if item.role != "user" or item.has_audio or item.id in self._confirmed:
            return False
        waiting = next((typed for typed in self._typed if typed.text == item.text), None)
        if waiting is not None:
            self._confirmed.add(item.id)
            self._typed.remove(waiting)
            return False
        if item.text not in self._unconfirmed:
            return False
        self._confirmed.add(item.id)
        self._unconfirmed.remove(item.text)
        self._told[item.id], self._written[item.id] = item, len(visible(item.text))
        return True

    def _ended(self, page: Page, item: ItemView) -> list[Text]:
        """The rest of an item that is over."""
        if item.kind != "message":
            rows = [] if item.id in self._told else self._tool(page, item)
        elif item.role == "assistant":
            rows = self._paragraph(page, item, "assistant", self._news(item)) + self._cut(page, item)
        else:
            is_new = item.id not in self._written
            rows = self._paragraph(page, item, "user", self._news(item) or (unheard(item) if is_new else ""))
        self._told[item.id], self._written[item.id] = item, len(visible(item.text))
        if rows or self._open_id == item.id:
            self._open_id = ""
        return rows

    def _begun(self, page: Page, item: ItemView) -> list[Text]:
        """The rows of an unfinished answer that will not change any more."""
        if item.kind != "message" or item.role != "assistant":
            return []
        laid = page.laid(item, "assistant", self._news(item), goes_on=self._open_id == item.id)
        count, size = laid.settled_rows()
        if count:
            self._written[item.id] = len(visible(item.text)) - len(laid.words) + size
            self._open_id = self._last_id = item.id
        return laid.shown()[:count]

    def _cut(self, page: Page, item: ItemView) -> list[Text]:
        """Where an answer was interrupted, unless something else was told since."""
        cut = cut_ms(page.view, item)
        if cut is None or self._last_id != item.id or item.id in self._interrupted:
            return []
        self._interrupted.add(item.id)
        return [interruption(cut)]

    def _tool(self, page: Page, item: ItemView) -> list[Text]:
        return [row for mark, words in tool_words(item) for row in self._paragraph(page, item, mark, words)]

    def _paragraph(self, page: Page, item: ItemView, mark: Mark, words: str) -> list[Text]:
        if not words:
            return []
        self._last_id = item.id
        return page.laid(item, mark, words, goes_on=self._open_id == item.id).shown()

    def _news(self, item: ItemView) -> str:
        """What of the words is not told yet; trimmed where a paragraph begins with it."""
        news = visible(item.text)[self._written.get(item.id, 0) :]
        return news if self._open_id == item.id else news.lstrip()

    def _typed_turns(self, page: Page, pending: Sequence[ItemView], *, is_last: bool) -> list[Text]:
        """The typed turns that stand behind nothing unfinished."""
        rows, waiting = list[Text](), {item.id for item in pending}
        while self._typed and (is_last or not self._typed[0].behind & waiting):
            text = self._typed.pop(0).text
            self._unconfirmed.append(text)
            rows += page.paragraph("user", visible(text))
            self._open_id = self._last_id = ""
        return rows

    def _live(self, page: Page, pending: Sequence[ItemView]) -> list[Group]:
        groups = [group for item in pending if (group := self._live_item(page, item)).rows]
        is_awaited = any(item.role == "user" and item.awaits_transcript for item in pending)
        if (page.view.user_speaking or page.view.audio.is_talking) and not is_awaited:
            groups.append(Group(page.paragraph("user", page.dots)))
        groups += [Group(page.paragraph("user", visible(typed.text))) for typed in self._typed]
        return groups + [Group(page.wrapped(words)) for words in self._asides]

    def _live_item(self, page: Page, item: ItemView) -> Group:
        if item.kind != "message":
            return Group([row for mark, words in tool_words(item) for row in page.paragraph(mark, words)])
        news = self._news(item)
        if item.role == "user":
            dots = [page.dots] if item.awaits_transcript or not news else []
            return Group(page.paragraph("user", " ".join([*([news] if news else []), *dots])))
        laid = page.laid(item, "assistant", news, goes_on=self._open_id == item.id)
        return Group(laid.shown() if news else [], focus=laid.settled_rows()[0], is_main=True)


def _is_told(item: ItemView) -> bool:
    return item.kind != "message" or item.role in {"user", "assistant"}


def _is_settled(view: SessionView, pending: Sequence[ItemView]) -> bool:
    """Whether the first of the items will not change any more, or the others need not wait for it."""
    item, *later = pending
    if item.kind != "message":
        return is_over(item, is_busy=view.is_busy)
    if item.role == "user":
        return not item.awaits_transcript or _is_given_up(view, later)
    if is_sounding(view, item) or not _has_its_end(view, item):
        return bool(later) and not view.audio.is_playing and item.response_id is None
    if item.truncated_ms is None and cut_ms(view, item) is not None:
        return bool(later)  # the server is about to say where it was cut
    return True


def _has_its_end(view: SessionView, item: ItemView) -> bool:
    return is_over(item, is_busy=view.is_busy) or view.connection == "closed"


def _is_given_up(view: SessionView, later: Sequence[ItemView]) -> bool:
    """Whether a transcript is not waited for any more: the turn after it has its answer."""
    users = [index for index, item in enumerate(later) if item.role == "user" and item.kind == "message"]
    answers = [item for item in later[users[0] :] if item.role == "assistant"] if users else []
    return any(is_over(answer, is_busy=view.is_busy) for answer in answers)
