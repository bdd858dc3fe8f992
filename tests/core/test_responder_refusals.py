"""Frames that are no events, and events that are not for this server."""

from __future__ import annotations

import pytest

from tests.support.responder_play import Json, Play, only_error


def refused(frame: str | bytes) -> Json:
    return only_error(Play().send_frame(frame))


def vad(**numbers: str) -> str:
    detection = "".join(f', "{name}": {number}' for name, number in numbers.items())
    audio = f'{{"input": {{"turn_detection": {{"type": "server_vad"{detection}}}}}}}'
    return f'{{"type": "session.update", "session": {{"type": "realtime", "audio": {audio}}}}}'


def test_an_unknown_type_is_told_all_known_ones() -> None:
    error = refused('{"type": "response.creat", "event_id": "e1"}')
    assert (error["code"], error["param"], error["event_id"]) == ("invalid_value", "type", "e1")
    for name in ("session.update", "conversation.item.truncate", "response.create", "response.cancel"):
        assert f"'{name}'" in error["message"]


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("{", "invalid_json"),
        ("", "invalid_json"),
        ("[" * 100_000, "invalid_json"),
        (b"\x00\x01", "invalid_event"),
        (b"\xff", "invalid_event"),
        ("[]", "invalid_event"),
        ("5", "invalid_event"),
        ("{}", "invalid_event"),
        ('{"type": 5}', "invalid_event"),
        ('{"type": "response.create", "x": ' + "[" * 500 + "]" * 500 + "}", "unknown_parameter"),
        ('{"type": "response.create", "response": "\\ud800"}', "invalid_type"),
        (
            '{"type": "session.update", "session": {"type": "realtime", "instructions": "\\ud800"}}',
            "invalid_event",
        ),
        ('{"type": "session.update", "session": 5}', "invalid_type"),
        (vad(silence_duration_ms="1" + "0" * 400), "invalid_value"),
        (vad(prefix_padding_ms="1e300"), "invalid_type"),
        (vad(threshold="1" + "0" * 4000), "invalid_value"),
        ('{"type": "conversation.item.delete"}', "missing_required_parameter"),
        ('{"type": "conversation.item.delete", "item_id": 5}', "invalid_type"),
    ],
)
def test_frames_that_are_no_events_are_refused(frame: str | bytes, code: str) -> None:
    assert refused(frame)["code"] == code


def test_an_error_names_the_event_even_where_its_type_is_missing() -> None:
    assert refused('{"event_id": "e5"}')["event_id"] == "e5"
    assert refused('{"event_id": 5}')["event_id"] is None
    assert refused('{"type": "conversation.item.delete", "event_id": "e6"}')["event_id"] == "e6"


@pytest.mark.parametrize("name", ["session.input_audio_buffer.append", "session.close"])
def test_translation_events_are_declined(name: str) -> None:
    error = only_error(Play().say(name, audio="AAAA"))
    assert "translation" in error["message"]


def test_the_beta_way_to_update_a_transcription_is_explained() -> None:
    error = only_error(Play().say("transcription_session.update", session={}))
    assert "session.update" in error["message"]


def test_hints_say_what_to_write_instead() -> None:
    assert "output_modalities" in only_error(Play().update(modalities=["text"]))["message"]


def test_a_warning_is_no_refusal() -> None:
    assert Play().say("input_audio_buffer.append", audio="AA==") == []
