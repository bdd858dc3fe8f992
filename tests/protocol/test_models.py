from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from realtime_cli.protocol import items
from realtime_cli.protocol import server_events as server
from realtime_cli.protocol.audio import AudioInput, OtherTurnDetection, SemanticVad, ServerVad
from realtime_cli.protocol.client_events import (
    ConversationItemCreate,
    InputAudioBufferCommit,
    ResponseCreate,
    create_event,
)
from realtime_cli.protocol.codec import decode
from realtime_cli.protocol.session import (
    ErrorDetail,
    FunctionTool,
    OtherSession,
    ResponseConfig,
    Tool,
    ToolChoice,
)


def test_an_event_writes_its_type_and_what_was_set() -> None:
    assert str(InputAudioBufferCommit()) == '{"type":"input_audio_buffer.commit"}'
    assert InputAudioBufferCommit(event_id=None).to_wire() == {
        "type": "input_audio_buffer.commit",
        "event_id": None,
    }


def test_an_object_without_a_type_writes_no_type() -> None:
    assert OtherSession(instructions="Hi").to_wire() == {"instructions": "Hi"}
    assert ResponseConfig(tool_choice=ToolChoice(type="function", name="f")).to_wire() == {
        "tool_choice": {"type": "function", "name": "f"}
    }


def test_a_tuple_is_written_as_an_array() -> None:
    tools = (FunctionTool(name="f"),)
    assert ResponseConfig.model_construct(tools=tools).to_wire() == {
        "tools": [{"type": "function", "name": "f"}]
    }


def test_extra_fields_are_kept_and_readable() -> None:
    event = decode('{"type": "error", "brand_new": {"x": 1}, "error": {"y": 2}}')
    assert isinstance(event, server.Error)
    assert event.extra == {"brand_new": {"x": 1}}
    assert event.detail.extra == {"y": 2}


def test_every_text_form_can_be_sent() -> None:
    event = ResponseCreate(response=ResponseConfig(metadata={"topic": "é"}))
    assert event.to_json() == '{"type":"response.create","response":{"metadata":{"topic":"é"}}}'
    odd = ResponseCreate.model_validate({"x_odd": "\ud83d"})
    assert odd.to_json() == '{"type":"response.create","x_odd":"\\ud83d"}'


def test_values_are_never_coerced() -> None:
    with pytest.raises(ValidationError):
        ServerVad.model_validate({"type": "server_vad", "threshold": "0.5"})
    assert ServerVad(threshold=1).to_wire()["threshold"] == 1
    assert isinstance(ServerVad(threshold=1.0).to_wire()["threshold"], float)


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        ({"type": "server_vad", "threshold": 0.5}, ServerVad),
        ({"type": "semantic_vad"}, SemanticVad),
        ({"type": "client_vad"}, OtherTurnDetection),
        ({"threshold": 0.5}, OtherTurnDetection),
    ],
)
def test_turn_detection_of_any_kind_is_read(sent: dict[str, Any], kind: type) -> None:
    read = AudioInput.model_validate({"turn_detection": sent})
    assert type(read.turn_detection) is kind
    assert read.to_wire() == {"turn_detection": sent}


@pytest.mark.parametrize(
    "sent",
    [
        {"type": "force_message", "content": "x"},
        {"type": "message", "content": "a string"},
        {"role": "user"},
    ],
)
def test_an_item_of_no_known_kind_is_kept(sent: dict[str, Any]) -> None:
    event = decode(json.dumps({"type": "conversation.item.added", "item": sent}))
    assert isinstance(event, server.ConversationItemAdded)
    assert isinstance(event.item, items.OtherItem)
    assert event.item.to_wire() == sent


def test_an_unknown_tool_is_kept() -> None:
    sent = {"tools": [{"type": "web_search", "x": 1}, {"type": "function", "name": "f"}]}
    assert ResponseConfig.model_validate(sent).to_wire() == sent
    assert Tool is not None


def test_a_typed_turn() -> None:
    assert items.user_message("Hello!", item_id="msg_1").to_wire() == {
        "type": "message",
        "id": "msg_1",
        "role": "user",
        "content": [{"type": "input_text", "text": "Hello!"}],
    }
    assert "id" not in items.user_message("Hello!").to_wire()


def test_a_typed_turn_takes_what_a_terminal_may_give() -> None:
    written = items.user_message("caf\udce9").to_json()
    assert '"text":"caf\\udce9"' in written


def test_an_item_becomes_its_create_event() -> None:
    item = items.FunctionCallOutput(call_id="call_1", output="{}")
    assert create_event(item) == ConversationItemCreate(item=item)
    assert "previous_item_id" not in create_event(item).to_wire()
    assert create_event(item, previous_item_id="root").previous_item_id == "root"


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (items.InputText(text="typed"), "typed"),
        (items.OutputText(text="answer"), "answer"),
        (items.TextPart(text="part"), "part"),
        (items.InputAudio(transcript="heard"), "heard"),
        (items.OutputAudio(transcript="spoken"), "spoken"),
        (items.AudioPart(transcript=None), ""),
        (items.InputImage(image_url="data:"), ""),
        (items.OtherContent(type="x", transcript="other"), "other"),
        (items.OtherContent(type="x", text=["no words"]), ""),
    ],
)
def test_the_words_of_a_part(part: items.ContentPart, words: str) -> None:
    assert items.text_of(part) == words


@pytest.mark.parametrize(
    ("sent", "detail"),
    [
        ({"error": {"message": "m", "code": "c"}}, ErrorDetail(message="m", code="c")),
        ({"error": "in words"}, ErrorDetail(message="in words")),
        (
            {"message": "m", "code": "c", "param": "p", "error_type": "t", "status": 5},
            ErrorDetail(message="m", code="c", param="p", type="t"),
        ),
        ({"error": None}, ErrorDetail(message=None, code=None, param=None, type=None)),
    ],
)
def test_an_error_has_one_form_however_it_came(sent: dict[str, Any], detail: ErrorDetail) -> None:
    event = decode(json.dumps({"type": "error", **sent}))
    assert isinstance(event, server.Error)
    assert event.detail == detail
