"""The user's limits of time and money: when the session ends by itself, and how."""

from __future__ import annotations

from .state import SessionState


def deadline(state: SessionState) -> float | None:
    """When `check` wants to look again, in session seconds."""
    _ = state
    return None


def check(state: SessionState, now: float, *, is_busy: bool) -> None:
    """Says once that a limit is reached, and ends the session as soon as the answer is over."""
    _ = state, now, is_busy
