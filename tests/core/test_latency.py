"""How long people waited for an answer, step by step."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_cli.core.inputs import (
    AudioReady,
    ConnectionLost,
    ConnectionOpened,
    DeadlineReached,
    MicrophoneBlock,
    PlaybackProgress,
    SessionInput,
    ToolFinished,
    UserText,
)
from realtime_cli.core.latency import (
    Latency,
    Spread,
    Step,
    latencies,
    latency,
    spread,
    usual,
)
from realtime_cli.core.sent_audio import SentAudio
from realtime_cli.core.session import Session
from realtime_cli.core.view import Marks, ResponseView, SessionView
from tests.support.builders import (
    event,
    function_call,
    greeted,
    response_created,
    response_done,
    text_delta,
)

STOPPED = event("input_audio_buffer.speech_stopped", audio_end_ms=900, item_id="user_1")
COMMITTED = event("input_audio_buffer.committed", item_id="user_1")


def after(*steps: tuple[float, SessionInput]) -> SessionView:
    session = greeted()
    for at, happened in steps:
        session.receive(happened, at)
    return session.view()


def spoken(number: int, *, at: float, wait_s: float) -> list[tuple[float, SessionInput]]:
    """A spoken turn and its answer, which is heard after a while."""
    place = {"response_id": f"resp_{number}", "item_id": f"item_{number}"}
    return [
        (at, STOPPED),
        (at, COMMITTED),
        (at, response_created(f"resp_{number}")),
        (at, event("response.output_audio.delta", delta="AAAA" * 1200, **place)),
        (at + wait_s, PlaybackProgress(f"item_{number}", 0, 10.0)),
        (at + wait_s, event("response.output_audio.done", **place)),
        (at + wait_s, PlaybackProgress(f"item_{number}", 0, 75.0)),
        (at + wait_s, response_done(f"resp_{number}")),
    ]


def test_a_spoken_turn_has_all_its_steps() -> None:
    place = {"response_id": "resp_1", "item_id": "item_1"}
    view = after(
        (0.5, AudioReady("microphone", "speaker")),
        (1.0, STOPPED),
        (1.01, COMMITTED),
        (1.1, response_created()),
        (1.3, event("response.output_audio_transcript.delta", delta="Hi", **place)),
        (1.4, event("response.output_audio.delta", delta="AAAA" * 100, **place)),
        (1.45, PlaybackProgress("item_1", 0, 1.0, delay_ms=50)),
        (2.0, response_done()),
    )
    assert latencies(view) == (
        Latency(
            "resp_1",
            "speech",
            "voice",
            (
                Step("start", 0, 0),
                Step("committed", 10, 10),
                Step("response_created", 100, 90),
                Step("first_text", 300, 200),
                Step("first_audio", 400, 100),
                Step("first_sound", 500, 100),
                Step("done", 1000, 500),
            ),
        ),
    )
    assert usual(view, "voice") == Spread(1, 500, 500)
    assert usual(view, "text") is None


def test_a_typed_turn_waits_for_its_first_text() -> None:
    view = after((1.0, UserText("hi")), (1.2, response_created()), (1.7, text_delta("Hi")), (2.0, STOPPED))
    (found,) = latencies(view)
    assert (found.kind, found.origin, found.awaited_ms) == ("text", "text", 700)
    assert [step.name for step in found.steps] == ["start", "response_created", "first_text"]
    assert (found.at_ms("response_created"), found.at_ms("done")) == (200, None)
    assert usual(view, "text") == Spread(1, 700, 700)


def test_speech_that_nobody_can_hear_has_no_first_sound() -> None:
    sound = event("response.output_audio.delta", delta="AAAA", response_id="resp_1", item_id="item_1")
    view = after((1.0, UserText("hi")), (1.2, response_created()), (1.7, sound))
    assert [(each.kind, each.awaited_ms) for each in latencies(view)] == [("voice", None)]
    assert usual(view, "voice") is None


def test_an_answer_that_the_server_began_by_itself_has_no_latency() -> None:
    view = after((1.0, UserText("hi")), (1.1, response_created()), (2.0, response_done()))
    later = after((1.0, response_created()), (2.0, response_done()))
    assert latencies(later) == ()
    assert len(latencies(view)) == 1


def test_an_answer_to_a_tools_output_has_its_steps_but_is_no_turn_of_the_users() -> None:
    call = function_call("fc_1", arguments="{}")
    view = after(
        (1.0, UserText("hi")),
        (1.2, response_done(output=[call])),
        (5.0, ToolFinished("call_1", "12")),
        (5.2, response_created("resp_2")),
        (5.9, text_delta("Hi", response_id="resp_2")),
    )
    assert [(each.origin, each.awaited_ms) for each in latencies(view)] == [("text", None), ("tool", 900)]
    assert usual(view, "text") is None


def test_median_and_95th_percentile_are_those_of_the_whole_session() -> None:
    steps: list[tuple[float, SessionInput]] = [(0.5, AudioReady("microphone", "speaker"))]
    for number in range(1, 21):
        steps += spoken(number, at=10.0 * number, wait_s=number / 10)
    assert usual(after(*steps), "voice") == Spread(20, 1050, 1900)


def test_steps_stand_in_the_order_in_which_they_happened() -> None:
    marks = Marks("speech", 1.0, committed=1.5, response_created=1.2, first_text=1.5, done=1.4)
    found = latency(ResponseView("resp_1", "completed", marks=marks))
    assert found is not None
    assert [(step.name, step.took_ms) for step in found.steps] == [
        ("start", 0),
        ("response_created", 200),
        ("done", 200),
        ("committed", 100),
        ("first_text", 0),
    ]


@pytest.mark.parametrize("waits", [[], [None], [None, None]])
def test_nothing_has_no_spread(waits: list[int | None]) -> None:
    assert spread(waits) is None


@given(st.lists(st.integers(0, 100_000), min_size=1))
def test_a_spread_lies_among_what_was_waited(waits: list[int]) -> None:
    found = spread([*waits, None])
    assert found is not None
    assert found.count == len(waits)
    assert min(waits) <= found.median_ms <= found.p95_ms <= max(waits) or found.median_ms <= max(waits)
    assert sum(wait <= found.p95_ms for wait in waits) >= 0.95 * len(waits)


def silence_of(silence_ms: int, **detection: object) -> SessionInput:
    """The server waits for so much silence before a turn ends."""
    found = {"type": "server_vad", "silence_duration_ms": silence_ms, **detection}
    return event(
        "session.updated", session={"type": "realtime", "audio": {"input": {"turn_detection": found}}}
    )


def heard_for(*, blocks: int, configured: SessionInput, stopped: SessionInput) -> float | None:
    """When the turn began of which a server heard blocks of 100 ms, each sent when it was full."""
    session = greeted()
    session.receive(AudioReady("microphone", "speaker"), 0.0)
    session.receive(configured, 0.0)
    for number in range(1, blocks + 1):
        session.receive(MicrophoneBlock(bytes(4800)), 5.0 + number / 10)
    session.receive(stopped, 7.0)
    session.receive(response_created(), 7.1)
    return session.view().responses[0].marks.start


@pytest.mark.parametrize(
    ("audio_end_ms", "start"),
    [
        (1500, 6.0),  # after 1,000 ms of speech, which were sent from second 5 on
        (1450, 5.95),
        (500, 7.0),  # before anything was sent
        (2100, 7.0),  # never sent
        (None, 7.0),
    ],
)
def test_speech_ends_before_the_silence_that_the_server_waits_for(
    audio_end_ms: int | None, start: float
) -> None:
    stopped = event("input_audio_buffer.speech_stopped", audio_end_ms=audio_end_ms)
    found = heard_for(blocks=15, configured=silence_of(500), stopped=stopped)
    assert found == pytest.approx(start)


def test_of_a_server_that_waits_for_no_fixed_time_its_own_end_counts() -> None:
    stopped = event("input_audio_buffer.speech_stopped", audio_end_ms=1000)
    semantic = silence_of(500, type="semantic_vad")
    assert heard_for(blocks=15, configured=semantic, stopped=stopped) == pytest.approx(6.0)
    odd = silence_of(500, silence_duration_ms="long")
    assert heard_for(blocks=15, configured=odd, stopped=stopped) == 7.0


def test_a_block_that_was_sent_sooner_than_it_lasts_was_not_heard_before_the_one_in_front_of_it() -> None:
    sent = SentAudio()
    sent.add(1000, 1.0)
    sent.add(1000, 1.1)
    assert sent.went_out_s(1200) == 1.0
    assert sent.went_out_s(1950) == pytest.approx(1.05)


def test_a_new_connection_counts_the_audio_from_its_beginning() -> None:
    session = Session(reconnects=True)
    greeting = event("session.created", session={"type": "realtime"})
    ready = (ConnectionOpened(), greeting, AudioReady("microphone", "speaker"), silence_of(500))
    for happened in ready:
        session.receive(happened, 0.0)
    for number in range(10):
        session.receive(MicrophoneBlock(bytes(4800)), number / 10)
    for happened in (ConnectionLost(1006), DeadlineReached(), ConnectionOpened(), greeting, silence_of(500)):
        session.receive(happened, 2.0)
    for number in range(1, 11):
        session.receive(MicrophoneBlock(bytes(4800)), 3.0 + number / 10)
    session.receive(event("input_audio_buffer.speech_stopped", audio_end_ms=900), 4.1)
    session.receive(response_created(), 4.2)
    assert session.view().responses[0].marks.start == pytest.approx(3.4)
