"""Patience with a server that says nothing more: the user is told once, and may give the answer up."""

from __future__ import annotations

from . import interruption
from .state import SessionState

# The code of notices about a server that fell silent.
SILENCE_CODE = "silence"
# So long a server may say nothing while an answer is coming, or asked for, and none of it sounds.
PATIENCE_S = 15.0
# Who looks that much too late has stood still himself (Ctrl-Z), and knows nothing about the server.
_LATE_S = 2.0


def deadline(state: SessionState) -> float | None:
    """When `tell` is to be called, in session seconds."""
    waited_for, active = state.responses.waited_for, state.responses.active
    if waited_for is None or waited_for is state.silence_told_of or not state.may_speak:
        return None
    if active is not None and active.questions:  # the server waits for us
        return None
    return state.moved_s + PATIENCE_S


def tell(state: SessionState, now: float) -> None:
    """Says that the server is silent, once for each answer."""
    due_s = state.moved_s + PATIENCE_S
    if now < due_s:
        return
    if now > due_s + _LATE_S:
        state.moved_s = now
        return
    state.silence_told_of = state.responses.waited_for
    is_begun = state.responses.active is not None
    silent = "has said nothing in mid answer" if is_begun else "has not answered"
    text = f"the server {silent} for {PATIENCE_S:g} s"
    state.notice(now, "warning", text, hint="Esc or Ctrl-C gives it up", code=SILENCE_CODE)


def give_up(state: SessionState, now: float) -> None:
    """Waits no longer for an answer of which the user was told; nobody may be there to end it."""
    responses = state.responses
    if responses.waited_for is not state.silence_told_of:
        return
    if responses.active is not None:
        interruption.close_orphan(state, responses.active, now)
    else:
        responses.forget_asked()
