"""The words of the user's audio: for clients that want them, and for the brain."""

from __future__ import annotations

import pytest

from realtime_cli.core.answers import Say, Turn
from realtime_cli.core.inputs import DeadlineReached
from realtime_cli.core.responder import (
    AnswerFinished,
    ResponderInput,
    TranscriptFailed,
    TranscriptFinished,
    TranscriptPiece,
)
from realtime_cli.protocol.encoding import PCM_24K, Encoding
from tests.support.responder_play import Json, Play, base64_of, silence, types, voice

WORDS = "conversation.item.input_audio_transcription"
SPEECH = voice(250)


def committed(play: Play, audio: bytes = SPEECH) -> str:
    """Audio that the client made an item of."""
    play.append(audio)
    return str(play.say("input_audio_buffer.commit")[0]["item_id"])


def bare(event: Json) -> Json:
    return {key: value for key, value in event.items() if key != "event_id"}


def test_the_words_come_in_pieces_and_as_a_whole() -> None:
    play = Play()
    play.transcribe(language="de", prompt="Namen")
    item_id = committed(play, voice(2796))
    asked = play.heard[0]
    assert (asked.item_id, asked.audio, asked.encoding) == (item_id, voice(2796), PCM_24K)
    assert (asked.is_final, asked.language, asked.prompt) == (True, "de", "Namen")
    place = {"item_id": item_id, "content_index": 0}
    assert list(map(bare, play.receive(TranscriptPiece(item_id, "Guten ")))) == [
        {"type": f"{WORDS}.delta", **place, "delta": "Guten "}
    ]
    assert list(map(bare, play.receive(TranscriptFinished(item_id, "Guten Tag.")))) == [
        {
            "type": f"{WORDS}.completed",
            **place,
            "transcript": "Guten Tag.",
            "usage": {"type": "duration", "seconds": 3},
        }
    ]
    shown = play.say("conversation.item.retrieve", item_id=item_id)[0]["item"]["content"][0]
    assert shown["transcript"] == "Guten Tag."
    assert play.receive(TranscriptFinished(item_id, "Again")) == []


def test_a_failure_says_why() -> None:
    play = Play()
    play.transcribe()
    item_id = committed(play)
    failed = play.receive(TranscriptFailed(item_id, "no_recogniser", "There is no recogniser."))
    error = {"type": "transcription_error", "code": "no_recogniser", "message": "There is no recogniser."}
    place = {"item_id": item_id, "content_index": 0}
    assert list(map(bare, failed)) == [
        {"type": f"{WORDS}.failed", **place, "error": {**error, "param": None}}
    ]


def test_nobody_is_asked_before_somebody_wants_the_words() -> None:
    play = Play()
    item_id = committed(play)
    assert play.heard == []
    play.ask()
    assert [asked.item_id for asked in play.heard] == [item_id]


def test_an_answer_waits_for_the_words_of_its_context() -> None:
    play = Play()
    first, second = committed(play), committed(play)
    response_id = play.ask()
    assert [asked.item_id for asked in play.heard] == [first, second]
    assert play.receive(TranscriptFinished(second, "two")) == []
    assert play.asked == []
    assert play.receive(TranscriptFinished(first, "one")) == []
    assert play.asked[0].response_id == response_id
    assert play.prompt.turns == (Turn("user", "one"), Turn("user", "two"))


def test_words_are_asked_for_once() -> None:
    play = Play()
    item_id = committed(play)
    play.ask()
    play.ask(conversation="none")
    assert len(play.heard) == 1
    play.receive(TranscriptFinished(item_id, "one"))
    assert len(play.asked) == 2
    play.ask(conversation="none")
    assert (len(play.heard), len(play.asked)) == (1, 3)


def test_a_client_that_wants_no_words_gets_none() -> None:
    play = Play()
    item_id = committed(play)
    play.ask()
    assert play.receive(TranscriptPiece(item_id, "secret")) == []
    assert play.receive(TranscriptFinished(item_id, "secret")) == []
    assert play.prompt.turns == (Turn("user", "secret"),)
    content = play.say("conversation.item.retrieve", item_id=item_id)[0]["item"]["content"]
    assert content == [
        {"type": "input_audio", "transcript": None, "audio": base64_of(SPEECH), "format": "pcm16"}
    ]


def test_words_that_nobody_understood_are_empty() -> None:
    play = Play()
    item_id = committed(play)
    play.ask()
    assert play.receive(TranscriptFailed(item_id, "none", "No recogniser.")) == []
    assert play.prompt.turns == (Turn("user", ""),)


def test_audio_in_an_item_of_the_client_is_heard_too() -> None:
    play = Play()
    play.transcribe()
    content = [
        {"type": "input_audio", "audio": base64_of(SPEECH)},
        {"type": "input_text", "text": "two"},
        {"type": "input_audio", "audio": base64_of(silence(300))},
        {"type": "input_audio", "audio": base64_of(SPEECH), "transcript": "four"},
    ]
    item = {"type": "message", "role": "user", "content": content}
    item_id = play.say("conversation.item.create", item=item)[0]["item"]["id"]
    assert [asked.audio for asked in play.heard] == [SPEECH, silence(300)]
    play.ask()
    first, third = (asked.item_id for asked in play.heard)
    assert first != third
    completed = play.receive(TranscriptFinished(third, "three"))[0]
    assert (completed["item_id"], completed["content_index"]) == (item_id, 2)
    play.receive(TranscriptFinished(first, "one"))
    assert play.prompt.turns == (Turn("user", "one\ntwo\nthree\nfour"),)


def test_audio_that_never_was_has_no_words() -> None:
    play = Play()
    item = {"type": "message", "role": "user", "content": [{"type": "input_audio"}]}
    play.say("conversation.item.create", item=item)
    play.ask()
    assert play.heard == []
    assert play.prompt.turns == (Turn("user", ""),)


def test_audio_in_the_input_of_an_answer_is_heard_too() -> None:
    play = Play()
    play.transcribe()
    play.update(audio={"input": {"format": {"type": "audio/pcma"}}})
    known = play.add("known")
    audio = voice(100, Encoding("audio/pcma", 8000))
    content = [{"type": "input_audio", "audio": base64_of(audio)}]
    own = {"type": "message", "id": known, "role": "user", "content": content}
    call = {"type": "function_call", "name": "f", "arguments": "{}", "call_id": "c"}
    response_id = play.ask(input=[{"type": "item_reference", "id": known}, own, call])
    assert (play.heard[0].audio, play.heard[0].encoding) == (audio, Encoding("audio/pcma", 8000))
    assert play.receive(TranscriptFinished(play.heard[0].item_id, "mine")) == []
    assert play.prompt.turns == (Turn("user", "known"), Turn("user", "mine"), Turn("call", "{}", "f", "c"))
    done = play.answer(response_id, Say("Hi"))[-2]["response"]
    assert done["usage"]["input_token_details"]["audio_tokens"] == 1


def test_an_answer_that_is_cancelled_before_its_words_came_is_never_asked() -> None:
    play = Play()
    item_id = committed(play)
    own = {
        "type": "message",
        "role": "user",
        "content": [{"type": "input_audio", "audio": base64_of(SPEECH)}],
    }
    play.ask(input=[own, {"type": "item_reference", "id": item_id}])
    assert types(play.say("response.cancel")) == ["response.done", "rate_limits.updated"]
    assert play.stopped == []
    # What the conversation holds may be needed again.
    assert play.unheard == [play.heard[0].item_id]
    play.receive(TranscriptFinished(item_id, "one"))
    assert play.asked == []
    play.ask()
    assert play.prompt.turns == (Turn("user", "one"),)


def test_an_item_that_is_gone_keeps_nobody_waiting() -> None:
    play = Play()
    play.transcribe()
    item_id = committed(play)
    play.add("Hi")
    play.ask()
    play.say("conversation.item.delete", item_id=item_id)
    assert play.unheard == [item_id]
    assert play.prompt.turns == (Turn("user", ""), Turn("user", "Hi"))
    assert play.receive(TranscriptFinished(item_id, "late")) == []
    play.say("response.cancel")
    play.ask()
    assert play.prompt.turns == (Turn("user", "Hi"),)


def test_ids_that_clients_choose_do_not_mix_up_words() -> None:
    play = Play()
    play.transcribe()
    audio = {"type": "input_audio", "audio": base64_of(SPEECH)}
    text = {"type": "input_text", "text": "x"}
    for item_id, content in [("a", [text, audio]), ("a.1", [audio])]:
        item = {"type": "message", "role": "user", "id": item_id, "content": content}
        play.say("conversation.item.create", item=item)
    first, second = (play.receive(TranscriptFinished(asked.item_id, "!"))[0] for asked in play.heard)
    assert (first["item_id"], first["content_index"]) == ("a", 1)
    assert (second["item_id"], second["content_index"]) == ("a.1", 0)


def test_transcription_that_is_switched_off_finishes_what_it_began() -> None:
    play = Play()
    play.transcribe()
    item_id = committed(play)
    play.update(audio={"input": {"transcription": None}})
    assert types(play.receive(TranscriptFinished(item_id, "one"))) == [f"{WORDS}.completed"]


def test_the_end_of_the_session_stops_everything() -> None:
    play = Play(session_limit_s=60)
    play.transcribe()
    waiting = committed(play)
    play.ask()
    play.receive(DeadlineReached(), now_s=play.now_s + 60)
    assert (play.unheard, play.stopped) == ([waiting], [])


@pytest.mark.parametrize(
    "message",
    [
        TranscriptPiece("nobody", "x"),
        TranscriptFinished("", "x"),
        TranscriptFailed("nobody", "c", "m"),
        AnswerFinished("nobody"),
    ],
)
def test_words_that_nobody_waits_for_are_ignored(message: ResponderInput) -> None:
    assert Play().receive(message) == []
