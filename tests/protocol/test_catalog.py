from __future__ import annotations

import json
from typing import Any

import pytest

from realtime_cli.protocol import translation
from realtime_cli.protocol.base import Event
from realtime_cli.protocol.catalog import EventInfo, FieldRow, describe, event_types, example, nearest
from realtime_cli.protocol.codec import decode, decode_client, encode
from realtime_cli.protocol.lint import lint
from realtime_cli.protocol.shapes import fields_of

INFOS = list({info.model: info for info in reversed(event_types())}.values())
READ_AS_CONVERSATIONS = {  # the same words in both kinds of session
    translation.TranslationSessionUpdate: "SessionUpdate",
    translation.TranslationSessionCreated: "SessionCreated",
    translation.TranslationSessionUpdated: "SessionUpdated",
}
OBJECTS = [
    *("session", "response", "item", "content_part", "tool", "turn_detection"),
    *("message", "function_call", "function_call_output", "mcp_call", "item_reference", "realtime"),
    *(
        "usage",
        "error_detail",
        "rate_limit",
        "server_vad",
        "audio",
        "tool_choice",
        "beta_session",
        "function",
    ),
]


def by_class(info: EventInfo) -> str:
    return info.model.__name__


def row(name: str, path: str, when: str = "") -> FieldRow:
    description = describe(name)
    assert description is not None
    [found] = [row for row in description.fields if row.path == path and row.when == when]
    return found


@pytest.mark.parametrize("info", INFOS, ids=by_class)
def test_every_event_is_described_with_an_example_that_is_one(info: EventInfo) -> None:
    description = describe(info.model.__name__)
    assert description is not None
    assert description.info == info
    assert description.name == info.name
    assert description.doc.startswith(info.doc)
    assert info.doc.endswith((".", ";", "with"))
    read = decode if info.side == "server" else decode_client
    event = read(json.dumps(description.example))
    assert type(event).__name__ == READ_AS_CONVERSATIONS.get(info.model, info.model.__name__)
    assert json.loads(encode(event) or "") == description.example == example(info.model.__name__)


@pytest.mark.parametrize("info", [info for info in INFOS if info.side == "client"], ids=by_class)
def test_every_clients_example_is_right(info: EventInfo) -> None:
    dialect = "beta" if info.family == "beta" else "ga"
    family = "translation" if info.family == "translation" else "realtime"
    assert lint(example(info.model.__name__), dialect=dialect, family=family) == []


@pytest.mark.parametrize("info", [info for info in INFOS if info.beta_name], ids=by_class)
def test_a_beta_name_is_looked_up_as_itself(info: EventInfo) -> None:
    beta_name = str(info.beta_name)
    description = describe(beta_name)
    assert description is not None
    assert description.name == beta_name
    assert description.example["type"] == beta_name
    assert isinstance(decode(json.dumps(description.example), "beta"), Event)


def test_an_event_of_both_vocabularies_is_described_as_ga_has_it() -> None:
    description = describe("conversation.item.created")
    assert description is not None
    assert description.info is not None
    assert (description.info.family, description.info.beta_name) == ("realtime", None)


@pytest.mark.parametrize("name", OBJECTS)
def test_objects_are_described_too(name: str) -> None:
    description = describe(name)
    assert description is not None
    assert description.info is None
    assert description.doc
    assert description.fields
    assert description.example
    assert description.example == example(name)


@pytest.mark.parametrize("name", [*(info.model.__name__ for info in INFOS), *OBJECTS])
def test_every_field_says_what_it_means_and_where_more_stands(name: str) -> None:
    description = describe(name)
    assert description is not None
    for field in description.fields:
        assert field.doc, field.path
        assert field.kind, field.path
        assert not field.see or describe(field.see) is not None


def test_every_field_of_an_event_has_a_row() -> None:
    for info in INFOS:
        description = describe(info.model.__name__)
        assert description is not None
        paths = {field.path for field in description.fields}
        assert paths >= set(fields_of(info.model))


def test_rows_say_what_a_field_takes() -> None:
    assert row("session.update", "session.audio.output.speed") == FieldRow(
        path="session.audio.output.speed",
        kind="number",
        required=False,
        limits="0.25 to 1.5",
        known=(),
        closed=False,
        doc="speed of speech; changes between turns only",
    )


@pytest.mark.parametrize(
    ("name", "path", "kind", "limits"),
    [
        ("response.create", "response.output_modalities", "array of string", "exactly 1 entry"),
        ("response.create", "response.max_output_tokens", "string or integer", "1 or more"),
        ("session.update", "session.audio.output.voice", "string or object", ""),
        ("session.update", "session.id", "string", "from the server only"),
        (
            "session.update",
            "session.audio.input.transcription.languages",
            "array of string",
            "1 or more entries",
        ),
        ("input_audio_buffer.append", "audio", "string", "base64, up to 15 MiB"),
        ("input_audio_buffer.append", "event_id", "string", "up to 512 characters"),
        ("conversation.item.delete", "item_id", "string", "up to 32 characters"),
        (
            "response.create",
            "response.metadata",
            "object of string",
            "16 pairs, keys to 64 characters, values to 512",
        ),
        ("response.create", "response.prompt", "any", "ends on 2026-11-30"),
    ],
)
def test_limits_in_words(name: str, path: str, kind: str, limits: str) -> None:
    found = row(name, path)
    assert (found.kind, found.limits) == (kind, limits)


def test_objects_of_several_types_share_their_rows() -> None:
    types = row("session.update", "session.type")
    assert (types.known, types.closed, types.required) == (("realtime", "transcription"), True, True)
    assert row("session.update", "session.audio").when == ""
    assert row("session.update", "session.instructions", "realtime").kind == "string"
    assert row("item", "id", "not item_reference").required is False
    assert row("item", "id", "item_reference").required is True


def test_large_unions_are_only_named() -> None:
    assert row("conversation.item.create", "item").see == "item"
    assert row("message", "content").see == "content_part"
    description = describe("conversation.item.create")
    assert description is not None
    assert not [field for field in description.fields if field.path.startswith("item.")]


def test_lists_of_objects_are_laid_out() -> None:
    assert row("session.update", "session.tools[].name", "function").required is True
    assert row("rate_limits.updated", "rate_limits[].remaining").kind == "number"


def test_beta_only_events_are_laid_out_in_betas_words() -> None:
    assert row("transcription_session.update", "session.input_audio_format").known == (
        "pcm16",
        "g711_ulaw",
        "g711_alaw",
    )
    assert row("transcription_session.created", "session.turn_detection.eagerness").closed is True


def test_an_unknown_name_is_not_described() -> None:
    assert describe("brand.new") is None
    assert describe("") is None
    with pytest.raises(KeyError):
        example("brand.new")


def test_examples_are_fresh() -> None:
    changed = example("session.update")
    changed["session"].clear()
    assert example("session.update")["session"]
    event_types().clear()
    assert event_types()


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("sesion.update", "session.update"),
        ("respnse.audio.delta", "response.audio.delta"),
        ("truncate", "conversation.item.truncate"),
        ("SesionUpdate", "SessionUpdate"),
        ("mesage", "message"),
    ],
)
def test_a_name_that_was_probably_meant(asked: str, meant: str) -> None:
    assert meant in nearest(asked)
    assert len(nearest(asked)) <= 5


@pytest.mark.parametrize("asked", ["", "zzzzzz"])
def test_nothing_was_probably_meant(asked: str) -> None:
    assert nearest(asked) == []


def test_an_example_leaves_out_what_contradicts_the_rest() -> None:
    response: dict[str, Any] = example("response.done")["response"]
    assert response["status"] == "completed"
    assert "status_details" not in response
