"""Calls that wait for the user: for a yes or a no, for an answer, for their end."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from realtime_cli.core.inputs import ApprovalGiven, ToolCancelRequested, ToolFinished
from realtime_cli.core.view import CallState, SessionView
from realtime_cli.errors import UsageError
from realtime_cli.ui.calls import request_of
from realtime_cli.visible import one_line

from .command import Command, Offer, Offers, Typed
from .desk import Desk
from .layout import tell
from .words import Line, first, split

_UNDER_WAY: frozenset[CallState] = frozenset({"pending", "awaiting_approval", "running"})
_ALL = "all"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A call by the id that answers it; of a server's own MCP call, that is the request's item."""

    id: str
    name: str
    arguments: str

    @property
    def words(self) -> str:
        """The call on one line, cut where it is long."""
        return one_line(self.whole, limit=80)

    @property
    def whole(self) -> str:
        """The call on one line, all of it."""
        return one_line(f"{self.name}({self.arguments})", limit=sys.maxsize)


def awaiting_approval(view: SessionView, *, among: int = 0) -> list[Waiting]:
    """What must not run before the user has agreed, in the order in which a screen shows it.

    `among`: of the last so many calls and items only.
    """
    ours = [
        (call.item_id, Waiting(call.call_id, call.name, call.arguments))
        for call in view.calls[-among:]
        if call.state == "awaiting_approval"
    ]
    servers = [
        (item.id, Waiting(item.id, item.name, item.arguments))
        for item in view.items[-among:]
        if item.approval == "waiting"
    ]
    waiting = ours + servers
    if ours and servers:
        places = _places(view)
        waiting.sort(key=lambda each: places.get(each[0], len(places)))
    return [call for _, call in waiting]


def _places(view: SessionView) -> dict[str, int]:
    """Where each item stands: a server's request with the call that it is about."""
    places = {item.id: at for at, item in enumerate(view.items)}
    for at, item in enumerate(view.items):
        if (request := request_of(view, item)) is not None:
            places[request.id] = min(places[request.id], at)
    return places


def under_way(view: SessionView) -> list[Waiting]:
    """What has no output yet."""
    return [
        Waiting(call.call_id, call.name, call.arguments) for call in view.calls if call.state in _UNDER_WAY
    ]


def _approve(desk: Desk, line: Line) -> None:
    _give(desk, line, approves=True)


def _deny(desk: Desk, line: Line) -> None:
    _give(desk, line, approves=False)


def _give(desk: Desk, line: Line, *, approves: bool) -> None:
    for call in _chosen(line, awaiting_approval(desk.view), f"/{line.name}", "no call waits for approval"):
        desk.post(ApprovalGiven(call.id, approves))
        tell(desk, f"{'approved' if approves else 'denied'}: {call.words}")


def _answer(desk: Desk, line: Line) -> None:
    name, text = first(line.rest)
    if not text:
        raise UsageError("/answer takes a call and its output", hint='/answer get_weather {"celsius": 12}')
    call = _named(name, under_way(desk.view), "no call waits for an answer")
    desk.post(ToolCancelRequested(call.id))  # whoever works on it may stop: what is told first counts
    desk.post(ToolFinished(call.id, text))
    tell(desk, f"answered: {call.words}")


def _cancel(desk: Desk, line: Line) -> None:
    calls = under_way(desk.view)
    name = " ".join(split(line.rest))
    if name in ("", _ALL):
        if not calls:
            raise UsageError("no call is under way")
        desk.post(ToolCancelRequested())
        return
    desk.post(ToolCancelRequested(_named(name, calls, "no call is under way").id))


def _chosen(line: Line, calls: list[Waiting], command: str, none: str) -> list[Waiting]:
    """The calls that a line means; the only one needs no name."""
    name = " ".join(split(line.rest))
    if name == _ALL and calls:
        return calls
    if not name and len(calls) > 1:
        raise UsageError(
            f"{len(calls)} calls wait: {_names(calls)}", hint=f"{command} NAME, or {command} all"
        )
    return [_named(name, calls, none)]


def _named(name: str, calls: list[Waiting], none: str) -> Waiting:
    """The call of that id, or the only one of that name; the only one of all for an empty name."""
    fits = [call for call in calls if call.id == name] or [call for call in calls if name in ("", call.name)]
    if not calls:
        raise UsageError(none)
    if not fits:
        raise UsageError(f"no such call: {one_line(name, limit=40)}", hint=f"there is {_names(calls)}")
    if len(fits) > 1:
        ids = ", ".join(one_line(call.id, limit=40) for call in fits)
        many = f"{len(fits)} calls of {one_line(name, limit=40)}" if name else f"{len(fits)} calls"
        raise UsageError(f"there are {many}", hint=f"name one: {ids}")
    return fits[0]


def _names(calls: list[Waiting]) -> str:
    return ", ".join(dict.fromkeys(one_line(call.name or call.id, limit=40) for call in calls))


def _offers_of(find: Callable[[SessionView], list[Waiting]], *, all_too: bool) -> Offers:
    """Offers of the calls by their names, or by their ids where a name is not enough."""

    def offers(typed: Typed) -> Iterator[Offer]:
        if typed.count:
            return
        calls = find(typed.view)
        names = [call.name for call in calls]
        for call in calls:
            word = call.name if names.count(call.name) == 1 and call.name else call.id
            if word.isprintable():
                yield Offer(word, call.words)
        if all_too and len(calls) > 1:
            yield Offer(_ALL, f"{len(calls)} calls")

    return offers


_waiting = _offers_of(awaiting_approval, all_too=True)
_running = _offers_of(under_way, all_too=True)
_WHICH = "[NAME|CALL_ID|all]"
COMMANDS = (
    Command("approve", _WHICH, "let a call run", _approve, _waiting),
    Command("deny", _WHICH, "do not let it run", _deny, _waiting),
    Command(
        "answer",
        "CALL TEXT",
        "stand in for the tool",
        _answer,
        _offers_of(under_way, all_too=False),
        more=("TEXT goes to the model as it is; JSON is usual.",),
    ),
    Command("cancel", "[CALL]", "stop a tool; alone: all of them", _cancel, _running),
)
