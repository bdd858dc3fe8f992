from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from realtime_cli.protocol import codec
from realtime_cli.protocol import server_events as server
from realtime_cli.protocol.base import Event
from realtime_cli.protocol.client_events import KnownClientEvent, ResponseCreate
from realtime_cli.protocol.codec import Codec, MalformedEvent, UnknownEvent, decode, decode_client, encode
from realtime_cli.protocol.dialects import Dialect
from realtime_cli.protocol.session import OtherSession, RealtimeSession, Response
from realtime_cli.protocol.translation import (
    SessionClose,
    SessionInputAudioBufferAppend,
    TranslationOnlyServerEvent,
)
from tests.protocol.strategies import canonical, event_models, json_values, unknown_names, wire

SERVER_MODELS = event_models(get_args(server.KnownServerEvent) + get_args(TranslationOnlyServerEvent))
DIALECTS: tuple[Dialect, ...] = ("ga", "beta")
CLIENT_MODELS = event_models((*get_args(KnownClientEvent), SessionInputAudioBufferAppend, SessionClose))


@pytest.mark.parametrize("model", SERVER_MODELS, ids=lambda model: model.__name__)
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_server_events_keep_every_field_and_value(model: type[Event], data: st.DataObject) -> None:
    sent = data.draw(wire(model))
    event = decode(json.dumps(sent))
    assert type(event) is model
    assert canonical(json.loads(encode(event) or "")) == canonical(sent)


@pytest.mark.parametrize("model", CLIENT_MODELS, ids=lambda model: model.__name__)
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_client_events_keep_every_field_and_value(model: type[Event], data: st.DataObject) -> None:
    sent = data.draw(wire(model))
    event = decode_client(json.dumps(sent))
    assert type(event) is model
    assert canonical(json.loads(encode(event) or "")) == canonical(sent)


@given(name=unknown_names, fields=st.dictionaries(unknown_names, json_values, max_size=3))
def test_an_event_of_an_unknown_type_is_kept_as_it_came(name: str, fields: dict[str, Any]) -> None:
    raw = json.dumps({**fields, "type": name})
    for event in (decode(raw), decode_client(raw), decode(raw, "beta")):
        assert isinstance(event, UnknownEvent)
        assert event.type == name
        assert event.data == {**fields, "type": name}
        assert encode(event) == encode(event, "beta") == str(event) == raw


@given(raw=st.text() | st.binary() | json_values.map(json.dumps))
@settings(max_examples=300)
def test_nothing_that_arrives_raises(raw: str | bytes) -> None:
    for dialect in DIALECTS:
        for event in (decode(raw, dialect), decode_client(raw, dialect), Codec(dialect).decode(raw)):
            assert isinstance(encode(event), str)


NAMES = [
    "session.created",
    "response.done",
    "response.audio.delta",
    "conversation.item.created",
    "transcription_session.updated",
    "error",
]
KEYS = ["type", "modalities", "voice", "input_audio_format", "audio", "turn_detection", "output", "role"]
PARTS = st.one_of(
    json_values,
    st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, json_values)),
    st.fixed_dictionaries({"role": st.just("assistant"), "content": st.lists(json_values, max_size=3)}),
)


@given(name=st.sampled_from(NAMES) | json_values, parts=st.tuples(PARTS, PARTS, PARTS))
@settings(max_examples=300)
def test_no_shape_of_a_known_event_raises(name: object, parts: tuple[object, object, object]) -> None:
    session, response, item = parts
    raw = json.dumps({"type": name, "session": session, "response": response, "item": item, "delta": item})
    for dialect in DIALECTS:
        for event in (decode(raw, dialect), decode_client(raw, dialect), Codec().decode(raw)):
            assert isinstance(encode(event), str)
            encode(event, "beta")


@pytest.mark.parametrize("depth", [50, 190, 500, 900, 5_000, 100_000])
@pytest.mark.parametrize(
    "frame",
    [
        '{{"type": "session.created", "session": {{"x": {deep}}}}}',
        '{{"type": "conversation.item.created", "item": {{"type": "message", "content": {deep}}}}}',
        '{{"type": "brand.new", "x": {deep}}}',
        "{deep}",
    ],
)
def test_deep_nesting_neither_raises_nor_loses_the_frame(depth: int, frame: str) -> None:
    raw = frame.format(deep="[" * depth + "]" * depth)
    for dialect in DIALECTS:
        written = encode(decode(raw, dialect), dialect)
        assert written == raw or json.loads(written or "") == json.loads(raw)


@pytest.mark.parametrize(
    ("frame", "known"),
    [
        ('{{"type": "response.output_audio.delta", "delta": "{long}"}}', server.ResponseOutputAudioDelta),
        ('{{"type": "brand.new", "x": "{long}"}}', UnknownEvent),
        ('{{"type": "response.done", "response": "{long}"}}', MalformedEvent),
        ("{long}", MalformedEvent),
    ],
)
def test_a_frame_of_20_mb_is_an_event_like_any_other(frame: str, known: type[object]) -> None:
    raw = frame.format(long="A" * 20_000_000)
    event = decode(raw)
    assert type(event) is known
    assert len(encode(event) or "") >= 20_000_000


def test_reading_a_long_list_ends_at_its_first_error() -> None:
    with pytest.raises(ValidationError) as caught:
        Response.model_validate({"output": [5] * 10_000})
    assert caught.value.error_count() < 5
    with pytest.raises(ValidationError) as caught:
        ResponseCreate.model_validate({"response": {"metadata": {str(key): 5 for key in range(10_000)}}})
    assert caught.value.error_count() == 1


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("", "not JSON: Expecting value: line 1 column 1 (char 0)"),
        ("null", "JSON, but null and not an object"),
        ("true", "JSON, but a boolean and not an object"),
        ("12", "JSON, but an integer and not an object"),
        ("1.5", "JSON, but a number and not an object"),
        ('"text"', "JSON, but a string and not an object"),
        ("[]", "JSON, but an array and not an object"),
        ("{}", "an object without a `type`"),
        ('{"type": null}', "an object without a `type`"),
        ('{"type": ["error"]}', "an object without a `type`"),
        (b"\x00" * 4_096, "a binary frame of 4,096 bytes"),
    ],
)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_is_no_event_says_why(raw: str | bytes, reason: str, dialect: Dialect) -> None:
    event = decode(raw, dialect)
    assert isinstance(event, MalformedEvent)
    assert (event.type, event.reason, event.raw) == ("", reason, raw)


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ({"delta": 5}, "delta: Input should be a valid string"),
        ({"content_index": "0"}, "content_index: Input should be a valid integer"),
        ({"content_index": 0.5}, "content_index: Input should be a valid integer"),
    ],
)
def test_what_does_not_fit_its_type_says_where(sent: dict[str, Any], reason: str) -> None:
    raw = json.dumps({"type": "response.output_text.delta", "event_id": "event_1", **sent})
    event = decode(raw)
    assert isinstance(event, MalformedEvent)
    assert (event.type, event.reason, event.event_id) == ("response.output_text.delta", reason, "event_1")
    assert encode(event) == str(event) == raw


@pytest.mark.parametrize("number", ["1" + "0" * 400, "-1" + "0" * 30, "1e400", "1e300", "NaN", "-Infinity"])
@pytest.mark.parametrize(
    "frame",
    [
        '{"type": "conversation.item.truncated", "audio_end_ms": %s}',
        '{"type": "response.output_audio.delta", "content_index": %s}',
        '{"type": "rate_limits.updated", "rate_limits": [{"limit": %s}]}',
        '{"type": "response.done", "response": {"usage": {"input_tokens": %s}}}',
        '{"type": "response.done", "response": {"max_output_tokens": %s}}',
        '{"type": "session.created", "session": {"type": "realtime", "expires_at": %s}}',
    ],
)
def test_a_number_of_more_than_64_bits_is_malformed(frame: str, number: str) -> None:
    assert isinstance(decode(frame % number), MalformedEvent)


def test_numbers_of_64_bits_are_kept() -> None:
    for number in (2**63 - 1, -(2**63) + 1, 5, 5.0, -0.25):
        raw = f'{{"type":"conversation.item.truncated","audio_end_ms":{number}}}'
        assert canonical(json.loads(encode(decode(raw)) or "")) == canonical(json.loads(raw))


def test_the_reason_names_the_wire_path_not_the_members_of_unions() -> None:
    item = {"type": "message", "id": 5}
    event = decode(json.dumps({"type": "response.done", "response": {"output": [{"type": "message"}, item]}}))
    assert isinstance(event, MalformedEvent)
    assert event.reason == "response.output.1.id: Input should be a valid string"


def test_an_unknown_kind_of_item_that_does_not_fit_is_malformed_and_not_an_unknown_event() -> None:
    event = decode('{"type": "conversation.item.added", "item": {"type": "brand_new", "id": 5}}')
    assert isinstance(event, MalformedEvent)
    assert event.reason == "item.id: Input should be a valid string"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_half_a_surrogate_pair_is_malformed_and_kept(dialect: Dialect) -> None:
    raw = '{"type": "response.output_text.delta", "event_id": 7, "delta": "\\ud83d"}'
    event = decode(raw, dialect)
    assert isinstance(event, MalformedEvent)
    assert (event.type, event.event_id, encode(event)) == ("response.output_text.delta", None, raw)
    assert "hex escape" in event.reason


@pytest.mark.parametrize("raw", ["\ud800", '{"type": "error", "x": "\ud800"}'])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_text_that_no_frame_can_hold_does_not_raise(raw: str, dialect: Dialect) -> None:
    assert isinstance(decode(raw, dialect), MalformedEvent)


def test_a_binary_frame_has_a_text_form() -> None:
    assert decode(b"\xffab").to_json() == "\ufffdab"


def test_errors_are_known_without_a_table() -> None:
    errors = {event.type for event in map(decode, ALL_TYPES) if event.is_error}
    assert errors == {
        "error",
        "conversation.item.input_audio_transcription.failed",
        "mcp_list_tools.failed",
        "response.mcp_call.failed",
    }
    assert not decode("?").is_error
    assert not decode('{"type": "brand.new"}').is_error


ALL_TYPES = [json.dumps({"type": model.model_fields["type"].default}) for model in SERVER_MODELS]


def test_unknown_events_give_their_id_where_it_is_one() -> None:
    known = decode('{"type": "brand.new", "event_id": "event_1"}')
    odd = decode('{"type": "brand.new", "event_id": 5}')
    assert (known.event_id, odd.event_id) == ("event_1", None)
    assert str(known) == '{"type": "brand.new", "event_id": "event_1"}'


def test_events_compare_by_what_they_say() -> None:
    raw = '{"type": "brand.new"}'
    assert decode(raw) == decode(raw)
    assert decode('{"type": "input_audio_buffer.cleared"}') == server.InputAudioBufferCleared()


BETA_CREATED = '{"type": "session.created", "session": {"id": "sess_1", "modalities": ["text", "audio"]}}'
GA_CREATED = '{"type": "session.created", "session": {"type": "realtime", "output_modalities": ["audio"]}}'


def test_auto_learns_beta_from_the_session() -> None:
    codec = Codec()
    event = codec.decode(BETA_CREATED)
    assert codec.dialect == "beta"
    assert isinstance(event, server.SessionCreated)
    assert isinstance(event.session, RealtimeSession)
    assert event.session.output_modalities == ["audio"]
    assert codec.encode(ResponseCreate()) == '{"type":"response.create"}'


def test_auto_learns_beta_from_a_transcription_session() -> None:
    codec = Codec()
    codec.decode('{"type": "transcription_session.created", "session": {}}')
    assert codec.dialect == "beta"


@pytest.mark.parametrize(
    "raw",
    [
        GA_CREATED,
        '{"type": "session.created", "session": null}',
        '{"type": "session.created", "session": {"id": "sess_1"}}',
        '{"type": "session.created", "id": "vllm", "created": 1}',
        '{"type": "error"}',
    ],
)
def test_auto_stays_with_ga_without_a_sign_of_beta(raw: str) -> None:
    codec = Codec()
    codec.decode(raw)
    assert codec.dialect == "ga"


def test_a_fixed_dialect_is_not_unlearned() -> None:
    ga, beta = Codec("ga"), Codec("beta")
    event = ga.decode(BETA_CREATED)
    assert ga.dialect == "ga"
    assert isinstance(event, server.SessionCreated)
    assert isinstance(event.session, OtherSession)
    beta.decode(GA_CREATED)
    assert beta.dialect == "beta"


def test_beta_names_are_understood_on_a_ga_connection() -> None:
    event = Codec("ga").decode('{"type": "response.audio.delta", "delta": "AAAA"}')
    assert event == server.ResponseOutputAudioDelta(delta="AAAA")


def test_what_reading_takes_can_be_built_before_anything_comes() -> None:
    codec._server_adapter.cache_clear()
    codec.prepare()
    decode('{"type":"session.created"}')
    assert codec._server_adapter.cache_info().misses == 1
