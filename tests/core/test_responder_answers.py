"""Answers: their events in the recorded order, their ends, their settings."""

from __future__ import annotations

import pytest

from realtime_cli.core.answers import Call, Fail, Say
from realtime_cli.core.responder import AnswerFinished, AnswerPartReady
from tests.support.responder_play import Json, Play, only_error, types

TEXT = ["text"]


def done(events: list[Json]) -> Json:
    response: Json = next(event["response"] for event in events if event["type"] == "response.done")
    return response


def text_play() -> Play:
    play = Play()
    play.update(output_modalities=TEXT)
    return play


def test_a_text_answer_comes_in_the_recorded_order() -> None:
    play = text_play()
    user_id = play.add("Hi")
    response_id = play.ask()
    events = play.answer(response_id, Say("Hello"), Say(" there!"))
    assert types(events) == [
        "response.output_item.added",
        "conversation.item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
        "rate_limits.updated",
    ]
    item = {"type": "message", "id": "item_t0002", "role": "assistant"}
    begun = {**item, "status": "in_progress", "content": []}
    whole = {**item, "status": "completed", "content": [{"type": "output_text", "text": "Hello there!"}]}
    place = {"response_id": response_id, "output_index": 0}
    part_place = {**place, "item_id": "item_t0002", "content_index": 0}
    bare = [
        {key: value for key, value in event.items() if key not in ("type", "event_id")} for event in events
    ]
    assert bare[:9] == [
        {**place, "item": begun},
        {"previous_item_id": user_id, "item": begun},
        {**part_place, "part": {"type": "text", "text": ""}},
        {**part_place, "delta": "Hello"},
        {**part_place, "delta": " there!"},
        {**part_place, "text": "Hello there!"},
        {**part_place, "part": {"type": "text", "text": "Hello there!"}},
        {"previous_item_id": user_id, "item": whole},
        {**place, "item": whole},
    ]
    assert done(events)["output"] == [whole]


def test_every_event_has_an_id_of_its_own() -> None:
    play = Play()
    play.exchange()
    ids = [event["event_id"] for event in play.sent]
    assert len(set(ids)) == len(ids)


def test_a_response_begins_empty_and_ends_with_everything() -> None:
    play = text_play()
    play.ask(metadata={"client_event_id": "abc"})
    begun = play.sent[-1]["response"]
    assert begun == {
        "object": "realtime.response",
        "id": "resp_t0001",
        "status": "in_progress",
        "status_details": None,
        "output": [],
        "conversation_id": "conv_t0001",
        "output_modalities": TEXT,
        "max_output_tokens": "inf",
        "audio": {"output": {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "alloy"}},
        "usage": None,
        "metadata": {"client_event_id": "abc"},
    }
    ended = done(play.answer("resp_t0001", Say("Hi")))
    assert ended == {**begun, "status": "completed", "output": ended["output"], "usage": ended["usage"]}


def test_a_spoken_answer_without_a_synthesiser_is_its_transcript() -> None:
    play = Play()
    events = play.answer(play.ask(), Say("Hi"), Say(" there"))
    assert types(events) == [
        "response.output_item.added",
        "conversation.item.added",
        "response.content_part.added",
        "response.output_audio_transcript.delta",
        "response.output_audio_transcript.delta",
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        "response.content_part.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
        "rate_limits.updated",
    ]
    assert events[2]["part"] == {"type": "audio", "transcript": ""}
    assert events[6]["transcript"] == "Hi there"
    assert events[7]["part"] == {"type": "audio", "transcript": "Hi there"}
    assert events[8]["item"]["content"] == [{"type": "output_audio", "transcript": "Hi there"}]


def test_a_call_is_an_item_of_its_own() -> None:
    play = text_play()
    user_id = play.add("Weather in London?")
    arguments = '{"city": "London", "unit": "celsius"}'
    events = play.answer(play.ask(), Call("get_weather", arguments))
    assert types(events) == [
        "response.output_item.added",
        "conversation.item.added",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
        "rate_limits.updated",
    ]
    call = {"type": "function_call", "id": "item_t0002", "name": "get_weather", "call_id": "call_t0001"}
    whole = {**call, "status": "completed", "arguments": arguments}
    assert events[0]["item"] == {**call, "status": "in_progress", "arguments": ""}
    assert events[1]["previous_item_id"] == user_id
    assert events[2]["delta"] + events[3]["delta"] == arguments
    finished = {key: events[4][key] for key in ("call_id", "name", "arguments", "item_id", "output_index")}
    assert finished == {
        "call_id": "call_t0001",
        "name": "get_weather",
        "arguments": arguments,
        "item_id": "item_t0002",
        "output_index": 0,
    }
    assert events[5]["item"] == events[6]["item"] == whole
    assert done(events)["output"] == [whole]


def test_words_and_calls_may_alternate() -> None:
    play = text_play()
    parts = (Say("One"), Call("f", "{}"), Call("g", ""), Say("Two"))
    response = done(play.answer(play.ask(), *parts))
    assert [(item["type"], item["status"]) for item in response["output"]] == [
        ("message", "completed"),
        ("function_call", "completed"),
        ("function_call", "completed"),
        ("message", "completed"),
    ]
    added = [event for event in play.sent if event["type"] == "response.output_item.added"]
    assert [event["output_index"] for event in added] == [0, 1, 2, 3]
    placed = [event["previous_item_id"] for event in play.sent if event["type"] == "conversation.item.added"]
    assert placed == [None, *(item["id"] for item in response["output"][:-1])]


def test_an_answer_may_be_empty() -> None:
    play = Play()
    events = play.answer(play.ask(), Say(""))
    assert types(events) == ["response.done", "rate_limits.updated"]
    assert done(events)["status"] == "completed"


def test_a_failure_ends_the_answer_and_says_why() -> None:
    play = text_play()
    response_id = play.ask()
    events = play.answer(response_id, Say("Well"), Fail("insufficient_quota", "No money left."), Say("more"))
    response = done(events)
    assert response["status"] == "failed"
    assert response["status_details"]["type"] == "failed"
    assert response["status_details"]["error"]["code"] == "insufficient_quota"
    assert response["status_details"]["error"]["message"] == "No money left."
    assert response["output"][0]["status"] == "incomplete"
    assert types(events).count("response.done") == 1
    assert types(events)[-1] == "rate_limits.updated"
    assert play.stopped == [response_id]


def test_a_filtered_answer_is_incomplete() -> None:
    play = text_play()
    response = done(play.answer(play.ask(), Say("Well"), Fail("content_filter", "No.", incomplete=True)))
    assert response["status"] == "incomplete"
    assert response["status_details"] == {"type": "incomplete", "reason": "content_filter"}


def test_a_limit_cuts_the_words() -> None:
    play = text_play()
    response_id = play.ask(max_output_tokens=2)
    events = play.answer(response_id, Say("12345"), Say("678"), Say("9abc"), Say("d"))
    response = done(events)
    assert response["status_details"] == {"type": "incomplete", "reason": "max_output_tokens"}
    assert response["max_output_tokens"] == 2
    assert response["output"][0]["content"][0]["text"] == "12345678"
    assert response["output"][0]["status"] == "incomplete"
    assert response["usage"]["output_tokens"] == 2
    assert play.stopped == [response_id]


def test_a_limit_that_is_just_met_cuts_nothing() -> None:
    play = text_play()
    assert done(play.answer(play.ask(max_output_tokens=2), Say("12345678")))["status"] == "completed"


def test_a_call_that_was_cut_must_not_run() -> None:
    play = text_play()
    events = play.answer(play.ask(max_output_tokens=1), Call("f", '{"a": 1}'))
    assert "response.function_call_arguments.done" not in types(events)
    item = done(events)["output"][0]
    assert (item["status"], item["arguments"]) == ("incomplete", '{"a"')


def test_the_sessions_limit_holds_for_every_answer() -> None:
    play = text_play()
    play.update(max_output_tokens=1)
    assert done(play.answer(play.ask(), Say("12345")))["status"] == "incomplete"
    assert done(play.answer(play.ask(max_output_tokens="inf"), Say("12345")))["status"] == "completed"
    assert play.prompt.max_output_tokens is None


def test_usage_counts_four_characters_a_token() -> None:
    play = Play(instructions="12345678")
    play.update(tools=[{"type": "function", "name": "f"}])
    play.add("1234")
    usage = play.exchange("123456789", output_modalities=TEXT)["usage"]
    tool = len('{"type": "function", "name": "f"}')
    text_in = -(-(8 + 4 + tool) // 4)
    assert usage == {
        "total_tokens": text_in + 3,
        "input_tokens": text_in,
        "output_tokens": 3,
        "input_token_details": {
            "text_tokens": text_in,
            "audio_tokens": 0,
            "image_tokens": 0,
            "cached_tokens": 0,
            "cached_tokens_details": {"text_tokens": 0, "audio_tokens": 0, "image_tokens": 0},
        },
        "output_token_details": {"text_tokens": 3, "audio_tokens": 0},
    }


def test_rate_limits_follow_every_answer() -> None:
    play = Play()
    play.exchange("12345678")
    limits = play.sent[-1]["rate_limits"]
    assert [limit["name"] for limit in limits] == ["requests", "tokens"]
    assert limits[0]["limit"] - limits[0]["remaining"] == 1
    assert limits[1]["limit"] - limits[1]["remaining"] == 2


def test_one_answer_of_the_conversation_at_a_time() -> None:
    play = Play()
    response_id = play.ask()
    error = only_error(play.say("response.create", event_id="second"))
    assert error["code"] == "conversation_already_has_active_response"
    assert error["event_id"] == "second"
    assert response_id in error["message"]
    play.answer(response_id)
    assert play.ask() != response_id


def test_cancelling_stops_the_answer_of_the_conversation() -> None:
    play = text_play()
    response_id = play.ask()
    play.receive(AnswerPartReady(response_id, Say("Hello")))
    events = play.say("response.cancel")
    assert types(events) == [
        "response.output_text.done",
        "response.content_part.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
        "rate_limits.updated",
    ]
    assert play.stopped == [response_id]
    response = done(events)
    assert response["status"] == "cancelled"
    assert response["status_details"] == {"type": "cancelled", "reason": "client_cancelled"}
    assert response["output"][0]["status"] == "incomplete"
    assert play.receive(AnswerPartReady(response_id, Say("late"))) == []
    assert play.receive(AnswerFinished(response_id)) == []


def test_cancelling_by_id() -> None:
    play = Play()
    response_id = play.ask()
    assert done(play.say("response.cancel", response_id=response_id))["status"] == "cancelled"


@pytest.mark.parametrize("fields", [{}, {"response_id": "resp_unknown"}])
def test_cancelling_nothing_is_refused(fields: Json) -> None:
    error = only_error(Play().say("response.cancel", event_id="c", **fields))
    assert (error["code"], error["event_id"]) == ("response_cancel_not_active", "c")


def test_cancelling_without_id_leaves_answers_beside_the_conversation_alone() -> None:
    play = Play()
    beside = play.ask(conversation="none")
    assert only_error(play.say("response.cancel"))["code"] == "response_cancel_not_active"
    assert done(play.say("response.cancel", response_id=beside))["status"] == "cancelled"


def test_an_answer_beside_the_conversation_stays_out_of_it() -> None:
    play = text_play()
    play.add("Hi")
    main = play.ask()
    beside = play.ask(conversation="none", metadata={"topic": "title"})
    assert play.sent[-1]["response"]["conversation_id"] is None
    assert play.sent[-1]["response"]["metadata"] == {"topic": "title"}
    events = play.answer(beside, Say("A title"), Call("f", "{}"))
    assert not [name for name in types(events) if name.startswith("conversation.")]
    assert done(events)["metadata"] == {"topic": "title"}
    assert done(play.answer(main, Say("Hello")))["status"] == "completed"
    play.ask()
    assert [turn.text for turn in play.prompt.turns] == ["Hi", "Hello"]


def test_answers_beside_the_conversation_may_overlap() -> None:
    play = text_play()
    ids = [play.ask(conversation="none", metadata={"n": str(n)}) for n in range(3)]
    for response_id in ids:
        play.receive(AnswerPartReady(response_id, Say(response_id)))
    finished = [done(play.receive(AnswerFinished(response_id))) for response_id in reversed(ids)]
    assert [response["metadata"]["n"] for response in finished] == ["2", "1", "0"]
    assert [response["output"][0]["content"][0]["text"] for response in finished] == ids[::-1]


def test_an_item_of_an_answer_beside_does_not_touch_one_of_the_conversation() -> None:
    play = text_play()
    response_id = play.ask(conversation="none")
    item_id = play.receive(AnswerPartReady(response_id, Say("Beside")))[0]["item"]["id"]
    play.add("Main", id=item_id)
    events = play.answer(response_id)
    assert "conversation.item.done" not in types(events)
    content = play.say("conversation.item.retrieve", item_id=item_id)[0]["item"]["content"]
    assert content == [{"type": "input_text", "text": "Main"}]
