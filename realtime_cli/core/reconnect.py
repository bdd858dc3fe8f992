"""Coming back after the connection was lost: what may be tried again, when, and what to say then.

A new connection is a new session that knows nothing of the old one: neither the configuration, nor a word
of the conversation. It is told both (see `restoring`).
"""

from __future__ import annotations

from realtime_cli.protocol import client_events as client
from realtime_cli.protocol import items as wire
from realtime_cli.protocol.codec import ClientEvent

from . import inputs, interruption
from .audio_settings import turn_detection
from .effects import Connect, Disconnect
from .explain import close_text
from .names import Name
from .sending import accept
from .sent_audio import SentAudio
from .state import SessionState
from .words import duration, number_of

# The code of notices about a connection that takes the place of another.
RECONNECT_CODE = "reconnect"
# The code of notices about a try that came to nothing, while there is another one to come.
TRY_CODE = "reconnect.try"
# Whoever refuses the key says so by this code, also where there was no connection yet.
REFUSED_CODE = "invalid_api_key"
# How long to wait before each try.
DELAYS_S = (0.5, 1.0, 2.0, 4.0, 8.0)
# A connection that lasted so long, or gave an answer, was a good one: the tries are counted anew after it.
STEADY_S = 30.0
# The network broke, or the server went away, failed or has too much to do (RFC 6455, 7.4.1). The end of a
# session that became too long comes as 1001. Whoever refuses (a key, a policy, a frame) refuses again.
_WORTH_A_TRY = frozenset({None, 1001, 1005, 1006, 1011, 1012, 1013, 1015})
# What can be told again.
TELLABLE = (wire.Message, wire.FunctionCall, wire.FunctionCallOutput)


def comes_back(state: SessionState, lost: inputs.ConnectionLost, now: float) -> bool:
    """Whether another connection is to take the place of the one that was lost."""
    back = state.comeback
    if state.ending.patience_ends_s is not None:
        return False
    if back.is_renewal:
        return True
    if now - state.since_s >= STEADY_S or state.responses.any_completed_since(state.since_s):
        back.tries = 0
    was_served = state.is_ready or back.is_due
    is_worth_it = not lost.by_us and lost.code in _WORTH_A_TRY
    return state.reconnects and was_served and is_worth_it and back.tries < len(DELAYS_S)


def lost(state: SessionState, why: inputs.ConnectionLost, now: float) -> None:
    """Keeps what the new session has to know, and waits for the time to try."""
    back, unanswered = state.comeback, state.sent.forget()
    unsaid = _unsaid(state, unanswered)
    back.owed = back.owed or _owed(state, unanswered)
    back.is_by_choice, back.is_renewal = back.is_renewal, False
    back.is_due, back.lost_s = True, now
    state.connection = "reconnecting"
    _break_off(state, now)
    _remember(state, unanswered)
    hint = "say again what you were saying" if unsaid else ""
    if back.is_by_choice:
        back.tries, back.retry_s = 0, now
        if unsaid:
            state.notice(now, "warning", "speech lost", hint=hint, code=RECONNECT_CODE)
        return
    back.retry_s = now + DELAYS_S[back.tries]
    text = f"{close_text(why.code, why.reason)}; connecting again"
    state.notice(now, "warning", text, hint=hint, code=RECONNECT_CODE)


def attempt(state: SessionState) -> None:
    """The time to try has come."""
    back = state.comeback
    back.tries, back.retry_s = back.tries + 1, None
    state.effects.append(Connect())


def failed(state: SessionState, failure: inputs.ConnectionFailed, now: float) -> None:
    """A try came to nothing: there is another one, or the session is over, or about to be."""
    back = state.comeback
    if state.ending.patience_ends_s is not None:
        return
    if failure.is_final or back.tries >= len(DELAYS_S):
        text = f"no connection after {number_of(back.tries, 'try', 'tries')}: {failure.reason}"
        code = REFUSED_CODE if failure.is_final else RECONNECT_CODE
        state.notice(now, "error", text, hint=failure.hint, code=code)
        tell_unsent(state, now)
        give_up(state, now)
        return
    delay_s = DELAYS_S[back.tries]
    back.retry_s = now + delay_s
    hint = f"the next try comes in {duration(delay_s)}"
    state.notice(now, "info", f"no connection: {failure.reason}", hint=hint, code=TRY_CODE)


def tell_unsent(state: SessionState, now: float) -> None:
    """Nobody will hear what was typed meanwhile."""
    turns = sum(isinstance(said, inputs.UserText | inputs.UserItem) for said in state.outbox)
    if turns:
        text = f"not sent: {number_of(turns, 'turn')}"
        state.notice(now, "warning", text, hint="there is no connection any more", code=RECONNECT_CODE)


def give_up(state: SessionState, now: float) -> None:
    """There will be no other connection."""
    state.connection = "closed"
    state.away_s += now - state.comeback.lost_s


def leave(state: SessionState, now: float) -> None:
    """We want no connection any more, neither this one nor another."""
    if state.connection == "reconnecting":
        give_up(state, now)
        state.closed_by_us = True
    state.effects.append(Disconnect())


def opened(state: SessionState, now: float) -> None:
    """There is a connection again, to a session with names of its own."""
    back = state.comeback
    back.retry_s = None
    state.away_s += now - back.lost_s
    state.sent_audio = SentAudio()
    items: list[Name] = [("item", item.id) for item in state.items]
    responses: list[Name] = [("response", response.id) for response in state.responses.snapshot()]
    calls: list[Name] = [("call", call.call_id) for call in state.calls.snapshot()]
    state.names.begin_session([*items, *responses, *calls])


def _break_off(state: SessionState, now: float) -> None:
    """Ends everything that only the old session could have ended."""
    state.is_ready = state.is_configured = state.user_speaking = False
    state.gate.is_listening, state.gate.uncommitted_bytes = False, 0
    state.gate.stop_talking()
    for response in state.responses.connection_lost(now):
        state.items.end(response.item_ids, response.status)
        interruption.answer_ended(state, response, now)
    theirs = [item for item in state.items if item.kind in {"mcp_list_tools", "mcp_call"}]
    state.items.end((item.id for item in theirs if not item.output), "failed")
    state.items.wait_no_longer()
    state.outbox = [said for said in state.outbox if not isinstance(said, inputs.TalkEnded)]


def _remember(state: SessionState, unanswered: list[ClientEvent]) -> None:
    """What was not answered may not have arrived: settings, and items that nobody told us of yet."""
    back = state.comeback
    told = [restored.made for restored in back.expected]
    for event in unanswered:
        match event:
            case client.ConversationItemCreate():
                is_told = (
                    any(event.item is made for made in told) or state.items.get(event.item.id) is not None
                )
                if converses(state) and isinstance(event.item, TELLABLE) and not is_told:
                    back.unconfirmed.append(event)
            case client.ConversationItemDelete():
                state.items.delete(event.item_id)
            case _:
                accept(state, event)
    back.expected.clear()


def _unsaid(state: SessionState, unanswered: list[ClientEvent]) -> bool:
    """Whether the user was saying something that never became a turn."""
    gate, finds_no_turns = state.gate, turn_detection(state) is None
    is_talking = state.user_speaking or gate.is_talking or gate.released_at is not None
    has_talked = any(isinstance(said, inputs.TalkEnded) for said in state.outbox)
    is_on_the_way = any(isinstance(event, client.InputAudioBufferCommit) for event in unanswered)
    was_heard = state.floor.free_at is not None and not _user_spoke_last(state)
    is_uncommitted = finds_no_turns and gate.uncommitted_bytes > 0
    return is_talking or has_talked or is_on_the_way or was_heard or is_uncommitted


def _owed(state: SessionState, unanswered: list[ClientEvent]) -> client.ResponseCreate | None:
    """What asks again for an answer that was to come, to something that can be told, and did not begin."""
    wanted, active = state.responses.wanted, state.responses.active
    if not converses(state):
        return None
    if wanted is not None and not _is_for_speech_only(unanswered):
        return wanted
    if active is None:
        is_due = state.floor.free_at is not None and _user_spoke_last(state)
        return client.ResponseCreate() if is_due else None
    is_begun = active.marks.first_text is not None or active.marks.first_audio is not None
    if is_begun or active.is_silenced or state.calls.any_whole(active.id):
        return None
    return active.asked or client.ResponseCreate()


def _is_for_speech_only(unanswered: list[ClientEvent]) -> bool:
    """Whether what waits for an answer is speech that the server did not confirm: it is lost."""
    asking = (client.InputAudioBufferCommit, client.ConversationItemCreate, client.ResponseCreate)
    kinds = [type(event) for event in unanswered if isinstance(event, asking)]
    return kinds[:1] == [client.InputAudioBufferCommit] and client.ConversationItemCreate not in kinds


def _user_spoke_last(state: SessionState) -> bool:
    items = [item for item in state.items if item.in_conversation]
    return bool(items) and items[-1].role == "user"


def converses(state: SessionState) -> bool:
    """Whether this is a session with a memory; one that transcribes or translates has none."""
    return {state.requested.get("type"), state.config.get("type")} <= {None, "realtime"}
