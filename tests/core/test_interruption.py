"""Barge-in: silence first, then the wire, and the server's memory cut to what was heard."""

from __future__ import annotations

import gc

import pytest

from realtime_cli.core.effects import Disconnect, StopPlayback
from realtime_cli.core.inputs import (
    AudioReady,
    CancelRequested,
    ConnectionLost,
    DeadlineReached,
    PlaybackProgress,
    PlaybackStopped,
    QuitRequested,
    UserEvent,
    UserText,
)
from realtime_cli.core.patience import PATIENCE_S
from realtime_cli.core.playback import LOST_TIMEOUT_S, STOP_TIMEOUT_S, SpokenPart
from realtime_cli.core.session import Session
from realtime_cli.protocol.codec import ServerEvent
from tests.support.builders import (
    beside,
    event,
    greeted,
    item_added,
    message,
    refusal,
    response_created,
    response_done,
    says,
    sends,
    sends_raw,
    text_delta,
)
from tests.support.playbook import listen, play, then, when
from tests.support.voice import (
    BOTH,
    audio_delta,
    audio_done,
    finishes,
    heard,
    plays,
    speech_started,
    stopped,
    truncates,
    voice_session,
)

STOP = StopPlayback()
CREATE = sends("response.create")
CANCEL = sends("response.cancel", response_id="resp_1")
COMMITTED = event("input_audio_buffer.committed", item_id="user_1")
CANCELLED = response_done(status="cancelled", status_details={"reason": "turn_detected"})


def speaking(*, ms: float = 1000, heard_ms: float = 300, **config: object) -> Session:
    """A session whose answer is being spoken: so much was received, so much of it heard."""
    session = voice_session(**config)
    listen(session, response_created(), audio_delta(ms), heard(heard_ms))
    return session


def test_speech_stops_the_answer_at_once_and_cuts_it_where_the_speaker_stopped() -> None:
    session = speaking()
    view = play(
        session,
        when(speech_started(), at=1.0),
        then(STOP),
        when(CANCELLED),
        when(stopped(420.9), at=1.03),
        then(truncates(420)),
        when(event("conversation.item.truncated", item_id="item_1", content_index=0, audio_end_ms=420)),
    )
    (item,) = view.items
    assert (item.audio_ms, item.heard_ms, item.truncated_ms) == (1000, 420.9, 420)
    assert not view.is_busy
    assert not session.expects_answers
    assert session.next_deadline() is None


def test_what_still_comes_of_an_interrupted_answer_is_neither_played_nor_cut_again() -> None:
    play(
        speaking(),
        when(speech_started()),
        then(STOP),
        when(audio_delta(100)),
        when(stopped(400)),
        then(truncates(400)),
        when(audio_delta(100)),
        when(audio_done()),
        when(CANCELLED),
        when(audio_delta(100)),
        when(speech_started()),
    )


def test_an_item_that_begins_behind_the_interruption_is_cut_to_nothing_when_its_answer_ends() -> None:
    play(
        speaking(),
        when(speech_started()),
        then(STOP),
        when(stopped(400)),
        then(truncates(400)),
        when(audio_delta(100, item_id="item_2")),
        when(CANCELLED),
        then(truncates(0, item_id="item_2")),
        when(audio_delta(100, item_id="item_2")),
    )


def test_an_end_that_comes_before_the_speaker_has_stopped_waits_with_its_cuts() -> None:
    play(
        speaking(),
        when(speech_started()),
        then(STOP),
        when(audio_delta(100, item_id="item_2")),
        when(CANCELLED),
        when(stopped(400)),
        then(truncates(400), truncates(0, item_id="item_2")),
    )


def test_an_answer_without_sound_yet_is_not_played_once_speech_has_begun() -> None:
    play(
        voice_session(),
        when(response_created()),
        when(speech_started()),
        when(audio_delta(100)),
        when(CANCELLED),
        then(truncates(0)),
        when(response_created("resp_2")),
        when(audio_delta(40, item_id="item_2", response_id="resp_2")),
        then(plays(40, item_id="item_2")),
    )


def test_late_speech_without_a_name_belongs_to_the_answer_that_was_interrupted() -> None:
    play(
        voice_session(),
        when(response_created(None)),
        when(audio_delta(40, item_id=None, response_id=None)),
        then(plays(40, item_id="unnamed_1")),
        when(speech_started()),
        then(STOP),
        when(response_done(None, status="cancelled")),
        when(audio_delta(40, item_id=None, response_id=None)),
        when(stopped(20, item_id="unnamed_1")),
        when(response_created(None)),
        when(audio_delta(40, item_id=None, response_id=None)),
        then(plays(40, item_id="unnamed_2")),
    )


def test_an_answer_that_comes_back_cancelled_before_the_speech_is_told_was_interrupted() -> None:
    play(
        speaking(),
        when(CANCELLED),
        then(STOP),
        when(speech_started()),
        when(stopped(400)),
        then(truncates(400)),
    )


def test_an_answer_that_is_cancelled_after_all_of_it_was_heard_needs_no_stop() -> None:
    play(speaking(ms=300), when(CANCELLED), then(finishes()))
    play(voice_session(), when(response_created()), when(CANCELLED))


def test_a_part_that_was_heard_to_its_end_is_never_cut() -> None:
    play(
        speaking(ms=100, heard_ms=100),
        when(audio_done()),
        then(finishes()),
        when(audio_delta(200, item_id="item_2")),
        then(plays(200, item_id="item_2")),
        when(heard(20, item_id="item_2")),
        when(speech_started()),
        then(STOP),
        when(stopped(28, item_id="item_2")),
        then(truncates(28, item_id="item_2")),
    )


def test_a_part_whose_end_is_heard_while_it_is_being_stopped_is_not_cut() -> None:
    play(
        speaking(ms=400),
        when(audio_done()),
        then(finishes()),
        when(speech_started()),
        then(STOP),
        when(stopped(400)),
    )


def test_every_part_is_cut_where_it_was_heard_and_those_behind_it_at_nothing() -> None:
    play(
        speaking(),
        when(audio_delta(100, content_index=1)),
        then(plays(100, content_index=1)),
        when(audio_delta(100, item_id="item_2")),
        then(plays(100, item_id="item_2")),
        when(speech_started()),
        then(STOP),
        when(stopped(420)),
        then(truncates(420), truncates(0, content_index=1), truncates(0, item_id="item_2")),
    )


def test_what_was_queued_before_a_part_that_plays_has_been_heard() -> None:
    view = play(
        speaking(ms=1000, heard_ms=300),
        when(audio_delta(100, item_id="item_2")),
        then(plays(100, item_id="item_2")),
        when(audio_done()),
        then(finishes()),
        when(heard(20, item_id="item_2")),
        when(speech_started()),
        then(STOP),
        when(stopped(28, item_id="item_2")),
        then(truncates(28, item_id="item_2")),
    )
    assert [item.heard_ms for item in view.items] == [1000, 28]


def test_the_stop_too_tells_of_what_was_queued_before() -> None:
    play(
        speaking(ms=1000, heard_ms=300),
        when(audio_delta(100, item_id="item_2")),
        then(plays(100, item_id="item_2")),
        when(speech_started()),
        then(STOP),
        when(stopped(0, item_id="item_2")),
        then(truncates(1000), truncates(0, item_id="item_2")),
    )


def test_the_speech_of_complete_answers_is_cut_as_well() -> None:
    play(
        speaking(),
        when(response_done()),
        then(finishes()),
        when(response_created("resp_2")),
        when(speech_started()),
        then(STOP),
        when(stopped(400)),
        then(truncates(400)),
        when(audio_delta(100, item_id="item_2", response_id="resp_2")),
        when(response_done("resp_2", status="cancelled")),
        then(truncates(0, item_id="item_2")),
    )


def test_speech_of_an_active_answer_that_has_come_and_of_which_nothing_was_heard_is_cut_at_nothing() -> None:
    play(
        voice_session(),
        when(response_created()),
        when(audio_delta(1000)),
        then(plays(1000)),
        when(speech_started()),
        then(STOP),
        when(PlaybackStopped()),
        then(truncates(0)),
        when(CANCELLED),
    )


def test_speech_of_a_finished_answer_of_which_nothing_was_heard_is_cut_at_nothing() -> None:
    play(
        voice_session(),
        when(response_created()),
        when(audio_delta(1000)),
        then(plays(1000)),
        when(response_done()),
        then(finishes()),
        when(speech_started()),
        then(STOP),
        when(PlaybackStopped()),
        then(truncates(0)),
    )


@pytest.mark.parametrize("came", ["nothing", "an item", "words"])
def test_an_answer_is_not_cut_before_the_first_sample_of_it_has_come(came: str) -> None:
    part = event("response.content_part.added", item_id="item_1", content_index=0, part={"type": "audio"})
    words = event("response.output_audio_transcript.delta", item_id="item_1", content_index=0, delta="Well,")
    announced = {"nothing": [], "an item": [item_added(message("item_1")), part], "words": [words]}[came]
    session = voice_session()
    listen(session, response_created(), *announced)
    play(session, when(speech_started()), when(CANCELLED))


def test_a_server_that_was_told_not_to_be_interrupted_speaks_on() -> None:
    turn_detection = {"type": "server_vad", "interrupt_response": False}
    session = speaking(audio={"input": {"turn_detection": turn_detection}})
    view = play(session, when(speech_started()), when(audio_delta(40)), then(plays(40)))
    assert view.user_speaking


def test_an_answer_that_outlives_a_whole_turn_after_its_interruption_has_ended_unseen() -> None:
    view = play(
        speaking(),
        when(speech_started()),
        then(STOP),
        when(stopped(400)),
        then(truncates(400)),
        when(audio_delta(100, item_id="item_2")),
        when(COMMITTED, at=3.0),
        when(speech_started(), at=9.0),
        then(truncates(0, item_id="item_2")),
    )
    assert [(r.status, r.why) for r in view.responses] == [("incomplete", "the server never ended it")]
    assert [item.status for item in view.items if item.role == "assistant"] == ["incomplete"] * 2
    assert not view.is_busy


def test_the_end_of_an_answer_that_was_given_up_still_counts() -> None:
    view = listen(speaking(), speech_started(), stopped(400), COMMITTED, speech_started(), CANCELLED)
    assert [response.status for response in view.responses] == ["cancelled"]
    assert view.turns == 1


def test_a_new_answer_ends_one_that_the_server_never_ended_and_its_speech_is_heard_out() -> None:
    session = speaking()
    play(session, when(response_created("resp_2")), then(finishes()), when(heard(1000)))
    listen(session, response_done("resp_2"))
    assert not session.is_busy


def test_the_interrupt_key_stops_sound_and_answer() -> None:
    play(
        speaking(),
        when(CancelRequested()),
        then(STOP, CANCEL),
        when(CancelRequested()),
        when(stopped(400)),
        then(truncates(400)),
        when(CANCELLED),
    )


def test_the_interrupt_key_stops_sound_that_outlasts_its_answer() -> None:
    play(
        speaking(),
        when(response_done()),
        then(finishes()),
        when(CancelRequested()),
        then(STOP),
        when(stopped(400)),
        then(truncates(400)),
    )


def test_an_answer_that_is_cancelled_before_it_is_named_is_not_played() -> None:
    play(
        voice_session(),
        when(UserText("one")),
        then(says("one"), CREATE),
        when(CancelRequested()),
        then(sends("response.cancel")),
        when(response_created()),
        when(audio_delta(100)),
        when(CANCELLED),
        then(truncates(0)),
    )


def test_a_request_that_was_refused_after_it_was_cancelled_does_not_silence_the_next_answer() -> None:
    play(
        voice_session(),
        when(UserEvent('{"type":"response.create","event_id":"mine"}')),
        then(sends_raw('{"type":"response.create","event_id":"mine"}')),
        when(CancelRequested()),
        then(sends("response.cancel")),
        when(refusal("rate_limit_exceeded", event_id="mine")),
        when(response_created()),
        when(audio_delta(40)),
        then(plays(40)),
    )


def test_a_refused_cancel_may_be_sent_again() -> None:
    session = greeted()
    play(
        session,
        when(response_created()),
        when(CancelRequested()),
        then(CANCEL),
        when(CancelRequested()),
        when(refusal("server_error", event_id="event_1")),
        when(CancelRequested()),
        then(CANCEL),
    )
    listen(session, response_done(), UserEvent('{"type":"response.cancel","event_id":"late"}'))
    assert listen(session, refusal("server_error", event_id="late")).notices[-1].level == "error"


@pytest.mark.parametrize("end", [[], [response_done()]])
def test_typed_text_interrupts_and_waits_until_the_answer_is_cut(end: list[ServerEvent]) -> None:
    session = speaking()
    listen(session, *end)
    play(
        session,
        when(UserText("wait"), at=1.0),
        then(STOP, *([] if end else [CANCEL])),
        when(UserText("what?")),
        when(stopped(400)),
        then(
            truncates(400),
            says("wait"),
            *([CREATE] if end else []),
            says("what?", item_id="msg_user_2"),
        ),
    )
    assert session.is_busy
    play(session, when(CANCELLED), *([] if end else [then(CREATE)]))


def test_typed_text_cancels_a_spoken_answer_that_was_only_asked_for() -> None:
    play(
        voice_session(),
        when(UserText("one")),
        then(says("one"), CREATE),
        when(UserText("two")),
        then(sends("response.cancel"), says("two", item_id="msg_user_2")),
        when(UserText("three")),
        then(says("three", item_id="msg_user_3")),
        when(response_created()),
        when(UserText("four")),
        then(says("four", item_id="msg_user_4")),
        when(CANCELLED),
        then(CREATE),
    )


def test_typed_text_does_not_cancel_an_answer_that_speech_has_cancelled() -> None:
    play(
        speaking(),
        when(speech_started()),
        then(STOP),
        when(UserText("wait")),
        when(stopped(400)),
        then(truncates(400), says("wait")),
    )


@pytest.mark.parametrize(
    ("config", "created"),
    [
        ({"output_modalities": ["text"]}, response_created()),
        ({}, response_created(output_modalities=["text"])),
    ],
)
def test_typed_text_does_not_interrupt_a_written_answer(
    config: dict[str, object], created: ServerEvent
) -> None:
    session = voice_session(**config)
    listen(session, created, text_delta("Hi"))
    play(session, when(UserText("one")), then(says("one")))


def test_typed_text_interrupts_an_answer_that_is_spoken_in_a_session_of_text() -> None:
    session = voice_session(output_modalities=["text"])
    listen(session, response_created(output_modalities=["audio"]))
    play(session, when(UserText("one")), then(CANCEL, says("one")))


def test_a_speaker_that_does_not_tell_where_it_stopped_is_not_waited_for() -> None:
    session = speaking(heard_ms=300.5)
    play(session, when(speech_started(), at=1.0), then(STOP))
    assert session.next_deadline() == 1.0 + STOP_TIMEOUT_S
    view = play(
        session,
        when(UserText("hello?"), at=1.1),
        when(DeadlineReached(), at=1.5),
        then(truncates(300), says("hello?")),
        when(stopped(420), at=1.6),
    )
    assert [notice.level for notice in view.notices] == ["warning"]
    assert session.next_deadline() == 1.0 + PATIENCE_S


def test_the_first_of_two_deadlines_is_met_first() -> None:
    session = speaking()
    play(
        session, when(UserEvent('{"type":"response.create"}')), then(sends_raw('{"type":"response.create"}'))
    )
    listen(session, response_done())
    play(session, when(speech_started(), at=3.0), then(STOP))
    listen(session, refusal("conversation_already_has_active_response"))
    assert session.next_deadline() == 3.0 + STOP_TIMEOUT_S
    play(session, when(DeadlineReached(), at=3.5), then(truncates(300)))


def test_audio_that_comes_while_the_speaker_stops_is_played_behind() -> None:
    play(
        speaking(),
        when(CANCELLED),
        then(STOP),
        when(response_created("resp_2")),
        when(audio_delta(40, item_id="item_2", response_id="resp_2")),
        when(response_done("resp_2")),
        when(stopped(400)),
        then(truncates(400), plays(40, item_id="item_2"), finishes("item_2")),
    )


def test_audio_that_waits_for_the_speaker_to_stop_can_be_interrupted_too() -> None:
    play(
        speaking(),
        when(CANCELLED),
        then(STOP),
        when(response_created("resp_2")),
        when(audio_delta(40, item_id="item_2", response_id="resp_2")),
        when(speech_started()),
        when(stopped(400)),
        then(truncates(400), truncates(0, item_id="item_2")),
    )


def test_an_engine_that_reports_too_much_is_not_believed() -> None:
    play(
        speaking(ms=100.5, heard_ms=50),
        when(speech_started()),
        then(STOP),
        when(stopped(5000)),
        then(truncates(100)),
    )


@pytest.mark.parametrize("ms", [float("nan"), -1.0])
def test_an_engine_that_reports_nonsense_changes_nothing(ms: float) -> None:
    play(
        speaking(heard_ms=50),
        when(PlaybackProgress("item_1", 0, ms)),
        when(PlaybackProgress("item_9", 3, 5.0)),
        when(PlaybackProgress("item_1", 0, 10.0, delay_ms=ms)),
        when(PlaybackStopped("item_1", 0, 70.0)),
        when(speech_started()),
        then(STOP),
        when(PlaybackStopped("item_1", 0, ms)),
        then(truncates(70)),
    )


def test_a_stop_where_nothing_played_cuts_at_what_was_heard_before() -> None:
    play(speaking(), when(speech_started()), then(STOP), when(PlaybackStopped()), then(truncates(300)))


def test_an_item_that_the_server_forgot_is_not_cut() -> None:
    play(
        speaking(),
        when(event("conversation.item.deleted", item_id="item_1")),
        when(heard(350)),
        when(speech_started()),
        then(STOP),
        when(stopped(400)),
    )


def test_a_truncate_that_is_refused_is_a_warning_only() -> None:
    session = speaking()
    listen(session, speech_started(), stopped(400), CANCELLED)
    notice = listen(
        session, refusal("invalid_value", "already shorter than 400ms", event_id="event_1")
    ).notices[-1]
    assert (notice.level, notice.code) == ("warning", "invalid_value")
    assert notice.cause is not None
    assert notice.cause.type == "conversation.item.truncate"


def test_a_server_that_says_nothing_to_a_truncate_keeps_nobody_waiting() -> None:
    session = speaking()
    listen(session, speech_started(), stopped(400), CANCELLED)
    assert session.expects_answers
    listen(session, UserText("hello"), item_added(message("msg_user_1", role="user")))
    listen(session, response_created("resp_2"), response_done("resp_2"))
    assert not session.expects_answers


def test_an_answer_beside_the_conversation_is_not_played() -> None:
    asks, sent = beside("x")
    play(
        voice_session(),
        when(asks),
        then(sent),
        when(response_created(conversation_id=None, metadata={"topic": "x"})),
        when(audio_delta(100)),
        when(speech_started()),
        when(response_done(conversation_id=None, status="cancelled")),
    )


def test_leaving_while_the_speaker_stops_says_first_what_waited() -> None:
    play(
        speaking(),
        when(UserText("bye")),
        then(STOP, CANCEL),
        when(QuitRequested()),
        then(truncates(300), says("bye"), Disconnect()),
    )


def test_without_a_connection_nothing_is_cut() -> None:
    session = speaking()
    view = play(
        session,
        when(ConnectionLost(1000, by_us=True)),
        when(UserText("hello?")),
        when(CancelRequested()),
    )
    assert not view.is_busy
    assert session.next_deadline() is None


def test_a_connection_that_ends_while_the_last_answer_is_heard_is_no_error() -> None:
    view = listen(speaking(), response_done(), ConnectionLost(1000))
    assert [notice.level for notice in view.notices] == ["info"]


@pytest.mark.parametrize("ready", [None, AudioReady("mic", "")])
def test_without_a_speaker_nothing_is_played_stopped_or_cut(ready: AudioReady | None) -> None:
    session = greeted()
    listen(session, *([ready] if ready else []))
    view = play(
        session,
        when(response_created()),
        when(audio_delta(100)),
        when(audio_done()),
        when(speech_started()),
        when(UserText("hello")),
        then(says("hello")),
        when(CancelRequested()),
        then(CANCEL),
        when(CANCELLED),
    )
    assert view.items[0].heard_ms is None
    assert not view.is_busy


def test_a_speaker_that_is_taken_away_goes_on_when_it_is_back() -> None:
    view = play(
        speaking(),
        when(AudioReady("mic", "")),
        when(audio_delta(100)),
        then(plays(100)),
        when(AudioReady("mic", "other"), at=LOST_TIMEOUT_S - 0.1),
        when(heard(400)),
        when(DeadlineReached(), at=LOST_TIMEOUT_S),
    )
    assert view.is_busy
    assert view.audio.speaker == "other"
    assert view.items[0].heard_ms == 400


def test_a_speaker_that_stays_away_leaves_the_rest_to_be_read() -> None:
    session = speaking()
    view = play(
        session,
        when(AudioReady("mic", "")),
        when(AudioReady("mic", ""), at=1),
        when(DeadlineReached(), at=LOST_TIMEOUT_S),
        then(STOP),
        when(stopped(300)),
        when(audio_delta(100)),
        when(AudioReady("mic", "other")),
        when(audio_delta(100)),
        when(response_done()),
        when(speech_started()),
    )
    assert not view.is_busy
    assert view.items[0].heard_ms == 300
    assert [notice.level for notice in view.notices] == ["info"]


def test_a_speaker_that_nobody_misses_is_given_up_without_a_word() -> None:
    session = voice_session()
    view = play(session, when(AudioReady("mic", "")), when(DeadlineReached(), at=LOST_TIMEOUT_S))
    assert session.next_deadline() is None
    assert not view.notices


def test_a_speaker_that_is_taken_away_while_it_stops_is_not_waited_for() -> None:
    play(speaking(), when(speech_started()), then(STOP), when(AudioReady("mic", "")), then(truncates(300)))


def test_the_view_shows_whether_there_is_speech_to_be_heard() -> None:
    session = speaking()
    assert session.view().audio.is_playing
    assert not listen(session, UserText("wait")).audio.is_playing
    assert session.view().is_busy


def test_a_late_answer_to_an_overdue_stop_does_not_answer_the_next_one() -> None:
    session = speaking()
    listen(session, speech_started())
    play(session, when(DeadlineReached(), at=1.5), then(truncates(300)))
    listen(
        session, CANCELLED, response_created("resp_2"), audio_delta(1000, item_id="b", response_id="resp_2")
    )
    play(
        session,
        when(heard(20, item_id="b"), at=2.0),
        when(speech_started()),
        then(STOP),
        when(stopped(320), at=2.1),
        when(stopped(80, item_id="b"), at=2.2),
        then(truncates(80, item_id="b")),
    )


def test_an_answer_is_not_given_up_by_speech_that_begins_before_its_end_is_told() -> None:
    session = speaking()
    play(
        session,
        when(UserText("hi")),
        then(STOP, sends("response.cancel", response_id="resp_1")),
        when(stopped(320)),
        then(truncates(320), says("hi")),
        when(speech_started()),
        when(CANCELLED),
        then(CREATE),
    )


def test_a_turn_that_was_said_before_the_interruption_gives_nothing_up() -> None:
    session = speaking()
    listen(session, COMMITTED, speech_started(), stopped(400), speech_started())
    assert session.is_busy


def test_what_comes_of_an_interrupted_answer_after_its_end_is_dropped_though_its_parts_are_forgotten() -> (
    None
):
    session = speaking()
    listen(session, speech_started(), stopped(400), CANCELLED)
    play(session, when(audio_delta(100)), when(audio_done()), when(audio_delta(100, item_id="item_2")))
    listen(session, response_created("resp_2"), audio_delta(100, item_id="b", response_id="resp_2"))
    play(
        session,
        when(speech_started()),
        then(STOP),
        when(stopped(0, item_id="b")),
        then(truncates(0, item_id="b")),
    )


def test_speech_is_forgotten_once_it_was_heard_cut_or_given_up() -> None:
    session = voice_session()
    for number in range(30):
        response_id, item_id = f"resp_{number}", f"forgotten_{number}"
        delta = audio_delta(100, item_id=item_id, response_id=response_id)
        listen(session, response_created(response_id), delta, response_done(response_id))
        end = (heard(100, item_id=item_id), speech_started(), AudioReady("mic", ""))[number % 3]
        listen(session, end, stopped(50, item_id=item_id))
        if number % 3 == 2:
            play(session, when(DeadlineReached(), at=100.0 * number), then(STOP), when(BOTH))
    parts = [held for held in gc.get_objects() if isinstance(held, SpokenPart)]
    assert not [part for part in parts if part.id.item_id.startswith("forgotten_")]


def test_more_than_an_hour_that_nobody_has_heard_is_not_queued() -> None:
    session, minute = voice_session(audio={"output": {"format": {"type": "audio/pcmu"}}}), bytes(480_000)
    listen(session, response_created())
    for _ in range(60):
        assert session.receive(audio_delta(minute), 1.0)
    play(session, when(audio_delta(minute)), when(audio_delta(minute, item_id="item_2")))
    view = play(session, when(response_done()), then(finishes()))
    assert [notice.text for notice in view.notices] == [
        "an hour of speech is unheard: the rest of the answer is to be read only"
    ]
    assert not listen(session, heard(3_600_000)).audio.is_playing
    listen(session, response_created("resp_2"))
    assert session.receive(audio_delta(minute, response_id="resp_2", item_id="b"), 2.0)
