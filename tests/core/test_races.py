"""The race for the one answer at a time, which every client loses now and then: it is tried again."""

from __future__ import annotations

import pytest

from realtime_cli.core.inputs import CancelRequested, DeadlineReached, UserEvent, UserText
from realtime_cli.core.patience import PATIENCE_S
from realtime_cli.core.responses import RETRY_AFTER_S
from realtime_cli.protocol.codec import ServerEvent
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
)
from tests.support.playbook import play, then, when

CREATE = sends("response.create")
RACE = "conversation_already_has_active_response"


@pytest.mark.parametrize(
    "race",
    [
        refusal(RACE, "busy", event_id="event_2"),
        refusal(RACE, "busy"),
        refusal(None, "Conversation already has an active response in progress: resp_9."),
        event("error", error="conversation already has an active response"),
    ],
    ids=["with code and id", "with code", "in words", "in a string"],
)
def test_a_lost_race_is_tried_again_when_the_other_answer_is_done(race: ServerEvent) -> None:
    session = greeted()
    view = play(
        session,
        when(UserText("hello")),
        then(says("hello"), CREATE),
        when(response_created("resp_vad")),
        when(race),
        when(response_done("resp_vad")),
        then(CREATE),
    )
    assert [(notice.level, notice.code) for notice in view.notices] == [("info", RACE)]


def test_a_race_with_an_answer_that_nobody_sees_is_tried_again_after_a_while_not_at_once() -> None:
    session = greeted()
    play(
        session,
        when(UserText("hello"), at=1.0),
        then(says("hello"), CREATE),
        when(refusal(RACE), at=2.0),
        when(UserText("anybody?"), at=3.0),
        then(says("anybody?", item_id="msg_user_2")),
    )
    assert session.next_deadline() == 2.0 + RETRY_AFTER_S
    assert session.view().is_busy
    play(
        session,
        when(DeadlineReached(), at=2.0 + RETRY_AFTER_S),
        then(CREATE),
        when(refusal(RACE), at=8.0),
        when(DeadlineReached(), at=8.0 + RETRY_AFTER_S),
        then(CREATE),
        when(response_created(), at=14.0),
        when(response_done(), at=15.0),
    )
    assert session.next_deadline() is None
    assert not session.view().is_busy


def test_an_answer_that_shows_up_after_a_lost_race_is_waited_for_with_patience() -> None:
    session = greeted()
    play(
        session,
        when(UserText("hello")),
        then(says("hello"), CREATE),
        when(refusal(RACE)),
        when(response_created("resp_vad")),
    )
    assert session.next_deadline() == PATIENCE_S
    play(session, when(response_done("resp_vad")), then(CREATE))


def test_an_unannounced_end_after_a_lost_race_is_enough_to_try_again() -> None:
    play(
        greeted(),
        when(UserText("hello")),
        then(says("hello"), CREATE),
        when(refusal(RACE)),
        when(response_done("resp_vad")),
        then(CREATE),
    )


def test_the_late_end_of_an_answer_that_was_given_up_is_enough_to_try_again() -> None:
    play(
        greeted(),
        when(response_created()),
        when(CancelRequested()),
        then(sends("response.cancel", response_id="resp_1")),
        when(refusal("response_cancel_not_active")),
        when(UserText("hello")),
        then(says("hello"), CREATE),
        when(refusal(RACE)),
        when(response_done()),
        then(CREATE),
    )


def test_the_end_of_an_answer_beside_the_conversation_is_no_reason_to_try_again() -> None:
    request, sent = beside()
    play(
        greeted(),
        when(request),
        then(sent),
        when(response_created("side", conversation_id=None)),
        when(UserText("hello")),
        then(says("hello"), CREATE),
        when(refusal(RACE)),
        when(response_done("side", conversation_id=None)),
        when(DeadlineReached()),
        then(CREATE),
    )


def test_cancelling_forgets_a_lost_race() -> None:
    session = greeted()
    play(
        session,
        when(UserText("hello")),
        then(says("hello"), CREATE),
        when(refusal(RACE)),
        when(CancelRequested()),
    )
    assert session.next_deadline() is None
    assert not session.view().is_busy


def test_a_race_without_an_id_is_about_the_request_though_older_events_are_unanswered() -> None:
    session = greeted(instructions="never acknowledged")
    view = play(
        session,
        when(UserText("hello")),
        then(says("hello"), CREATE),
        when(response_created("resp_vad")),
        when(refusal(RACE)),
        when(response_done("resp_vad")),
        then(CREATE),
    )
    assert view.notices[0].cause is not None
    assert (view.notices[0].cause.type, view.notices[0].cause.certain) == ("response.create", False)


def test_a_second_request_by_hand_that_loses_the_race_leaves_the_first_one_asked_for() -> None:
    session = greeted()
    raw = '{"type":"response.create","event_id":"mine"}'
    play(
        session,
        when(UserText("hello")),
        then(says("hello"), CREATE),
        when(UserEvent(raw)),
        then(sends_raw(raw)),
        when(refusal(RACE, event_id="mine")),
        when(response_created()),
        when(response_done()),
        then(CREATE),
    )


def test_a_retried_request_keeps_what_it_asked_for() -> None:
    raw = '{"type":"response.create","response":{"instructions":"Sing."}}'
    play(
        greeted(),
        when(response_created()),
        when(UserEvent(raw)),
        then(sends_raw(raw)),
        when(refusal(RACE)),
        when(response_done()),
        then(sends("response.create", response={"instructions": "Sing."})),
    )
