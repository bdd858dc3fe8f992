"""Whether an item will not change any more, or the others need not wait for it."""

from __future__ import annotations

from collections.abc import Sequence

from realtime_cli.core.tool_inputs import NO_TOOLS_CODE
from realtime_cli.core.view import ItemView, SessionView
from realtime_cli.ui.calls import CALLS, OVER, call_of
from realtime_cli.ui.turns import is_over

from .hearing import cut_ms, is_sounding


def is_told(item: ItemView) -> bool:
    """Whether the item is something that people are told of."""
    return item.kind != "message" or item.role in {"user", "assistant"}


def is_settled(view: SessionView, pending: Sequence[ItemView], *, is_calm: bool = False) -> bool:
    """Whether the first of the items will not change any more, or the others need not wait for it."""
    item, *later = pending
    if item.kind != "message":
        return _is_tool_settled(view, item, later, is_calm=is_calm)
    if item.role == "user":
        return not item.awaits_transcript or _is_given_up(view, later)
    if is_sounding(view, item) or not has_its_end(view, item):
        return bool(later) and not view.audio.is_playing and item.response_id is None
    if item.truncated_ms is None and cut_ms(view, item) is not None:
        return bool(later)  # the server is about to say where it was cut
    return True


def has_its_end(view: SessionView, item: ItemView) -> bool:
    """Whether no more words are to come."""
    return is_over(item, is_busy=view.is_busy) or view.connection == "closed"


def _is_tool_settled(view: SessionView, item: ItemView, later: Sequence[ItemView], *, is_calm: bool) -> bool:
    """Whether it is over, or the conversation goes on without it."""
    if view.connection == "closed" or any(each.kind == "message" for each in later):
        return True
    if item.kind not in CALLS:
        return item.kind != "mcp_list_tools" or bool(item.output) or item.status in {"completed", "failed"}
    state = call_of(view, item).state
    if item.kind == "mcp_call" and state in {"done", "failed"} and not item.output:
        # The server says that it is over before it says what came of it.
        return not (view.is_busy and view.connection == "open")
    if state == "awaiting_approval":
        return is_calm
    if state == "pending":
        return any(notice.code == NO_TOOLS_CODE for notice in view.notices)
    return state in OVER or (state == "collecting" and is_over(item, is_busy=view.is_busy))


def _is_given_up(view: SessionView, later: Sequence[ItemView]) -> bool:
    """Whether a transcript is not waited for any more: the turn after it has its answer."""
    users = [index for index, item in enumerate(later) if item.role == "user" and item.kind == "message"]
    answers = [item for item in later[users[0] :] if item.role == "assistant"] if users else []
    return any(is_over(answer, is_busy=view.is_busy) for answer in answers)
