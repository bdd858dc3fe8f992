"""Answers that sound: their audio, what of it was heard, what it costs."""

from __future__ import annotations

import base64

import pytest

from realtime_cli.core.answers import AnswerPart, Call, Say, Speech, Turn
from realtime_cli.core.responder import AnswerPartReady
from realtime_cli.core.responding.messages import VoiceSettings
from realtime_cli.protocol.encoding import PCM_24K, Encoding
from tests.support.responder_play import Json, Play, base64_of, only_error, types, voice

ULAW = Encoding("audio/pcmu", 8000)


def part(play: Play, response_id: str, part: AnswerPart) -> list[Json]:
    return play.receive(AnswerPartReady(response_id, part))


def spoken(play: Play, *parts: AnswerPart) -> str:
    """A whole answer; its first item's id."""
    events = play.answer(play.ask(), *parts)
    return str(next(event["item"]["id"] for event in events if event["type"] == "response.output_item.added"))


def truncated(play: Play, item_id: str, audio_end_ms: int) -> list[Json]:
    fields = {"item_id": item_id, "content_index": 0, "audio_end_ms": audio_end_ms}
    return play.say("conversation.item.truncate", **fields)


def retrieved(play: Play, item_id: str) -> Json:
    item: Json = play.say("conversation.item.retrieve", item_id=item_id)[0]["item"]
    return item


def test_words_go_ahead_of_their_sound() -> None:
    play = Play()
    response_id = play.ask()
    opening = part(play, response_id, Say("Hello"))
    place = {key: opening[3][key] for key in ("response_id", "item_id", "output_index", "content_index")}
    sound = part(play, response_id, Speech(voice(100)))
    assert [{key: value for key, value in event.items() if key != "event_id"} for event in sound] == [
        {"type": "response.output_audio.delta", **place, "delta": base64_of(voice(100))}
    ]
    assert types(play.answer(response_id, Say(" there"), Speech(voice(50)))) == [
        "response.output_audio_transcript.delta",
        "response.output_audio.delta",
        "response.output_audio.done",
        "response.output_audio_transcript.done",
        "response.content_part.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
        "rate_limits.updated",
    ]


def test_sound_without_words_is_a_message_too() -> None:
    play = Play()
    item_id = spoken(play, Speech(b""), Speech(voice(100)))
    assert retrieved(play, item_id)["content"][0]["transcript"] == ""
    assert truncated(play, item_id, 50)[0]["audio_end_ms"] == 50


def test_written_answers_make_no_sound() -> None:
    play = Play()
    events = play.answer(play.ask(output_modalities=["text"]), Say("Hi"), Speech(voice(100)))
    assert not [name for name in types(events) if "audio" in name]
    assert play.asked[0].voice is None


def test_the_voice_is_asked_for_as_the_session_and_the_request_say() -> None:
    play = Play()
    play.ask()
    assert play.asked[-1].voice == VoiceSettings("alloy", 1.0, PCM_24K)
    play.update(audio={"output": {"voice": "marin", "speed": 1.25, "format": {"type": "audio/pcmu"}}})
    play.ask(conversation="none")
    assert play.asked[-1].voice == VoiceSettings("marin", 1.25, ULAW)
    play.ask(conversation="none", audio={"output": {"voice": {"id": "voice_1"}, "speed": 0.5}})
    assert play.asked[-1].voice == VoiceSettings("voice_1", 0.5, ULAW)
    play.ask(conversation="none", audio={"output": {"format": {"type": "audio/pcma"}}})
    assert play.asked[-1].voice == VoiceSettings("marin", 1.25, Encoding("audio/pcma", 8000))


def test_the_sound_can_be_read_back() -> None:
    play = Play()
    item_id = spoken(play, Say("Hi"), Speech(voice(100)), Speech(bytes(480)))
    assert retrieved(play, item_id)["content"] == [
        {
            "type": "output_audio",
            "transcript": "Hi",
            "audio": base64_of(voice(100) + bytes(480)),
            "format": "pcm16",
        }
    ]


def test_only_the_last_ten_minutes_can_be_read_back() -> None:
    play = Play()
    play.update(audio={"output": {"format": {"type": "audio/pcmu"}}})
    minutes = [Speech(bytes(8 * 60_000))] * 5
    first, second = spoken(play, *minutes), spoken(play, *minutes)
    assert "audio" in retrieved(play, first)["content"][0]
    third = spoken(play, Speech(bytes(8)))
    assert "audio" not in retrieved(play, first)["content"][0]
    assert retrieved(play, second)["content"][0]["format"] == "g711_ulaw"
    assert "audio" in retrieved(play, third)["content"][0]
    assert truncated(play, first, 299_999)


def test_an_answer_of_more_than_ten_minutes_cannot_be_read_back() -> None:
    play = Play()
    play.update(audio={"output": {"format": {"type": "audio/pcmu"}}})
    item_id = spoken(play, *[Speech(bytes(8 * 60_000))] * 12)
    assert "audio" not in retrieved(play, item_id)["content"][0]
    assert truncated(play, item_id, 720_000)[0]["type"] == "conversation.item.truncated"


def test_answers_beside_the_conversation_are_not_kept() -> None:
    play = Play()
    done = play.answer(play.ask(conversation="none"), Say("Hi"), Speech(voice(100)))[-2]["response"]
    assert done["usage"]["output_token_details"]["audio_tokens"] == 2
    assert only_error(play.say("conversation.item.retrieve", item_id=done["output"][0]["id"]))


@pytest.mark.parametrize(
    ("heard_ms", "words"),
    [
        (0, ""),
        (50, ""),
        (99, ""),
        (100, "One,"),
        (139, "One,"),
        (140, "One, two"),
        (199, "One, two"),
        (200, "One, two three"),
        (290, "One, two three"),
        (300, "One, two three four"),
    ],
)
def test_the_brain_remembers_what_was_heard(heard_ms: int, words: str) -> None:
    play = Play()
    item_id = spoken(
        play,
        Say("One,"),
        Speech(voice(60)),
        Speech(voice(40)),
        Say(" two"),
        Say(" three"),
        Speech(voice(100)),
        Say(" four"),
        Speech(voice(100)),
        Say(" never sounded"),
    )
    events = truncated(play, item_id, heard_ms)
    assert types(events) == ["conversation.item.truncated"]
    left = retrieved(play, item_id)["content"][0]
    assert "transcript" not in left
    assert base64.b64decode(left.get("audio", "")) == voice(heard_ms)
    play.ask()
    assert play.prompt.turns == (Turn("assistant", words),)


def test_an_item_may_be_cut_again_but_not_grow() -> None:
    play = Play()
    item_id = spoken(play, Say("One"), Speech(voice(100)), Say(" two"), Speech(voice(100)))
    assert truncated(play, item_id, 150)
    error = only_error(truncated(play, item_id, 151))
    assert error["message"] == "Audio content of 150ms is already shorter than 151ms"
    assert truncated(play, item_id, 100)
    play.ask()
    assert play.prompt.turns == (Turn("assistant", "One"),)


def test_an_answer_may_be_cut_while_it_speaks() -> None:
    play = Play()
    response_id = play.ask()
    item_id = part(play, response_id, Say("One"))[0]["item"]["id"]
    part(play, response_id, Speech(voice(100)))
    assert only_error(truncated(play, item_id, 101))
    assert types(truncated(play, item_id, 100)) == ["conversation.item.truncated"]
    play.answer(response_id, Say(" two"), Speech(voice(100)))
    assert retrieved(play, item_id)["content"][0] == {
        "type": "output_audio",
        "audio": base64_of(voice(100)),
        "format": "pcm16",
    }
    play.ask()
    assert play.prompt.turns == (Turn("assistant", "One"),)


def test_audio_costs_a_token_each_fifty_milliseconds() -> None:
    play = Play()
    play.append(voice(1090))
    play.say("input_audio_buffer.commit")
    play.update(output_modalities=["audio"])
    first = play.answer(play.ask(), Say("12345678"), Speech(voice(1040)))[-2]["response"]["usage"]
    assert first["input_token_details"]["audio_tokens"] == 10
    assert first["output_token_details"] == {"text_tokens": 2, "audio_tokens": 20}
    assert first["output_tokens"] == 22
    second = play.answer(play.ask())[-2]["response"]["usage"]
    assert second["input_token_details"]["audio_tokens"] == 10 + 20


def test_a_limit_counts_words_and_sound() -> None:
    play = Play()
    events = play.answer(play.ask(max_output_tokens=4), Say("1234567"), Speech(voice(90)), Speech(voice(30)))
    sound = [base64.b64decode(event["delta"]) for event in events if event["type"].endswith("audio.delta")]
    assert sound == [voice(90), voice(10)]
    response = events[-2]["response"]
    assert response["status_details"] == {"type": "incomplete", "reason": "max_output_tokens"}
    assert response["usage"]["output_tokens"] == 4


def test_a_limit_that_the_sound_has_used_up_leaves_no_room_for_words() -> None:
    play = Play()
    events = play.answer(play.ask(max_output_tokens=2), Say("123"), Speech(voice(50)), Say("4567"), Say("89"))
    response = events[-2]["response"]
    assert response["output"][0]["content"][0]["transcript"] == "1234"
    assert response["status"] == "incomplete"


def test_sound_after_a_call_is_a_message_of_its_own() -> None:
    play = Play()
    response = play.answer(play.ask(), Say("One"), Call("f", "{}"), Speech(voice(50)))[-2]["response"]
    assert [item["type"] for item in response["output"]] == ["message", "function_call", "message"]
