"""What the events of an answer change. Every announcement may be missing, late, or told twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from realtime_cli.protocol import client_events as client
from realtime_cli.protocol import items as wire
from realtime_cli.protocol import server_events as server
from realtime_cli.protocol.session import Response

from .conversation import Item
from .explain import end_text, hint_for
from .interruption import answer_ended
from .response_state import ResponseState
from .state import SessionState
from .view import UNNAMED, Level, TokenCounts

_TextDelta: TypeAlias = server.ResponseOutputTextDelta | server.ResponseOutputAudioTranscriptDelta
_WholeText: TypeAlias = server.ResponseOutputTextDone | server.ResponseOutputAudioTranscriptDone
_PartEvent: TypeAlias = server.ResponseContentPartAdded | server.ResponseContentPartDone
_CallArguments: TypeAlias = (
    server.ResponseFunctionCallArgumentsDelta | server.ResponseFunctionCallArgumentsDone
)
_McpArguments: TypeAlias = server.ResponseMcpCallArgumentsDelta | server.ResponseMcpCallArgumentsDone
_OutputEvent: TypeAlias = server.ResponseOutputItemAdded | server.ResponseOutputItemDone

_END_LEVELS: Mapping[str, Level] = {"failed": "error", "incomplete": "warning"}


def response_created(state: SessionState, source: Response, now: float) -> None:
    """An answer begins, unless it is known already."""
    known = state.responses.get(source.id)
    if known is None:
        _begin(state, source, now)
    else:
        known.learn(source)


def response_done(state: SessionState, source: Response, now: float) -> None:
    """An answer ends, announced or not."""
    response = state.responses.find(source.id) or _begin(state, source, now)
    is_news = state.responses.done(response, source, now)
    for index, item in enumerate(source.output or ()):
        _output_item(state, item, response, index=index, is_done=True)
    state.items.end(response.item_ids, "completed" if response.status == "completed" else "incomplete")
    if is_news:
        _end_wait_for_words(state, response)
        _count_answer(state, response, now)
        answer_ended(state, response, now)


def _end_wait_for_words(state: SessionState, response: ResponseState) -> None:
    """Words of a sound that we sent come before the end of its answer, or, such as from OpenAI, never.

    An answer that was cancelled before it had items may be that to the turn before.
    """
    if response.in_conversation and (response.item_ids or response.status != "cancelled"):
        state.items.wait_no_longer_before(response.item_ids)


def output_item(state: SessionState, event: _OutputEvent, now: float) -> None:
    """An item of an answer shows up, or is complete."""
    if event.item is None:
        return
    response = response_of(state, event.response_id, item_id=event.item.id, now=now)
    is_done = isinstance(event, server.ResponseOutputItemDone)
    _output_item(state, event.item, response, index=event.output_index, is_done=is_done)


def content_part(state: SessionState, event: _PartEvent, now: float) -> None:
    """A part of an answer's item shows up, or is complete."""
    response = response_of(state, event.response_id, item_id=event.item_id, now=now)
    part = item_of(state, event.item_id, response).part(event.content_index)
    if event.part is not None:
        part.fill(event.part)


def text_delta(state: SessionState, event: _TextDelta, now: float) -> None:
    """More text, or more words of the speech."""
    response = response_of(state, event.response_id, item_id=event.item_id, now=now)
    part = item_of(state, event.item_id, response).part(event.content_index)
    part.has_audio = part.has_audio or isinstance(event, server.ResponseOutputAudioTranscriptDelta)
    part.add(event.delta)
    response.mark("first_text", now)


def whole_text(state: SessionState, event: _WholeText, now: float) -> None:
    """All text of a part, or all words of its speech."""
    response = response_of(state, event.response_id, item_id=event.item_id, now=now)
    text = event.text if isinstance(event, server.ResponseOutputTextDone) else event.transcript
    item_of(state, event.item_id, response).part(event.content_index).settle(text or None)
    response.mark("first_text", now)


def call_arguments(state: SessionState, event: _CallArguments, now: float) -> None:
    """More arguments of a function call, or all of them."""
    response = response_of(state, event.response_id, item_id=event.item_id, now=now)
    item_id = event.item_id or _call_item_id(state, response, event.call_id) or state.items.new_id()
    item = _claimed(state, item_id, response)
    item.kind = "function_call"
    if isinstance(event, server.ResponseFunctionCallArgumentsDelta):
        name, arguments, is_complete = None, event.delta, False
    elif response.is_silenced or response.is_cancelling:
        # The API ends the arguments of a cancelled answer so as well; the item tells whether they are whole.
        name, arguments, is_complete = event.name, None, False
    else:
        name, arguments, is_complete = event.name, event.arguments, True
    call = state.calls.heard(
        call_id=event.call_id or item.call_id,
        item_id=item.id,
        name=name or item.name,
        arguments=arguments,
        response_id=item.response_id,
        is_complete=is_complete,
    )
    item.name, item.call_id, item.arguments = call.name, call.call_id, [call.arguments]


def mcp_arguments(state: SessionState, event: _McpArguments, now: float) -> None:
    """More arguments of an MCP call, or all of them."""
    response = response_of(state, event.response_id, item_id=event.item_id, now=now)
    item = item_of(state, event.item_id, response, kind="mcp_call")
    item.kind = "mcp_call"
    if isinstance(event, server.ResponseMcpCallArgumentsDone):
        item.arguments = [event.arguments or ""]
    else:
        item.arguments.append(event.delta or "")


def call_item(state: SessionState, item: Item, *, is_done: bool) -> None:
    """Brings a function call up to date with its item."""
    call = state.calls.heard(
        call_id=item.call_id,
        item_id=item.id,
        name=item.name,
        arguments="".join(item.arguments) if is_done else None,
        response_id=item.response_id,
        is_complete=is_done,
    )
    item.call_id = call.call_id


def response_of(
    state: SessionState, response_id: str | None, *, item_id: str | None, now: float
) -> ResponseState:
    """The answer that an event belongs to; it begins here where the server did not announce it."""
    item = state.items.get(item_id)
    response_id = response_id or (item.response_id if item else None)
    return state.responses.find(response_id) or _begin(state, Response(id=response_id), now)


def item_of(
    state: SessionState, item_id: str | None, response: ResponseState, *, kind: str = "message"
) -> Item:
    """The item with the id; without one, the answer's last item of that kind, or a new one."""
    found = item_id or last_item(state, response, kind=kind) or state.items.new_id()
    return _claimed(state, found, response)


def last_item(state: SessionState, response: ResponseState, *, kind: str) -> str | None:
    """The id of the answer's last item of that kind."""
    return next((known for known in reversed(response.item_ids) if _kind(state, known) == kind), None)


def _begin(state: SessionState, source: Response, now: float) -> ResponseState:
    """A new answer. The one before it is over now, even if the server never said so."""
    state.sent.answered(client.ResponseCreate)
    before = state.responses.active
    response = state.responses.created(source, now)
    if response.in_conversation:
        response.marks = state.stopwatch.take(now)
        for item in state.sent.items_awaited():  # some servers confirm no items, and answer all the same
            known = state.items.get(item.id)
            if known is None or not known.is_restored:
                state.items.fill(item).made = item
    if before is not None and before is not state.responses.active:
        state.items.end(before.item_ids, before.status)
        answer_ended(state, before, now)
    return response


def _claimed(state: SessionState, item_id: str, response: ResponseState) -> Item:
    item = state.items.touch(item_id)
    item.role = item.role or "assistant"
    response.add_item(item.id)
    item.response_id, item.in_conversation = response.id, response.in_conversation
    return item


def _kind(state: SessionState, item_id: str) -> str:
    item = state.items.get(item_id)
    return item.kind if item else ""


def _call_item_id(state: SessionState, response: ResponseState, call_id: str | None) -> str | None:
    """The answer's item of the call; where that is not named either, of a call that is not complete."""
    for item_id in reversed(response.item_ids):
        call = state.calls.of_item(item_id)
        if call is not None and (call.call_id == call_id if call_id else call.state == "collecting"):
            return item_id
    return None


def _output_item(
    state: SessionState, source: wire.Item, response: ResponseState, *, index: int | None, is_done: bool
) -> None:
    item = state.items.fill(source, item_id=_stand_in(state, source, response.item_at(index)))
    _claimed(state, item.id, response)
    if isinstance(source, wire.FunctionCall):
        call_item(state, item, is_done=is_done and source.status != "incomplete")


def _stand_in(state: SessionState, source: wire.Item, place: str | None) -> str | None:
    """The item at the place, where it is the same: servers leave the id out, or tell it only at the end."""
    if place is None or state.items.get(source.id) is not None or _kind(state, place) != source.type:
        return None
    return place if source.id is None or place.startswith(UNNAMED) else None


def _count_answer(state: SessionState, response: ResponseState, now: float) -> None:
    if response.status == "cancelled":
        state.sent.answered(client.ResponseCancel)
    if response.in_conversation and response.marks.origin != "tool":  # that one goes on with a turn
        state.turns += 1
    state.tokens = state.tokens + (response.usage or TokenCounts())
    response.cost = state.spending.answered(response.usage, is_whole=response.status == "completed")
    was_heard_to_stop = response.is_silenced and bool(state.playback.speaker)
    if response.why and not was_heard_to_stop:
        state.notice(
            now,
            _END_LEVELS.get(response.status, "info"),
            end_text(response.status, response.why),
            hint=hint_for(response.code),
            code=response.code,
        )
