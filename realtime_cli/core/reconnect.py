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
from realtime_cli.protocol.codec import ClientEvent

from . import inputs, interruption
from .comeback import Restored, gist
from .conversation import Item
from .effects import Connect
from .explain import close_text
from .floor import Floor
from .metrics import Stopwatch
from .names import Name
from .sending import accept, send
from .sent_audio import SentAudio
from .state import SessionState
from .view import UNNAMED, ItemView, Level
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
_TELLABLE = (wire.Message, wire.FunctionCall, wire.FunctionCallOutput)
# Instead of its kind: the turn that waits for an answer cannot be told again.
_LOST = "lost"


def comes_back(state: SessionState, lost: inputs.ConnectionLost, now: float) -> bool:
    """Whether another connection is to take the place of the one that was lost."""
    back = state.comeback
    if state.ending.patience_ends_s is not None:
        return False
    if back.is_renewal:
        return True
    if now - state.since_s >= STEADY_S:
        back.tries = 0
    was_served = state.is_ready or back.replaced > 0
    is_worth_it = not lost.by_us and lost.code in _WORTH_A_TRY
    return state.reconnects and was_served and is_worth_it and back.tries < len(DELAYS_S)


def lost(state: SessionState, why: inputs.ConnectionLost, now: float, *, floor: Floor) -> None:
    """Keeps what the new session has to know, and waits for the time to try."""
    back, unanswered = state.comeback, state.sent.forget()
    unsaid = _unsaid(state, unanswered, floor)
    back.is_owed = back.is_owed or _owes_answer(state, unanswered, floor)
    back.is_by_choice, back.is_renewal = back.is_renewal, False
    back.is_due, back.lost_s = True, now
    state.connection = "reconnecting"
    _break_off(state, now)
    _remember(state, unanswered)
    if back.is_by_choice:
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
        give_up(state, now)
        return
    delay_s = DELAYS_S[back.tries]
    back.retry_s = now + delay_s
    hint = f"the next try comes in {duration(delay_s)}"
    state.notice(now, "info", f"no connection: {failure.reason}", hint=hint, code=TRY_CODE)


def give_up(state: SessionState, now: float) -> None:
    """There will be no other connection."""
    state.connection = "closed"
    state.away_s += now - state.comeback.lost_s


def opened(state: SessionState, now: float) -> None:
    """There is a connection again, to a session with names of its own."""
    back = state.comeback
    back.retry_s = None
    back.replaced += 1
    state.away_s += now - back.lost_s
    state.sent_audio = SentAudio()
    items: list[Name] = [("item", item.id) for item in state.items]
    responses: list[Name] = [("response", response.id) for response in state.responses.snapshot()]
    calls: list[Name] = [("call", call.call_id) for call in state.calls.snapshot()]
    state.names.begin_session([*items, *responses, *calls])


def restore(state: SessionState, now: float) -> None:
    """Tells the new session what was said in the old one, and the user what became of it."""
    back = state.comeback
    sent = list(back.unconfirmed)
    missing = [item for item in [*state.items] if item.in_conversation and not _restored(state, item, now)]
    _send_unconfirmed(state, now)
    last = sent[-1].item.type if sent else _last_turn(state)
    state.stopwatch = Stopwatch()
    if last == "function_call_output":
        state.stopwatch.say("tool")
    is_asked = back.is_owed and last != _LOST
    if is_asked:
        state.responses.ask()
    _tell(
        state, now, told=len(back.expected) + len(sent), lost=sum(map(_is_missed, missing)), is_asked=is_asked
    )
    back.is_due = back.is_owed = False


def recognises(state: SessionState, told: wire.Item) -> bool:
    """Whether the server confirms an item that it was told again, maybe by another name."""
    known, expected = state.items.get(told.id), state.comeback.expected
    if known is not None and all(known.id != each.item_id for each in expected):
        return known.is_restored
    its_gist = gist(told)
    likeliest = max(expected, key=lambda each: each.likeness(told, its_gist), default=None)
    if likeliest is None or not likeliest.likeness(told, its_gist) or _is_news(state, told):
        return False
    expected.remove(likeliest)
    state.sent.confirmed(likeliest.made)
    state.names.also_called(("item", likeliest.item_id), told.id)
    return True


def _is_news(state: SessionState, told: wire.Item) -> bool:
    """Whether the item has the name of one that was said in this session."""
    awaited = any(made.id == told.id for made in state.sent.items_awaited())
    return awaited and all(each.made.id != told.id for each in state.comeback.expected)


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
                if _converses(state) and isinstance(event.item, _TELLABLE) and not is_told:
                    back.unconfirmed.append(event)
            case client.ConversationItemDelete():
                state.items.delete(event.item_id)
            case _:
                accept(state, event)
    back.expected.clear()


def _unsaid(state: SessionState, unanswered: list[ClientEvent], floor: Floor) -> bool:
    """Whether the user was saying something that never became a turn."""
    is_talking = state.user_speaking or state.gate.is_talking or state.gate.released_at is not None
    has_talked = any(isinstance(said, inputs.TalkEnded) for said in state.outbox)
    is_on_the_way = any(isinstance(event, client.InputAudioBufferCommit) for event in unanswered)
    was_heard = floor.free_at is not None and not _user_spoke_last(state)
    return is_talking or has_talked or is_on_the_way or was_heard


def _owes_answer(state: SessionState, unanswered: list[ClientEvent], floor: Floor) -> bool:
    """Whether an answer was to come, to something that can be told again, and nothing of it has come."""
    responses, active = state.responses, state.responses.active
    if not _converses(state):
        return False
    if responses.is_wanted and not _is_for_speech_only(unanswered):
        return True
    if active is None:
        return floor.free_at is not None and _user_spoke_last(state)
    is_begun = active.marks.first_text is not None or active.marks.first_audio is not None
    return not (is_begun or active.is_silenced or state.calls.any_whole(active.id))


def _is_for_speech_only(unanswered: list[ClientEvent]) -> bool:
    """Whether what waits for an answer is speech that the server did not confirm: it is lost."""
    asking = (client.InputAudioBufferCommit, client.ConversationItemCreate, client.ResponseCreate)
    kinds = [type(event) for event in unanswered if isinstance(event, asking)]
    return kinds[:1] == [client.InputAudioBufferCommit] and client.ConversationItemCreate not in kinds


def _user_spoke_last(state: SessionState) -> bool:
    items = [item for item in state.items if item.in_conversation]
    return bool(items) and items[-1].role == "user"


def _last_turn(state: SessionState) -> str:
    """The kind of what was to be answered; `_LOST` where the new session does not know it."""
    said = [item for item in state.items if item.role == "user" or item.kind == "function_call_output"]
    turns = [item for item in said if item.kind != "mcp_approval_response"]
    if not turns:
        return ""
    return turns[-1].kind if turns[-1].in_conversation else _LOST


def _converses(state: SessionState) -> bool:
    """Whether this is a session with a memory; one that transcribes or translates has none."""
    return {state.requested.get("type"), state.config.get("type")} <= {None, "realtime"}


def _restored(state: SessionState, item: Item, now: float) -> bool:
    """Tells an item again, if there is a way to; else it is no longer in the conversation."""
    made = _again(state, item)
    if made is None:
        state.items.touch(item.id).in_conversation = False
        return False
    item.is_restored = True
    if _converses(state):
        state.comeback.expected.append(Restored(item.id, made))
        _tell_again(state, made, now)
    return True


def _tell_again(state: SessionState, made: wire.Item, now: float) -> None:
    if made.id is not None:
        state.names.told(("item", made.id))
    send(state, client.create_event(made), now)
    if isinstance(made, wire.FunctionCall):
        state.names.told(("call", made.call_id or ""))
        _send_unconfirmed(state, now, call_id=made.call_id)


def _send_unconfirmed(state: SessionState, now: float, *, call_id: str | None = None) -> None:
    """Says again what may not have arrived: the output of a call, behind that; else all of it."""
    back = state.comeback
    due = [event for event in back.unconfirmed if call_id is None or _answers(event.item, call_id)]
    back.unconfirmed = [event for event in back.unconfirmed if not any(event is each for each in due)]
    for event in due:
        send(state, client.create_event(event.item), now)


def _answers(item: wire.Item, call_id: str) -> bool:
    return isinstance(item, wire.FunctionCallOutput) and item.call_id == call_id


def _again(state: SessionState, item: Item) -> wire.Item | None:
    """What the new session is to be told of an item; None where there is no way to."""
    if isinstance(item.made, _TELLABLE):
        return item.made.model_copy(update=_id(item))
    if item.kind == "message":
        return _message(state, item)
    call = state.calls.find(item.call_id or item.id)
    if item.kind == "function_call" and call is not None and call.is_whole:
        name, arguments = call.view.name, call.view.arguments
        return wire.FunctionCall(**_id(item), call_id=call.told_id, name=name, arguments=arguments)
    if item.kind == "function_call_output":
        return wire.FunctionCallOutput(**_id(item), call_id=item.call_id, output=item.output)
    return None


def _message(state: SessionState, item: Item) -> wire.Message | None:
    words = _heard_words(item.snapshot(), cut_ms=_cut_ms(state, item))
    if not words:
        return None
    part = wire.OutputText(text=words) if item.role == "assistant" else wire.InputText(text=words)
    return wire.Message(**_id(item), role=item.role, content=[part])


def _id(item: Item) -> dict[str, Any]:
    """The item's name, where the server knows it by one."""
    return {} if item.id.startswith(UNNAMED) else {"id": item.id}


def _cut_ms(state: SessionState, item: Item) -> float | None:
    """Where its speech was cut off, by the server's word, or before that came; None where it was not."""
    response = state.responses.get(item.response_id)
    if item.truncated_ms is not None or response is None or not response.is_silenced:
        return item.truncated_ms
    return (item.snapshot().heard_ms or 0.0) if state.playback.speaker else None


def _heard_words(view: ItemView, *, cut_ms: float | None) -> str:
    """What was said; of speech that was cut off, the words up to there."""
    if cut_ms is None or not view.audio_ms:
        return view.text
    length = len(view.text) * min(1.0, cut_ms / view.audio_ms)
    words = view.text.split(" ")
    ends = accumulate(len(word) + 1 for word in words)
    return " ".join(word for word, end in zip(words, ends, strict=True) if end - 1 <= length)


def _is_missed(item: Item) -> bool:
    """Whether somebody said or did what the new session will not know."""
    view = item.snapshot()
    return item.kind == "mcp_call" or (view.has_audio and not view.text)


def _tell(state: SessionState, now: float, *, told: int, lost: int, is_asked: bool) -> None:
    back = state.comeback
    level: Level = "warning" if lost else "info"
    words = ["a new session" if back.is_by_choice else f"connected again after {duration(now - back.lost_s)}"]
    if told:
        words.append(f"told it {number_of(told, 'item')} of the conversation")
    if lost:
        words.append(f"{number_of(lost, 'item')} lost")
    if is_asked:
        words.append("asked for the answer again")
    hint = "speech without a transcript and the server's own MCP calls cannot be told again" if lost else ""
    if back.is_owed and not is_asked:
        hint = "say again what was not answered"
    state.notice(now, level, "; ".join(words), hint=hint, code=RECONNECT_CODE)
