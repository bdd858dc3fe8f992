"""Errors and the events that caused them: by id, else by order."""

from __future__ import annotations

import json

import pytest

from realtime_cli.core.inputs import CancelRequested, SessionInput, ToolFinished, UserEvent, UserText
from realtime_cli.core.view import Cause
from tests.support.builders import (
    event,
    function_call,
    greeted,
    item_added,
    message,
    refusal,
    response_created,
    response_done,
)
from tests.support.playbook import listen


def by_hand(name: str, **fields: object) -> UserEvent:
    return UserEvent(json.dumps({"type": name, **fields}))


def cause(*happened: SessionInput) -> Cause | None:
    """The cause of the last notice."""
    return listen(greeted(), *happened).notices[-1].cause


def user_item(item_id: str | None = None) -> dict[str, object]:
    return message(item_id, role="user") if item_id else {"type": "message", "role": "user", "content": []}


def test_an_error_with_an_id_answers_that_event() -> None:
    assert cause(
        by_hand("input_audio_buffer.clear", event_id="one"),
        by_hand("input_audio_buffer.commit", event_id="two"),
        refusal("input_audio_buffer_commit_empty", event_id="two"),
    ) == Cause("input_audio_buffer.commit", "two", certain=True)


def test_of_events_with_one_id_the_last_is_meant() -> None:
    assert cause(
        by_hand("input_audio_buffer.clear", event_id="same"),
        by_hand("input_audio_buffer.commit", event_id="same"),
        refusal(event_id="same"),
    ) == Cause("input_audio_buffer.commit", "same", certain=True)


@pytest.mark.parametrize("event_id", [None, "event_TODO"])
def test_an_error_without_a_known_id_answers_the_oldest_unanswered_event(event_id: str | None) -> None:
    assert cause(
        by_hand("input_audio_buffer.clear"),
        event("input_audio_buffer.cleared"),
        by_hand("input_audio_buffer.commit"),
        by_hand("response.create"),
        refusal(event_id=event_id),
    ) == Cause("input_audio_buffer.commit", None, certain=False)


def test_two_errors_without_ids_answer_two_events() -> None:
    session = greeted()
    view = listen(
        session, by_hand("input_audio_buffer.commit"), by_hand("response.create"), refusal(), refusal()
    )
    assert [notice.cause.type for notice in view.notices if notice.cause] == [
        "input_audio_buffer.commit",
        "response.create",
    ]
    assert not session.expects_answers


def test_an_error_where_nothing_was_sent_answers_nothing() -> None:
    assert cause(refusal("server_error")) is None
    assert cause(refusal("server_error", event_id="event_9")) is None


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        (by_hand("session.update", session={}), event("session.updated", session={})),
        (by_hand("transcription_session.update", session={}), event("transcription_session.updated")),
        (by_hand("input_audio_buffer.commit"), event("input_audio_buffer.committed", item_id="a")),
        (by_hand("input_audio_buffer.clear"), event("input_audio_buffer.cleared")),
        (by_hand("output_audio_buffer.clear"), event("output_audio_buffer.cleared")),
        (by_hand("conversation.item.create", item=user_item("a")), item_added(user_item("a"))),
        (by_hand("conversation.item.create", item=user_item()), item_added(user_item("a"))),
        (
            by_hand("conversation.item.create", item=user_item("a")),
            event("conversation.item.done", item=user_item("a")),
        ),
        (
            by_hand("conversation.item.retrieve", item_id="a"),
            event("conversation.item.retrieved", item=user_item("a")),
        ),
        (
            by_hand("conversation.item.truncate", item_id="a", content_index=0, audio_end_ms=0),
            event("conversation.item.truncated", item_id="a"),
        ),
        (by_hand("conversation.item.delete", item_id="a"), event("conversation.item.deleted", item_id="a")),
        (by_hand("response.create"), response_created()),
        (by_hand("response.create"), response_done()),
        (by_hand("response.cancel"), response_done(status="cancelled")),
    ],
    ids=lambda value: getattr(value, "type", None),
)
def test_an_event_that_was_answered_is_no_longer_suspected(sent: UserEvent, answer: SessionInput) -> None:
    session = greeted()
    listen(session, sent)
    assert session.expects_answers
    view = listen(session, answer, refusal())
    assert view.notices[-1].cause is None
    assert not session.expects_answers


def test_audio_is_never_suspected_and_never_awaited() -> None:
    session = greeted()
    listen(
        session,
        by_hand("input_audio_buffer.append", audio="AAAA"),
        by_hand("session.input_audio_buffer.append", audio="AAAA"),
    )
    assert not session.expects_answers


def test_the_two_announcements_of_one_item_answer_one_event() -> None:
    assert cause(
        by_hand("conversation.item.create", item=user_item("a"), event_id="one"),
        by_hand("conversation.item.create", item=user_item("b"), event_id="two"),
        item_added(user_item("a")),
        event("conversation.item.done", item=user_item("a")),
        refusal(),
    ) == Cause("conversation.item.create", "two", certain=False)


def test_an_item_of_the_servers_answers_no_event_of_ours() -> None:
    answer = message("answer")
    output = {"type": "function_call_output", "call_id": "call_1", "output": "12"}
    assert cause(
        response_created(),
        event("response.output_item.added", response_id="resp_1", item=answer),
        by_hand("conversation.item.create", item={"type": "message", "role": "assistant", "content": []}),
        item_added(answer),
        item_added({"id": "out_1", **output}),
        refusal(),
    ) == Cause("conversation.item.create", None, certain=False)


def test_an_answer_to_a_later_event_clears_those_that_need_none() -> None:
    session = greeted()
    listen(
        session,
        by_hand("response.cancel"),
        by_hand("no.such.event"),
        UserEvent("not JSON"),
        by_hand("response.create"),
    )
    view = listen(
        session, by_hand("input_audio_buffer.clear"), event("input_audio_buffer.cleared"), refusal()
    )
    assert view.notices[-1].cause == Cause("response.create", None, certain=False)


def test_an_unknown_event_is_the_first_to_be_suspected() -> None:
    assert cause(by_hand("no.such.event"), by_hand("response.create"), refusal("invalid_value")) == Cause(
        "no.such.event", None, certain=False
    )


def test_only_the_last_events_are_remembered() -> None:
    clears = [by_hand("input_audio_buffer.clear", event_id=f"clear_{n}") for n in range(300)]
    assert cause(*clears, refusal(event_id="clear_0")) == Cause(
        "input_audio_buffer.clear", "clear_44", certain=False
    )


def test_a_cancelled_answer_settles_the_cancel_and_a_completed_one_does_not() -> None:
    session = greeted()
    listen(session, response_created(), CancelRequested(), response_done(status="completed"))
    assert session.expects_answers
    view = listen(session, refusal("response_cancel_not_active"))
    assert view.notices[-1].cause is not None
    assert not session.expects_answers


def test_what_the_session_sends_by_itself_is_answered_too() -> None:
    session = greeted(instructions="x")
    listen(session, event("session.updated", session={"instructions": "x"}), UserText("hello"))
    output = {"id": "out_1", "type": "function_call_output", "call_id": "call_1", "output": "12"}
    listen(
        session,
        item_added(user_item("msg_user_1")),
        response_created(),
        response_done(output=[function_call("fc_1", arguments="{}")]),
        ToolFinished("call_1", "12"),
        item_added(output),
        response_created("resp_2"),
    )
    assert not session.expects_answers
