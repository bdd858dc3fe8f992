"""The input buffer, up to the item that it becomes."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_cli.protocol.lint import lint
from tests.support.responder_play import Json, Play, base64_of, only_error, types


def audio(size_bytes: int) -> str:
    return base64.b64encode(bytes(size_bytes)).decode()


def appended(play: Play, size_bytes: int) -> None:
    assert play.say("input_audio_buffer.append", audio=audio(size_bytes)) == []


def test_a_commit_makes_a_user_item() -> None:
    play = Play()
    before = play.add("first")
    appended(play, 2400)
    appended(play, 2400)
    events = play.say("input_audio_buffer.commit")
    assert types(events) == [
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
    ]
    item = {
        "type": "message",
        "id": "item_t0002",
        "status": "completed",
        "role": "user",
        "content": [{"type": "input_audio", "transcript": None}],
    }
    assert events[0]["item_id"] == item["id"]
    assert [event["item"] for event in events[1:]] == [item, item]
    assert {event["previous_item_id"] for event in events} == {before}


@pytest.mark.parametrize(
    ("format_", "size_bytes", "is_enough"),
    [
        ("audio/pcm", 4800, True),
        ("audio/pcm", 4798, False),
        ("audio/pcmu", 800, True),
        ("audio/pcma", 799, False),
    ],
)
def test_a_hundred_milliseconds_are_enough(format_: str, size_bytes: int, is_enough: bool) -> None:
    play = Play()
    play.update(audio={"input": {"format": {"type": format_}}})
    appended(play, size_bytes)
    assert types(play.say("input_audio_buffer.commit"))[0] == (
        "input_audio_buffer.committed" if is_enough else "error"
    )


def test_a_commit_of_too_little_is_refused_and_keeps_the_audio() -> None:
    play = Play()
    appended(play, 2400)
    error = only_error(play.say("input_audio_buffer.commit", event_id="c1"))
    assert (error["code"], error["event_id"]) == ("input_audio_buffer_commit_empty", "c1")
    assert "only has 50.00ms" in error["message"]
    appended(play, 2400)
    assert types(play.say("input_audio_buffer.commit"))[0] == "input_audio_buffer.committed"


def test_committed_and_cleared_audio_is_gone() -> None:
    play = Play()
    appended(play, 9600)
    play.say("input_audio_buffer.commit")
    assert only_error(play.say("input_audio_buffer.commit"))
    appended(play, 9600)
    assert types(play.say("input_audio_buffer.clear")) == ["input_audio_buffer.cleared"]
    assert "0.00ms" in only_error(play.say("input_audio_buffer.commit"))["message"]


@pytest.mark.parametrize(
    ("text", "code"),
    [("no base64!", "invalid_value"), (audio(15 * 1024 * 1024 + 2), "string_above_max_length")],
)
def test_audio_must_be_base64_of_fifteen_mebibytes_at_most(text: str, code: str) -> None:
    error = only_error(Play().say("input_audio_buffer.append", audio=text))
    assert (error["code"], error["param"]) == (code, "audio")


@pytest.mark.parametrize(
    ("fields", "code", "param"),
    [
        ({"speed": 2}, "unknown_parameter", "speed"),
        ({"event_id": "e" * 513}, "string_above_max_length", "event_id"),
        ({"event_id": "e1", "audio": "A"}, "invalid_value", "audio"),
    ],
)
def test_an_append_is_refused_for_its_other_fields_too(fields: Json, code: str, param: str) -> None:
    error = only_error(Play().say("input_audio_buffer.append", **{"audio": audio(960), **fields}))
    assert (error["code"], error["param"]) == (code, param)


@pytest.mark.parametrize("fields", [{}, {"event_id": None}, {"event_id": "e1"}], ids=str)
def test_an_append_may_have_an_id(fields: Json) -> None:
    play = Play()
    assert play.say("input_audio_buffer.append", audio=audio(4800), **fields) == []
    assert types(play.say("input_audio_buffer.commit"))[0] == "input_audio_buffer.committed"


@given(text=st.text("AZaz09+/=-_ \n\u00e9", max_size=12) | st.binary(max_size=12).map(base64_of))
def test_an_append_is_refused_exactly_where_the_linter_has_an_error(text: str) -> None:
    event = {"type": "input_audio_buffer.append", "audio": text}
    errors = [finding.code for finding in lint(event) if finding.severity == "error"]
    answers = Play().send_frame(json.dumps(event))
    assert [answer["error"]["code"] for answer in answers] == errors


def test_fifteen_mebibytes_are_taken() -> None:
    appended(Play(), 15 * 1024 * 1024)


def test_committed_audio_counts_as_audio_tokens() -> None:
    play = Play()
    appended(play, 48 * 1000)
    play.say("input_audio_buffer.commit")
    details: Json = play.exchange()["usage"]["input_token_details"]
    assert details["audio_tokens"] == 10


def test_the_output_buffer_is_not_ours() -> None:
    error = only_error(Play().say("output_audio_buffer.clear"))
    assert "WebRTC" in error["message"]
