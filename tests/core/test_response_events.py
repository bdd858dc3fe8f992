"""What an answer brings, however much of it the server leaves out."""

from __future__ import annotations

import pytest

from realtime_cli.core.inputs import UserText
from realtime_cli.core.view import SessionView
from realtime_cli.protocol.codec import ServerEvent
from tests.support.builders import (
    event,
    function_call,
    greeted,
    message,
    response_created,
    response_done,
    text_delta,
)
from tests.support.playbook import listen


def part(name: str, **fields: object) -> ServerEvent:
    return event(f"response.{name}", response_id="resp_1", item_id="item_1", content_index=0, **fields)


def said(view: SessionView) -> list[str]:
    return [item.text for item in view.items]


def test_speech_brings_its_words_and_counts_its_bytes() -> None:
    view = listen(
        greeted(),
        response_created(),
        part("content_part.added", part={"type": "audio", "transcript": ""}),
        part("output_audio_transcript.delta", delta="Hi"),
        part("output_audio.delta", delta="AAAA"),
        part("output_audio.delta", delta="AAA="),
        part("output_audio_transcript.done", transcript="Hi!"),
        part("output_audio.done"),
        part("content_part.done", part={"type": "audio", "transcript": "Hi!"}),
        response_done(),
    )
    (item,) = view.items
    assert (item.text, item.has_audio, item.audio_bytes) == ("Hi!", True, 5)
    assert view.counters.audio_in_bytes == 5
    assert (item.response_id, item.role, item.status) == ("resp_1", "assistant", "completed")
    assert view.responses[0].item_ids == ("item_1",)


@pytest.mark.parametrize(("fields", "size"), [({"audio": "AAAA"}, 3), ({"audio": 5}, 0), ({}, 0)])
def test_speech_under_another_name_is_speech(fields: dict[str, object], size: int) -> None:
    view = listen(greeted(), response_created(), part("output_audio.delta", **fields))
    assert view.items[0].audio_bytes == view.counters.audio_in_bytes == size


def test_words_of_speech_are_audio_and_written_words_are_not() -> None:
    spoken = listen(greeted(), part("output_audio_transcript.delta", delta="Hi"), text_delta("!"))
    written = listen(greeted(), text_delta("Hi"))
    assert [spoken.items[0].has_audio, written.items[0].has_audio] == [True, False]


def test_the_whole_text_holds_against_deltas_that_come_after_it() -> None:
    view = listen(
        greeted(),
        response_created(),
        text_delta("He"),
        part("output_text.done", text="Hello!"),
        text_delta("llo"),
    )
    assert said(view) == ["Hello!"]


def test_a_whole_text_without_words_keeps_those_that_came() -> None:
    view = listen(greeted(), response_created(), text_delta("Hello"), part("output_text.done"))
    assert said(view) == ["Hello"]


def test_a_part_that_does_not_describe_itself_changes_no_words() -> None:
    view = listen(greeted(), response_created(), text_delta("Hello"), part("content_part.done"))
    assert said(view) == ["Hello"]


def test_only_deltas_make_an_answer_with_its_item() -> None:
    session = greeted()
    view = listen(session, UserText("hello"), text_delta("Hi"))
    assert [(response.id, response.is_active) for response in view.responses] == [("resp_1", True)]
    assert view.items[-1].response_id == "resp_1"
    view = listen(session, response_created(metadata={"a": "b"}), response_done())
    assert [(response.id, response.status) for response in view.responses] == [("resp_1", "completed")]
    assert view.responses[0].metadata == {"a": "b"}
    assert not view.is_busy


def test_deltas_without_any_id_belong_to_the_answer_that_is_due() -> None:
    session = greeted()
    listen(
        session, UserText("one"), response_created("resp_1"), text_delta("First."), response_done("resp_1")
    )
    listen(session, UserText("two"), text_delta("Sec", item_id=None, response_id=None))
    view = listen(session, text_delta("ond.", item_id=None, response_id=None), response_done("resp_2"))
    assert said(view) == ["one", "First.", "two", "Second."]
    assert [response.status for response in view.responses] == ["completed", "completed"]
    assert view.turns == 2


def test_what_the_user_said_shows_before_its_answer_although_the_server_confirms_no_items() -> None:
    view = listen(greeted(), UserText("hello"), response_created(), text_delta("Hi"), response_done())
    assert [(item.role, item.text) for item in view.items] == [("user", "hello"), ("assistant", "Hi")]
    assert not view.is_busy


def test_a_late_delta_without_an_answer_stays_with_its_item() -> None:
    view = listen(
        greeted(),
        response_created("resp_1"),
        text_delta("First", item_id="a", response_id="resp_1"),
        response_done("resp_1", status="cancelled"),
        response_created("resp_2"),
        text_delta(" tail", item_id="a", response_id=None),
        text_delta("Second", item_id="b", response_id="resp_2"),
    )
    assert said(view) == ["First tail", "Second"]
    assert [response.item_ids for response in view.responses] == [("a",), ("b",)]


def test_a_late_delta_without_any_id_does_not_begin_an_answer() -> None:
    view = listen(
        greeted(),
        response_created(),
        text_delta("First", item_id=None),
        response_done(),
        text_delta(" tail", item_id=None, response_id=None),
    )
    assert said(view) == ["First tail"]
    assert not view.is_busy


def test_an_item_that_is_described_only_at_the_end_is_not_said_twice() -> None:
    view = listen(
        greeted(),
        response_created(),
        text_delta("Hello", item_id=None),
        event(
            "response.output_item.done",
            response_id="resp_1",
            output_index=0,
            item=message("item_9", "Hello", status="completed"),
        ),
        response_done(output=[message("item_9", "Hello", status="completed")]),
    )
    assert said(view) == ["Hello"]
    assert view.items[0].status == "completed"


def test_an_item_without_an_id_is_the_one_at_its_place() -> None:
    view = listen(
        greeted(),
        response_created(),
        event("response.output_item.added", response_id="resp_1", output_index=0, item=message("a")),
        text_delta("One", item_id="a"),
        event("response.output_item.added", response_id="resp_1", output_index=1, item=function_call("b")),
        event("response.output_item.done", response_id="resp_1", output_index=0, item=message(None, "One.")),
        event("response.output_item.done", response_id="resp_1", item=function_call(None, arguments="{}")),
        response_done(output=[message(None, "One."), function_call(None, arguments="{}")]),
    )
    assert [(item.id, item.text, item.arguments) for item in view.items] == [
        ("a", "One.", ""),
        ("b", "", "{}"),
    ]
    assert [(call.item_id, call.state) for call in view.calls] == [("b", "pending")]


@pytest.mark.parametrize("index", [-1, -2, 7])
def test_an_impossible_place_is_a_new_item(index: int) -> None:
    view = listen(
        greeted(),
        response_created(),
        text_delta("One", item_id="a"),
        event(
            "response.output_item.done", response_id="resp_1", output_index=index, item=message(None, "Two")
        ),
    )
    assert said(view) == ["One", "Two"]


def test_a_described_item_without_a_role_is_the_assistants() -> None:
    item = {"id": "a", "type": "message", "content": [{"type": "output_text", "text": "Hi"}]}
    view = listen(greeted(), response_created(), event("response.output_item.done", item=item))
    assert (view.items[0].role, view.items[0].response_id) == ("assistant", "resp_1")


def test_an_output_event_without_its_item_changes_nothing() -> None:
    view = listen(greeted(), event("response.output_item.added", response_id="resp_1"))
    assert (view.items, view.responses) == ((), ())


def test_an_answer_may_come_only_with_its_end() -> None:
    view = listen(greeted(), response_done(output=[message("a", "All at once.")]))
    assert [(item.text, item.status) for item in view.items] == [("All at once.", "completed")]
    assert view.responses[0].item_ids == ("a",)


def test_items_that_nobody_ended_end_with_their_answer() -> None:
    done = listen(greeted(), response_created(), text_delta("Hi"), response_done())
    cut = listen(greeted(), response_created(), text_delta("Hi"), response_done(status="cancelled"))
    assert [done.items[0].status, cut.items[0].status] == ["completed", "incomplete"]


def test_items_that_were_ended_keep_how() -> None:
    view = listen(
        greeted(), response_created(), response_done(output=[message("a", "cut", status="incomplete")])
    )
    assert view.items[0].status == "incomplete"


def test_an_item_that_was_deleted_meanwhile_does_not_come_back_with_the_end() -> None:
    view = listen(
        greeted(),
        response_created(),
        text_delta("Hi"),
        event("conversation.item.deleted", item_id="item_1"),
        response_done(),
    )
    assert view.items == ()


def test_mcp_arguments_grow_and_are_replaced_by_the_whole() -> None:
    session = greeted()
    view = listen(
        session,
        response_created(),
        part("mcp_call_arguments.delta", delta='{"q":'),
        part("mcp_call_arguments.delta", delta='"x"'),
        part("mcp_call_arguments.delta"),
    )
    assert (view.items[0].kind, view.items[0].arguments) == ("mcp_call", '{"q":"x"')
    view = listen(session, part("mcp_call_arguments.done", arguments='{"q":"x"}'))
    assert view.items[0].arguments == '{"q":"x"}'
    view = listen(session, part("mcp_call_arguments.done"))
    assert view.items[0].arguments == ""


@pytest.mark.parametrize(
    ("status", "details", "level", "text"),
    [
        (
            "cancelled",
            {"type": "cancelled", "reason": "turn_detected"},
            "info",
            "the answer was cancelled: you started to speak",
        ),
        ("cancelled", {"reason": "client_cancelled"}, "info", "the answer was cancelled: you stopped it"),
        (
            "incomplete",
            {"reason": "max_output_tokens"},
            "warning",
            "the answer is incomplete: the answer reached max_output_tokens",
        ),
        (
            "incomplete",
            {"reason": "content_filter"},
            "warning",
            "the answer is incomplete: the content filter stopped the answer",
        ),
        (
            "failed",
            {"error": {"code": "insufficient_quota", "message": "You exceeded your quota."}},
            "error",
            "the answer failed: You exceeded your quota.",
        ),
        ("failed", {"error": "out of memory"}, "error", "the answer failed: out of memory"),
        ("failed", "unimplemented", "error", "the answer failed: unimplemented"),
        ("failed", None, "error", "the answer failed: the server gave no reason"),
        ("failed", {}, "error", "the answer failed: the server gave no reason"),
        ("expired", {"reason": "too_late"}, "info", "the answer ended as expired: too_late"),
    ],
)
def test_why_an_answer_did_not_complete_is_told_in_words(
    status: str, details: object, level: str, text: str
) -> None:
    view = listen(greeted(), response_created(), response_done(status=status, status_details=details))
    assert [(notice.level, notice.text) for notice in view.notices] == [(level, text)]
    assert text.endswith(view.responses[0].why)


def test_a_failed_answer_says_what_to_do_about_it() -> None:
    error = {"error": {"code": "insufficient_quota", "message": "No."}}
    view = listen(greeted(), response_created(), response_done(status="failed", status_details=error))
    assert view.notices[0].code == "insufficient_quota"
    assert view.notices[0].hint == "check the plan and billing of this key's account"


@pytest.mark.parametrize("details", [None, "unimplemented", {"type": "completed"}])
def test_an_answer_that_completed_needs_no_reason(details: object) -> None:
    view = listen(greeted(), response_created(), response_done(status_details=details))
    assert (view.notices, view.responses[0].why) == ((), "")


def test_a_cancelled_answer_may_end_before_the_speech_that_cancelled_it_is_told() -> None:
    view = listen(
        greeted(),
        response_created(),
        text_delta("Well"),
        response_done(status="cancelled", status_details={"reason": "turn_detected"}),
        event("input_audio_buffer.speech_started", item_id="user_2"),
    )
    assert view.user_speaking
    assert not view.is_busy
    assert [response.status for response in view.responses] == ["cancelled"]
