"""Items: what the client puts in, looks at, cuts and takes out."""

from __future__ import annotations

import base64

import pytest

from realtime_cli.core.answers import Say
from realtime_cli.core.responder import AnswerPartReady
from tests.support.responder_play import Json, Play, only_error, types

HELLO = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello"}]}


def test_a_message_is_added_and_done_at_the_end() -> None:
    play = Play()
    first = play.add("one")
    events = play.say("conversation.item.create", item=HELLO)
    assert types(events) == ["conversation.item.added", "conversation.item.done"]
    item = {**HELLO, "id": "item_t0002", "status": "completed"}
    assert [(event["previous_item_id"], event["item"]) for event in events] == [(first, item)] * 2


def test_the_first_item_follows_nothing() -> None:
    assert Play().say("conversation.item.create", item=HELLO)[0]["previous_item_id"] is None


def test_ids_and_status_of_the_client_are_kept() -> None:
    item = {**HELLO, "id": "my_item", "status": "incomplete"}
    assert Play().say("conversation.item.create", item=item)[0]["item"] == item


def test_an_item_of_the_client_is_never_in_progress() -> None:
    added = Play().say("conversation.item.create", item={**HELLO, "status": "in_progress"})[0]
    assert added["item"]["status"] == "completed"


def test_an_id_cannot_be_used_twice() -> None:
    play = Play()
    play.add("one", id="mine")
    error = only_error(play.say("conversation.item.create", event_id="e7", item={**HELLO, "id": "mine"}))
    assert (error["code"], error["event_id"]) == ("item_create_duplicate_item_id", "e7")


def test_the_server_avoids_ids_that_clients_took() -> None:
    play = Play()
    play.add("one", id="item_t0001")
    assert play.add("two") == "item_t0002"


@pytest.mark.parametrize(
    ("after", "texts"), [("root", "xab"), ("", "abx"), (None, "abx"), ("a", "axb"), ("b", "abx")]
)
def test_an_item_goes_where_it_is_sent(after: str | None, texts: str) -> None:
    play = Play()
    play.add("a", id="a")
    play.add("b", id="b")
    item = {**HELLO, "id": "x", "content": [{"type": "input_text", "text": "x"}]}
    events = play.say("conversation.item.create", item=item, previous_item_id=after)
    place = texts.index("x")
    assert {event["previous_item_id"] for event in events} == {texts[place - 1] if place else None}
    play.ask()
    assert "".join(turn.text for turn in play.prompt.turns) == texts


def test_an_unknown_place_is_refused() -> None:
    play = Play()
    error = only_error(play.say("conversation.item.create", item=HELLO, previous_item_id="nowhere"))
    assert (error["code"], error["param"]) == ("item_create_invalid_previous_item_id", "previous_item_id")
    assert play.add("still first") == "item_t0001"


def test_calls_and_their_outputs_come_in_too() -> None:
    play = Play()
    call = {"type": "function_call", "name": "now", "arguments": "{}"}
    added = play.say("conversation.item.create", item=call)[0]["item"]
    assert added == {**call, "id": "item_t0001", "status": "completed", "call_id": "call_t0001"}
    output = {"type": "function_call_output", "call_id": "call_t0001", "output": "noon"}
    assert play.say("conversation.item.create", item=output)[0]["item"] == {**output, "id": "item_t0002"}
    own = {**call, "call_id": "mine"}
    assert play.say("conversation.item.create", item=own)[0]["item"]["call_id"] == "mine"


@pytest.mark.parametrize(
    ("item", "code", "param"),
    [
        ({"type": "item_reference", "id": "x"}, "invalid_value", "item.type"),
        ({"type": "poem"}, "invalid_value", "item.type"),
        (
            {"type": "mcp_approval_response", "approval_request_id": "a", "approve": True},
            "invalid_value",
            "item.approval_request_id",
        ),
        ({"role": "user"}, "missing_required_parameter", "item.type"),
        ({**HELLO, "role": "narrator"}, "invalid_value", "item.role"),
        ({**HELLO, "id": "x" * 33}, "string_above_max_length", "item.id"),
        ({**HELLO, "role": "assistant"}, "invalid_value", "item.content[0].type"),
        (
            {
                "type": "message",
                "role": "assistant",
                "content": [{"type": "output_audio", "transcript": "Hi"}],
            },
            "invalid_value",
            "item.content[0].type",
        ),
        (
            {"type": "message", "role": "user", "content": [{"type": "input_audio", "audio": "!"}]},
            "invalid_value",
            "item.content[0].audio",
        ),
    ],
)
def test_items_that_cannot_come_in_are_refused(item: Json, code: str, param: str) -> None:
    error = only_error(Play().say("conversation.item.create", item=item))
    assert (error["code"], error["param"]) == (code, param)


def test_audio_is_shown_on_request_only() -> None:
    play = Play()
    audio = base64.b64encode(bytes(4800)).decode()
    content = [{"type": "input_audio", "audio": audio, "transcript": "Hi"}]
    item = {"type": "message", "role": "user", "content": content}
    events = play.say("conversation.item.create", item=item)
    assert {repr(event["item"]["content"]) for event in events} == {
        repr([{"type": "input_audio", "transcript": "Hi"}])
    }
    retrieved = play.say("conversation.item.retrieve", item_id=events[0]["item"]["id"])
    assert types(retrieved) == ["conversation.item.retrieved"]
    assert retrieved[0]["item"]["content"] == [{**content[0], "format": "pcm16"}]


def test_a_call_is_shown_as_it_is() -> None:
    play = Play()
    call = {"type": "function_call", "name": "now", "arguments": "{}", "call_id": "c", "id": "a"}
    added = play.say("conversation.item.create", item=call)[0]["item"]
    assert play.say("conversation.item.retrieve", item_id="a")[0]["item"] == added


def test_a_deleted_item_is_gone() -> None:
    play = Play()
    first, second = play.add("one"), play.add("two")
    deleted = play.say("conversation.item.delete", item_id=second)
    assert [(event["type"], event["item_id"]) for event in deleted] == [("conversation.item.deleted", second)]
    added = play.say("conversation.item.create", item=HELLO)[0]
    assert added["previous_item_id"] == first


@pytest.mark.parametrize("deed", ["retrieve", "delete", "truncate"])
def test_unknown_items_are_refused(deed: str) -> None:
    extra = {"content_index": 0, "audio_end_ms": 0} if deed == "truncate" else {}
    error = only_error(Play().say(f"conversation.item.{deed}", item_id="nobody", event_id="e1", **extra))
    assert (error["code"], error["event_id"]) == (f"item_{deed}_invalid_item_id", "e1")
    assert "'nobody' does not exist" in error["message"]


def truncated(play: Play, item_id: str, *, content_index: int = 0, audio_end_ms: int = 0) -> list[Json]:
    return play.say(
        "conversation.item.truncate", item_id=item_id, content_index=content_index, audio_end_ms=audio_end_ms
    )


def test_truncating_drops_the_transcript() -> None:
    play = Play()
    item = play.exchange("Hello there!")["output"][0]
    events = truncated(play, item["id"])
    assert types(events) == ["conversation.item.truncated"]
    assert (events[0]["content_index"], events[0]["audio_end_ms"]) == (0, 0)
    left = play.say("conversation.item.retrieve", item_id=item["id"])[0]["item"]
    assert left == {**item, "content": [{"type": "output_audio"}]}


def test_truncating_past_the_audio_is_refused() -> None:
    play = Play()
    item = play.exchange()["output"][0]
    error = only_error(truncated(play, item["id"], audio_end_ms=700))
    assert error["code"] == "invalid_value"
    assert error["message"] == "Audio content of 0ms is already shorter than 700ms"


@pytest.mark.parametrize("role", ["user", "assistant"])
def test_only_speech_of_the_assistant_is_truncated(role: str) -> None:
    play = Play()
    kind = "input_text" if role == "user" else "output_text"
    item = {"type": "message", "role": role, "id": "a", "content": [{"type": kind, "text": "Hi"}]}
    play.say("conversation.item.create", item=item)
    assert only_error(truncated(play, "a"))["code"] == "unsupported_content_type"


def test_calls_are_not_truncated() -> None:
    play = Play()
    item = {"type": "function_call", "name": "now", "arguments": "{}", "id": "a"}
    play.say("conversation.item.create", item=item)
    assert only_error(truncated(play, "a"))["code"] == "unsupported_content_type"


def test_the_content_index_must_exist() -> None:
    play = Play()
    item = play.exchange()["output"][0]
    error = only_error(truncated(play, item["id"], content_index=1))
    assert (error["code"], error["param"]) == ("invalid_value", "content_index")
    assert error["message"] == "Invalid 'content_index': 1. The item's content has 1 part."


def test_an_answer_that_is_cut_while_it_speaks_stays_cut() -> None:
    play = Play()
    response_id = play.ask()
    events = play.receive(AnswerPartReady(response_id, Say("Hello")))
    item_id = events[0]["item"]["id"]
    assert types(truncated(play, item_id)) == ["conversation.item.truncated"]
    play.answer(response_id, Say(" there"))
    left = play.say("conversation.item.retrieve", item_id=item_id)[0]["item"]
    assert left["status"] == "incomplete"
    assert left["content"] == [{"type": "output_audio"}]


def test_an_answer_that_is_deleted_while_it_speaks_is_not_done_in_the_conversation() -> None:
    play = Play()
    response_id = play.ask()
    item_id = play.receive(AnswerPartReady(response_id, Say("Hello")))[0]["item"]["id"]
    play.say("conversation.item.delete", item_id=item_id)
    events = play.answer(response_id)
    assert "conversation.item.done" not in types(events)
    assert "response.output_item.done" in types(events)
    assert only_error(play.say("conversation.item.retrieve", item_id=item_id))
