"""What tools, and the people who watch over them, do to a session."""

from __future__ import annotations

from typing import TypeAlias

from . import inputs
from .state import SessionState
from .view import CallView

ToolInput: TypeAlias = (
    inputs.ToolStarted
    | inputs.ToolProgress
    | inputs.ToolFinished
    | inputs.ApprovalWanted
    | inputs.ApprovalGiven
    | inputs.ToolCancelRequested
)


def take(state: SessionState, told: ToolInput, now: float) -> CallView | None:
    """Brings the calls up to date, and tells the tools what is wanted; gives a call that has its output."""
    if not isinstance(told, inputs.ToolFinished):
        return None
    call = state.calls.finished(told.call_id, told.output, outcome=told.outcome, now=now)
    if call is not None:
        state.outbox.append(told)
    return call
