"""What the tools are told, and what tools, and the people who watch over them, do to a session."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias, assert_never

from realtime_cli.protocol import client_events as client
from realtime_cli.protocol import items as wire

from . import inputs, mcp
from .calls import Call
from .effects import AnswerApproval, CancelTool, StartTool
from .state import SessionState

ToolInput: TypeAlias = (
    inputs.ToolStarted
    | inputs.ToolProgress
    | inputs.ToolFinished
    | inputs.ApprovalWanted
    | inputs.ApprovalGiven
    | inputs.ToolCancelRequested
)
# The code of the notice about calls that nobody runs.
NO_TOOLS_CODE = "no_tools"


def take(state: SessionState, told: ToolInput, now: float) -> None:
    """Brings the calls up to date, and tells the tools, or in its turn the server, what there is to tell."""
    match told:
        case inputs.ToolStarted(call_id):
            state.calls.move(call_id, "running", since=("pending", "awaiting_approval"), now=now)
        case inputs.ToolProgress(call_id, text):
            state.calls.progressed(call_id, text)
        case inputs.ApprovalWanted(call_id):
            state.calls.move(call_id, "awaiting_approval", since=("pending",), now=now)
        case inputs.ApprovalGiven(call_id, approves):
            _decide(state, call_id, approves=approves, now=now)
        case inputs.ToolCancelRequested(call_id):
            _cancel(state, state.calls.unfinished(lambda call: call_id in ("", call.view.call_id)))
        case inputs.ToolFinished(call_id, output, outcome):
            call = state.calls.finished(call_id, output, outcome=outcome, now=now)
            if call is not None:
                state.calls.note_due(call)
        case _:
            assert_never(told)


def attend(state: SessionState, now: float, *, has_tools: bool) -> None:
    """Gives every call to the tools, once, as soon as it is whole; those that never will be are over."""
    for call in state.calls.unfinished(lambda call: not call.is_taken_up):
        if _is_cut_off(state, call):
            state.calls.cut_off(call, now)
        elif call.view.state == "pending" and call.view.response_id is not None:
            _start(state, call, now, has_tools=has_tools)


def end(state: SessionState, now: float) -> None:
    """Nobody will hear of any output any more: the tools may stop."""
    under_way = state.calls.unfinished(lambda call: call.is_under_way)
    _cancel(state, under_way)
    for call in under_way:
        state.calls.cut_off(call, now)


def answered_elsewhere(state: SessionState, output: wire.FunctionCallOutput, *, item_id: str) -> None:
    """An output stands in the conversation; a tool that still works on one of somebody else's may stop."""
    call = state.calls.shown(output.call_id or "", output.output or "", item_id=item_id, now=state.now_s)
    if call is not None and call.is_taken_up:
        state.effects.append(CancelTool(call.view.call_id))


def ripe(state: SessionState) -> list[Call]:
    """The calls whose outputs go out now.

    Those of one answer go out in the order of its calls, since the next answer waits for all of them. One
    that does not wait, to the user or of another origin, is to know what is known by then.
    """
    is_in_haste = state.user_has_floor or bool(state.outbox) or state.responses.wanted is not None
    return [call for call in state.calls.due() if is_in_haste or not _is_held_back(state, call)]


def output_event(state: SessionState, call: Call) -> client.ConversationItemCreate:
    """The event that puts a call's output into the conversation.

    The outputs of one answer's calls stand in the order of the calls, as far as the place has a name.
    """
    item = wire.FunctionCallOutput(call_id=call.told_id, output=call.view.output)
    after = _place(state, call)
    state.calls.note_sent(call, anchor_id=after or state.items.last_placed_id)
    return client.create_event(item, previous_item_id=after)


def _is_held_back(state: SessionState, call: Call) -> bool:
    active = state.responses.active
    is_last_answer = active is None or active.id == call.view.response_id
    return is_last_answer and state.calls.waits_for_earlier(call)


def _place(state: SessionState, call: Call) -> str | None:
    """The item to stand behind; None for the end."""
    before, after = state.calls.answered_around(call)
    if after is None:
        return None
    if before is not None:
        return before.output_id if state.items.is_nameable(before.output_id) else None
    if state.items.get(after.output_id):
        return state.items.id_before(after.output_id)
    return after.anchor_id if state.items.is_nameable(after.anchor_id) else None


def _start(state: SessionState, call: Call, now: float, *, has_tools: bool) -> None:
    view = call.view
    if has_tools:
        call.is_taken_up = True
        state.effects.append(StartTool(view.call_id, view.name, view.arguments))
    elif not any(notice.code == NO_TOOLS_CODE for notice in state.notices):
        text = f"the model calls {view.name}, and nobody answers"
        state.notice(now, "warning", text, hint="--tools names what runs such calls", code=NO_TOOLS_CODE)


def _is_cut_off(state: SessionState, call: Call) -> bool:
    """Whether the answer ended before the call was whole."""
    response = state.responses.get(call.view.response_id)
    if response is None or response.status in ("in_progress", "completed"):
        return False
    item = state.items.get(call.view.item_id)
    return call.view.state == "collecting" or (item is not None and item.status == "incomplete")


def _decide(state: SessionState, call_id: str, *, approves: bool, now: float) -> None:
    call = state.calls.find(call_id)
    if call is None:
        mcp.decide(state, call_id, approves=approves, now=now)
    elif call.view.state == "awaiting_approval" and not call.is_decided:
        call.is_decided = True
        state.effects.append(AnswerApproval(call.view.call_id, approves))


def _cancel(state: SessionState, calls: Iterable[Call]) -> None:
    for call in calls:
        if call.is_under_way and not call.is_cancelling:
            call.is_cancelling = True
            state.effects.append(CancelTool(call.view.call_id))
