from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_cli.protocol import server_events as server
from realtime_cli.protocol.audio import AudioFormat
from realtime_cli.protocol.codec import decode, encode
from realtime_cli.protocol.dialects import is_beta_session, to_beta, to_ga
from realtime_cli.protocol.items import Message, OutputAudio, OutputText
from realtime_cli.protocol.session import RealtimeSession, TranscriptionSession
from tests.protocol.strategies import canonical, json_values, scalars, unknown_fields

modalities = st.sampled_from([["text"], ["text", "audio"]])
formats = st.sampled_from(["pcm16", "g711_ulaw", "g711_alaw", "pcm24", None])
objects = st.none() | st.dictionaries(st.sampled_from(["type", "model", "threshold"]), scalars, max_size=3)
FLAT: dict[str, st.SearchStrategy[Any]] = {
    "id": st.text(max_size=5),
    "instructions": st.none() | st.text(max_size=5),
    "modalities": st.none() | modalities,
    "voice": st.none() | st.text(max_size=5),
    "speed": scalars,
    "input_audio_format": formats,
    "output_audio_format": formats,
    "input_audio_transcription": objects,
    "input_audio_noise_reduction": objects,
    "turn_detection": objects,
    "max_response_output_tokens": st.integers() | st.just("inf"),
    "temperature": scalars,
    "tools": st.lists(objects, max_size=2),
    "client_secret": json_values,
}
RESPONSE = {key: value for key, value in FLAT.items() if key != "max_response_output_tokens"}
assistant_parts = st.fixed_dictionaries(
    {"type": st.sampled_from(["text", "audio", "x_other"])}, optional={"text": st.text(max_size=5)}
)
items = st.fixed_dictionaries(
    {"type": st.just("message"), "role": st.sampled_from(["assistant", "user"])},
    optional={"content": st.none() | st.lists(assistant_parts, max_size=2)},
)


def flat(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    known = st.fixed_dictionaries({}, optional=fields)
    return st.tuples(unknown_fields, known).map(lambda parts: {**parts[0], **parts[1]})


@given(name=st.sampled_from(["session.update", "session.updated", "session.created"]), session=flat(FLAT))
def test_a_beta_session_survives_ga_and_back(name: str, session: dict[str, Any]) -> None:
    sent = {"type": name, "session": session}
    assert canonical(to_beta(to_ga(sent))) == canonical(sent)


@given(name=st.sampled_from(["update", "updated", "created"]), session=flat(FLAT))
def test_a_beta_transcription_session_survives_ga_and_back(name: str, session: dict[str, Any]) -> None:
    sent = {"type": f"transcription_session.{name}", "session": session}
    assert canonical(to_beta(to_ga(sent))) == canonical(sent)


@given(config=flat({**FLAT, "input": st.lists(items, max_size=2)}))
def test_a_beta_response_config_survives_ga_and_back(config: dict[str, Any]) -> None:
    sent = {"type": "response.create", "response": config}
    assert canonical(to_beta(to_ga(sent))) == canonical(sent)


@given(response=flat({**RESPONSE, "output": st.lists(items, max_size=2), "max_output_tokens": scalars}))
def test_a_beta_response_survives_ga_and_back(response: dict[str, Any]) -> None:
    sent = {"type": "response.done", "response": response}
    assert canonical(to_beta(to_ga(sent))) == canonical(sent)


@given(session=flat(FLAT))
def test_what_is_translated_is_not_changed_in_place(session: dict[str, Any]) -> None:
    mixed = {**session, "audio": {"input": {"x": 1}, "output": {"y": 2}}}
    sent = {"type": "session.update", "session": mixed}
    before = copy.deepcopy(sent)
    translated = to_ga(sent)
    assert sent == before
    before = copy.deepcopy(translated)
    to_beta(translated)
    assert translated == before


def test_a_beta_session_in_ga_terms() -> None:
    session = {
        "modalities": ["text", "audio"],
        "voice": "alloy",
        "speed": 1.2,
        "input_audio_format": "pcm16",
        "output_audio_format": "g711_ulaw",
        "input_audio_transcription": {"model": "whisper-1"},
        "input_audio_noise_reduction": {"type": "near_field"},
        "turn_detection": None,
        "max_response_output_tokens": "inf",
        "temperature": 0.8,
    }
    assert to_ga({"type": "session.update", "session": session}) == {
        "type": "session.update",
        "session": {
            "type": "realtime",
            "output_modalities": ["audio"],
            "audio": {
                "input": {
                    "format": {"type": "audio/pcm", "rate": 24000},
                    "transcription": {"model": "whisper-1"},
                    "noise_reduction": {"type": "near_field"},
                    "turn_detection": None,
                },
                "output": {"voice": "alloy", "speed": 1.2, "format": {"type": "audio/pcmu"}},
            },
            "max_output_tokens": "inf",
            "temperature": 0.8,
        },
    }


def test_ga_configuration_is_flattened_with_what_beta_has_no_word_for_left_nested() -> None:
    config = {
        "output_modalities": ["text"],
        "audio": {"output": {"voice": "marin", "language": "fr"}},
        "max_output_tokens": 5,
    }
    assert to_beta({"type": "response.create", "response": config}) == {
        "type": "response.create",
        "response": {
            "modalities": ["text"],
            "voice": "marin",
            "audio": {"output": {"language": "fr"}},
            "max_response_output_tokens": 5,
        },
    }


def test_a_ga_transcription_session_is_an_event_of_its_own_in_beta() -> None:
    session = {"type": "transcription", "audio": {"input": {"format": {"type": "audio/pcm"}}}}
    assert to_beta({"type": "session.update", "session": session}) == {
        "type": "transcription_session.update",
        "session": {"input_audio_format": "pcm16"},
    }


def test_a_format_without_a_type_is_left_as_it_is() -> None:
    session = {"audio": {"input": {"format": {"rate": 8000}}}}
    translated = to_beta({"type": "session.update", "session": session})
    assert translated == {"type": "session.update", "session": {"input_audio_format": {"rate": 8000}}}


def test_beta_events_become_the_ga_models() -> None:
    event = decode(
        json.dumps(
            {
                "type": "response.done",
                "response": {
                    "modalities": ["text", "audio"],
                    "output_audio_format": "pcm16",
                    "output": [{"type": "message", "role": "assistant", "content": [{"type": "audio"}]}],
                },
            }
        ),
        "beta",
    )
    assert isinstance(event, server.ResponseDone)
    assert event.response is not None
    assert event.response.output_modalities == ["audio"]
    assert event.response.audio is not None
    assert event.response.audio.output is not None
    assert event.response.audio.output.format == AudioFormat(type="audio/pcm", rate=24000)
    assert event.response.output == [Message(role="assistant", content=[OutputAudio()])]


def test_only_an_assistants_content_is_renamed() -> None:
    user = {"type": "message", "role": "user", "content": [{"type": "text"}]}
    assert to_ga({"type": "conversation.item.create", "item": user})["item"] == user
    assistant = to_ga({"type": "conversation.item.create", "item": {**user, "role": "assistant"}})["item"]
    assert Message.model_validate(assistant).content == [OutputText()]


def test_a_transcription_session_event_needs_no_session() -> None:
    assert to_ga({"type": "transcription_session.updated"}) == {"type": "session.updated"}
    event = decode('{"type": "transcription_session.created", "session": {"id": "sess_1"}}', "beta")
    assert event == server.SessionCreated(session=TranscriptionSession(id="sess_1"))


@pytest.mark.parametrize(
    ("session", "is_beta"),
    [
        ({"modalities": ["text"]}, True),
        ({"voice": "alloy"}, True),
        ({"turn_detection": None}, True),
        ({"speed": 1.0}, False),
        ({"voice": "alloy", "audio": {}}, False),
        ({"output_modalities": ["audio"]}, False),
        ({}, False),
        (None, False),
        ([], False),
    ],
)
def test_a_beta_session_is_known_by_its_flat_fields(session: object, is_beta: bool) -> None:
    assert is_beta_session(session) is is_beta


def test_what_has_not_the_shape_of_its_name_is_left_as_it_is() -> None:
    item = {"role": "assistant", "content": ["text", {"type": ["text"]}, 5]}
    odd = {"type": "response.done", "response": {"audio": "text", "output": [item, 5]}, "item": item}
    assert to_ga(odd) == odd
    assert to_beta(odd) == odd


@given(parts=st.dictionaries(st.sampled_from(["type", "session", "response", "item"]), json_values))
def test_translation_takes_any_object(parts: dict[str, Any]) -> None:
    to_ga(parts)
    to_beta(parts)


def test_a_model_is_written_in_beta() -> None:
    event = server.SessionUpdated(session=RealtimeSession(output_modalities=["audio"], instructions="é"))
    session = '{"instructions":"é","modalities":["text","audio"]}'
    assert encode(event, "beta") == f'{{"type":"session.updated","session":{session}}}'
