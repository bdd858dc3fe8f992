"""Function calls: each one is told up to three times, and is still one call; it is run and answered once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import takewhile

from .view import CallState, CallView

_OVER = frozenset[CallState]({"done", "failed", "denied", "cancelled"})


@dataclass(slots=True, eq=False)
class Call:
    """A call as it goes on.

    It `is_taken_up` once it was given to the tools, `is_decided` once the user's verdict was passed on,
    `is_cancelling` once it was to stop, and `is_cut_off` where nothing comes of it. `wire_id` is the server's
    own `call_id`, where it told one. An output that `is_sent` stands in the conversation as the item
    `output_id`, as soon as the server tells, and behind the item `anchor_id`.
    """

    key: str
    view: CallView
    wire_id: str = ""
    is_taken_up: bool = False
    is_decided: bool = False
    is_cancelling: bool = False
    is_cut_off: bool = False
    is_sent: bool = False
    output_id: str = ""
    anchor_id: str | None = None

    @property
    def told_id(self) -> str:
        """The `call_id` that its output has to name."""
        return self.wire_id or self.view.call_id

    @property
    def is_whole(self) -> bool:
        """Whether its arguments have come to their end, and something comes of it."""
        return self.view.state != "collecting" and not self.is_cut_off

    @property
    def is_over(self) -> bool:
        """Whether nothing more becomes of it."""
        return self.view.state in _OVER

    @property
    def is_under_way(self) -> bool:
        """Whether somebody runs it, or will."""
        waits = self.view.state in ("running", "awaiting_approval")
        return waits or (self.is_taken_up and not self.is_over)


class CallList:
    """All function calls by `call_id`, in the order in which they showed up."""

    def __init__(self) -> None:
        self._calls: dict[str, Call] = {}
        self._keys: dict[str, str] = {}
        self._open: dict[str, Call] = {}
        self._due: set[str] = set()
        self._shown: dict[str, tuple[str, str]] = {}

    def find(self, call_id: str) -> Call | None:
        """The call, by any of its names."""
        return self._calls.get(self._keys.get(call_id, ""))

    def of_item(self, item_id: str) -> CallView | None:
        """The call that an item carries."""
        call = self.find(item_id)
        return call.view if call else None

    def heard(
        self,
        *,
        call_id: str | None,
        item_id: str,
        name: str | None = None,
        arguments: str | None = None,
        response_id: str | None = None,
        is_complete: bool = False,
    ) -> CallView:
        """Brings a call up to date; where a server leaves out `call_id`, the item stands in for it.

        A call is pending, and can be made, once its arguments are complete and its name is known.
        """
        call = self._touch(call_id, item_id)
        call.wire_id = call.wire_id or call_id or ""
        if call.view.response_id is None and response_id:
            call.view = replace(call.view, response_id=response_id)
        if call.view.state == "collecting":
            call.view = _grown(call.view, call_id, name, arguments, is_complete=is_complete)
            self._settle(call)
        return call.view

    def finished(
        self, call_id: str, output: str, *, outcome: CallState = "done", now: float | None = None
    ) -> Call | None:
        """Notes a call's output; None where the call is unknown or was answered before."""
        call = self.find(call_id)
        if call is None or call.is_over:
            return None
        call.view = replace(call.view, state=outcome, output=output, ended_s=now)
        self._open.pop(call.key, None)
        return call

    def shown(self, call_id: str, output: str, *, item_id: str, now: float) -> Call | None:
        """Notes an output that stands in the conversation, and gives the call that it answers for us.

        The call may be told later; then it is over already.
        """
        call = self.find(call_id)
        if call is None:
            self._shown[call_id] = (item_id, output)
            return None
        call.output_id = call.output_id or item_id
        self._due.discard(call.key)
        return self.finished(call_id, output, now=_if_begun(call.view, now))

    def move(self, call_id: str, state: CallState, *, since: Iterable[CallState], now: float) -> bool:
        """Takes a call on to a state, where it stands in one of those before it."""
        call = self.find(call_id)
        if call is None or call.view.state not in since:
            return False
        began_s = now if state == "running" else call.view.began_s
        call.view = replace(call.view, state=state, began_s=began_s)
        return True

    def progressed(self, call_id: str, text: str) -> None:
        """Notes what a tool says of itself while it runs."""
        call = self.find(call_id)
        if call is not None and call.view.state == "running":
            call.view = replace(call.view, progress=text)

    def cut_off(self, call: Call, now: float) -> None:
        """A call that will never be whole, or of which nobody will see the end."""
        call.is_cut_off = True
        self.finished(call.key, "", outcome="cancelled", now=_if_begun(call.view, now))

    def any_whole(self, response_id: str) -> bool:
        """Whether an answer has made a call."""
        calls = self._calls.values()
        return any(call.is_whole and call.view.response_id == response_id for call in calls)

    def any_pending(self, response_id: str | None) -> bool:
        """Whether a complete call of an answer still waits for its output."""
        return any(
            call.view.state != "collecting" and call.view.response_id == response_id
            for call in self._open.values()
        )

    @property
    def any_due(self) -> bool:
        """Whether an output waits to be sent."""
        return bool(self._due)

    def due(self) -> list[Call]:
        """The calls whose outputs wait to be sent, in the order of the calls."""
        return [call for call in self._calls.values() if call.key in self._due] if self._due else []

    def note_due(self, call: Call) -> None:
        """Its output is to be sent."""
        self._due.add(call.key)

    def note_sent(self, call: Call, *, anchor_id: str | None) -> None:
        """Its output goes out, to stand behind the item."""
        self._due.discard(call.key)
        call.is_sent, call.anchor_id = True, anchor_id

    def drop_due(self) -> None:
        """No output will be sent any more."""
        self._due.clear()

    def waits_for_earlier(self, call: Call) -> bool:
        """Whether its answer made a call before it that still waits for its output."""
        before = takewhile(lambda each: each is not call, self._calls.values())
        return any(
            each.is_whole and not each.is_over and each.view.response_id == call.view.response_id
            for each in before
        )

    def all_shown(self, response_id: str | None) -> bool:
        """Whether the server has confirmed every output of an answer's calls that was sent."""
        return all(
            call.output_id
            for call in self._calls.values()
            if call.is_sent and call.view.response_id == response_id
        )

    @property
    def any_under_way(self) -> bool:
        """Whether a tool is at work, or about to be."""
        return any(call.is_under_way for call in self._open.values())

    def unfinished(self, fits: Callable[[Call], bool]) -> list[Call]:
        """The calls that are not over, and that fit."""
        return [call for call in self._open.values() if fits(call)]

    def answered_around(self, call: Call) -> tuple[Call | None, Call | None]:
        """The neighbours among the calls of the same answer whose outputs were sent: before, and after."""
        of_answer = [each for each in self._calls.values() if each.view.response_id == call.view.response_id]
        place = of_answer.index(call)
        before = next((each for each in reversed(of_answer[:place]) if each.is_sent), None)
        return before, next((each for each in of_answer[place + 1 :] if each.is_sent), None)

    def snapshot(self) -> tuple[CallView, ...]:
        """All calls, oldest first."""
        return tuple(call.view for call in self._calls.values())

    def _touch(self, call_id: str | None, item_id: str) -> Call:
        key = self._key(call_id, item_id)
        call = self._calls.get(key)
        if call is None:
            call = Call(key, CallView(key, "", "", "collecting", item_id))
            self._calls[key] = self._open[key] = call
        return call

    def _settle(self, call: Call) -> None:
        """A call whose output came first is over as soon as it is whole."""
        if call.view.state == "pending" and call.wire_id in self._shown:
            call.output_id, output = self._shown.pop(call.wire_id)
            self.finished(call.key, output)

    def _key(self, call_id: str | None, item_id: str) -> str:
        names = [name for name in (call_id, item_id) if name]
        key = next((self._keys[name] for name in names if name in self._keys), names[0])
        self._keys.update(dict.fromkeys(names, key))
        return key


def _if_begun(call: CallView, now: float) -> float | None:
    return None if call.began_s is None else now


def _grown(
    old: CallView, call_id: str | None, name: str | None, arguments: str | None, *, is_complete: bool
) -> CallView:
    kept = "" if is_complete and arguments is not None else old.arguments
    call = replace(
        old,
        call_id=call_id or old.call_id,
        name=name or old.name,
        arguments=kept + (arguments or ""),
    )
    return replace(call, state="pending") if is_complete and call.name else call
