"""Coming back after the connection was lost: what may be tried again, when, and what to say then.

A new connection is a new session that knows nothing of the old one: neither the configuration, nor a word
of the conversation. So it is told both, as far as the protocol has a way: what was said goes in as text,
calls and their outputs as they were. What has no such way is lost, and the user is told so.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Any

from realtime_cli.protocol import client_events as client
from realtime_cli.protocol import items as wire

from . import inputs, interruption
from .comeback import Restored
from .conversation import Item
from .effects import Connect
from .explain import close_text
from .metrics import Stopwatch
from .sending import accept, send
from .state import SessionState
from .view import UNNAMED, Level
from .words import duration, number_of

# The code of notices about a connection that takes the place of another.
RECONNECT_CODE = "reconnect"
# The code of notices about a try that came to nothing, while there is another one to come.
TRY_CODE = "reconnect.try"
# Whoever refused the key when there was no connection yet says so by this code.
_REFUSED_CODE = "invalid_api_key"
# How long to wait before each try.
DELAYS_S = (0.5, 1.0, 2.0, 4.0, 8.0)
# A connection that lasted so long was a good one: the tries are counted anew after it.
STEADY_S = 30.0
# The network broke, or the server went away, failed or has too much to do (RFC 6455, 7.4.1). The end of a
# session that became too long comes as 1001. Whoever refuses (a key, a policy, a frame) refuses again.
_WORTH_A_TRY = frozenset({None, 1001, 1005, 1006, 1011, 1012, 1013, 1015})


def comes_back(state: SessionState, lost: inputs.ConnectionLost, now: float) -> bool:
    """Whether another connection is to take the place of the one that was lost."""
    back = state.comeback
    if state.ending.patience_ends_s is not None:
        return False
    if back.is_renewal:
        return True
    if now - state.since_s >= STEADY_S:
        back.tries = 0
    was_served = state.is_ready or back.tries > 0
    is_worth_it = not lost.by_us and lost.code in _WORTH_A_TRY
    return state.reconnects and was_served and is_worth_it and back.tries < len(DELAYS_S)


def lost(state: SessionState, why: inputs.ConnectionLost, now: float) -> None:
    """Keeps what the new session has to know, and waits for the time to try."""
    back, unsaid = state.comeback, _unsaid(state)
    back.is_owed = back.is_owed or _owes_answer(state)
    back.lost_s = now
    _break_off(state, now)
    _remember_unanswered(state)
    state.connection = "reconnecting"
    if back.is_renewal:
        back.tries, back.retry_s = 0, now
        return
    back.retry_s = now + DELAYS_S[back.tries]
    hint = "say again what you were saying" if unsaid else ""
    text = f"{close_text(why.code, why.reason)}; connecting again"
    state.notice(now, "warning", text, hint=hint, code=RECONNECT_CODE)


def attempt(state: SessionState) -> None:
    """The time to try has come."""
    back = state.comeback
    back.tries, back.retry_s = back.tries + 1, None
    state.effects.append(Connect())


def failed(state: SessionState, failure: inputs.ConnectionFailed, now: float) -> None:
    """A try came to nothing: there is another one, or the session is over."""
    back = state.comeback
    if failure.is_final or back.tries >= len(DELAYS_S):
        text = f"no connection after {number_of(back.tries, 'try', 'tries')}: {failure.reason}"
        code = _REFUSED_CODE if failure.is_final else RECONNECT_CODE
        state.notice(now, "error", text, hint=failure.hint, code=code)
        state.connection = "closed"
        return
    delay_s = DELAYS_S[back.tries]
    back.retry_s = now + delay_s
    hint = f"the next try comes in {duration(delay_s)}"
    state.notice(now, "info", f"no connection: {failure.reason}", hint=hint, code=TRY_CODE)


def opened(state: SessionState, now: float) -> None:
    """There is a connection again."""
    back = state.comeback
    back.is_due, back.retry_s = True, None
    back.replaced += 1
    state.away_s += now - back.lost_s


def restore(state: SessionState, now: float) -> None:
    """Tells the new session what was said in the old one, and the user what became of it."""
    back = state.comeback
    missing = [item for item in state.items if item.in_conversation and not _restored(state, item, now)]
    unconfirmed, back.unconfirmed = back.unconfirmed, []
    for event in unconfirmed:
        send(state, client.create_event(event.item), now)
    state.stopwatch = Stopwatch()
    if back.is_owed:
        state.responses.ask()
    lost = sum(_is_missed(item) for item in missing)
    _tell(state, now, told=len(back.expected) + len(unconfirmed), lost=lost)
    back.is_due = back.is_owed = back.is_renewal = False


def recognise(state: SessionState, told: wire.Item) -> Item | None:
    """The item that the server confirms to know again, maybe by a name of its own; None for any other one."""
    expected = state.comeback.expected
    restored = next((each for each in expected if each.is_told_by(told)), None)
    if restored is not None:
        expected.remove(restored)
        state.sent.confirmed(restored.made)
        state.items.also_called(restored.item_id, told.id)
    known = state.items.get(told.id)
    return known if known is not None and known.is_restored else None


def _break_off(state: SessionState, now: float) -> None:
    """Ends everything that only the old session could have ended."""
    state.is_ready = state.is_configured = state.user_speaking = False
    state.gate.is_listening, state.gate.uncommitted_bytes = False, 0
    state.gate.stop_talking()
    for response in state.responses.connection_lost(now):
        state.items.end(response.item_ids, response.status)
        interruption.answer_ended(state, response, now)
    state.items.wait_no_longer()
    theirs = [item for item in state.items if item.kind in {"mcp_list_tools", "mcp_call"}]
    state.items.end((item.id for item in theirs if not item.output), "failed")
    state.outbox = [said for said in state.outbox if not isinstance(said, inputs.TalkEnded)]


def _remember_unanswered(state: SessionState) -> None:
    """What was sent and not answered may not have arrived: settings, and items that nobody told us of yet."""
    back = state.comeback
    told = [restored.made for restored in back.expected]
    for event in state.sent.forget():
        accept(state, event)
        if isinstance(event, client.ConversationItemCreate):
            is_known = state.items.get(event.item.id) is not None
            if not (is_known or any(event.item is made for made in told)):
                back.unconfirmed.append(event)
    back.expected.clear()


def _unsaid(state: SessionState) -> bool:
    """Whether the user was saying something that never became a turn."""
    is_talking = state.gate.is_talking or state.gate.released_at is not None
    has_talked = any(isinstance(said, inputs.TalkEnded) for said in state.outbox)
    return state.user_speaking or is_talking or has_talked


def _owes_answer(state: SessionState) -> bool:
    """Whether an answer was asked for of which nothing has come."""
    responses, active = state.responses, state.responses.active
    if active is None:
        return responses.is_awaited and not responses.is_stopped
    is_begun = active.marks.first_text is not None or active.marks.first_audio is not None
    return not (is_begun or active.is_silenced or state.calls.any_whole(active.id))


def _restored(state: SessionState, item: Item, now: float) -> bool:
    """Tells an item again, if there is a way to."""
    made = _again(state, item)
    if made is None:
        return False
    item.is_restored = True
    state.comeback.expected.append(Restored(item.id, made))
    send(state, client.create_event(made), now)
    return True


def _again(state: SessionState, item: Item) -> wire.Item | None:
    """What the new session is to be told of an item; None where there is no way to."""
    if item.kind == "message":
        return _message(item)
    call = state.calls.find(item.call_id or item.id)
    if item.kind == "function_call" and call is not None and call.is_whole:
        name, arguments = call.view.name, call.view.arguments
        return wire.FunctionCall(**_id(item), call_id=call.told_id, name=name, arguments=arguments)
    if item.kind == "function_call_output":
        return wire.FunctionCallOutput(**_id(item), call_id=item.call_id, output=item.output)
    return None


def _message(item: Item) -> wire.Message | None:
    if isinstance(item.made, wire.Message):
        return item.made.model_copy(update=_id(item))
    words = _heard_words(item)
    if not words:
        return None
    part = wire.OutputText(text=words) if item.role == "assistant" else wire.InputText(text=words)
    return wire.Message(**_id(item), role=item.role, content=[part])


def _id(item: Item) -> dict[str, Any]:
    """The item's name, where the server knows it by one."""
    return {} if item.id.startswith(UNNAMED) else {"id": item.id}


def _heard_words(item: Item) -> str:
    """What was said; of speech that was cut off, the words up to there."""
    view = item.snapshot()
    if view.truncated_ms is None or not view.audio_ms:
        return view.text
    length = len(view.text) * min(1.0, view.truncated_ms / view.audio_ms)
    words = view.text.split(" ")
    ends = accumulate(len(word) + 1 for word in words)
    return " ".join(word for word, end in zip(words, ends, strict=True) if end - 1 <= length)


def _is_missed(item: Item) -> bool:
    """Whether somebody said or did what the new session will not know."""
    if item.kind == "message":
        return item.role == "user" and item.snapshot().has_audio
    return item.kind == "mcp_call"


def _tell(state: SessionState, now: float, *, told: int, lost: int) -> None:
    back = state.comeback
    level: Level = "warning" if lost else "info"
    words = ["a new session" if back.is_renewal else f"connected again after {duration(now - back.lost_s)}"]
    if told:
        words.append(f"told it {number_of(told, 'item')} of the conversation")
    if lost:
        words.append(f"{number_of(lost, 'item')} lost")
    if back.is_owed:
        words.append("asked for the answer again")
    hint = "speech without a transcript and the server's own MCP calls cannot be told again" if lost else ""
    state.notice(now, level, "; ".join(words), hint=hint, code=RECONNECT_CODE)
