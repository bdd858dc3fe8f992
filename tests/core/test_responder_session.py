"""The session: its greeting, its updates, its end."""

from __future__ import annotations

import pytest

from realtime_cli.core.answers import Say, Speech
from realtime_cli.core.inputs import DeadlineReached
from realtime_cli.core.responder import AnswerPartReady
from tests.support.responder_play import NOW_S, Json, Play, only_error, types

SERVER_VAD = {
    "type": "server_vad",
    "threshold": 0.5,
    "prefix_padding_ms": 300,
    "silence_duration_ms": 200,
    "idle_timeout_ms": None,
    "create_response": True,
    "interrupt_response": True,
}
PCM = {"type": "audio/pcm", "rate": 24000}


def updated(events: list[Json]) -> Json:
    assert types(events) == ["session.updated"]
    session: Json = events[0]["session"]
    return session


def test_the_greeting_shows_the_defaults_of_the_api() -> None:
    play = Play(model="gpt-realtime", instructions="Be kind.")
    assert play.greeting == {
        "type": "session.created",
        "event_id": "event_t0001",
        "session": {
            "type": "realtime",
            "object": "realtime.session",
            "id": "sess_t0001",
            "model": "gpt-realtime",
            "output_modalities": ["audio"],
            "instructions": "Be kind.",
            "tools": [],
            "tool_choice": "auto",
            "max_output_tokens": "inf",
            "tracing": None,
            "truncation": "auto",
            "prompt": None,
            "expires_at": NOW_S + 3600,
            "audio": {
                "input": {
                    "format": PCM,
                    "transcription": None,
                    "noise_reduction": None,
                    "turn_detection": SERVER_VAD,
                },
                "output": {"format": PCM, "voice": "alloy", "speed": 1.0},
            },
            "include": None,
        },
    }


def test_connections_differ_by_their_seed_and_repeat_by_it() -> None:
    assert Play(seed="a").greeting == Play(seed="a").greeting
    assert Play(seed="a").greeting["session"]["id"] != Play(seed="b").greeting["session"]["id"]


def test_what_an_update_leaves_out_stays() -> None:
    play = Play()
    play.update(instructions="Short.", audio={"output": {"voice": "marin"}})
    session = updated(play.update(tools=[{"type": "function", "name": "now"}]))
    assert session["instructions"] == "Short."
    assert session["audio"]["output"] == {"format": PCM, "voice": "marin", "speed": 1.0}
    assert session["audio"]["input"]["turn_detection"] == SERVER_VAD
    assert session["tools"] == [{"type": "function", "name": "now"}]
    assert session["id"] == "sess_t0001"
    assert session["expires_at"] == NOW_S + 3600


def test_an_update_of_one_field_reaches_deep() -> None:
    session = updated(
        Play().update(audio={"input": {"turn_detection": {"type": "server_vad", "threshold": 0.9}}})
    )
    assert session["audio"]["input"]["turn_detection"] == {**SERVER_VAD, "threshold": 0.9}


def test_another_kind_of_turn_detection_starts_from_its_own_defaults() -> None:
    play = Play()
    session = updated(play.update(audio={"input": {"turn_detection": {"type": "semantic_vad"}}}))
    semantic = {
        "type": "semantic_vad",
        "eagerness": "auto",
        "create_response": True,
        "interrupt_response": True,
    }
    assert session["audio"]["input"]["turn_detection"] == semantic
    back = updated(play.update(audio={"input": {"turn_detection": {"type": "server_vad"}}}))
    assert back["audio"]["input"]["turn_detection"] == SERVER_VAD


def test_null_switches_turn_detection_off() -> None:
    play = Play()
    assert (
        updated(play.update(audio={"input": {"turn_detection": None}}))["audio"]["input"]["turn_detection"]
        is None
    )
    assert updated(play.update(instructions="x"))["audio"]["input"]["turn_detection"] is None


def test_null_brings_a_default_back() -> None:
    play = Play(instructions="First.")
    play.update(instructions="Second.", tools=[{"type": "function", "name": "f"}], max_output_tokens=5)
    session = updated(
        play.update(instructions=None, tools=None, max_output_tokens=None, audio={"output": {"voice": None}})
    )
    assert session["instructions"] == "First."
    assert session["tools"] == []
    assert session["max_output_tokens"] == "inf"
    assert session["audio"]["output"]["voice"] == "alloy"


def test_transcription_is_switched_on_and_off() -> None:
    play = Play()
    session = updated(play.update(audio={"input": {"transcription": {"model": "whisper-1"}}}))
    whisper = {"model": "whisper-1", "language": None, "prompt": None}
    assert session["audio"]["input"]["transcription"] == whisper
    session = updated(play.update(audio={"input": {"transcription": {"language": "en"}}}))
    assert session["audio"]["input"]["transcription"] == {**whisper, "language": "en"}
    session = updated(play.update(audio={"input": {"transcription": None}}))
    assert session["audio"]["input"]["transcription"] is None


def test_formats_are_replaced_and_completed() -> None:
    play = Play()
    session = updated(
        play.update(audio={"input": {"format": {"type": "audio/pcmu"}}, "output": {"format": PCM}})
    )
    assert session["audio"]["input"]["format"] == {"type": "audio/pcmu"}
    session = updated(play.update(audio={"input": {"format": {"type": "audio/pcm"}}}))
    assert session["audio"]["input"]["format"] == PCM


def test_tool_choice_is_replaced_as_a_whole() -> None:
    play = Play()
    play.update(tool_choice={"type": "mcp", "server_label": "docs"})
    session = updated(play.update(tool_choice={"type": "function", "name": "now"}))
    assert session["tool_choice"] == {"type": "function", "name": "now"}


@pytest.mark.parametrize(
    ("session", "code", "param"),
    [
        ({"type": "realtime", "colour": "red"}, "unknown_parameter", "session.colour"),
        ({"type": "realtime", "modalities": ["text"]}, "unknown_parameter", "session.modalities"),
        ({"type": "realtime", "id": "sess_mine"}, "unknown_parameter", "session.id"),
        ({"instructions": "x"}, "missing_required_parameter", "session.type"),
        ({"type": "translation"}, "invalid_value", "session.type"),
        ({"type": "transcription"}, "invalid_value", "session.type"),
        (
            {"type": "realtime", "output_modalities": ["text", "audio"]},
            "invalid_value",
            "session.output_modalities",
        ),
        (
            {"type": "realtime", "max_output_tokens": 0},
            "integer_below_min_value",
            "session.max_output_tokens",
        ),
        ({"type": "realtime", "instructions": 5}, "invalid_type", "session.instructions"),
        (
            {"type": "realtime", "audio": {"input": {"format": {"type": "audio/pcm", "rate": 16000}}}},
            "integer_below_min_value",
            "session.audio.input.format.rate",
        ),
        (
            {"type": "realtime", "audio": {"output": {"format": {"type": "audio/pcm", "rate": 48000}}}},
            "integer_above_max_value",
            "session.audio.output.format.rate",
        ),
        (
            {"type": "realtime", "audio": {"input": {"format": {"type": "audio/opus"}}}},
            "invalid_value",
            "session.audio.input.format.type",
        ),
    ],
)
def test_a_bad_update_changes_nothing_and_names_the_field(session: Json, code: str, param: str) -> None:
    play = Play(instructions="Before.")
    error = only_error(play.say("session.update", event_id="mine", session={**session, "include": []}))
    assert (error["code"], error["param"], error["event_id"]) == (code, param, "mine")
    after = updated(play.update())
    assert after == play.greeting["session"]


def test_an_error_of_an_event_without_id_has_none() -> None:
    assert only_error(Play().update(colour="red"))["event_id"] is None


def test_the_voice_is_locked_once_it_was_heard() -> None:
    play = Play()
    play.update(audio={"output": {"voice": "ash"}})
    play.answer(play.ask(), Say("Hi"), Speech(b"\1\1"))
    error = only_error(play.update(instructions="New.", audio={"output": {"voice": "marin"}}))
    assert error["code"] == "cannot_update_voice"
    assert updated(play.update(audio={"output": {"voice": "ash", "speed": 1.2}}))["instructions"] == ""
    error = only_error(play.say("response.create", response={"audio": {"output": {"voice": "marin"}}}))
    assert error["code"] == "cannot_update_voice"


def test_the_voice_of_one_answer_may_be_heard_again() -> None:
    play = Play()
    play.answer(play.ask(audio={"output": {"voice": "marin"}}), Speech(b"\1\1"))
    play.answer(play.ask(audio={"output": {"voice": "marin"}}))
    error = only_error(play.say("response.create", response={"audio": {"output": {"voice": "ash"}}}))
    assert error["code"] == "cannot_update_voice"
    assert play.ask(audio={"output": {"voice": "alloy"}})


def test_a_transcript_without_sound_leaves_the_voice_free() -> None:
    play = Play()
    play.exchange()
    assert updated(play.update(audio={"output": {"voice": "marin"}}))["audio"]["output"]["voice"] == "marin"


def test_text_answers_leave_the_voice_free() -> None:
    play = Play()
    play.exchange(output_modalities=["text"])
    assert updated(play.update(audio={"output": {"voice": "marin"}}))["audio"]["output"]["voice"] == "marin"


def test_a_transcription_session_has_its_own_shape_and_gives_no_answers() -> None:
    play = Play(kind="transcription")
    session = play.greeting["session"]
    assert session == {
        "type": "transcription",
        "object": "realtime.transcription_session",
        "id": "sess_t0001",
        "expires_at": NOW_S + 3600,
        "audio": {
            "input": {
                "format": PCM,
                "transcription": None,
                "noise_reduction": None,
                "turn_detection": SERVER_VAD,
            }
        },
        "include": None,
    }
    whisper = {"input": {"transcription": {"model": "whisper-1"}}}
    changed = updated(play.say("session.update", session={"type": "transcription", "audio": whisper}))
    assert changed["audio"]["input"]["transcription"]["model"] == "whisper-1"
    assert only_error(play.say("response.create"))["code"] == "invalid_value"
    assert only_error(play.update())["param"] == "session.type"


def test_the_session_ends_when_its_time_is_over() -> None:
    play = Play(session_limit_s=60)
    response_id = play.ask()
    deadline_s = play.responder.next_deadline()
    assert deadline_s == NOW_S + 60
    assert play.receive(DeadlineReached(), now_s=deadline_s - 1) == []
    error = only_error(play.receive(DeadlineReached(), now_s=deadline_s))
    assert error["code"] == "session_expired"
    assert play.stopped == [response_id]
    assert play.closed is not None
    assert play.closed.code == 1001
    assert play.receive(AnswerPartReady(response_id, Say("late")), now_s=deadline_s) == []
