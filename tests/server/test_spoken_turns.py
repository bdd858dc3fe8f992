"""Spoken conversations with real speech, a real detector, recogniser and synthesiser, over real sockets."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from typing import Any

import pytest

from realtime_cli.protocol.encoding import PCM_24K, Encoding
from realtime_cli.server.voice.port import SpeechFailed, Voice
from tests.support.engines import Deaf, Dictation, Hum
from tests.support.serving import dialled, eventually, serving
from tests.support.speech import ALAW, ULAW, silence, sounding_ms, speech_share, spoken
from tests.support.talking import (
    append,
    audio_of,
    configure,
    on_the_phone,
    one,
    real_voice,
    say,
    scripted,
    types,
    words_of,
)

SCRIPT = """
turns:
  - when: What can you do?
    say: Well, I can play this script. It has a few lines, and this is the first of them.
  - when: Tell me a long story.
    say: Once upon a time there was a very long story. It went on and on. It never ended. And so it went.
  - when: Stop, please.
    say: I have stopped.
  - when: [Good morning., Thank you very much., "Play some music.", "What is your name?", "Goodbye."]
    say: "You said: {text}"
"""
PHRASES = ["Good morning.", "Thank you very much.", "Play some music.", "What is your name?", "Goodbye."]
TRANSCRIBED = {"transcription": {"model": "whisper-1", "language": "en", "prompt": "a robot"}}
COMPLETED = "conversation.item.input_audio_transcription.completed"
FAILED = "conversation.item.input_audio_transcription.failed"


async def test_a_spoken_question_has_a_spoken_answer(tmp_path: Path) -> None:
    async with on_the_phone(brain=scripted(tmp_path, SCRIPT)) as client:
        detection = {"type": "server_vad", "silence_duration_ms": 500, "prefix_padding_ms": 300}
        await configure(client, input={**TRANSCRIBED, "turn_detection": detection})
        lead_ms, question = 1000, spoken("What can you do?")
        await append(client, silence(lead_ms) + question + silence(1000))
        events = await client.until("response.done")
    assert types(events)[:3] == [
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
    ]
    # The server's padding goes before, its silence behind what was said.
    end_ms = lead_ms + sounding_ms(question)
    assert (
        lead_ms - 320 <= one(events, "input_audio_buffer.speech_started")["audio_start_ms"] <= lead_ms - 200
    )
    stopped_ms = one(events, "input_audio_buffer.speech_stopped")["audio_end_ms"]
    assert end_ms + 500 <= stopped_ms <= end_ms + 500 + 160
    assert one(events, COMPLETED)["transcript"] == "What can you do?"
    assert words_of(events).startswith("Well, I can play this script.")
    assert 3 < PCM_24K.ms(len(audio_of(events))) / 1000 < 12
    assert speech_share(audio_of(events)) > 0.5
    assert events[-1]["response"]["status"] == "completed"


async def test_transcript_deltas_come_ahead_of_their_audio(tmp_path: Path) -> None:
    async with on_the_phone(brain=scripted(tmp_path, SCRIPT)) as client:
        await say(client, "What can you do?")
        events = await client.until("response.done")
    kinds = [
        event["type"].removeprefix("response.output_")
        for event in events
        if event["type"].startswith("response.output_audio") and event["type"].endswith("delta")
    ]
    assert kinds[:2] == ["audio_transcript.delta", "audio.delta"]
    # Word by word, all along the audio: never a long stretch of words, or of sound, alone.
    assert "".join(kind[6] for kind in kinds).count("t" * 4) == 0
    assert kinds[-1] == "audio.delta"


@pytest.mark.parametrize("encoding", [ULAW, ALAW], ids=str)
async def test_a_telephone_call(tmp_path: Path, encoding: Encoding) -> None:
    format_ = {"format": {"type": encoding.type}}
    async with on_the_phone(brain=scripted(tmp_path, SCRIPT)) as client:
        await configure(client, input={**TRANSCRIBED, **format_}, output=format_)
        await say(client, "What can you do?", encoding=encoding)
        events = await client.until("response.done")
    assert one(events, COMPLETED)["transcript"] == "What can you do?"
    assert speech_share(audio_of(events), encoding) > 0.5
    assert 3 < encoding.ms(len(audio_of(events))) / 1000 < 12


async def test_every_phrase_of_a_script_is_understood(tmp_path: Path) -> None:
    async with on_the_phone(brain=scripted(tmp_path, SCRIPT)) as client:
        answers: list[str] = []
        for phrase in PHRASES:
            await say(client, phrase)
            answers.append(words_of(await client.until("response.done")))
    assert answers == [f"You said: {phrase}" for phrase in PHRASES]


async def test_barging_in_cancels_the_answer_and_begins_the_next(tmp_path: Path) -> None:
    async with on_the_phone(brain=scripted(tmp_path, SCRIPT), audio_pace=1.0) as client:
        await say(client, "Tell me a long story.")
        first = await client.until("response.output_audio.delta")
        await say(client, "Stop, please.", lead_ms=0)
        interrupted = await client.until("response.done")
        answer = await client.until("response.done")
    response = interrupted[-1]["response"]
    assert (response["status"], response["status_details"]["reason"]) == ("cancelled", "turn_detected")
    assert types(interrupted).index("input_audio_buffer.speech_started") < types(interrupted).index(
        "response.done"
    )
    assert words_of(answer) == "I have stopped."
    assert PCM_24K.ms(len(audio_of(first + interrupted))) < 5000


async def test_truncating_cuts_audio_and_transcript(tmp_path: Path) -> None:
    async with on_the_phone(brain=scripted(tmp_path, SCRIPT)) as client:
        await say(client, "Tell me a long story.")
        events = await client.until("response.done")
        item_id = events[-1]["response"]["output"][0]["id"]
        await client.send("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=1500)
        await client.until("conversation.item.truncated")
        await client.send("conversation.item.retrieve", item_id=item_id)
        [part] = (await client.until("conversation.item.retrieved"))[-1]["item"]["content"]
    assert "transcript" not in part
    assert PCM_24K.ms(len(base64.b64decode(part["audio"]))) == 1500


async def test_beta_clients_hear_it_by_their_own_names(tmp_path: Path) -> None:
    async with on_the_phone(suffix="?dialect=beta", brain=scripted(tmp_path, SCRIPT)) as client:
        await client.send("session.update", session={"input_audio_transcription": {"model": "whisper-1"}})
        await say(client, "What can you do?")
        events = await client.until("response.done")
    assert one(events, COMPLETED)["transcript"] == "What can you do?"
    deltas = [event["delta"] for event in events if event["type"] == "response.audio.delta"]
    assert speech_share(b"".join(map(base64.b64decode, deltas))) > 0.5
    assert any(event["type"] == "response.audio_transcript.delta" for event in events)


async def test_the_manual_way(tmp_path: Path) -> None:
    async with on_the_phone(brain=scripted(tmp_path, SCRIPT)) as client:
        await configure(client, input={**TRANSCRIBED, "turn_detection": None})
        await append(client, spoken("What can you do?"))
        await client.send("input_audio_buffer.commit")
        heard = await client.until(COMPLETED)
        assert "input_audio_buffer.speech_started" not in types(heard)
        await client.send("response.create")
        assert words_of(await client.until("response.done")).startswith("Well,")


async def test_a_transcription_session_only_listens(tmp_path: Path) -> None:
    async with on_the_phone(suffix="?intent=transcription", brain=scripted(tmp_path, SCRIPT)) as client:
        await configure(
            client, type_="transcription", input={**TRANSCRIBED, "turn_detection": {"type": "server_vad"}}
        )
        await say(client, "Goodbye.")
        events = await client.until(COMPLETED)
    assert events[-1]["transcript"] == "Goodbye."
    assert [event["delta"] for event in events if event["type"].endswith("transcription.delta")] == [
        "Goodbye."
    ]
    assert not any(event["type"].startswith("response.") for event in events)


async def test_semantic_turns_end_by_the_words(tmp_path: Path) -> None:
    async with on_the_phone(brain=scripted(tmp_path, SCRIPT)) as client:
        await configure(client, input={**TRANSCRIBED, "turn_detection": {"type": "semantic_vad"}})
        await say(client, "What can you do?", tail_ms=400)
        answered = asyncio.create_task(client.until("response.done"))
        for _ in range(175):
            if answered.done():
                break
            await append(client, silence(20))
            await asyncio.sleep(0.01)
        # Without the words it would wait for four seconds of silence, and not get them.
        assert words_of(await answered).startswith("Well,")


async def test_voice_and_speed_are_passed_on() -> None:
    hum = Hum()
    async with on_the_phone(voice=Voice(Dictation("hello"), hum)) as client:
        await configure(client, output={"voice": "cedar", "speed": 1.25})
        await say(client, "Hello there!")
        await client.until("response.done")
    assert {(voice, speed) for _, voice, speed in hum.asked} == {("cedar", 1.25)}
    assert hum.is_closed


async def test_hints_are_passed_on(tmp_path: Path) -> None:
    dictation = Dictation("Good", " bye")
    async with on_the_phone(voice=Voice(dictation, None), brain=scripted(tmp_path, SCRIPT)) as client:
        await configure(client, input=TRANSCRIBED)
        await say(client, "Goodbye.")
        events = await client.until("response.done")
    [(audio, encoding, hints)] = dictation.asked
    assert (hints.language, hints.prompt) == ("en", "a robot")
    assert "Good morning." in hints.phrases
    assert encoding == PCM_24K
    assert speech_share(audio) > 0.2
    assert [event["delta"] for event in events if event["type"].endswith("transcription.delta")] == [
        "Good",
        " bye",
    ]
    assert dictation.is_closed


@pytest.mark.parametrize(
    ("recogniser", "code", "end"),
    [
        (None, "transcription_unavailable", "."),
        (Deaf(SpeechFailed("it is out of order")), "transcription_failed", " failed: it is out of order."),
        (Deaf(SpeechFailed("no answer: is it running?")), "transcription_failed", ": is it running?"),
        (Deaf(SpeechFailed("it said: boom.")), "transcription_failed", "it said: boom."),
        (Deaf(ZeroDivisionError("a bug")), "transcription_failed", " failed."),
    ],
)
async def test_without_a_transcript_the_turn_goes_on(recogniser: Any, code: str, end: str) -> None:
    notes: list[str] = []
    async with on_the_phone(voice=Voice(recogniser, None), on_event=notes.append) as client:
        await configure(client, input=TRANSCRIBED)
        await say(client, "Hello there!")
        events = await client.until("response.done")
    assert one(events, FAILED)["error"]["code"] == code
    assert "a bug" not in one(events, FAILED)["error"]["message"]
    assert one(events, FAILED)["error"]["message"].endswith(end)
    assert words_of(events)
    assert any("not recognised" in note for note in notes) == (recogniser is not None)


async def test_without_a_synthesiser_there_are_words() -> None:
    async with on_the_phone(voice=Voice(Dictation("hello"), None)) as client:
        await say(client, "Hello there!")
        events = await client.until("response.done")
    assert words_of(events) == "You said: hello"
    assert not audio_of(events)


async def test_when_the_synthesiser_fails_the_words_come_and_it_is_said_once() -> None:
    notes: list[str] = []
    async with on_the_phone(voice=Voice(Dictation("oh", "!", " my"), Hum()), on_event=notes.append) as client:
        for _ in range(2):
            await say(client, "Hello there!")
            assert words_of(await client.until("response.done")) == "You said: oh! my"
    assert [note for note in notes if "no speech" in note] == [
        "client 1: no speech, words only: the hum broke off"
    ]


async def test_a_slow_recogniser_holds_up_nobody_else() -> None:
    dictation = Dictation("at last", is_held=True)
    async with (
        serving(voice=Voice(dictation, None)) as server,
        dialled(server) as speaker,
        dialled(server) as writer,
    ):
        await say(speaker, "Hello there!")
        await eventually(lambda: bool(dictation.asked))
        assert await writer.answer("still there?") == "You said: still there?"
        await append(speaker, silence(100))
        dictation.go.set()
        assert words_of(await speaker.until("response.done")) == "You said: at last"


async def test_real_recognition_holds_up_nobody_else() -> None:
    async with (
        serving(voice=real_voice()) as server,
        dialled(server) as speaker,
        dialled(server) as writer,
    ):
        await configure(speaker, input={**TRANSCRIBED, "turn_detection": None})
        await append(speaker, spoken("The quick brown fox jumps over the lazy dog. ") * 2)
        await speaker.send("input_audio_buffer.commit")
        await speaker.until("conversation.item.done")
        heard = asyncio.create_task(speaker.until(COMPLETED))
        for turn in range(20):
            assert await writer.answer(f"{turn}") == f"You said: {turn}"
        assert not heard.done()
        assert (await heard)[-1]["transcript"]


async def test_leaving_stops_recognition() -> None:
    dictation = Dictation(is_held=True)
    async with serving(voice=Voice(dictation, None)) as server:
        async with dialled(server) as client:
            await say(client, "Hello there!")
            await eventually(lambda: bool(dictation.asked))
        await eventually(lambda: dictation.stopped == 1)


async def test_many_speak_at_once(tmp_path: Path) -> None:
    async def converse(number: int) -> str:
        async with dialled(server) as client:
            await say(client, PHRASES[number % len(PHRASES)])
            events = await client.until("response.done")
            assert speech_share(audio_of(events)) > 0.4
            return words_of(events)

    async with serving(voice=real_voice(), audio_pace=None, brain=scripted(tmp_path, SCRIPT)) as server:
        answers = await asyncio.gather(*map(converse, range(10)))
    assert answers == [f"You said: {PHRASES[number % len(PHRASES)]}" for number in range(10)]
