"""The limits of a session: told in time, and kept politely."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime_cli.core.cost import Rates
from realtime_cli.core.effects import Connect, Disconnect, Effect, FinishAudio, PlayAudio, StopPlayback
from realtime_cli.core.inputs import (
    AudioReady,
    CancelRequested,
    ConnectionFailed,
    ConnectionLost,
    ConnectionOpened,
    DeadlineReached,
    LocalInput,
    Marked,
    MicrophoneBlock,
    PlaybackProgress,
    PlaybackStopped,
    QuitRequested,
    SessionInput,
    TalkStarted,
    ToolFinished,
    UserText,
    from_json,
    to_json,
)
from realtime_cli.core.limits import LAST_ANSWER_S, LAST_CANCEL_S
from realtime_cli.core.session import Session
from realtime_cli.core.terms import Terms, terms_from_json, terms_to_json
from realtime_cli.core.view import Notice
from realtime_cli.protocol.codec import ServerEvent
from realtime_cli.protocol.encoding import PCM_24K
from tests.support.builders import (
    event,
    function_call,
    response_created,
    response_done,
    says,
    sends,
    text_delta,
)
from tests.support.playbook import play, then, when

PRICES = {"tokens": Rates(text_in=100.0, text_out=100.0), "minutes": Rates(per_minute=0.60)}
TICK = DeadlineReached()


def spends(usd: float, response_id: str = "resp_1") -> ServerEvent:
    """The end of an answer of that price."""
    tokens = round(usd * 10_000)
    details = {"text_tokens": tokens}
    usage = {"input_tokens": tokens, "output_tokens": 0, "input_token_details": details}
    return response_done(response_id, usage=usage)


def opened(
    terms: Terms, *, model: str | None = "tokens", reconnects: bool = False, **config: object
) -> Session:
    """A session that was opened and greeted at 0 s."""
    session = Session(terms=terms, reconnects=reconnects)
    session.receive(ConnectionOpened(), 0.0)
    session.receive(event("session.created", session={"type": "realtime", "model": model, **config}), 0.0)
    return session


def money(usd: float, **more: float) -> Terms:
    return Terms(prices=PRICES, max_usd=usd, **more)


def told(session: Session) -> list[str]:
    return [notice.text for notice in session.view().notices]


def go(session: Session, until: float) -> list[tuple[float, list[Effect]]]:
    """Meets every deadline up to a time, and gives what was done; each one must be met only once."""
    done: list[tuple[float, list[Effect]]] = []
    while (at := session.next_deadline()) is not None and at <= until:
        done.append((at, session.receive(TICK, at)))
        following = session.next_deadline()
        assert following is None or following > at
    return done


def test_without_limits_nothing_is_due() -> None:
    session = opened(Terms())
    assert session.next_deadline() is None
    assert session.view().ends_s is None


def test_a_limit_of_time_is_told_of_once_and_ends_a_quiet_session() -> None:
    session = opened(Terms(max_s=600.0))
    assert go(session, 1000.0) == [(480.0, []), (600.0, [Disconnect()])]
    assert told(session) == [
        "--max-minutes 10: the session ends in 2 min",
        "--max-minutes 10 is reached: no new answers; $0.00 spent in 10 min",
    ]
    assert {(notice.level, notice.code) for notice in session.view().notices} == {("warning", "limit")}
    assert session.next_deadline() is None


def test_who_leaves_during_the_last_answer_says_nothing_new() -> None:
    session = opened(Terms(max_s=600.0))
    session.receive(response_created(), 590.0)
    session.receive(TICK, 600.0)
    play(session, when(QuitRequested(), at=601.0), then(Disconnect()))


def test_a_limit_of_money_is_told_of_once_and_ends_the_session_behind_the_answer() -> None:
    session = opened(money(1.0))
    play(
        session,
        when(spends(0.5, "resp_1")),
        when(spends(0.35, "resp_2")),
        when(Marked()),
        when(spends(0.5, "resp_3"), at=5.0),
        then(Disconnect()),
        when(Marked()),
    )
    assert told(session) == [
        "--max-cost 1: $0.85 of $1.00 spent",
        "mark",
        "--max-cost 1 is reached: no new answers; $1.35 spent in 5 s",
        "mark",
    ]


def test_a_limit_that_is_passed_in_one_step_is_told_of_once() -> None:
    session = opened(money(1.0))
    play(session, when(spends(3.0)), then(Disconnect()))
    assert told(session) == ["--max-cost 1 is reached: no new answers; $3.00 spent in 0 s"]


def test_of_two_limits_the_first_one_ends_the_session() -> None:
    session = opened(money(1.0, max_s=60.0))
    session.receive(response_created(), 59.0)
    session.receive(TICK, 60.0)
    assert session.receive(spends(3.0), 61.0) == [Disconnect()]
    assert told(session) == [
        "--max-minutes 1: the session ends in 12 s",
        "--max-minutes 1 is reached: no new answers; $0.00 spent in 1 min",
    ]


def test_a_model_that_is_billed_by_time_reaches_the_limit_of_money_by_itself() -> None:
    session = opened(money(1.0), model="minutes")
    assert go(session, 200.0) == [(pytest.approx(80.0), []), (pytest.approx(100.0), [Disconnect()])]
    assert told(session) == [
        "--max-cost 1: $0.80 of $1.00 spent",
        "--max-cost 1 is reached: no new answers; $1.00 spent in 1 min 40 s",
    ]


def test_at_the_limit_the_running_answer_may_end() -> None:
    play(
        opened(Terms(max_s=60.0)),
        when(UserText("hello"), at=50.0),
        then(says("hello"), sends("response.create")),
        when(response_created()),
        when(TICK, at=60.0),
        when(text_delta("Hi"), at=70.0),
        when(response_done()),
        then(Disconnect()),
    )


def test_at_the_limit_the_running_answer_may_be_heard_to_its_end() -> None:
    place = {"response_id": "resp_1", "item_id": "item_1"}
    play(
        opened(Terms(max_s=60.0)),
        when(AudioReady("", "speaker"), at=50.0),
        when(response_created()),
        when(event("response.output_audio.delta", delta="AAAA" * 1600, **place)),
        then(PlayAudio("item_1", 0, bytes(4800), PCM_24K)),
        when(event("response.output_audio.done", **place)),
        then(FinishAudio("item_1", 0)),
        when(response_done()),
        when(TICK, at=60.0),
        when(PlaybackProgress("item_1", 0, 50.0), at=60.1),
        when(PlaybackProgress("item_1", 0, 100.0), at=60.2),
        then(Disconnect()),
    )


def test_at_the_limit_nothing_new_is_said() -> None:
    session = opened(Terms(max_s=60.0))
    call = function_call("fc_1", arguments="{}")
    view = play(
        session,
        when(response_created(), at=59.0),
        when(TICK, at=60.0),
        when(UserText("one more"), at=61.0),
        when(event("response.output_item.done", response_id="resp_1", item=call)),
        when(ToolFinished("call_1", "12"), at=62.0),
        when(response_done(output=[call]), at=63.0),
        then(Disconnect()),
    )
    assert view.notices[-1].text == "not sent: the session is ending"


def test_at_the_limit_the_microphone_is_closed() -> None:
    session = opened(Terms(max_s=60.0))
    session.receive(AudioReady("microphone", ""), 1.0)
    assert session.view().audio.is_listening
    assert session.receive(MicrophoneBlock(bytes(960)), 2.0) != []
    session.receive(response_created(), 59.0)
    session.receive(TICK, 60.0)
    assert not session.view().audio.is_listening
    assert session.receive(MicrophoneBlock(bytes(960)), 61.0) == []
    assert session.receive(TalkStarted(), 61.0) == []


def test_an_answer_that_does_not_end_is_cancelled_and_then_we_leave() -> None:
    session = opened(Terms(max_s=60.0))
    play(
        session,
        when(response_created(), at=59.0),
        when(TICK, at=60.0),
        when(TICK, at=90.0),
        then(sends("response.cancel", response_id="resp_1")),
        when(response_done(status="cancelled"), at=90.5),
        then(Disconnect()),
    )
    assert "the last answer took more than 30 s: it is stopped" in told(session)


def test_an_answer_that_sounds_too_long_is_silenced_and_cut_before_we_leave() -> None:
    place = {"response_id": "resp_1", "item_id": "item_1"}
    play(
        opened(Terms(max_s=60.0)),
        when(AudioReady("", "speaker"), at=50.0),
        when(response_created()),
        when(event("response.output_audio.delta", delta="AAAA" * 1600, **place)),
        then(PlayAudio("item_1", 0, bytes(4800), PCM_24K)),
        when(PlaybackProgress("item_1", 0, 20.0)),
        when(TICK, at=60.0),
        when(TICK, at=90.0),
        then(StopPlayback(), sends("response.cancel", response_id="resp_1")),
        when(response_done(status="cancelled"), at=90.1),
        when(PlaybackStopped("item_1", 0, 25.0), at=90.2),
        then(
            sends("conversation.item.truncate", item_id="item_1", content_index=0, audio_end_ms=25),
            Disconnect(),
        ),
    )


def test_a_server_that_ignores_the_cancellation_is_left_all_the_same() -> None:
    session = opened(Terms(max_s=60.0))
    session.receive(response_created(), 59.0)
    done = go(session, 200.0)
    assert [(at, len(effects)) for at, effects in done] == [(60.0, 0), (90.0, 1), (93.0, 1)]
    assert done[-1][1] == [Disconnect()]


def test_a_session_that_was_never_greeted_ends_at_its_limit_too() -> None:
    session = Session(terms=Terms(max_s=2.0))
    session.receive(ConnectionOpened(), 0.0)
    assert session.receive(Marked(), 2.0) == [Disconnect()]


def test_before_and_after_the_connection_no_limit_matters() -> None:
    session = Session(terms=Terms(max_s=2.0, server_limit_s=100.0))
    assert session.receive(Marked(), 5.0) == []
    session = opened(Terms(max_s=2.0))
    session.receive(ConnectionLost(1000), 1.0)
    assert session.receive(Marked(), 5.0) == []
    assert session.next_deadline() is None


def away(terms: Terms, *happened: SessionInput, model: str = "tokens") -> Session:
    """A session that has lost its connection at 50 s."""
    session = opened(terms, model=model, reconnects=True)
    for each in happened:
        session.receive(each, 40.0)
    session.receive(ConnectionLost(1006), 50.0)
    return session


@pytest.mark.parametrize("is_under_way", [False, True])
def test_a_session_without_a_connection_ends_at_its_limit_of_time_too(is_under_way: bool) -> None:
    session = away(Terms(max_s=60.0))
    tries: list[Effect] = []
    while (at := session.next_deadline()) is not None and at < 60.0:
        tries += session.receive(TICK, at)
        if not is_under_way:
            session.receive(ConnectionFailed("refused"), at)
    assert set(tries) == {Connect()}
    assert session.next_deadline() == 60.0
    view = play(session, when(TICK, at=60.0), then(Disconnect()), when(Marked(), at=99.0))
    assert (view.connection, view.closed_by_us, session.next_deadline()) == ("closed", True, None)
    assert told(session)[-2] == "--max-minutes 1 is reached: no new answers; $0.00 spent in 50 s"


def test_without_a_connection_the_end_of_the_time_is_told_before_too() -> None:
    session = away(Terms(max_s=65.0))
    assert go(session, 53.0)[-1] == (52.0, [])
    assert told(session)[-1] == "--max-minutes 1.08333: the session ends in 13 s"


def away_in_mid_answer(terms: Terms) -> Session:
    """The connection is lost, and the speaker still has sound."""
    place = {"response_id": "resp_1", "item_id": "item_1"}
    sound = event("response.output_audio.delta", delta="AAAA" * 16000, **place)
    return away(terms, AudioReady("", "speaker"), response_created(), sound)


def test_without_a_connection_what_has_come_is_heard_to_its_end_and_no_other_one_is_tried() -> None:
    session = away_in_mid_answer(Terms(max_s=50.2))
    play(
        session,
        when(PlaybackProgress("item_1", 0, 100.0), at=50.1),
        when(TICK, at=50.2),
        when(UserText("still there?"), at=50.3),
        then(StopPlayback()),
        when(PlaybackStopped("item_1", 0, 305.0), at=50.4),
        then(Disconnect()),
    )
    assert told(session)[-2:] == [
        "--max-minutes 0.836667 is reached: no new answers; $0.00 spent in 50 s",
        "not sent: the session is ending",
    ]


def test_a_try_that_fails_at_the_limit_is_the_last_one() -> None:
    session = away_in_mid_answer(Terms(max_s=51.0))
    play(
        session,
        when(TICK, at=50.5),
        then(Connect()),
        when(PlaybackProgress("item_1", 0, 500.0), at=50.8),
        when(TICK, at=51.0),
        when(ConnectionFailed("refused", is_final=True), at=51.1),
        when(PlaybackProgress("item_1", 0, 1000.0), at=51.4),
        then(Disconnect()),
    )
    assert session.view().closed_by_us


def test_a_connection_that_comes_about_at_the_limit_is_left_at_once() -> None:
    session = away(Terms(max_s=51.0))
    play(session, when(TICK, at=50.5), then(Connect()), when(ConnectionOpened(), at=51.0), then(Disconnect()))


def test_without_a_connection_no_money_is_spent_and_no_server_ends_the_session() -> None:
    session = away(money(0.6, server_limit_s=120.0), model="minutes")
    play(session, when(TICK, at=50.5), then(Connect()), when(Marked(), at=500.0))
    assert told(session) == [
        "the connection broke (close code 1006); connecting again",
        "mark",
    ]


@pytest.mark.parametrize(
    ("model", "usage", "what"),
    [
        ("other", None, "the price of other"),
        (None, {"input_tokens": 1}, "the price of the model"),
        ("tokens", {}, "what the server bills"),
    ],
)
def test_a_limit_of_money_that_cannot_be_kept_is_told_of_once(
    model: str | None, usage: dict[str, int] | None, what: str
) -> None:
    session = opened(money(0.5), model=model)
    for number in range(3):
        session.receive(response_done(f"resp_{number}", usage=usage), 1.0)
    (text,) = told(session)
    assert text == f"--max-cost 0.5 cannot be kept: {what} is not known"
    assert "--prices" in session.view().notices[0].hint


def test_the_servers_own_end_is_told_of_five_minutes_and_one_minute_before() -> None:
    session = opened(Terms(started_unix_s=1_000.0), expires_at=4_600)
    assert session.view().ends_s == 3_600.0
    assert go(session, 10_000.0) == [(3_300.0, []), (3_540.0, [])]
    assert told(session) == [
        "the server ends this session in 5 min",
        "the server ends this session in 1 min",
    ]


def test_a_server_that_does_not_tell_its_end_has_the_one_that_is_known_of_it() -> None:
    session = opened(Terms(server_limit_s=120.0))
    assert session.view().ends_s == 120.0
    assert go(session, 10_000.0) == [(60.0, [])]


def test_a_late_look_tells_everything_that_was_due() -> None:
    session = opened(Terms(server_limit_s=3_600.0))
    session.receive(Marked("late"), 3_590.0)
    assert len(told(session)) == 3
    assert session.next_deadline() is None


THINGS = st.one_of(
    st.builds(UserText, st.text(max_size=3)),
    st.sampled_from(
        [
            AudioReady("m", "s"),
            CancelRequested(),
            TICK,
            Marked(),
            QuitRequested(),
            ConnectionLost(1006),
            ConnectionFailed("refused"),
            event("session.updated", session={"type": "realtime", "model": "minutes", "expires_at": 1_030}),
            response_created("resp_1"),
            event("response.output_audio.delta", delta="AAAA", response_id="resp_1", item_id="item_1"),
            response_done("resp_1"),
            spends(0.3, "resp_2"),
            spends(0.9, "resp_3"),
            response_done("resp_4", status="failed", usage={}),
        ]
    ),
)
TERMS = st.builds(
    Terms,
    prices=st.just(PRICES),
    max_usd=st.none() | st.floats(0.01, 2.0),
    max_s=st.none() | st.floats(0.5, 60.0),
    server_limit_s=st.none() | st.just(90.0),
    started_unix_s=st.none() | st.just(1_000.0),
)


@settings(deadline=None)
@given(TERMS, st.lists(st.tuples(THINGS, st.floats(0.0, 20.0)), max_size=25), st.booleans())
def test_a_replay_with_the_same_terms_is_equal(
    terms: Terms, happened: list[tuple[SessionInput, float]], reconnects: bool
) -> None:
    live, log, now = opened(terms, reconnects=reconnects), list[tuple[SessionInput, float]](), 0.0
    for each, pause_s in happened:
        now += pause_s
        for at, _ in go_by(live, now):
            log.append((TICK, at))
        live.receive(each, now)
        log.append((each, now))
    replayed = opened(terms_from_json(terms_to_json(terms)), reconnects=reconnects)
    for each, at in log:
        replayed.receive(again(each), at)
    assert replayed.view() == live.view()
    assert replayed.next_deadline() == live.next_deadline()
    assert sum(notice.text.endswith("spent") for notice in user_limits(live)) <= 1
    assert sum("is reached" in notice.text for notice in user_limits(live)) <= 1


@settings(deadline=None)
@given(st.lists(st.tuples(THINGS | st.just(ConnectionLost(1006)), st.floats(0.0, 20.0))), st.booleans())
def test_whatever_happens_a_session_ends_soon_after_its_limit_of_time(
    happened: list[tuple[SessionInput, float]], reconnects: bool
) -> None:
    session, now, done = opened(Terms(max_s=60.0), reconnects=reconnects), 0.0, list[Effect]()
    for each, pause_s in [*happened, (Marked(), 60.0 + LAST_ANSWER_S + LAST_CANCEL_S)]:
        now += pause_s
        for _, effects in go_by(session, now):
            done += effects
        done += session.receive(each, now)
    assert session.connection == "closed" or Disconnect() in done


def go_by(session: Session, until: float) -> list[tuple[float, list[Effect]]]:
    """Meets every deadline up to a time; there is an end to them."""
    done: list[tuple[float, list[Effect]]] = []
    while (at := session.next_deadline()) is not None and at <= until:
        done.append((at, session.receive(TICK, at)))
        assert len(done) < 50
    return done


def again(happened: SessionInput) -> SessionInput:
    """The input as a log would give it back."""
    local = from_json(to_json(happened)) if isinstance(happened, LocalInput) else None
    return happened if local is None else local


def user_limits(session: Session) -> list[Notice]:
    return [notice for notice in session.view().notices if notice.code == "limit"]
