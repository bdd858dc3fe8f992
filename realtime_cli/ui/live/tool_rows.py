"""What is told of calls, of outputs and of lists of tools, and again of calls that were told half-way."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from realtime_cli.core.view import CallState, CallView, ItemView
from realtime_cli.ui.calls import CALLS, OVER, call_of, call_rows, listing_rows, outcome_rows, result_rows

from .page import Page
from .region import MOST_LIVE_ROWS, Group

# Told by the server's request, where there is one for its call.
_BY_REQUEST: frozenset[CallState] = frozenset({"awaiting_approval", "denied"})


class ToolRows:
    """Makes the rows of what is no message; where they are told `in_words`, there are no signs."""

    def __init__(self, console: Console, *, in_words: bool) -> None:
        self._console = console
        self._in_words = in_words
        self._unfinished: dict[str, ItemView] = {}

    def told(self, page: Page, item: ItemView, now_s: float) -> list[Text]:
        """The rows of an item that is told for good now, whether it is over or not."""
        if item.kind in CALLS and call_of(page.view, item).state not in OVER:
            self._unfinished[item.id] = item
        return self._rows(page, item, now_s)

    def finished(self, page: Page, now_s: float) -> list[Text]:
        """What became of the calls that were told before they were over."""
        rows = list[Text]()
        for item_id, item in list(self._unfinished.items()):
            now = next((each for each in page.view.items if each.id == item_id), item)
            call = call_of(page.view, now)
            if call.state in OVER:
                del self._unfinished[item_id]
                if not _is_told_by_request(now, call):
                    rows += self._outcome(page, call, now_s)
        return rows

    def running(self, page: Page, now_s: float, room: int) -> list[Group]:
        """The calls that were told and still go on; what still has to be allowed is told again."""
        calls = [(item, call_of(page.view, item)) for item in self._unfinished.values()]
        return [
            self.live(page, item, now_s, room)
            if call.state == "awaiting_approval"
            else Group(self._outcome(page, call, now_s))
            for item, call in calls
            if call.state != "pending" and not _is_told_by_request(item, call)
        ]

    def live(self, page: Page, item: ItemView, now_s: float, room: int) -> Group:
        """The rows of an item that is not told yet; at most `room`, where the user is asked."""
        is_asked = item.kind in CALLS and call_of(page.view, item).state == "awaiting_approval"
        return Group(self._rows(page, item, now_s, room=room), is_asked=is_asked)

    def _rows(self, page: Page, item: ItemView, now_s: float, *, room: int = MOST_LIVE_ROWS) -> list[Text]:
        console, width = self._console, page.width
        if item.kind in CALLS:
            call = call_of(page.view, item)
            if _is_told_by_request(item, call):
                return []
            return call_rows(console, call, width=width, now_s=now_s, in_words=self._in_words, room=room)
        if item.kind == "mcp_list_tools":
            return listing_rows(console, item, width=width, in_words=self._in_words)
        is_known = any(call.call_id == item.call_id for call in page.view.calls)
        if item.kind == "function_call_output" and not is_known:
            return result_rows(console, item.output, width=width, in_words=self._in_words)
        return []

    def _outcome(self, page: Page, call: CallView, now_s: float) -> list[Text]:
        return outcome_rows(self._console, call, width=page.width, now_s=now_s, in_words=self._in_words)


def _is_told_by_request(item: ItemView, call: CallView) -> bool:
    return item.kind == "mcp_call" and call.state in _BY_REQUEST
