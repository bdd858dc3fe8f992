"""What becomes of a session's connection: opened, lost, and by choice or necessity replaced."""

from __future__ import annotations

from typing import TypeAlias, assert_never

from . import inputs, reconnect, saying
from .effects import Disconnect
from .explain import close_text
from .floor import Floor
from .state import SessionState
from .view import Level

ConnectionInput: TypeAlias = (
    inputs.ConnectionOpened | inputs.ConnectionLost | inputs.ConnectionFailed | inputs.RenewRequested
)

# The close code of whoever refuses the key after the handshake.
_UNAUTHORIZED = 3000


def take(state: SessionState, happened: ConnectionInput, now: float) -> None:
    """Brings the state up to date with what the connection does, or is to do."""
    match happened:
        case inputs.ConnectionOpened():
            _opened(state, now)
        case inputs.ConnectionLost():
            _lost(state, happened, now)
        case inputs.ConnectionFailed():
            if state.connection == "reconnecting":
                reconnect.failed(state, happened, now)
        case inputs.RenewRequested():
            _renew(state, now)
        case _:
            assert_never(happened)


def _opened(state: SessionState, now: float) -> None:
    if state.connection == "reconnecting":
        reconnect.opened(state, now)
    else:
        state.opened_s = now
    state.connection, state.since_s = "open", now


def _renew(state: SessionState, now: float) -> None:
    """Leaves this session for a new one; between two, the next try comes now."""
    if state.connection == "reconnecting" and state.comeback.retry_s is not None:
        state.comeback.retry_s = now
    elif state.may_speak and not state.is_leaving:
        state.comeback.is_renewal = True
        state.effects.append(Disconnect())


def _lost(state: SessionState, lost: inputs.ConnectionLost, now: float) -> None:
    was_busy = saying.owes(state) and state.connection != "closed"
    state.close_code, state.close_reason = lost.code, lost.reason
    if state.connection == "open" and not state.is_leaving and reconnect.comes_back(state, lost, now):
        reconnect.lost(state, lost, now)
        state.to_configure, state.floor = dict(state.accepted) or state.first_config, Floor()
        return
    state.connection, state.closed_by_us = "closed", lost.by_us
    state.user_speaking = state.gate.is_listening = False
    state.gate.stop_talking()
    for response in state.responses.connection_lost(now):
        state.items.end(response.item_ids, response.status)
    if not lost.by_us:
        level: Level = "info" if lost.code == 1000 and not was_busy else "error"
        if not _is_told(state, lost):
            state.notice(now, level, close_text(lost.code, lost.reason), code=str(lost.code or ""))
        if state.comeback.is_due:
            reconnect.tell_unsent(state, now)


def _is_told(state: SessionState, lost: inputs.ConnectionLost) -> bool:
    """Whether an error has said already why the server closes."""
    return lost.code == _UNAUTHORIZED and any(told.code == reconnect.REFUSED_CODE for told in state.notices)
