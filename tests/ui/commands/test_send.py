from __future__ import annotations

import json
from pathlib import Path

import pytest

from realtime_cli.core.inputs import UserEvent
from tests.support.desks import MemoryDesk


def test_a_type_alone_is_an_event() -> None:
    desk = MemoryDesk()
    assert desk.run("/send response.cancel") == "sent response.cancel"
    assert desk.sent == [{"type": "response.cancel"}]


def test_fields_are_written_with_equals_signs() -> None:
    desk = MemoryDesk()
    desk.run(
        "/send conversation.item.create item.type=message item.role=user "
        "item.content[0].type=input_text item.content[0].text='Hello to you!'"
    )
    assert desk.sent == [
        {
            "type": "conversation.item.create",
            "item": {
                "type": "message",
                "role": "user",
                "content": [{"type": "input_text", "text": "Hello to you!"}],
            },
        }
    ]


def test_values_are_json_where_they_can_be() -> None:
    desk = MemoryDesk()
    desk.run(
        '/send response.create response.max_output_tokens=20 response.metadata={"topic": "a b"} '
        'response.output_modalities=["text"] response.conversation=none'
    )
    assert desk.sent[0]["response"] == {
        "max_output_tokens": 20,
        "metadata": {"topic": "a b"},
        "output_modalities": ["text"],
        "conversation": "none",
    }


def test_fields_can_be_one_object() -> None:
    desk = MemoryDesk()
    desk.run('/send response.create {"response": {"conversation": "none"}}')
    assert desk.sent == [{"type": "response.create", "response": {"conversation": "none"}}]


def test_a_whole_event_is_sent_as_it_is_written() -> None:
    desk = MemoryDesk()
    raw = '{ "type":"response.create",  "response": {"instructions":"it\'s"} }'
    desk.run(f"/send {raw}")
    assert desk.posted == [UserEvent(raw)]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("/send", "/send what?"),
        ("/send response.craete", 'which is not an event of the API (write "response.create")'),
        ("/send response.created", "which only servers send"),
        ("/send conversation.item.truncate item_id=x", "audio_end_ms: is missing"),
        ("/send response.create response.instructions", "is no field=value"),
        ("/send response.create [1]", "fields are a JSON object"),
        ("/send response.create {", "this is not JSON"),
        ("/send response.create response={x}", "this is not JSON"),
        ('/send {"type": "response.create",}', "this is not JSON"),
        ("/send [1]", "an event must be a JSON object"),
        ("/send response.create response.metadata[9].x=1", "there is no element 9"),
        ("/send response.create type.x=1", "x cannot be set"),
        ("/send response.create ..=1", "is not a path"),
        ("/send missing.json", "there is no file missing.json"),
    ],
)
def test_mistakes_are_named_and_nothing_is_sent(line: str, words: str) -> None:
    desk = MemoryDesk(width=300)
    assert words in desk.run(line)
    assert desk.posted == []


def test_an_exclamation_mark_sends_what_is_wrong() -> None:
    desk = MemoryDesk()
    desk.run("/send! response.craete answer=42")
    assert desk.sent == [{"type": "response.craete", "answer": 42}]


def test_an_exclamation_mark_sends_what_is_no_json() -> None:
    desk = MemoryDesk()
    assert desk.run("/send! {nonsense") == "sent something without a type"
    assert desk.posted == [UserEvent("{nonsense")]


def test_a_warning_does_not_stop_an_event() -> None:
    desk = MemoryDesk(width=200)
    shown = desk.run('/send session.update session={"type":"realtime","prompt":{"id":"pmpt_1"}}')
    assert "warning: session.prompt: ends on" in shown
    assert len(desk.sent) == 1


def test_events_of_a_file_go_in_their_order(tmp_path: Path) -> None:
    path = tmp_path / "my events.jsonl"
    path.write_text('{"type":"input_audio_buffer.clear"}\n\n{"type": "response.create"}\n')
    desk = MemoryDesk()
    assert desk.run(f"/send '{path}'") == "sent input_audio_buffer.clear\nsent response.create"
    assert [wish.raw for wish in desk.posted if isinstance(wish, UserEvent)] == [
        '{"type":"input_audio_buffer.clear"}',
        '{"type": "response.create"}',
    ]


@pytest.mark.parametrize("layout", ["[{}]", "\ufeff{}\n", "[\n{}\n]"])
def test_a_file_may_be_one_event_or_an_array(tmp_path: Path, layout: str) -> None:
    path = tmp_path / "event.json"
    path.write_text(layout.replace("{}", json.dumps({"type": "response.create"})), encoding="utf-8")
    desk = MemoryDesk()
    desk.run(f"/send {path}")
    assert desk.sent == [{"type": "response.create"}]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"no json", "is not JSON"),
        (b'{"type":"response.create"}\n{', "this is not JSON"),
        (b'{"realtime_log": 1}\n{}', "is a log"),
        (b'[{"type":"response.create"}, 7]', "an event must be a JSON object"),
    ],
)
def test_a_file_that_is_wrong_sends_nothing(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "event.json"
    path.write_bytes(data)
    desk = MemoryDesk(width=300)
    assert words in desk.run(f"/send {path}")
    assert desk.posted == []


def test_in_beta_events_are_checked_as_beta_knows_them() -> None:
    desk = MemoryDesk(dialect="beta", width=200)
    desk.run('/send session.update {"session": {"voice": "sage"}}')
    assert desk.sent == [{"type": "session.update", "session": {"voice": "sage"}}]


def test_committing_an_empty_buffer_is_remarked() -> None:
    desk = MemoryDesk(width=200)
    assert "that nothing was added to" in desk.run("/send input_audio_buffer.commit")
    desk.run("/send input_audio_buffer.append audio=AAAAAA==")
    assert desk.run("/send input_audio_buffer.commit") == "sent input_audio_buffer.commit"
    assert len(desk.sent) == 3


@pytest.mark.parametrize(
    ("line", "done"),
    [
        ("/events", ("open_raw", "")),
        ("/events response.*", ("open_raw", "response.*")),
        ("/inspect", ("inspect", None)),
        ("/inspect #12", ("inspect", 12)),
    ],
)
def test_the_raw_view_opens(line: str, done: tuple[object, ...]) -> None:
    desk = MemoryDesk()
    desk.run(line)
    assert desk.done == [done]


def test_an_event_has_a_number() -> None:
    assert "is not the number of an event" in MemoryDesk().run("/inspect twelve")
