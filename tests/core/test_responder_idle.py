"""A silence that lasts too long (`idle_timeout_ms`)."""

from __future__ import annotations

import pytest

from realtime_cli.core.answers import Say, Speech
from realtime_cli.core.inputs import DeadlineReached
from realtime_cli.core.responder import AnswerFinished, AnswerPartReady
from tests.support.responder_play import NOW_S, Json, Play, ScriptedActivity, silence, types, voice

TRIGGERED = "input_audio_buffer.timeout_triggered"
TURN = [
    TRIGGERED,
    "input_audio_buffer.committed",
    "conversation.item.added",
    "conversation.item.done",
    "response.created",
]


def waiting(**config: object) -> Play:
    """After an answer that sounds until two seconds from now: the client waits for it."""
    play = Play(voice_activity=ScriptedActivity, **config)
    play.detect(type="server_vad", idle_timeout_ms=6000)
    response_id = play.ask()
    play.receive(AnswerPartReady(response_id, Say("Hello")))
    play.receive(AnswerPartReady(response_id, Speech(voice(500))))
    play.now_s += 1
    play.receive(AnswerPartReady(response_id, Speech(voice(2500))))
    play.receive(AnswerFinished(response_id))
    return play


def reach(play: Play, now_s: float) -> list[Json]:
    play.now_s = now_s
    return play.receive(DeadlineReached())


def test_a_silence_is_broken_after_the_playback_and_the_wait() -> None:
    play = waiting()
    assert play.append(silence(2000)) == []
    assert play.responder.next_deadline() == NOW_S + 3
    assert reach(play, NOW_S + 3) == []
    assert play.responder.next_deadline() == NOW_S + 9
    assert play.append(silence(6020)) == []
    assert reach(play, NOW_S + 8.999) == []
    events = reach(play, NOW_S + 9)
    assert types(events) == TURN
    assert (events[0]["audio_start_ms"], events[0]["audio_end_ms"]) == (2000, 8020)
    assert {event["item_id"] for event in events[:2]} == {events[2]["item"]["id"]}
    assert play.responder.next_deadline() == NOW_S + 3600


def test_nobody_has_to_listen_to_the_silence() -> None:
    play = waiting()
    play.transcribe()
    play.append(silence(2000))
    reach(play, NOW_S + 3)
    events = reach(play, NOW_S + 9)
    assert types(events) == [
        *TURN[:-1],
        "conversation.item.input_audio_transcription.completed",
        TURN[-1],
    ]
    assert events[-2]["transcript"] == ""
    assert play.heard == []
    assert play.prompt.turns[-1].text == ""


def test_the_wait_begins_anew_after_each_answer() -> None:
    play = waiting()
    reach(play, NOW_S + 3)
    response_id = reach(play, NOW_S + 9)[-1]["response"]["id"]
    play.receive(AnswerFinished(response_id))
    assert play.responder.next_deadline() == NOW_S + 9
    reach(play, NOW_S + 9)
    assert play.responder.next_deadline() == NOW_S + 15
    assert types(reach(play, NOW_S + 15)) == TURN


def test_a_silence_is_noticed_with_any_input() -> None:
    play = waiting()
    play.now_s = NOW_S + 20
    events = play.append(voice(60))
    # The end of the playback was noticed too late to know what was sent before it.
    assert types(events)[0] == TRIGGERED
    assert types(events)[-3:] == [
        "input_audio_buffer.speech_started",
        "response.done",
        "rate_limits.updated",
    ]


def test_speech_ends_the_wait() -> None:
    play = waiting()
    reach(play, NOW_S + 3)
    play.append(voice(60))
    assert play.responder.next_deadline() == NOW_S + 3600
    assert reach(play, NOW_S + 20) == []
    play.detect(type="server_vad", create_response=False)
    play.append(silence(200))
    assert reach(play, NOW_S + 40) == []


def test_another_answer_ends_the_wait() -> None:
    play = waiting()
    play.ask()
    assert play.responder.next_deadline() == NOW_S + 3600


def test_an_answer_beside_the_conversation_neither_ends_nor_begins_a_wait() -> None:
    play = waiting()
    play.answer(play.ask(conversation="none"))
    assert play.responder.next_deadline() == NOW_S + 3


@pytest.mark.parametrize(
    "detection", [{}, {"type": "semantic_vad"}, {"type": "server_vad", "idle_timeout_ms": None}]
)
def test_only_server_vad_with_a_timeout_waits(detection: Json) -> None:
    play = waiting()
    play.detect(**detection)
    assert play.responder.next_deadline() == NOW_S + 3600
    assert reach(play, NOW_S + 20) == []


def test_a_wait_that_is_set_late_begins_late() -> None:
    play = waiting()
    play.detect(type="server_vad", idle_timeout_ms=None)
    play.now_s = NOW_S + 100
    play.detect(type="server_vad", idle_timeout_ms=5000)
    assert play.responder.next_deadline() == NOW_S + 100
    play.now_s = NOW_S + 104
    play.update(instructions="Short.")
    assert play.responder.next_deadline() == NOW_S + 105
    assert types(reach(play, NOW_S + 105)) == TURN


def test_nobody_waits_where_nobody_can_hear() -> None:
    play = Play()
    play.detect(type="server_vad", idle_timeout_ms=6000)
    play.answer(play.ask(), Say("Hi"))
    assert play.responder.next_deadline() == NOW_S + 3600


def test_the_session_may_end_first() -> None:
    play = waiting(session_limit_s=2)
    assert play.responder.next_deadline() == NOW_S + 2
