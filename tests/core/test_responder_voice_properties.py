"""What holds for every conversation by voice."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable
from typing import Any, TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from realtime_cli.core.answers import AnswerPart, Call, Fail, Say, Speech
from realtime_cli.core.inputs import DeadlineReached
from realtime_cli.core.responder import (
    AnswerFinished,
    AnswerPartReady,
    TranscriptFailed,
    TranscriptFinished,
    TranscriptPiece,
)
from tests.support.responder_play import Json, Play, ScriptedActivity, base64_of, silence, voice

Deed: TypeAlias = Callable[[Play], object]
WORDS = "conversation.item.input_audio_transcription"
DETECTIONS: list[Json] = [
    {},
    {"type": "server_vad"},
    {"type": "server_vad", "silence_duration_ms": 40, "prefix_padding_ms": 0, "threshold": 0.2},
    {"type": "server_vad", "interrupt_response": False},
    {"type": "server_vad", "create_response": False, "idle_timeout_ms": 5000},
    {"type": "server_vad", "create_response": True, "idle_timeout_ms": 5000},
    {"type": "semantic_vad"},
    {"type": "semantic_vad", "eagerness": "high", "interrupt_response": False},
]
PARTS: st.SearchStrategy[AnswerPart] = st.one_of(
    st.builds(Say, st.sampled_from(["Hello", " there.", ""])),
    st.builds(Speech, st.sampled_from([voice(100), silence(20), b"", b"\1"])),
    st.just(Call("f", "{}")),
    st.just(Fail("server_error", "No.")),
)


def append(stretches: list[tuple[bool, int]]) -> Deed:
    audio = b"".join((voice if is_voiced else silence)(frames * 20) for is_voiced, frames in stretches)
    return lambda play: play.append(audio)


def answer(part: AnswerPart) -> Deed:
    def deed(play: Play) -> None:
        for asked in play.asked[-1:]:
            if asked.response_id in play.under_way:
                play.receive(AnswerPartReady(asked.response_id, part))

    return deed


def finish(play: Play) -> None:
    for asked in play.asked[-1:]:
        if asked.response_id in play.under_way:
            play.receive(AnswerFinished(asked.response_id))


def words(message: Callable[[str], Any], back: int) -> Deed:
    def deed(play: Play) -> None:
        for heard in play.heard[-1 - back :][:1]:
            play.receive(message(heard.item_id))

    return deed


def on_item(deed: str, back: int, **fields: Any) -> Deed:
    def do(play: Play) -> None:
        for item_id in item_ids(play)[-1 - back :][:1]:
            play.say(f"conversation.item.{deed}", item_id=item_id, **fields)

    return do


def item_ids(play: Play) -> list[str]:
    return [event["item"]["id"] for event in play.sent if event["type"] == "conversation.item.added"]


def wait(seconds: float) -> Deed:
    def deed(play: Play) -> None:
        play.now_s += seconds
        play.receive(DeadlineReached())

    return deed


def update(**session: Any) -> Deed:
    return lambda play: play.update(**session)


def say(type_: str, **fields: Any) -> Deed:
    return lambda play: play.say(type_, **fields)


def whole_turn(play: Play) -> None:
    """A turn of the user that is understood, and a spoken answer that goes on."""
    play.append(silence(300) + voice(200) + silence(200))
    for heard in play.heard[-1:]:
        play.receive(TranscriptFinished(heard.item_id, "Hello."))
    for part in (Say("Hello"), Speech(voice(100)), Say(" there"), Speech(voice(100))):
        answer(part)(play)


def with_timeout(play: Play) -> None:
    """A whole turn, and a silence after its answer that ought to be broken."""
    play.update(audio={"input": {"turn_detection": {"type": "server_vad", "idle_timeout_ms": 5000}}})
    whole_turn(play)
    finish(play)
    wait(1)(play)


AUDIO_ITEM = {
    "type": "message",
    "role": "user",
    "content": [{"type": "input_audio", "audio": base64_of(voice(20))}],
}
BACK = st.integers(0, 2)
STRETCHES = st.lists(st.tuples(st.booleans(), st.integers(1, 25)), min_size=1, max_size=6)
DEEDS: st.SearchStrategy[Deed] = st.one_of(
    STRETCHES.map(append),
    st.just(whole_turn),
    st.just(with_timeout),
    st.binary(max_size=5).map(lambda audio: lambda play: play.append(audio)),
    PARTS.map(answer),
    st.just(finish),
    BACK.map(lambda back: words(lambda item_id: TranscriptPiece(item_id, "Yes"), back)),
    BACK.map(lambda back: words(lambda item_id: TranscriptFinished(item_id, "Yes."), back)),
    BACK.map(lambda back: words(lambda item_id: TranscriptFailed(item_id, "c", "m"), back)),
    st.builds(
        lambda back, ms: on_item("truncate", back, content_index=0, audio_end_ms=ms),
        BACK,
        st.integers(0, 200),
    ),
    BACK.map(lambda back: on_item("delete", back)),
    BACK.map(lambda back: on_item("retrieve", back)),
    st.sampled_from(DETECTIONS).map(
        lambda detection: update(audio={"input": {"turn_detection": detection or None}})
    ),
    st.sampled_from([None, {"model": "m"}]).map(
        lambda transcription: update(audio={"input": {"transcription": transcription}})
    ),
    st.sampled_from(["audio/pcm", "audio/pcmu"]).map(
        lambda kind: update(audio={"input": {"format": {"type": kind}}})
    ),
    st.sampled_from(
        [
            say("input_audio_buffer.commit"),
            say("input_audio_buffer.clear"),
            say("response.create"),
            say("response.create", response={"conversation": "none", "input": [AUDIO_ITEM]}),
            say("response.cancel"),
            say("conversation.item.create", item=AUDIO_ITEM),
        ]
    ),
    st.sampled_from([0.5, 4.0, 10.0]).map(wait),
)
CONVERSATIONS = st.lists(DEEDS, max_size=25)


def played(deeds: list[Deed]) -> Play:
    play = Play(voice_activity=ScriptedActivity)
    for deed in deeds:
        deed(play)
    return play


def ended(play: Play) -> None:
    for heard in play.heard:
        play.receive(TranscriptFinished(heard.item_id, ""))
    for asked in play.asked:
        play.receive(AnswerFinished(asked.response_id))


@given(CONVERSATIONS)
@settings(max_examples=300, deadline=None)
def test_turns_alternate_and_lie_behind_each_other(deeds: list[Deed]) -> None:
    last_ms, speaking = 0, ""
    for event in played(deeds).sent:
        match event["type"]:
            case "input_audio_buffer.speech_started":
                assert not speaking
                assert event["audio_start_ms"] >= last_ms
                last_ms, speaking = event["audio_start_ms"], event["item_id"]
            case "input_audio_buffer.speech_stopped":
                assert event["item_id"] == speaking
                assert event["audio_end_ms"] > last_ms
                last_ms, speaking = event["audio_end_ms"], ""
            case "input_audio_buffer.timeout_triggered":
                assert not speaking
                assert event["audio_start_ms"] <= event["audio_end_ms"]
            case _:
                pass


@given(CONVERSATIONS)
@settings(max_examples=200, deadline=None)
def test_what_is_committed_becomes_an_item(deeds: list[Deed]) -> None:
    sent = played(deeds).sent
    for at, event in enumerate(sent):
        if event["type"] == "input_audio_buffer.committed":
            added, done = sent[at + 1 : at + 3]
            assert (added["type"], done["type"]) == ("conversation.item.added", "conversation.item.done")
            assert added["item"]["id"] == done["item"]["id"] == event["item_id"]
            assert added["previous_item_id"] == event["previous_item_id"]


@given(CONVERSATIONS)
@settings(max_examples=200, deadline=None)
def test_every_answer_begins_and_ends_once_and_alone(deeds: list[Deed]) -> None:
    play = played(deeds)
    ended(play)
    begun, done = (
        [event["response"] for event in play.sent if event["type"] == f"response.{end}"]
        for end in ("created", "done")
    )
    assert Counter(each["id"] for each in begun) == Counter(each["id"] for each in done)
    assert len({each["id"] for each in begun}) == len(begun)
    assert not play.under_way
    open_ = 0
    for event in play.sent:
        if event.get("response", {}).get("conversation_id"):
            open_ += 1 if event["type"] == "response.created" else -1
            assert open_ in (0, 1)


@given(CONVERSATIONS)
@settings(max_examples=200, deadline=None)
def test_words_come_before_their_end_and_end_once(deeds: list[Deed]) -> None:
    play = played(deeds)
    ended(play)
    deleted: set[str] = set()
    over: set[str] = set()
    for event in play.sent:
        item_id = event.get("item_id", "")
        if event["type"] == "conversation.item.deleted":
            deleted.add(item_id)
        if event["type"].startswith(WORDS):
            assert item_id not in over
            assert item_id not in deleted
            if not event["type"].endswith("delta"):
                over.add(item_id)


@given(CONVERSATIONS)
@settings(max_examples=200, deadline=None)
def test_an_item_is_as_long_as_its_turn_was_announced(deeds: list[Deed]) -> None:
    play = played(deeds)
    started, stopped = (
        {event["item_id"]: event[f"audio_{end}_ms"] for event in play.sent if event["type"] == name}
        for end, name in (
            ("start", "input_audio_buffer.speech_started"),
            ("end", "input_audio_buffer.speech_stopped"),
        )
    )
    for item_id in stopped.keys() & set(item_ids(play)):
        [found] = play.say("conversation.item.retrieve", item_id=item_id)
        if found["type"] != "error":
            # Times are rounded to milliseconds, each by itself.
            assert abs(length_ms(found["item"]) - (stopped[item_id] - started[item_id])) <= 1


def length_ms(item: Json) -> float:
    [part] = item["content"]
    bytes_per_ms = {"pcm16": 48, "g711_ulaw": 8}[part["format"]]
    return len(base64.b64decode(part["audio"])) / bytes_per_ms
