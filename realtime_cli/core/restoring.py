"""What a new session is told of the conversation that the old one had.

What was said goes in as text, calls and their outputs as they were. What has no such way is lost, and the
user is told so.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Any

from realtime_cli.protocol import client_events as client
from realtime_cli.protocol import items as wire

from .comeback import Restored, gist
from .conversation import Item
from .metrics import Stopwatch
from .reconnect import RECONNECT_CODE, TELLABLE, converses
from .sending import send
from .state import SessionState
from .view import UNNAMED, ItemView, Level
from .words import duration, number_of

# Instead of its kind: the turn that waits for an answer cannot be told again.
_LOST = "lost"


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
    is_asked = back.owed is not None and last != _LOST
    if is_asked:
        state.responses.ask(back.owed)
    _tell(
        state, now, told=len(back.expected) + len(sent), lost=sum(map(_is_missed, missing)), is_asked=is_asked
    )
    back.replaced += 1
    back.is_due, back.owed = False, None


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


def _restored(state: SessionState, item: Item, now: float) -> bool:
    """Tells an item again, if there is a way to; else it is no longer in the conversation."""
    made = _again(state, item)
    if made is None:
        state.items.touch(item.id).in_conversation = False
        return False
    item.is_restored = True
    if converses(state):
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
    if isinstance(item.made, TELLABLE):
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
    if back.owed is not None and not is_asked:
        hint = "say again what was not answered"
    state.notice(now, level, "; ".join(words), hint=hint, code=RECONNECT_CODE)


def _last_turn(state: SessionState) -> str:
    """The kind of what was to be answered; `_LOST` where the new session does not know it."""
    said = [item for item in state.items if item.role == "user" or item.kind == "function_call_output"]
    turns = [item for item in said if item.kind != "mcp_approval_response"]
    if not turns:
        return ""
    return turns[-1].kind if turns[-1].in_conversation else _LOST
