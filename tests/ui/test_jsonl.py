from __future__ import annotations

import io
import json
from typing import Any

import pytest

from realtime_cli.core.inputs import ConnectionLost, SessionInput, UserEvent, UserText
from realtime_cli.protocol.codec import ServerEvent, decode
from realtime_cli.ui.jsonl import JsonScreen
from tests.support.builders import (
    event,
    function_call,
    item_added,
    message,
    refusal,
    response_created,
    response_done,
    text_delta,
)
from tests.support.recordings import RECORDINGS, recorded
from tests.support.stage import Stage

GREETING = event("session.created", session={"type": "realtime", "id": "sess_1"})
TRANSCRIBING = event(
    "session.created",
    session={"type": "realtime", "audio": {"input": {"transcription": {"model": "whisper-1"}}}},
)


class Output:
    """A JSON screen in front of a session, and the objects that it printed."""

    def __init__(self, *, encoding: str = "utf-8", errors: str = "strict") -> None:
        self._bytes = io.BytesIO()
        self._stream = io.TextIOWrapper(self._bytes, encoding=encoding, errors=errors)
        self.screen = JsonScreen(self._stream)
        self.stage = Stage(self.screen)

    @property
    def text(self) -> str:
        return self._bytes.getvalue().decode()

    @property
    def objects(self) -> list[dict[str, Any]]:
        assert self.text == "" or self.text.endswith("\n")
        return [json.loads(line, parse_constant=pytest.fail) for line in self.text.split("\n")[:-1]]

    @property
    def turns(self) -> list[tuple[str, str]]:
        return [(each["user"], each["assistant"]) for each in self.objects if each["type"] == "turn"]


def user(item_id: str, text: str) -> ServerEvent:
    content = [{"type": "input_text", "text": text}]
    return item_added(message(item_id, role="user", status="completed", content=content))


def spoken(item_id: str) -> ServerEvent:
    return event("input_audio_buffer.committed", item_id=item_id)


def heard(item_id: str, transcript: str) -> ServerEvent:
    name = "conversation.item.input_audio_transcription.completed"
    return event(name, item_id=item_id, transcript=transcript)


def answer(number: int, text: str, **fields: object) -> list[ServerEvent]:
    response = f"resp_{number}"
    return [
        response_created(response),
        text_delta(text, item_id=f"item_{number}", response_id=response),
        response_done(response, **fields),
    ]


def test_a_turn_is_one_object_with_everything_that_belongs_to_it() -> None:
    output = Output()
    usage = {"input_tokens": 3, "output_tokens": 4, "output_token_details": {"text_tokens": 4}}
    output.stage.play(GREETING, UserText("hi"), user("msg_user_1", "hi"))
    output.stage.play(response_created(), text_delta("Hello"), text_delta(" you"))
    assert output.text == ""
    output.stage.play(response_done(usage=usage, metadata={"topic": "greeting"}))
    assert output.objects == [
        {
            "type": "turn",
            "response_id": "resp_1",
            "status": "completed",
            "why": None,
            "in_conversation": True,
            "user": "hi",
            "assistant": "Hello you",
            "calls": [],
            "usage": {
                "input": 3,
                "output": 4,
                "input_text": 0,
                "input_audio": 0,
                "input_image": 0,
                "cached": 0,
                "cached_text": 0,
                "cached_audio": 0,
                "cached_image": 0,
                "output_text": 4,
                "output_audio": 0,
            },
            "cost": {"usd": None, "certainty": "unknown"},
            "latency_ms": {
                "origin": "text",
                "committed": None,
                "response_created": 2000,
                "first_text": 3000,
                "first_audio": None,
                "first_sound": None,
                "done": 5000,
            },
            "marks_s": {
                "start": 2.0,
                "committed": None,
                "response_created": 4.0,
                "first_text": 5.0,
                "first_audio": None,
                "first_sound": None,
                "done": 7.0,
            },
            "metadata": {"topic": "greeting"},
        }
    ]


def test_a_function_call_belongs_to_its_turn() -> None:
    output = Output()
    call = function_call("call_item", arguments='{"city": "Paris"}', status="completed")
    output.stage.play(
        GREETING,
        user("u1", "weather?"),
        response_created(),
        event("response.output_item.done", response_id="resp_1", item=call),
        response_done(),
        item_added({"id": "r", "type": "function_call_output", "call_id": "call_1", "output": "rain"}),
        *answer(2, "It rains."),
    )
    first, second = (each for each in output.objects if each["type"] == "turn")
    called = {
        "call_id": "call_1",
        "name": "weather",
        "arguments": '{"city": "Paris"}',
        "state": "pending",
        "output": None,
        "duration_ms": None,
    }
    assert (first["user"], first["assistant"], first["calls"]) == ("weather?", "", [called])
    assert (second["user"], second["assistant"], second["calls"]) == ("", "It rains.", [])


def test_a_failed_turn_says_why_and_its_notice_comes_before_it() -> None:
    output = Output()
    details = {"type": "failed", "error": {"code": "insufficient_quota", "message": "no money"}}
    output.stage.play(
        GREETING, user("u1", "hi"), response_created(), response_done(status="failed", status_details=details)
    )
    notice, turn = output.objects
    assert (notice["type"], notice["level"], notice["code"]) == ("notice", "error", "insufficient_quota")
    assert "no money" in notice["text"]
    assert notice["hint"]
    assert (turn["user"], turn["status"], turn["why"]) == ("hi", "failed", "no money")


def test_a_notice_names_its_cause() -> None:
    output = Output()
    output.stage.play(GREETING, UserEvent('{"type": "rubbish", "event_id": "e1"}'))
    output.stage.play(refusal("unknown_type", "what?", event_id="e1"))
    (notice,) = output.objects
    assert notice["cause"] == {"type": "rubbish", "event_id": "e1", "certain": True}
    assert isinstance(notice["at_s"], float)


def test_turns_come_out_in_the_order_in_which_they_began() -> None:
    output = Output()
    beside = '{"type": "response.create", "response": {"conversation": "none", "metadata": {"a": "b"}}}'
    output.stage.play(
        GREETING,
        user("u1", "hi"),
        response_created("resp_1"),
        UserEvent(beside),
        response_created("resp_2", conversation_id=None, metadata={"a": "b"}),
        text_delta("beside", item_id="i2", response_id="resp_2"),
        response_done("resp_2", conversation_id=None),
        text_delta("first", item_id="i1"),
    )
    assert output.objects == []
    output.stage.play(response_done("resp_1"))
    assert output.turns == [("hi", "first"), ("", "beside")]
    assert [turn["in_conversation"] for turn in output.objects] == [True, False]


def test_an_answer_beside_the_conversation_does_not_take_the_words_of_the_user() -> None:
    output = Output()
    beside = '{"type": "response.create", "response": {"conversation": "none"}}'
    output.stage.play(
        GREETING,
        user("u1", "hi"),
        UserEvent(beside),
        response_created("resp_1", conversation_id=None),
        text_delta("beside", item_id="i1", response_id="resp_1"),
        response_done("resp_1", conversation_id=None),
        *answer(2, "hello"),
    )
    assert output.turns == [("", "beside"), ("hi", "hello")]


def test_a_turn_waits_for_the_words_of_its_user() -> None:
    output = Output()
    output.stage.play(TRANSCRIBING, spoken("u1"), *answer(1, "Hello"))
    output.stage.play(UserEvent('{"type": "response.create", "response": {"conversation": "none"}}'))
    output.stage.play(response_created("resp_2", conversation_id=None))
    output.stage.play(response_done("resp_2", conversation_id=None))
    assert output.turns == []
    output.stage.play(heard("u1", "Good day"))
    assert output.turns == [("Good day", "Hello"), ("", "")]


def test_but_not_longer_than_to_the_end_of_the_next_turn_or_of_the_session() -> None:
    output = Output()
    output.stage.play(TRANSCRIBING, spoken("u1"), *answer(1, "one"), spoken("u2"), *answer(2, "two")[:-1])
    assert output.turns == []
    output.stage.play(response_done("resp_2"))
    assert output.turns == [("", "one")]
    output.stage.play(heard("u2", "second"))
    assert output.turns == [("", "one"), ("second", "two")]
    output.stage.play(spoken("u3"), *answer(3, "three"))
    output.stage.close()
    assert output.turns[2:] == [("", "three")]


def test_several_messages_before_an_answer_are_one_turn() -> None:
    output = Output()
    approval = item_added({"id": "a", "type": "mcp_approval_response", "approve": True})
    output.stage.play(GREETING, user("u1", "one"), approval, user("u2", "two"), *answer(1, "both"))
    assert output.turns == [("one\ntwo", "both")]


@pytest.mark.parametrize("all_at_once", [True, False])
def test_an_answer_without_items_takes_only_its_own_user_however_late_it_is_printed(
    all_at_once: bool,
) -> None:
    output = Output()
    happened: list[SessionInput] = [
        GREETING,
        user("u1", "one"),
        response_created("resp_1"),
        response_done("resp_1", status="failed"),
        user("u2", "two"),
        *answer(2, "hello"),
    ]
    if all_at_once:
        output.stage.at_once(*happened)
    else:
        output.stage.play(*happened)
    assert output.turns == [("one", ""), ("two", "hello")]


def test_an_answer_that_has_not_ended_is_printed_at_the_end_as_it_is() -> None:
    output = Output()
    output.stage.play(GREETING, user("u1", "hi"), response_created(), text_delta("Hel"))
    output.stage.close()
    assert output.turns == [("hi", "Hel")]
    assert output.objects[0]["status"] == "in_progress"


def test_an_answer_that_the_connection_cut_off_is_incomplete() -> None:
    output = Output()
    output.stage.play(GREETING, response_created(), text_delta("Hel"), ConnectionLost(1006))
    output.stage.close()
    assert [each["type"] for each in output.objects] == ["notice", "turn"]
    assert output.objects[1]["status"] == "incomplete"


def test_what_was_skipped_is_not_printed() -> None:
    output = Output()
    session = output.stage.session
    for each in [GREETING, user("u1", "old"), *answer(1, "old"), refusal("c", "old"), user("u2", "old too")]:
        session.receive(each, 0.0)
    output.screen.skip(session.view())
    output.stage.play(*answer(2, "new"))
    assert output.turns == [("", "new")]
    assert len(output.objects) == 1


HOSTILE = "\x1b[31m \x9b \u202e \x7f é 日本 \u2028 \n"


@pytest.mark.parametrize(("encoding", "is_ascii"), [("utf-8", False), ("ascii", True), ("cp1252", True)])
def test_hostile_words_come_out_as_harmless_json_in_any_encoding(encoding: str, is_ascii: bool) -> None:
    output = Output(encoding=encoding)
    output.stage.play(GREETING, *answer(1, HOSTILE), refusal(HOSTILE, HOSTILE))
    assert output.turns == [("", HOSTILE)]
    assert not set("\x1b\x9b\u202e\x7f\u2028") & set(output.text)
    assert output.text.isascii() is is_ascii


def test_numbers_that_json_does_not_have_become_null() -> None:
    output = Output()
    output.stage.play(GREETING, response_created())
    response = '{"id":"resp_1","status":"completed","metadata":{"a":[NaN],"b":1e999,"c":"\x9b"}}'
    output.stage.play(decode(f'{{"type":"response.done","response":{response}}}'))
    assert output.objects[0]["metadata"] == {"a": [None], "b": None, "c": "\x9b"}
    assert "\x9b" not in output.text


def test_a_stream_without_an_encoding_gets_ascii() -> None:
    stream = io.StringIO()
    stage = Stage(JsonScreen(stream))
    stage.play(GREETING, *answer(1, "é"))
    assert '"\\u00e9"' in stream.getvalue()


@pytest.mark.parametrize("step", [1, 10_000])
@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recorded_session_gives_each_turn_once(name: str, step: int) -> None:
    output = Output()
    events = list(recorded(name))
    for start in range(0, len(events), step):
        output.stage.at_once(*events[start : start + step])
    output.stage.close()
    view = output.stage.session.view()
    turns = [each for each in output.objects if each["type"] == "turn"]
    assert [turn["response_id"] for turn in turns] == [response.id for response in view.responses]
    assert sum(each["type"] == "notice" for each in output.objects) == len(view.notices)
    before = output.text
    output.screen.update(view)
    output.screen.close(view)
    assert output.text == before
