"""What answers cost, and how long people waited for them."""

from __future__ import annotations

import pytest

from realtime_cli.core.inputs import ConnectionLost, SessionInput, ToolFinished, UserEvent, UserText
from realtime_cli.core.metrics import decoded_bytes
from realtime_cli.core.session import Session
from realtime_cli.core.view import Marks, RateLimitView, TokenCounts
from tests.support.builders import event, function_call, greeted, response_created, response_done, text_delta
from tests.support.playbook import listen

SPEECH_STOPPED = event("input_audio_buffer.speech_stopped", audio_end_ms=900, item_id="user_1")
COMMITTED = event("input_audio_buffer.committed", item_id="user_1")
AUDIO = event("response.output_audio.delta", response_id="resp_1", item_id="item_1", delta="AAAA")
FULL_USAGE = {
    "total_tokens": 300,
    "input_tokens": 200,
    "output_tokens": 100,
    "input_token_details": {
        "text_tokens": 110,
        "audio_tokens": 80,
        "image_tokens": 10,
        "cached_tokens": 64,
        "cached_tokens_details": {"text_tokens": 60, "audio_tokens": 3, "image_tokens": 1},
    },
    "output_token_details": {"text_tokens": 30, "audio_tokens": 70},
}


def timed(session: Session, *steps: tuple[float, SessionInput]) -> Marks:
    """The marks of the last answer, after steps at their times."""
    for at, happened in steps:
        session.receive(happened, at)
    return session.view().responses[-1].marks


@pytest.mark.parametrize(
    ("usage", "counts"),
    [
        (None, None),
        ({}, None),
        ({"total_tokens": 0, "input_tokens": 0, "output_tokens": 0}, TokenCounts()),
        ({"input_tokens": 5, "output_tokens": None, "input_token_details": None}, TokenCounts(input=5)),
        (
            FULL_USAGE,
            TokenCounts(
                input=200,
                output=100,
                input_text=110,
                input_audio=80,
                input_image=10,
                cached=64,
                cached_text=60,
                cached_audio=3,
                cached_image=1,
                output_text=30,
                output_audio=70,
            ),
        ),
    ],
    ids=["null", "empty", "zeros", "partly", "full"],
)
def test_usage_is_counted_by_direction_and_kind(usage: object, counts: TokenCounts | None) -> None:
    view = listen(greeted(), response_created(), response_done(usage=usage))
    assert view.responses[0].usage == counts
    assert view.tokens == (counts or TokenCounts())


def test_tokens_of_all_answers_add_up() -> None:
    view = listen(
        greeted(),
        response_done("resp_1", usage=FULL_USAGE),
        response_done("resp_2", usage={}),
        response_done("resp_3", usage=FULL_USAGE),
    )
    assert (view.tokens.total, view.tokens.cached, view.tokens.output_audio) == (600, 128, 140)


def test_rate_limits_are_known_by_name_and_brought_up_to_date() -> None:
    view = listen(
        greeted(),
        event("rate_limits.updated", rate_limits=[{"name": "requests", "limit": 10, "remaining": 9}]),
        event("rate_limits.updated"),
        event(
            "rate_limits.updated",
            rate_limits=[{"name": "tokens", "remaining": 5, "reset_seconds": 0.5}, {"remaining": 1}],
        ),
        event("rate_limits.updated", rate_limits=[{"name": "requests", "limit": 10, "remaining": 8}]),
    )
    assert view.rate_limits == (
        RateLimitView("requests", 10, 8, None),
        RateLimitView("tokens", None, 5, 0.5),
        RateLimitView("limit", None, 1, None),
    )


def allowances(**left: tuple[float | None, float | None, float | None]) -> SessionInput:
    """`rate_limits.updated`: limit, remaining and reset by name."""
    limits = [
        {"name": name, "limit": limit, "remaining": remaining, "reset_seconds": reset_s}
        for name, (limit, remaining, reset_s) in left.items()
    ]
    return event("rate_limits.updated", rate_limits=limits)


def test_an_allowance_near_its_end_is_told_once_until_it_has_recovered() -> None:
    view = listen(
        greeted(),
        allowances(requests=(100, 10, 60), tokens=(40_000, 3_999, 12.5)),
        allowances(tokens=(40_000, 100, 60)),
        allowances(tokens=(40_000, 4_000, 60)),
        allowances(tokens=(40_000, 0, None)),
    )
    assert [(notice.level, notice.text) for notice in view.notices] == [
        ("warning", "rate limit: 3,999 of 40,000 tokens left, all of them again in 12 s"),
        ("warning", "rate limit: 0 of 40,000 tokens left"),
    ]
    assert view.notices[0].hint


@pytest.mark.parametrize("left", [(None, 5, 1), (100, None, 1), (0, 0, 1), (-5, -9, 1)])
def test_an_allowance_of_unknown_size_is_never_near_its_end(
    left: tuple[float | None, float | None, float | None],
) -> None:
    assert listen(greeted(), allowances(tokens=left)).notices == ()


@pytest.mark.parametrize(
    ("audio", "size"), [(None, 0), ("", 0), ("AAAA", 3), ("AAA=", 2), ("AA==", 1), ("=", 0), ("A", 0)]
)
def test_base64_is_counted_as_what_it_decodes_to(audio: str | None, size: int) -> None:
    assert decoded_bytes(audio) == size


def test_a_typed_turn_starts_when_it_is_sent() -> None:
    marks = timed(
        greeted(),
        (1.0, UserText("hello")),
        (1.2, response_created()),
        (1.5, text_delta("Hi")),
        (1.6, text_delta(" there")),
        (1.7, AUDIO),
        (1.8, AUDIO),
        (2.0, response_done()),
    )
    assert marks == Marks("text", 1.0, None, 1.2, first_text=1.5, first_audio=1.7, done=2.0)
    assert (marks.since_start_ms("first_text"), marks.since_start_ms("done")) == (500, 1000)
    assert marks.since_start_ms("committed") is None


def test_a_spoken_turn_starts_with_the_end_of_speech() -> None:
    marks = timed(
        greeted(), (1.0, SPEECH_STOPPED), (1.1, COMMITTED), (1.2, response_created()), (2.0, response_done())
    )
    assert marks == Marks("speech", 1.0, 1.1, 1.2, done=2.0)


def test_a_turn_by_push_to_talk_starts_with_the_commit() -> None:
    marks = timed(
        greeted(),
        (1.0, COMMITTED),
        (1.1, UserEvent('{"type":"response.create"}')),
        (1.2, response_created()),
        (2.0, response_done()),
    )
    assert marks == Marks("commit", 1.0, 1.0, 1.2, done=2.0)


def test_an_answer_to_a_tools_output_starts_when_it_is_asked_for() -> None:
    marks = timed(
        greeted(),
        (1.0, response_done(output=[function_call("fc_1", arguments="{}")])),
        (3.0, ToolFinished("call_1", "12")),
        (3.5, response_created("resp_2")),
    )
    assert marks == Marks("tool", 3.0, None, 3.5)


def test_an_answer_that_nobody_asked_for_has_no_start() -> None:
    marks = timed(greeted(), (1.0, response_created()), (2.0, response_done()))
    assert marks == Marks("server", None, None, 1.0, done=2.0)
    assert marks.since_start_ms("done") is None


def test_a_request_by_hand_starts_a_turn() -> None:
    marks = timed(greeted(), (1.0, UserEvent('{"type":"response.create"}')), (1.5, response_created()))
    assert marks == Marks("text", 1.0, None, 1.5)


def test_speech_that_was_never_answered_is_not_the_start_of_a_typed_turn() -> None:
    marks = timed(
        greeted(),
        (1.0, SPEECH_STOPPED),
        (1.1, COMMITTED),
        (9.0, UserText("hello")),
        (9.1, response_created()),
    )
    assert marks == Marks("text", 9.0, None, 9.1)


def test_an_answer_beside_the_conversation_does_not_take_the_start_of_the_turn() -> None:
    session = greeted()
    beside = UserEvent('{"type":"response.create","response":{"conversation":"none"}}')
    assert timed(
        session, (1.0, SPEECH_STOPPED), (1.1, beside), (1.2, response_created("side", conversation_id=None))
    ) == Marks(response_created=1.2)
    assert timed(session, (1.3, response_created())) == Marks("speech", 1.0, None, 1.3)


def test_a_turn_that_waits_for_its_turn_starts_when_it_is_asked_for() -> None:
    session = greeted()
    session.receive(response_created("resp_1"), 1.0)
    assert timed(
        session, (2.0, UserText("hello")), (5.0, response_done("resp_1")), (5.1, response_created("resp_2"))
    ) == Marks("text", 5.0, None, 5.1)


def test_the_words_alone_mark_the_first_text_where_no_deltas_come() -> None:
    done = event("response.output_audio_transcript.done", response_id="resp_1", transcript="Hi")
    assert timed(greeted(), (1.0, response_created()), (2.0, done)).first_text == 2.0


def test_an_answer_that_was_cut_off_is_done_when_the_connection_is() -> None:
    session = greeted()
    assert timed(session, (1.0, response_created())).done is None
    assert timed(session, (4.0, ConnectionLost(1006))).done == 4.0
