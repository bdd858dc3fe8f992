"""Who may ask for an answer and when, and which answers run."""

from __future__ import annotations

import pytest

from realtime_cli.core.inputs import UserEvent, UserText
from realtime_cli.core.session import Session
from realtime_cli.core.view import SessionView
from tests.support.builders import (
    beside,
    event,
    greeted,
    refusal,
    response_created,
    response_done,
    says,
    sends,
    sends_raw,
    text_delta,
)
from tests.support.playbook import listen, play, then, when

CREATE = sends("response.create")


def statuses(view: SessionView) -> dict[str, tuple[str, bool]]:
    return {response.id: (response.status, response.in_conversation) for response in view.responses}


def test_an_answer_that_the_server_begins_holds_back_ours() -> None:
    play(
        greeted(),
        when(response_created("resp_vad")),
        when(UserText("hello")),
        then(says("hello")),
        when(response_done("resp_vad")),
        then(CREATE),
    )


def test_several_requests_that_wait_become_one() -> None:
    play(
        greeted(),
        when(response_created()),
        when(UserText("one")),
        then(says("one")),
        when(UserText("two")),
        then(says("two", item_id="msg_user_2")),
        when(response_done()),
        then(CREATE),
        when(response_created("resp_2")),
        when(response_done("resp_2")),
    )


def test_answers_beside_the_conversation_run_together_with_one_in_it() -> None:
    request, sent = beside("mood")
    other, other_sent = beside("topic")
    session = greeted()
    play(
        session,
        when(UserText("hello")),
        then(says("hello"), CREATE),
        when(request),
        then(sent),
        when(other),
        then(other_sent),
        when(response_created("resp_topic", conversation_id=None, metadata={"topic": "topic"})),
        when(response_created("resp_1")),
        when(response_created("resp_mood", conversation_id=None, metadata={"topic": "mood"})),
        when(text_delta("happy", item_id="mood_item", response_id="resp_mood")),
        when(UserText("and?")),
        then(says("and?", item_id="msg_user_2")),
        when(response_done("resp_mood", conversation_id=None)),
        when(response_done("resp_1")),
        then(CREATE),
    )
    view = session.view()
    assert statuses(view) == {
        "resp_topic": ("in_progress", False),
        "resp_1": ("completed", True),
        "resp_mood": ("completed", False),
    }
    assert [(item.id, item.in_conversation) for item in view.items if item.role == "assistant"] == [
        ("mood_item", False)
    ]
    assert [response.metadata for response in view.responses] == [{"topic": "topic"}, None, {"topic": "mood"}]
    assert view.turns == 1
    assert view.is_busy


def test_an_answer_beside_the_conversation_needs_no_metadata() -> None:
    request, sent = beside()
    view = play(
        greeted(),
        when(request),
        then(sent),
        when(response_created("resp_1", conversation_id=None)),
        when(response_done("resp_1", conversation_id=None)),
    )
    assert statuses(view) == {"resp_1": ("completed", False)}
    assert not view.is_busy


def test_a_server_that_ignores_the_place_answers_in_the_conversation_and_nobody_waits_on() -> None:
    request, _ = beside("mood")
    session = greeted()
    view = listen(session, request, response_created("resp_1", metadata={"topic": "mood"}), response_done())
    assert statuses(view) == {"resp_1": ("completed", True)}
    assert not view.is_busy


def test_while_an_answer_in_the_conversation_is_asked_for_one_with_its_id_is_that_answer() -> None:
    request, _ = beside()
    session = greeted()
    listen(session, UserText("hello"), request)
    listen(session, response_created("resp_1"), response_done("resp_1"))
    assert session.view().is_busy
    view = listen(
        session,
        response_created("resp_2", conversation_id=None),
        response_done("resp_2", conversation_id=None),
    )
    assert statuses(view) == {"resp_1": ("completed", True), "resp_2": ("completed", False)}
    assert not view.is_busy


def test_a_refused_request_beside_the_conversation_is_not_awaited() -> None:
    request, _ = beside()
    view = listen(greeted(), request, refusal("invalid_value"))
    assert not view.is_busy
    assert view.notices[-1].cause is not None


def test_a_refused_request_is_not_awaited_and_the_next_one_goes_out() -> None:
    play(
        greeted(),
        when(UserText("one")),
        then(says("one"), CREATE),
        when(UserText("two")),
        then(says("two", item_id="msg_user_2")),
        when(refusal("invalid_value", event_id="event_2")),
        then(CREATE),
    )


def test_a_second_request_by_hand_that_is_refused_does_not_free_the_way_for_a_third() -> None:
    raw = '{"type":"response.create","event_id":"mine"}'
    play(
        greeted(),
        when(UserText("hello")),
        then(says("hello"), CREATE),
        when(UserEvent(raw)),
        then(sends_raw(raw)),
        when(refusal("invalid_value", event_id="mine")),
        when(UserText("and?")),
        then(says("and?", item_id="msg_user_2")),
    )


def test_an_answer_that_is_not_announced_ends_all_the_same() -> None:
    view = play(
        greeted(),
        when(UserText("hello"), at=1.0),
        then(says("hello"), CREATE),
        when(response_done("resp_1", usage={"input_tokens": 1}), at=2.0),
    )
    assert statuses(view) == {"resp_1": ("completed", True)}
    assert (view.turns, view.tokens.input, view.is_busy) == (1, 1, False)
    assert view.responses[0].marks.start == 1.0


def test_an_answer_that_ends_twice_counts_once() -> None:
    session = greeted()
    end = response_done(usage={"input_tokens": 3, "output_tokens": 4})
    view = listen(session, response_created(), end, end)
    assert (view.turns, view.tokens.total, len(view.responses)) == (1, 7, 1)


def test_an_answer_that_is_announced_twice_is_one_answer_and_stays_over() -> None:
    view = listen(greeted(), response_created(), response_done(), response_created(metadata={"late": "yes"}))
    assert statuses(view) == {"resp_1": ("completed", True)}
    assert view.responses[0].metadata == {"late": "yes"}
    assert not view.is_busy


def test_an_answer_that_never_ends_is_over_when_the_next_one_begins() -> None:
    session = greeted()
    view = listen(session, response_created("resp_1"), text_delta("Once upon"), response_created("resp_2"))
    first, second = view.responses
    assert (first.status, first.why) == ("incomplete", "the server never ended it")
    assert second.is_active
    assert view.items[0].status == "incomplete"
    assert view.turns == 0


def test_an_end_that_comes_after_all_still_counts() -> None:
    view = listen(
        greeted(),
        response_created("resp_1"),
        response_created("resp_2"),
        response_done("resp_1", usage={"input_tokens": 5}),
    )
    assert statuses(view) == {"resp_1": ("completed", True), "resp_2": ("in_progress", True)}
    assert (view.responses[0].why, view.turns, view.tokens.input) == ("", 1, 5)


@pytest.mark.parametrize(
    ("told", "status"), [("in_progress", "completed"), (None, "completed"), ("cancelled", "cancelled")]
)
def test_an_ended_answer_is_not_in_progress_whatever_the_server_calls_it(
    told: str | None, status: str
) -> None:
    view = listen(greeted(), response_created(status="incomplete"), response_done(status=told))
    assert view.responses[0].status == status


def test_an_end_without_a_response_ends_the_active_one() -> None:
    session = greeted()
    view = listen(session, response_created(), event("response.done"))
    assert statuses(view) == {"resp_1": ("completed", True)}


def test_answers_without_ids_are_told_apart() -> None:
    view = listen(
        greeted(),
        event("response.created"),
        text_delta("One", item_id=None, response_id=None),
        event("response.done"),
        event("response.created"),
        text_delta("Two", item_id=None, response_id=None),
        event("response.done"),
    )
    assert [item.text for item in view.items] == ["One", "Two"]
    assert len({response.id for response in view.responses}) == 2
    assert view.turns == 2


def test_speaking_is_only_ever_about_the_own_session() -> None:
    one, other = Session(), Session()
    listen(one, response_created())
    assert other.view() == Session().view()
