"""What a session says to its server, each thing in its turn, and the answers that it asks for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from realtime_cli.protocol import client_events as client
from realtime_cli.protocol import items as wire

from . import audio_inputs, inputs, restoring, tool_inputs
from .audio_settings import session_type
from .calls import Call
from .sending import send, send_raw, session_update
from .state import SessionState, ToSay


def speak(state: SessionState, now: float) -> None:
    """Sends everything whose time has come, in its order."""
    if state.to_configure:
        config, state.to_configure = state.to_configure, {}
        send(state, session_update(config), now)
    is_stopping = state.playback.is_stopping
    if state.comeback.is_due and not is_stopping:
        restoring.restore(state, now)
    audio_inputs.tune(state, now)
    if is_stopping:
        return
    _send_outputs(state, tool_inputs.ripe(state), now)
    outbox, state.outbox = state.outbox, []
    for said in outbox:
        _say(state, said, now)
    _answer_calls(state)
    _ask(state, now)


def owes(state: SessionState) -> bool:
    """Whether one side has something to say to the other."""
    has_tail = state.gate.released_at is not None
    has_more = bool(state.outbox) or state.calls.any_due or bool(state.owed)
    return has_tail or has_more or state.comeback.owed is not None or state.responses.is_busy


def answer_begins(state: SessionState) -> None:
    """The server answers what it had confirmed before."""
    state.owed = [owed for owed in state.owed if not _is_settled(state, owed)]


def _say(state: SessionState, said: ToSay, now: float) -> None:
    match said:
        case inputs.UserText(text):
            state.own_messages += 1
            message = wire.user_message(text, item_id=f"msg_user_{state.own_messages}")
            send(state, client.create_event(message), now)
            _ask_for_answer(state, now)
        case inputs.UserItem(raw):
            send_raw(state, f'{{"type":"conversation.item.create","item":{raw}}}', now)
            _ask_for_answer(state, now)
        case inputs.UserEvent(raw):
            send_raw(state, raw, now)
        case inputs.TalkEnded():
            send(state, client.InputAudioBufferCommit(), now)
            if session_type(state) != "transcription":
                _ask_for_answer(state, now)
        case _:
            assert_never(said)


def _ask_for_answer(state: SessionState, now: float) -> None:
    state.responses.ask()
    _ask(state, now)


def _ask(state: SessionState, now: float) -> None:
    create = state.responses.next_to_ask()
    if create is not None:
        _send_outputs(state, state.calls.due(), now)
        send(state, create, now)
        # It is an answer to all outputs that went out before it.
        state.owed = [owed for owed in state.owed if _is_open(state, owed)]


def _send_outputs(state: SessionState, calls: Iterable[Call], now: float) -> None:
    for call in calls:
        send(state, tool_inputs.output_event(state, call), now)
        state.owed.append(call.view.response_id)


def _answer_calls(state: SessionState) -> None:
    """Wants one answer to all calls of a response, as soon as that is over and they are finished."""
    if not state.owed or state.user_has_floor or state.responses.is_answering:
        return
    open_ones = [owed for owed in state.owed if _is_open(state, owed)]
    if len(open_ones) < len(state.owed):
        state.owed = open_ones
        state.responses.ask()


def _is_open(state: SessionState, response_id: str | None) -> bool:
    """Whether an answer may still make calls, or some of its calls have no output yet."""
    response = state.responses.get(response_id)
    is_coming = response is not None and response.status == "in_progress"
    return is_coming or state.calls.any_pending(response_id)


def _is_settled(state: SessionState, response_id: str | None) -> bool:
    """Whether all outputs of an answer's calls stand in the conversation."""
    return not _is_open(state, response_id) and state.calls.all_shown(response_id)
