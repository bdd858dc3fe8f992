"""What holds for every client, sane or not, and for every brain."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from realtime_cli.core.answers import Call, Fail, McpCall, Say, Speech
from realtime_cli.core.responder import (
    AnswerFinished,
    AnswerPartReady,
    Responder,
    ResponderConfig,
    Send,
    TranscriptFailed,
    TranscriptFinished,
    TranscriptPiece,
)
from realtime_cli.protocol.codec import decode, decode_client, encode
from realtime_cli.protocol.misfits import MalformedEvent, UnknownEvent
from tests.support.responder_play import NOW_S, Json, Play

ITEM_IDS = st.sampled_from(["a", "b", "item_t0001", "item_t0002", "item_t0003", "root", ""])
RESPONSE_IDS = st.sampled_from(["resp_t0001", "resp_t0002", "resp_t0003"])
TEXTS = st.text(max_size=12)
MESSAGES = st.fixed_dictionaries(
    {
        "type": st.just("message"),
        "role": st.sampled_from(["user", "assistant", "system"]),
        "content": st.lists(
            st.fixed_dictionaries(
                {"type": st.sampled_from(["input_text", "output_text", "input_audio"])},
                optional={"text": TEXTS, "audio": st.just("AAAA"), "transcript": TEXTS},
            ),
            max_size=2,
        ),
    },
    optional={"id": ITEM_IDS, "status": st.sampled_from(["completed", "in_progress"])},
)
ITEMS = st.one_of(
    MESSAGES,
    st.fixed_dictionaries(
        {"type": st.just("function_call"), "name": TEXTS, "arguments": TEXTS}, optional={"call_id": TEXTS}
    ),
    st.fixed_dictionaries({"type": st.just("function_call_output"), "call_id": TEXTS, "output": TEXTS}),
    st.fixed_dictionaries(
        {
            "type": st.just("mcp_approval_response"),
            "approval_request_id": ITEM_IDS,
            "approve": st.booleans(),
        }
    ),
    st.fixed_dictionaries({"type": st.just("item_reference"), "id": ITEM_IDS}),
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def event(type_: str, required: Json, optional: Json | None = None) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries(
        {"type": st.just(type_), **required}, optional={"event_id": TEXTS, **(optional or {})}
    )


RESPONSES = st.fixed_dictionaries(
    {},
    optional={
        "conversation": st.sampled_from(["auto", "none"]),
        "output_modalities": st.sampled_from([["text"], ["audio"], ["text", "audio"]]),
        "max_output_tokens": st.sampled_from([1, 2, "inf", 0]),
        "input": st.lists(ITEMS, max_size=2),
        "metadata": st.dictionaries(TEXTS, TEXTS, max_size=2),
        "audio": st.just({"output": {"voice": "marin"}}),
    },
)
SESSIONS = st.fixed_dictionaries(
    {"type": st.just("realtime")},
    optional={
        "instructions": st.none() | TEXTS,
        "output_modalities": st.none() | st.just(["text"]),
        "tools": st.none()
        | st.just([{"type": "function", "name": "f"}])
        | st.just([{"type": "mcp", "server_label": "docs", "require_approval": "always"}]),
        "audio": st.sampled_from(
            [None, {"input": None}, {"input": {"turn_detection": None}}, {"output": {"voice": "ash"}}]
        ),
        "max_output_tokens": st.sampled_from([None, 1, "inf"]),
    },
)
EVENTS = st.one_of(
    event("session.update", {"session": SESSIONS}),
    event("conversation.item.create", {"item": ITEMS}, {"previous_item_id": ITEM_IDS}),
    event("conversation.item.retrieve", {"item_id": ITEM_IDS}),
    event("conversation.item.delete", {"item_id": ITEM_IDS}),
    event(
        "conversation.item.truncate",
        {"item_id": ITEM_IDS, "content_index": st.integers(-1, 2), "audio_end_ms": st.integers(0, 2)},
    ),
    event("input_audio_buffer.append", {"audio": st.sampled_from(["AAAA" * 2000, "AAAA", "x"])}),
    event("input_audio_buffer.commit", {}),
    event("input_audio_buffer.clear", {}),
    event("response.create", {}, {"response": RESPONSES}),
    event("response.cancel", {}, {"response_id": RESPONSE_IDS}),
)
PARTS = st.one_of(
    st.builds(Say, TEXTS),
    st.builds(Speech, st.binary(max_size=100)),
    st.builds(Call, TEXTS, TEXTS),
    st.builds(McpCall, st.just("docs"), TEXTS, TEXTS, output=TEXTS, error=TEXTS),
    st.builds(Fail, TEXTS, TEXTS, st.booleans()),
)
INPUTS = st.one_of(
    EVENTS.map(lambda value: decode_client(json.dumps(value))),
    st.builds(AnswerPartReady, RESPONSE_IDS, PARTS),
    st.builds(AnswerFinished, RESPONSE_IDS),
    st.builds(TranscriptPiece, ITEM_IDS, TEXTS),
    st.builds(TranscriptFinished, ITEM_IDS, TEXTS),
    st.builds(TranscriptFailed, ITEM_IDS, TEXTS, TEXTS),
)
FRAMES = st.one_of(
    st.text(),
    st.binary(),
    JSON_VALUES.map(json.dumps),
    st.tuples(EVENTS, st.dictionaries(TEXTS, JSON_VALUES, max_size=2)).map(
        lambda two: json.dumps({**two[0], **two[1]})
    ),
    st.tuples(EVENTS, st.sampled_from(["item", "session", "response", "item_id", "audio"]), JSON_VALUES).map(
        lambda three: json.dumps({**three[0], three[1]: three[2]})
    ),
)


def finish_all(play: Play) -> None:
    for started in play.heard:
        play.receive(TranscriptFinished(started.item_id, ""))
    for asked in play.asked:  # grows while answers go on
        play.receive(AnswerFinished(asked.response_id))
    for response_id in [
        event["response"]["id"] for event in play.sent if event["type"] == "response.created"
    ]:
        play.receive(decode_client(json.dumps({"type": "response.cancel", "response_id": response_id})))


@given(st.lists(FRAMES, max_size=12))
@settings(max_examples=200, deadline=None)
def test_no_frame_is_too_odd(frames: list[str | bytes]) -> None:
    play = Play()
    for frame in frames:
        for sent in play.send_frame(frame):
            assert not isinstance(decode(json.dumps(sent)), UnknownEvent | MalformedEvent)


@given(st.lists(INPUTS, max_size=30))
@settings(max_examples=200, deadline=None)
def test_every_response_that_begins_ends_once(inputs: list[Any]) -> None:
    play = Play()
    for happened in inputs:
        play.receive(happened)
    finish_all(play)
    begun = [event["response"]["id"] for event in play.sent if event["type"] == "response.created"]
    ended = [event["response"]["id"] for event in play.sent if event["type"] == "response.done"]
    assert sorted(begun) == sorted(ended)
    assert len(set(begun)) == len(begun)


@given(st.lists(INPUTS, max_size=30))
@settings(max_examples=200, deadline=None)
def test_what_opens_closes_in_order(inputs: list[Any]) -> None:
    play = Play()
    for happened in inputs:
        play.receive(happened)
    finish_all(play)
    open_: Counter[tuple[str, Any]] = Counter()
    pairs = {
        "response.created": ("response.done", 1),
        "response.output_item.added": ("response.output_item.done", 1),
        "response.content_part.added": ("response.content_part.done", 1),
    }
    closers = {closer for closer, _ in pairs.values()}
    for event_ in play.sent:
        key = event_.get("response_id") or event_.get("response", {}).get("id")
        place = (key, event_.get("output_index"))
        if event_["type"] in pairs:
            open_[(pairs[event_["type"]][0], place)] += 1
        elif event_["type"] in closers:
            open_[(event_["type"], place)] -= 1
            assert open_[(event_["type"], place)] == 0
        elif event_["type"].endswith(".delta"):
            assert open_[("response.output_item.done", place)] == 1
    assert not +open_


@given(st.lists(INPUTS, max_size=30))
@settings(max_examples=150, deadline=None)
def test_the_clients_picture_of_the_order_is_the_servers(inputs: list[Any]) -> None:
    play = Play()
    for happened in inputs:
        play.receive(happened)
    order: list[str] = []
    for sent in play.sent:
        match sent["type"]:
            case "conversation.item.added":
                previous = sent["previous_item_id"]
                order.insert(order.index(previous) + 1 if previous else 0, sent["item"]["id"])
            case "conversation.item.done":
                index = order.index(sent["item"]["id"])
                assert sent["previous_item_id"] == (order[index - 1] if index else None)
            case "conversation.item.deleted":
                order.remove(sent["item_id"])
            case _:
                pass
    assert len(set(order)) == len(order)


@given(st.lists(INPUTS, max_size=20))
@settings(max_examples=50, deadline=None)
def test_the_same_inputs_give_the_same_bytes(inputs: list[Any]) -> None:
    assert frames(inputs) == frames(inputs)


def frames(inputs: list[Any]) -> list[str | None]:
    responder = Responder(ResponderConfig(seed="same"))
    effects = responder.connected(NOW_S)
    for happened in inputs:
        effects = effects + responder.receive(happened, NOW_S)
    return [encode(effect.event) for effect in effects if isinstance(effect, Send)]
