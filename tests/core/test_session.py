"""The connection, the greeting, typed turns, cancelling, and leaving."""

from __future__ import annotations

import pytest

from realtime_cli.core.effects import Disconnect, SendEvent
from realtime_cli.core.inputs import (
    CancelRequested,
    ConnectionLost,
    ConnectionOpened,
    DeadlineReached,
    EventSent,
    Marked,
    QuitRequested,
    ToolFinished,
    UserEvent,
    UserItem,
    UserText,
)
from realtime_cli.core.patience import PATIENCE_S
from realtime_cli.core.session import GREETING_TIMEOUT_S, Session
from realtime_cli.core.view import MARK_CODE
from realtime_cli.protocol.client_events import InputAudioBufferAppend
from realtime_cli.protocol.codec import MalformedEvent, ServerEvent, UnknownEvent, decode_client
from realtime_cli.protocol.translation import SessionInputAudioBufferAppend
from tests.support.builders import (
    event,
    function_call,
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


def test_after_the_greeting_comes_the_session_update_and_then_what_was_typed_before() -> None:
    view = play(
        Session({"instructions": "Be brief."}),
        when(UserText("hello")),
        when(ConnectionOpened()),
        when(UserEvent('{"type":"x.y"}')),
        when(event("session.created", session={"id": "sess_1", "type": "realtime", "model": "m"}), at=0.2),
        then(
            sends("session.update", session={"type": "realtime", "instructions": "Be brief."}),
            says("hello"),
            CREATE,
            sends_raw('{"type":"x.y"}'),
        ),
    )
    assert (view.connection, view.session_id, view.model) == ("open", "sess_1", "m")
    assert view.is_busy


def test_without_a_configuration_nothing_is_sent_after_the_greeting() -> None:
    play(Session(), when(ConnectionOpened()), when(event("session.created")))


def test_a_transcription_session_is_asked_for_as_one() -> None:
    play(
        Session({"type": "transcription", "audio": {"input": {"turn_detection": None}}}),
        when(ConnectionOpened()),
        when(event("session.created")),
        then(
            sends(
                "session.update",
                session={"type": "transcription", "audio": {"input": {"turn_detection": None}}},
            )
        ),
    )


def test_a_configuration_that_fits_no_model_is_left_for_the_server_to_judge() -> None:
    session = Session({"audio": 5})
    session.receive(ConnectionOpened(), 0.0)
    (effect,) = session.receive(event("session.created"), 0.0)
    assert isinstance(effect, SendEvent)
    assert isinstance(effect.event, MalformedEvent)
    assert '"audio": 5' in effect.event.to_json()


def test_a_server_that_does_not_greet_is_spoken_to_after_the_deadline() -> None:
    session = Session()
    session.receive(ConnectionOpened(), 1.0)
    session.receive(UserText("hello"), 1.5)
    assert session.next_deadline() == 1.0 + GREETING_TIMEOUT_S
    effects = session.receive(DeadlineReached(), 1.0 + GREETING_TIMEOUT_S)
    assert [e.event.type for e in effects if isinstance(e, SendEvent)] == [
        "conversation.item.create",
        "response.create",
    ]
    (notice,) = session.view().notices
    assert (notice.level, notice.text) == ("warning", "the server did not greet; speaking first")
    assert session.next_deadline() == 1.0 + GREETING_TIMEOUT_S + PATIENCE_S


@pytest.mark.parametrize(
    "greeting",
    [
        event("session.created"),
        event("session.created", session=None),
        event("session.created", session={"id": "sess_1", "voice": "Ara"}),
        event("conversation.created", conversation={"id": "conv_1"}),
        event("transcription_session.created", session={"id": "sess_1"}),
        refusal("model_load_error"),
        event("ping"),
    ],
    ids=lambda greeting: f"{greeting.type}",
)
def test_whatever_a_server_says_first_is_its_greeting(greeting: ServerEvent) -> None:
    session = Session()
    session.receive(UserText("hello"), 0.0)
    session.receive(ConnectionOpened(), 0.0)
    assert len(session.receive(greeting, 0.1)) == 2


def test_a_deadline_that_nobody_waits_for_changes_nothing() -> None:
    fresh = Session()
    fresh.receive(DeadlineReached(), 5.0)
    assert fresh.view() == Session().view()
    session = greeted()
    before = session.view()
    assert session.receive(DeadlineReached(), 9.0) == []
    assert session.view() == before


def test_a_text_turn_from_typing_to_done() -> None:
    session = greeted()
    view = play(
        session,
        when(UserText("hello"), at=1.0),
        then(says("hello"), CREATE),
        when(event("conversation.item.added", item={"id": "msg_user_1", "type": "message", "role": "user"})),
        when(response_created(), at=1.1),
        when(text_delta("Hi"), at=1.3),
        when(text_delta(" there.")),
        when(event("response.output_text.done", item_id="item_1", response_id="resp_1", text="Hi there.")),
        when(response_done(usage={"input_tokens": 5, "output_tokens": 2}), at=1.4),
    )
    assert [(item.role, item.text) for item in view.items] == [("user", ""), ("assistant", "Hi there.")]
    assert (view.turns, view.tokens.total, view.is_busy) == (1, 7, False)
    assert view.counters.events_out == 2
    assert not session.expects_answers


def test_a_turn_that_is_more_than_text_is_said_as_it_is_and_answered() -> None:
    item = '{"type":"message","role":"user","content":[{"type":"input_image","image_url":"data:,"}]}'
    play(
        greeted(),
        when(UserItem(item)),
        then(sends_raw(f'{{"type":"conversation.item.create","item":{item}}}'), CREATE),
    )


@pytest.mark.parametrize(("label", "text"), [("here", "mark: here"), ("", "mark")])
def test_a_moment_can_be_marked(label: str, text: str) -> None:
    view = play(greeted(), when(Marked(label), at=2.0))
    assert [(notice.at_s, notice.text, notice.code) for notice in view.notices] == [(2.0, text, MARK_CODE)]


def test_texts_that_were_typed_at_once_are_all_said_and_answered_one_after_the_other() -> None:
    play(
        greeted(),
        when(UserText("one")),
        then(says("one"), CREATE),
        when(UserText("two")),
        then(says("two", item_id="msg_user_2")),
        when(UserText("three")),
        then(says("three", item_id="msg_user_3")),
        when(response_created()),
        when(response_done()),
        then(CREATE),
        when(response_created("resp_2")),
        when(response_done("resp_2")),
    )


def test_every_event_that_goes_out_has_an_id_of_its_own() -> None:
    session = greeted(instructions="x")
    listen(session, UserText("one"), UserText("two"))
    session.receive(refusal("conversation_already_has_active_response"), 0.0)
    effects = session.receive(UserText("three"), 0.0) + session.receive(response_done("resp_0"), 0.0)
    ids = [effect.event.event_id for effect in effects if isinstance(effect, SendEvent)]
    assert len(ids) == len(set(ids)) == 2
    assert None not in ids


def test_a_text_that_is_no_unicode_is_no_reason_to_fail() -> None:
    (item, _) = greeted().receive(UserText("a\ud800"), 0.0)
    assert isinstance(item, SendEvent)
    assert "a\\ud800" in item.event.to_json()


@pytest.mark.parametrize("raw", ['{"type":"no.such.event","x":1}', "not JSON", "[1]", '{"type": 5}', ""])
def test_an_event_by_hand_is_sent_as_it_is(raw: str) -> None:
    (effect,) = greeted().receive(UserEvent(raw), 0.0)
    assert isinstance(effect, SendEvent)
    assert effect.raw == raw
    assert isinstance(effect.event, UnknownEvent | MalformedEvent)


def test_an_event_by_hand_counts_like_any_other() -> None:
    session = greeted()
    view = listen(session, UserEvent('{"type":"response.create"}'))
    assert view.is_busy
    assert view.counters.events_out == 1
    assert session.expects_answers


def test_cancelling_names_the_answer_and_drops_what_was_not_said() -> None:
    play(
        greeted(),
        when(UserText("one")),
        then(says("one"), CREATE),
        when(response_created()),
        when(UserText("two")),
        then(says("two", item_id="msg_user_2")),
        when(CancelRequested()),
        then(sends("response.cancel", response_id="resp_1")),
        when(response_done(status="cancelled", status_details={"reason": "client_cancelled"})),
    )


def test_cancelling_an_answer_without_a_name_names_none() -> None:
    play(
        greeted(),
        when(UserText("one")),
        then(says("one"), CREATE),
        when(CancelRequested()),
        then(sends("response.cancel")),
        when(response_created(None)),
        when(CancelRequested()),
        then(sends("response.cancel")),
    )


def test_cancelling_where_nothing_is_active_sends_nothing() -> None:
    play(greeted(), when(CancelRequested()))


def test_cancelling_before_the_greeting_only_drops_what_was_typed() -> None:
    play(
        Session(),
        when(ConnectionOpened()),
        when(UserText("hello")),
        when(EventSent(decode_client('{"type":"response.create"}'))),
        when(CancelRequested()),
        when(event("session.created")),
    )


def test_cancelling_drops_the_answer_to_a_call_too() -> None:
    done = event("response.output_item.done", response_id="resp_1", item=function_call("fc_1"))
    output = {"type": "function_call_output", "call_id": "call_1", "output": "12"}
    play(
        greeted(),
        when(response_created()),
        when(done),
        when(ToolFinished("call_1", "12")),
        then(sends("conversation.item.create", item=output)),
        when(CancelRequested()),
        then(sends("response.cancel", response_id="resp_1")),
        when(response_done(status="cancelled")),
    )


def test_a_useless_cancel_is_only_worth_an_info() -> None:
    view = listen(
        greeted(),
        UserEvent('{"type":"response.cancel","event_id":"mine"}'),
        refusal("response_cancel_not_active", "Cancellation failed", event_id="mine"),
    )
    (notice,) = view.notices
    assert (notice.level, notice.code) == ("info", "response_cancel_not_active")
    assert notice.cause is not None
    assert (notice.cause.type, notice.cause.certain) == ("response.cancel", True)


def test_an_answer_that_the_server_does_not_know_ends_when_cancelling_it_fails() -> None:
    session = greeted()
    view = play(
        session,
        when(response_created()),
        when(text_delta("Hi")),
        when(UserText("still there?")),
        then(says("still there?")),
        when(CancelRequested()),
        then(sends("response.cancel", response_id="resp_1")),
        when(refusal("response_cancel_not_active")),
    )
    assert not view.is_busy
    assert view.responses[0].why == "the server never ended it"
    assert [item.status for item in view.items] == ["incomplete"]


def test_a_late_refusal_to_cancel_does_not_touch_the_next_answer() -> None:
    view = listen(
        greeted(),
        response_created(),
        CancelRequested(),
        response_done(),
        response_created("resp_2"),
        refusal("response_cancel_not_active"),
    )
    assert [response.status for response in view.responses] == ["completed", "in_progress"]


def test_quitting_disconnects() -> None:
    play(greeted(), when(QuitRequested()), then(Disconnect()))
    play(Session(), when(QuitRequested()), then(Disconnect()))


def test_quitting_before_the_greeting_says_what_waits_for_it_first() -> None:
    play(
        Session(),
        when(ConnectionOpened()),
        when(UserEvent('{"type":"input_audio_buffer.clear"}')),
        when(QuitRequested()),
        then(sends_raw('{"type":"input_audio_buffer.clear"}'), Disconnect()),
    )


def test_a_connection_lost_in_an_answer_ends_it_and_is_an_error_even_with_code_1000() -> None:
    session = greeted()
    listen(session, UserText("hello"), response_created(), text_delta("Hi"), event("ping"))
    view = listen(session, ConnectionLost(1000, "bye"))
    assert (view.connection, view.close_code, view.close_reason) == ("closed", 1000, "bye")
    assert not view.is_busy
    (response,) = view.responses
    assert (response.status, response.why) == ("incomplete", "the connection was lost")
    assert view.items[-1].status == "incomplete"
    assert (view.notices[-1].level, view.notices[-1].code) == ("error", "1000")


def test_after_the_connection_nothing_is_sent_and_nobody_waits() -> None:
    session = greeted()
    listen(session, response_created(), ConnectionLost(1006))
    assert session.receive(UserText("hello?"), 1.0) == []
    assert session.receive(response_done(), 1.0) == []
    assert session.next_deadline() is None
    assert not session.view().is_busy


@pytest.mark.parametrize(
    ("lost", "level", "words"),
    [
        (ConnectionLost(1000, "done"), "info", "the server ended the session (close code 1000): done"),
        (ConnectionLost(1001), "error", "the server went away or ended the session (close code 1001)"),
        (ConnectionLost(None), "error", "the connection broke without a close frame"),
        (ConnectionLost(4321, "why"), "error", "closed (close code 4321): why"),
    ],
)
def test_a_closed_connection_is_told_in_words(lost: ConnectionLost, level: str, words: str) -> None:
    (notice,) = listen(greeted(), lost).notices
    assert (notice.level, notice.text) == (level, words)


def test_a_refused_key_is_told_once() -> None:
    refused = event("error", error={"type": "x", "code": "invalid_api_key", "message": "No."})
    (notice,) = listen(greeted(), refused, ConnectionLost(3000, "not authorized")).notices
    assert (notice.level, notice.code) == ("error", "invalid_api_key")
    (notice,) = listen(greeted(), ConnectionLost(3000, "not authorized")).notices
    assert (notice.level, notice.code) == ("error", "3000")


def test_leaving_by_ourselves_is_no_news() -> None:
    view = listen(greeted(), response_created(), ConnectionLost(1000, by_us=True))
    assert view.notices == ()
    assert view.closed_by_us


def test_an_expired_session_is_an_error_and_no_success() -> None:
    view = listen(
        greeted(),
        refusal("session_expired", "Your session hit the maximum duration of 60 minutes."),
        ConnectionLost(1001, "expired"),
    )
    assert [(notice.level, notice.code) for notice in view.notices] == [
        ("error", "session_expired"),
        ("error", "1001"),
    ]
    assert view.notices[0].hint
    assert not view.closed_by_us


def test_audio_that_goes_out_is_counted_in_bytes() -> None:
    view = listen(
        Session(),
        EventSent(InputAudioBufferAppend(audio="AAAA")),
        EventSent(SessionInputAudioBufferAppend(audio="AAA=")),
    )
    assert (view.counters.audio_out_bytes, view.counters.events_out) == (5, 2)


def test_events_of_a_recording_are_noted_but_nothing_is_sent() -> None:
    session = Session({"instructions": "x"})
    view = play(
        session,
        when(EventSent(decode_client('{"type":"session.update","session":{"instructions":"y"}}'))),
        when(event("session.updated", session={"type": "realtime", "instructions": "y"})),
        when(EventSent(decode_client('{"type":"response.create"}'))),
    )
    assert view.connection == "connecting"
    assert view.is_busy
