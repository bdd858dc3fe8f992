"""A server that falls silent is told of once, and its answer may be given up."""

from __future__ import annotations

from realtime_cli.core.effects import StopPlayback
from realtime_cli.core.inputs import CancelRequested, DeadlineReached, PlaybackProgress, UserText
from realtime_cli.core.patience import PATIENCE_S, SILENCE_CODE
from realtime_cli.core.session import Session
from realtime_cli.core.terms import Terms
from tests.support.builders import (
    event,
    greeted,
    response_created,
    response_done,
    says,
    sends,
    text_delta,
)
from tests.support.playbook import listen, play, then, when
from tests.support.voice import audio_delta, heard, stopped, truncates, voice_session

TICK = DeadlineReached()
STOP = StopPlayback()
CREATE = sends("response.create")
CANCEL = sends("response.cancel")
CANCEL_FIRST = sends("response.cancel", response_id="resp_1")


def told(session: Session) -> list[tuple[str, str]]:
    return [(n.text, n.hint) for n in session.view().notices if n.code == SILENCE_CODE]


def asked(at: float = 1.0) -> Session:
    session = greeted()
    session.receive(UserText("hello"), at)
    return session


def speaking() -> Session:
    """A session whose answer is being spoken."""
    session = voice_session()
    listen(session, response_created(), audio_delta(1000), heard(300))
    return session


def test_a_turn_that_nobody_answers_is_told_of_once() -> None:
    session = asked(at=1.0)
    assert session.next_deadline() == 1.0 + PATIENCE_S
    play(session, when(TICK, at=1.0 + PATIENCE_S))
    assert told(session) == [("the server has not answered for 15 s", "Esc or Ctrl-C gives it up")]
    assert session.next_deadline() is None


def test_each_event_begins_the_wait_anew() -> None:
    session = asked(at=1.0)
    play(session, when(response_created(), at=10.0), when(text_delta("Well"), at=20.0), when(TICK, at=25.0))
    assert told(session) == []
    assert session.next_deadline() == 20.0 + PATIENCE_S
    play(session, when(TICK, at=20.0 + PATIENCE_S))
    assert [text for text, _ in told(session)] == ["the server has said nothing in mid answer for 15 s"]


def test_an_answer_that_goes_on_and_stops_again_is_not_told_of_twice() -> None:
    session = asked(at=1.0)
    play(session, when(response_created()), when(TICK, at=PATIENCE_S), when(text_delta("Well"), at=40.0))
    assert session.next_deadline() is None
    assert len(told(session)) == 1


def test_the_next_answer_has_a_notice_of_its_own() -> None:
    session = asked(at=1.0)
    play(session, when(TICK, at=1 + PATIENCE_S), when(response_created(), at=20.0))
    play(session, when(TICK, at=20 + PATIENCE_S))
    assert len(told(session)) == 2


def test_who_waits_for_nothing_is_told_nothing() -> None:
    session = asked(at=1.0)
    listen(session, response_created(), response_done())
    assert session.next_deadline() is None


def test_speech_that_still_sounds_is_no_silence() -> None:
    session = speaking()
    play(session, when(PlaybackProgress("item_1", 0, 500.0), at=12.0))
    assert session.next_deadline() == 12.0 + PATIENCE_S


def test_a_program_that_stood_still_itself_waits_anew() -> None:
    session = asked(at=1.0)
    play(session, when(TICK, at=300.0))
    assert told(session) == []
    assert session.next_deadline() == 300.0 + PATIENCE_S


def test_a_silent_answer_can_be_given_up_and_the_next_turn_is_answered() -> None:
    session = asked(at=0.0)
    view = play(
        session,
        when(response_created()),
        when(TICK, at=PATIENCE_S),
        when(CancelRequested(), at=16.0),
        then(CANCEL_FIRST),
        when(UserText("again")),
        then(says("again", item_id="msg_user_2"), CREATE),
    )
    assert [(r.status, r.why) for r in view.responses] == [("incomplete", "the server never ended it")]


def test_a_cancellation_that_nobody_answered_is_given_up_by_the_next_one() -> None:
    session = asked(at=0.0)
    play(
        session,
        when(response_created()),
        when(CancelRequested(), at=1.0),
        then(CANCEL_FIRST),
        when(TICK, at=PATIENCE_S),
        when(CancelRequested(), at=16.0),
    )
    assert not session.is_busy


def test_a_request_that_nobody_answers_can_be_given_up() -> None:
    session = asked(at=0.0)
    play(session, when(TICK, at=PATIENCE_S), when(CancelRequested()), then(CANCEL))
    assert not session.is_busy
    play(session, when(UserText("again")), then(says("again", item_id="msg_user_2"), CREATE))


def test_before_the_notice_a_cancellation_waits_for_the_server() -> None:
    session = asked(at=0.0)
    play(session, when(response_created()), when(CancelRequested(), at=1.0), then(CANCEL_FIRST))
    assert session.is_busy


def test_speech_that_was_given_up_is_cut_to_what_was_heard_and_what_comes_late_is_silent() -> None:
    session = speaking()
    play(
        session,
        when(heard(300.0), at=1.0),
        when(TICK, at=1.0 + PATIENCE_S),
        when(CancelRequested(), at=17.0),
        then(STOP, CANCEL_FIRST),
        when(stopped(300.0)),
        then(truncates(300)),
        when(audio_delta(1000)),
    )
    assert not session.is_busy


def test_the_last_answer_of_a_session_that_ends_has_a_patience_of_its_own() -> None:
    session = Session(terms=Terms(max_s=10.0))
    session.receive(event("session.created"), 0.0)
    listen(session, response_created())
    session.receive(TICK, 10.0)
    play(session, when(TICK, at=PATIENCE_S))
    assert told(session) == []
