"""Turns that the server finds by voice activity (`server_vad`)."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from realtime_cli.core.answers import Say, Speech
from realtime_cli.core.responder import AnswerPartReady
from realtime_cli.protocol.encoding import PCM_24K, Encoding
from tests.support.responder_play import Json, Play, ScriptedActivity, only_error, silence, types, voice

STARTED = "input_audio_buffer.speech_started"
STOPPED = "input_audio_buffer.speech_stopped"
COMMITTED = [
    "input_audio_buffer.committed",
    "conversation.item.added",
    "conversation.item.done",
]
TURN = [STARTED, STOPPED, *COMMITTED, "response.created"]


def listening(**config: Any) -> Play:
    return Play(voice_activity=ScriptedActivity, **config)


def speak(play: Play, ms: float = 400) -> list[Json]:
    """A whole turn under the default settings."""
    return play.append(voice(ms) + silence(200))


def of(type_: str, events: list[Json]) -> Json:
    return next(event for event in events if event["type"] == type_)


def test_a_turn_is_announced_committed_and_answered() -> None:
    play = listening()
    before = play.add("first")
    assert play.append(silence(1000)) == []
    started = play.append(voice(60))
    assert types(started) == [STARTED]
    item_id = started[0]["item_id"]
    assert started[0]["audio_start_ms"] == 700
    assert play.append(voice(340) + silence(180)) == []
    events = play.append(silence(20))
    assert types(events) == TURN[1:]
    assert (events[0]["audio_end_ms"], events[0]["item_id"]) == (1600, item_id)
    assert (events[1]["item_id"], events[1]["previous_item_id"]) == (item_id, before)
    assert events[2]["item"]["id"] == events[3]["item"]["id"] == item_id
    assert events[2]["item"]["content"] == [{"type": "input_audio", "transcript": None}]


def test_the_item_holds_the_padding_the_speech_and_the_silence() -> None:
    play = listening()
    events = play.append(silence(1000) + voice(400) + silence(500))
    item_id = of(STARTED, events)["item_id"]
    content = play.say("conversation.item.retrieve", item_id=item_id)[0]["item"]["content"]
    assert base64.b64decode(content[0]["audio"]) == silence(300) + voice(400) + silence(200)


def test_padding_cannot_reach_before_the_first_sample() -> None:
    assert listening().append(silence(100) + voice(100))[0]["audio_start_ms"] == 0


def test_padding_cannot_reach_into_the_turn_before() -> None:
    play = listening()
    end_ms = of(STOPPED, speak(play))["audio_end_ms"]
    assert play.append(silence(40) + voice(60))[0]["audio_start_ms"] == end_ms


@pytest.mark.parametrize("frames", ["10001000010000", "0110000110000", "1000100001"])
def test_single_frames_are_no_speech(frames: str) -> None:
    audio = b"".join(voice(20) if frame == "1" else silence(20) for frame in frames)
    assert listening().append(audio) == []


def test_speech_may_have_a_hole() -> None:
    play = listening()
    started = play.append(silence(400) + voice(20) + silence(40) + voice(40))
    assert started[0]["audio_start_ms"] == 100


def test_a_single_frame_does_not_keep_a_turn_open() -> None:
    play = listening()
    events = play.append(voice(100) + silence(100) + voice(20) + silence(80))
    assert of(STOPPED, events)["audio_end_ms"] == 300


def test_speech_that_goes_on_keeps_the_turn_open() -> None:
    play = listening()
    play.append(voice(100) + silence(180) + voice(100))
    assert play.append(silence(180)) == []
    assert of(STOPPED, play.append(silence(20)))["audio_end_ms"] == 580


def test_the_settings_are_obeyed() -> None:
    play = listening()
    play.detect(type="server_vad", prefix_padding_ms=40, silence_duration_ms=500)
    events = play.append(silence(1000) + voice(100) + silence(480))
    assert (types(events), events[0]["audio_start_ms"]) == ([STARTED], 960)
    assert of(STOPPED, play.append(silence(20)))["audio_end_ms"] == 1600


def test_no_silence_at_all_still_takes_a_frame() -> None:
    play = listening()
    play.detect(type="server_vad", silence_duration_ms=0)
    assert of(STOPPED, play.append(voice(100) + silence(20)))["audio_end_ms"] == 120


def test_the_threshold_reaches_the_voice_activity() -> None:
    made: list[tuple[Encoding, float]] = []

    def factory(encoding: Encoding, threshold: float) -> ScriptedActivity:
        made.append((encoding, threshold))
        return ScriptedActivity(encoding, threshold)

    play = Play(voice_activity=factory)
    play.detect(type="server_vad", threshold=0.8)
    play.detect(type="server_vad", silence_duration_ms=300)
    assert made == [(PCM_24K, 0.5), (PCM_24K, 0.8)]


@pytest.mark.parametrize("chunk_bytes", [1, 7, 960, 961, 4801])
def test_chunks_of_any_size_are_one_stream(chunk_bytes: int) -> None:
    play = listening()
    audio = silence(500) + voice(100) + silence(200)
    events = [
        event
        for at in range(0, len(audio), chunk_bytes)
        for event in play.append(audio[at : at + chunk_bytes])
    ]
    assert types(events) == TURN
    assert (events[0]["audio_start_ms"], events[1]["audio_end_ms"]) == (200, 800)


@pytest.mark.parametrize("kind", ["audio/pcmu", "audio/pcma"])
def test_g711_is_heard_too(kind: Any) -> None:
    play = listening()
    encoding = Encoding(kind, 8000)
    play.update(audio={"input": {"format": {"type": kind}}})
    events = play.append(silence(500, encoding) + voice(100, encoding) + silence(200, encoding))
    assert types(events) == TURN
    assert (events[0]["audio_start_ms"], events[1]["audio_end_ms"]) == (200, 800)


def test_a_whole_file_may_hold_several_turns() -> None:
    play = listening()
    turn = voice(400) + silence(600)
    events = play.append(turn * 3)
    cancelled = ["response.done", "rate_limits.updated"]
    assert types(events) == [*TURN, STARTED, *cancelled, *TURN[1:], STARTED, *cancelled, *TURN[1:]]
    spans = [(event["audio_start_ms"]) for event in events if event["type"] == STARTED]
    assert spans == [0, 700, 1700]
    ends = [event["audio_end_ms"] for event in events if event["type"] == STOPPED]
    assert ends == [600, 1600, 2600]
    turns = [event["item_id"] for event in events if event["type"] in (STARTED, STOPPED, COMMITTED[0])]
    assert turns == [turns[0]] * 3 + [turns[3]] * 3 + [turns[6]] * 3
    assert len(set(turns)) == 3


def test_an_hour_of_silence_is_not_kept() -> None:
    play = listening()
    minute = silence(60_000)
    for _ in range(10):
        assert play.append(minute) == []
    started = play.append(voice(100))
    assert started[0]["audio_start_ms"] == 600_000 - 300
    play.say("input_audio_buffer.commit")
    play.ask()
    assert play.heard[0].audio == silence(300) + voice(100)


def test_without_voice_activity_nothing_is_found_and_all_is_kept() -> None:
    play = Play()
    assert play.append(voice(400) + silence(600)) == []
    committed = play.say("input_audio_buffer.commit")
    assert types(committed) == COMMITTED


def test_speech_interrupts_the_answer() -> None:
    play = listening()
    response_id = play.ask()
    play.receive(AnswerPartReady(response_id, Say("Hello there")))
    play.receive(AnswerPartReady(response_id, Speech(voice(100))))
    events = play.append(voice(60))
    assert types(events) == [
        STARTED,
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        "response.content_part.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
        "rate_limits.updated",
    ]
    response = of("response.done", events)["response"]
    assert response["status"] == "cancelled"
    assert response["status_details"] == {"type": "cancelled", "reason": "turn_detected"}
    assert response["output"][0]["status"] == "incomplete"
    assert play.stopped == [response_id]
    assert play.receive(AnswerPartReady(response_id, Speech(voice(100)))) == []


def test_speech_leaves_answers_beside_the_conversation_alone() -> None:
    play = listening()
    play.ask(conversation="none")
    assert types(play.append(voice(60))) == [STARTED]


def test_a_finished_answer_is_not_interrupted() -> None:
    play = listening()
    play.answer(play.ask(), Say("Hi"), Speech(voice(10_000)))
    assert types(play.append(voice(60))) == [STARTED]


def test_an_answer_that_must_not_be_interrupted_goes_on_and_stays_alone() -> None:
    play = listening()
    play.detect(type="server_vad", interrupt_response=False)
    response_id = play.ask()
    assert types(speak(play)) == TURN[:-1]
    assert play.answer(response_id, Say("Hello"))[-2]["response"]["status"] == "completed"


def test_no_answer_is_made_where_none_is_wanted() -> None:
    play = listening()
    play.detect(type="server_vad", create_response=False)
    assert types(speak(play)) == TURN[:-1]
    assert play.ask()


def test_an_answer_may_be_asked_for_while_the_user_speaks() -> None:
    play = listening()
    play.append(voice(200))
    response_id = play.ask()
    assert types(play.append(silence(200))) == TURN[1:-1]
    assert types(play.answer(response_id)) == ["response.done", "rate_limits.updated"]


def test_no_more_answers_than_the_server_can_carry() -> None:
    play = listening()
    for _ in range(64):
        play.ask(conversation="none")
    assert types(speak(play)) == TURN[:-1]


def test_a_manual_commit_ends_the_turn() -> None:
    play = listening()
    item_id = play.append(voice(200))[0]["item_id"]
    events = play.say("input_audio_buffer.commit")
    assert types(events) == [STOPPED, *COMMITTED]
    assert events[0]["audio_end_ms"] == 200
    assert {events[0]["item_id"], events[1]["item_id"]} == {item_id}
    assert play.append(silence(400)) == []


def test_a_commit_right_after_a_turn_is_too_early() -> None:
    play = listening()
    speak(play)
    assert only_error(play.say("input_audio_buffer.commit"))["code"] == "input_audio_buffer_commit_empty"


def test_a_refused_commit_leaves_the_turn_alone() -> None:
    play = listening()
    item_id = play.append(voice(60))[0]["item_id"]
    assert only_error(play.say("input_audio_buffer.commit"))
    assert of(STOPPED, play.append(voice(60) + silence(200)))["item_id"] == item_id


def test_a_commit_between_turns_takes_the_padding() -> None:
    play = listening()
    play.append(silence(5000))
    item_id = play.say("input_audio_buffer.commit")[0]["item_id"]
    assert play.ask(input=[{"type": "item_reference", "id": item_id}])
    assert len(play.heard[-1].audio) == len(silence(400))


def test_clearing_ends_the_turn_without_an_item() -> None:
    play = listening()
    item_id = play.append(voice(200))[0]["item_id"]
    events = play.say("input_audio_buffer.clear")
    assert types(events) == [STOPPED, "input_audio_buffer.cleared"]
    assert (events[0]["item_id"], events[0]["audio_end_ms"]) == (item_id, 200)
    assert types(play.say("input_audio_buffer.clear")) == ["input_audio_buffer.cleared"]
    started = play.append(voice(60))
    assert (types(started), started[0]["audio_start_ms"]) == ([STARTED], 200)
    assert started[0]["item_id"] != item_id


def test_settings_may_change_while_the_user_speaks() -> None:
    play = listening()
    item_id = play.append(voice(200))[0]["item_id"]
    assert types(play.detect(type="server_vad", silence_duration_ms=600)) == ["session.updated"]
    assert play.append(silence(580)) == []
    assert of(STOPPED, play.append(silence(20)))["item_id"] == item_id


def test_another_threshold_does_not_lose_the_turn() -> None:
    play = listening()
    item_id = play.append(voice(210))[0]["item_id"]
    play.detect(type="server_vad", threshold=0.9)
    stopped = of(STOPPED, play.append(silence(200)))
    # The frame that was not complete is not heard: its 10 ms count as silence.
    assert (stopped["item_id"], stopped["audio_end_ms"]) == (item_id, 410)


def test_turn_detection_may_be_switched_off_while_the_user_speaks() -> None:
    play = listening()
    item_id = play.append(voice(200))[0]["item_id"]
    events = play.detect()
    assert types(events) == ["session.updated", STOPPED]
    assert events[1]["item_id"] == item_id
    assert play.append(silence(1000)) == []
    committed = play.say("input_audio_buffer.commit")[0]["item_id"]
    play.ask(input=[{"type": "item_reference", "id": committed}])
    assert play.heard[-1].audio == voice(200) + silence(1000)


def test_turn_detection_may_be_switched_on_again() -> None:
    play = listening()
    play.detect()
    assert play.append(voice(1000)) == []
    play.detect(type="server_vad")
    assert play.append(voice(60))[0]["audio_start_ms"] == 700


def test_padding_cannot_reach_into_a_turn_that_was_cut_off() -> None:
    play = listening()
    play.append(voice(200))
    [_, stopped] = play.detect()
    play.append(silence(100))
    play.detect(type="server_vad")
    [started] = play.append(voice(60))
    assert (stopped["audio_end_ms"], started["audio_start_ms"]) == (200, 200)


def test_another_encoding_drops_what_was_said_in_the_old_one() -> None:
    play = listening()
    play.append(voice(200))
    events = play.update(audio={"input": {"format": {"type": "audio/pcmu"}}})
    assert types(events) == ["session.updated", STOPPED]
    assert "0.00ms" in only_error(play.say("input_audio_buffer.commit"))["message"]
    encoding = Encoding("audio/pcmu", 8000)
    assert play.append(voice(60, encoding))[0]["audio_start_ms"] == 200


def test_half_a_sample_waits_for_its_other_half_but_not_for_ever() -> None:
    play = listening()
    play.detect()
    play.append(voice(200) + b"\x11")
    play.append(b"\x11" + silence(100))
    play.say("input_audio_buffer.commit")
    play.append(b"\x11")
    play.say("input_audio_buffer.clear")
    play.append(voice(100) + b"\x11")
    play.say("input_audio_buffer.commit")
    play.append(voice(100))
    play.say("input_audio_buffer.commit")
    play.ask()
    assert [each.audio for each in play.heard] == [
        voice(200) + b"\x11\x11" + silence(100),
        voice(100),
        voice(100),
    ]


def test_who_never_commits_gets_the_last_ten_minutes() -> None:
    play = Play()
    play.append(voice(20))
    for _ in range(10):
        play.append(silence(60_000))
    play.say("input_audio_buffer.commit")
    play.ask()
    assert play.heard[0].audio == silence(600_000)


def test_an_id_that_the_client_takes_is_not_used_twice() -> None:
    play = listening()
    item_id = play.append(voice(100))[0]["item_id"]
    play.add("Mine", id=item_id)
    committed = of(COMMITTED[0], play.append(silence(200)))
    assert committed["item_id"] != item_id
    assert committed["previous_item_id"] == item_id


def test_a_transcription_session_finds_turns_and_never_answers() -> None:
    play = listening(kind="transcription")
    whisper = {"input": {"transcription": {"model": "whisper-1"}}}
    play.say("session.update", session={"type": "transcription", "audio": whisper})
    assert types(speak(play)) == TURN[:-1]
    assert len(play.heard) == 1
    assert play.asked == []
