"""What of a session is told for good, and what may still change: rows above, and rows of the live region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from rich.console import Console
from rich.text import Text

from realtime_cli.core.reconnect import RECONNECT_CODE, TRY_CODE
from realtime_cli.core.view import ItemView, SessionView
from realtime_cli.ui.calls import request_of
from realtime_cli.ui.markdown import MOST_ROWS, MOST_SIZE, Laid, Place, Placed, look_of
from realtime_cli.ui.turns import interruption, notice_words, unheard
from realtime_cli.ui.wrap import wrapped_below
from realtime_cli.visible import visible

from .beside import Asides, Beside
from .hearing import cut_ms
from .page import Page
from .region import MOST_LIVE_ROWS, Group
from .settling import is_settled, is_told
from .tool_rows import ToolRows
from .typed_turns import TypedTurns

_ABOUT_CONNECTING = frozenset({RECONNECT_CODE, TRY_CODE})


@dataclass(frozen=True, slots=True)
class Rows:
    """What is printed now and never again, and below it a group of rows for each thing that may change.

    `has_more` where there is so much to print that the rest is left to the next picture.
    """

    above: list[Text]
    live: list[Group]
    has_more: bool = False


class Story:
    """Tells each item once, in the conversation's order: what is behind an unfinished item waits for it.

    Of the first unfinished answer the rows that are complete (and heard, where it is spoken) are told.
    Where it is `calm`, every turn is told whole, and nothing is live: words instead of signs, one change
    at a time.
    """

    def __init__(self, console: Console, *, calm: bool = False) -> None:
        self._console = console
        self._is_calm = calm
        self._look = look_of(console)
        self._told: dict[str, ItemView] = {}
        self._known: tuple[ItemView, ...] = ()
        self._places: dict[str, Place] = {}
        self._interrupted: set[str] = set()
        self._open_id = ""
        self._last_id = ""
        self._asides = Asides(console, in_words=calm)
        self._shown: list[Text] = []
        self._typed = TypedTurns()
        self._tools = ToolRows(console, in_words=calm)
        self._waiting: frozenset[str] = frozenset()
        self._rest: tuple[str, list[Text]] = ("", [])
        self._has_more = False

    def typed(self, text: str) -> None:
        """The user has typed a turn: it is told without waiting for the server."""
        self._typed.add(text, behind=self._waiting)

    def remark(self, words: Text) -> None:
        """Something is to be said beside the conversation, between two paragraphs."""
        self._asides.add(Beside(words))

    def show(self, rows: Sequence[Text]) -> None:
        """The rows are told at once, as they are: the user has asked for them. A paragraph goes on below."""
        self._shown += rows

    def tell(
        self,
        view: SessionView,
        *,
        width: int,
        is_last: bool = False,
        now_s: float | None = None,
        room: int = MOST_LIVE_ROWS,
    ) -> Rows:
        """What is new, and what is not over yet; with `is_last` nothing is left for later.

        `now_s`: session seconds now, where that is later than the last input. A call that waits for approval
        has at most `room` live rows.
        """
        page = Page(self._console, view, width, self._look, self._is_calm, is_bounded=not is_last)
        now_s = view.now_s if now_s is None else now_s
        above = self._asked_for()
        self._asides.hear(view, is_last=is_last)
        self._asides.add(*(Beside(row, is_laid_out=True) for row in self._tools.finished(page, now_s)))
        pending = self._pending(view)
        above += self._aside(page, pending, is_last=is_last)
        self._has_more = False
        while pending and (is_last or is_settled(view, pending, is_calm=self._is_calm)):
            self._has_more = not is_last and len(above) >= MOST_ROWS
            above += [] if self._has_more else self._ended(page, pending[0], now_s)
            if self._has_more:
                break
            pending.pop(0)
            above += self._aside(page, pending, is_last=is_last)
        self._rest = "", []
        if pending and not self._is_calm and not self._has_more:
            above += self._begun(page, pending[0])
        above += self._typed_turns(page, pending, is_last=is_last)
        self._waiting = frozenset(item.id for item in pending)
        self._remember(view)
        is_still = self._is_calm or self._has_more
        return Rows(above, [] if is_still else self._live(page, pending, now_s, room), self._has_more)

    def _asked_for(self) -> list[Text]:
        rows, self._shown = self._shown, []
        if rows:
            self._open_id = self._last_id = ""
        return rows

    def _pending(self, view: SessionView) -> list[ItemView]:
        count = len(self._known)
        items = view.items[count:] if view.items[:count] == self._known else view.items
        changed = [item for item in items if self._told.get(item.id) is not item and is_told(item)]
        return _requests_first(view, [item for item in changed if not self._is_told_already(item)])

    def _remember(self, view: SessionView) -> None:
        """How many items from the first on need not be looked at, as long as they are the same."""
        count = len(self._known)
        if view.items[:count] != self._known:
            count = 0
        while count < len(view.items) and self._is_done_with(view.items[count]):
            count += 1
        self._known = view.items[:count]

    def _is_done_with(self, item: ItemView) -> bool:
        return self._told.get(item.id) is item or not is_told(item)

    def _is_told_already(self, item: ItemView) -> bool:
        """Whether the item is a turn that was told when it was typed."""
        was_told = self._typed.were_told(item)
        if was_told:
            self._is_over_with(item)
        return was_told

    def _is_over_with(self, item: ItemView) -> None:
        self._told[item.id] = item
        self._places[item.id] = Place(len(visible(item.text) if _is_plain(item) else item.text))

    def _ended(self, page: Page, item: ItemView, now_s: float) -> list[Text]:
        """The rest of an item that is over."""
        if item.kind != "message":
            rows = [] if item.id in self._told else self._tool(page, item, now_s)
        elif item.role == "assistant":
            rows = self._rest_of_answer(page, item)
        else:
            rows = self._user(page, item)
        if self._has_more:
            return rows
        self._is_over_with(item)
        if rows or self._open_id == item.id:
            self._open_id = ""
        return rows

    def _rest_of_answer(self, page: Page, item: ItemView) -> list[Text]:
        place = self._places.get(item.id, Place())
        laid = page.answer(item, place, is_over=True, goes_on=self._open_id == item.id)
        if laid.rows:
            self._last_id = item.id
        rows = [row.text for row in laid.rows]
        return rows + ([] if self._goes_on(item, laid) else self._cut(page, item, place))

    def _goes_on(self, item: ItemView, laid: Laid) -> bool:
        """Whether the next picture has to go on with the item."""
        if laid.rest is None:
            return False
        self._places[item.id], self._has_more = laid.rest, True
        self._open_id = item.id if laid.rows else self._open_id
        return True

    def _begun(self, page: Page, item: ItemView) -> list[Text]:
        """The rows of an unfinished answer that will not change any more."""
        if item.kind != "message" or item.role != "assistant":
            return []
        place, goes_on = self._places.get(item.id, Place()), self._open_id == item.id
        laid = page.answer(item, place, is_over=False, goes_on=goes_on)
        settled = list(takewhile(lambda row: row.after is not None, laid.rows))
        for row in settled:
            self._places[item.id] = row.after or place
            self._open_id = self._last_id = item.id
        self._goes_on(item, laid)
        self._rest = item.id, [row.text for row in laid.rows[len(settled) :]]
        return [row.text for row in settled]

    def _cut(self, page: Page, item: ItemView, told: Place) -> list[Text]:
        """Where an answer was interrupted; and what was not heard, where that cannot be seen above."""
        cut = cut_ms(page.view, item)
        if cut is None or item.id in self._interrupted:
            return []
        lost = visible(item.text)[page.heard_end(item) :]
        is_below = self._last_id == item.id
        is_struck = told.at <= page.heard_end(item) and bool(self._console.color_system)
        if not lost.strip() and not is_below:
            return []
        self._interrupted.add(item.id)
        is_seen = is_below and is_struck and not self._is_calm
        return wrapped_below(interruption(cut, "" if is_seen else lost), width=page.width, indent=2)

    def _tool(self, page: Page, item: ItemView, now_s: float) -> list[Text]:
        self._last_id = item.id
        return self._tools.told(page, item, now_s)

    def _user(self, page: Page, item: ItemView) -> list[Text]:
        words, is_new = self._news(item), item.id not in self._places
        words = words or (unheard(item) if is_new else "")
        if not words:
            return []
        self._last_id = item.id
        rows, size = page.begun("user", words, goes_on=self._open_id == item.id)
        if size < len(words):
            at = len(visible(item.text)) - len(words) + size
            self._goes_on(item, Laid([Placed(row) for row in rows], Place(at)))
        return rows

    def _news(self, item: ItemView) -> str:
        """What of a user's words is not told yet; trimmed where a paragraph begins with it."""
        news = visible(item.text)[self._places.get(item.id, Place()).at :]
        return news if self._open_id == item.id else news.lstrip()

    def _aside(self, page: Page, pending: Sequence[ItemView], *, is_last: bool) -> list[Text]:
        """What stands beside the conversation, as far as nothing is told before it that came before it."""
        if self._open_id and pending and not is_last:
            return []
        rows = self._asides.due(page, pending[0] if pending else None)
        if rows:
            self._open_id = self._last_id = ""
        return rows

    def _typed_turns(self, page: Page, pending: Sequence[ItemView], *, is_last: bool) -> list[Text]:
        """The typed turns that stand behind nothing unfinished."""
        texts = self._typed.due({item.id for item in pending}, is_last=is_last)
        if texts:
            self._open_id = self._last_id = ""
        return [row for text in texts for row in page.paragraph("user", visible(text))]

    def _live(self, page: Page, pending: Sequence[ItemView], now_s: float, room: int) -> list[Group]:
        groups = self._tools.running(page, now_s, room)
        groups += [group for item in pending if (group := self._live_item(page, item, now_s, room)).rows]
        is_awaited = any(item.role == "user" and item.awaits_transcript for item in pending)
        if (page.view.user_speaking or page.view.audio.is_talking) and not is_awaited:
            groups.append(Group(page.paragraph("user", page.dots)))
        groups += [Group(page.paragraph("user", visible(text))) for text in self._typed.waiting]
        groups += [Group(rows) for rows in self._asides.waiting(page)]
        return groups + self._failed_try(page)

    def _failed_try(self, page: Page) -> list[Group]:
        """Why there is no connection yet; when the next try comes is told elsewhere."""
        if page.view.connection != "reconnecting":
            return []
        told = (notice for notice in reversed(page.view.notices) if notice.code in _ABOUT_CONNECTING)
        last = next(told, None)
        if last is None or last.code != TRY_CODE:
            return []
        return [Group(page.wrapped(notice_words(self._console, replace(last, hint=""))))]

    def _live_item(self, page: Page, item: ItemView, now_s: float, room: int) -> Group:
        if item.kind != "message":
            return self._tools.live(page, item, now_s, room)
        if item.role == "user":
            news = self._news(item)
            dots = [page.dots] if item.awaits_transcript or not news else []
            seen = news[-MOST_SIZE:]
            return Group(page.paragraph("user", " ".join([*([seen] if seen else []), *dots])))
        rows = self._rest[1]
        if self._rest[0] != item.id:
            place = self._places.get(item.id, Place())
            rows = [row.text for row in page.answer(item, place, is_over=False, goes_on=False).rows]
        focus = 0 if item.has_audio else max(0, len(rows) - 1)
        return Group(rows, focus=focus, is_main=True)


def _requests_first(view: SessionView, items: list[ItemView]) -> list[ItemView]:
    """The items, a request for approval before the call that waits for it."""
    places: dict[str, float] = {item.id: at for at, item in enumerate(items)}
    for item in items:
        request = request_of(view, item)
        if request is not None and request.id in places:
            places[request.id] = min(places[request.id], places[item.id] - 0.5)
    return sorted(items, key=lambda item: places[item.id])


def _is_plain(item: ItemView) -> bool:
    return item.has_audio or item.role == "user"
