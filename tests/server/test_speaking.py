"""Answers aloud: what comes, in which order, and what is left of them when something fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from realtime_cli.core.answers import AnswerPart, Call, Fail, Say, Speech
from realtime_cli.core.responding.messages import VoiceSettings
from realtime_cli.protocol.encoding import PCM_24K
from realtime_cli.server.speaking import Speaker, SpeechPace
from tests.support.engines import Hum
from tests.support.serving import eventually
from tests.support.speech import ULAW

VOICE = VoiceSettings("coral", 1.5, PCM_24K)
AT_ONCE = SpeechPace(delta_ms=100, times_real_time=None, words_per_s=None)


async def saying(*parts: AnswerPart) -> AsyncIterator[AnswerPart]:
    for part in parts:
        await asyncio.sleep(0)
        yield part


def speaker(hum: Hum, *, pace: SpeechPace = AT_ONCE, notes: list[str] | None = None) -> Speaker:
    return Speaker(hum, pace=pace, note=(notes if notes is not None else []).append)


async def spoken(speaker: Speaker, *parts: AnswerPart, voice: VoiceSettings = VOICE) -> list[AnswerPart]:
    return [part async for part in speaker.speak(saying(*parts), voice)]


def outline(parts: list[AnswerPart]) -> list[str]:
    """Words as they are, and `~` for a delta of speech."""
    lines: list[str] = []
    for part in parts:
        match part:
            case Say():
                lines.append(part.text)
            case Speech():
                lines.append("~")
            case _:
                lines.append(type(part).__name__)
    return lines


async def test_words_come_ahead_of_their_speech() -> None:
    hum = Hum()
    heard = outline(await spoken(speaker(hum), Say("Hi "), Say("you.")))
    assert sorted(heard) == sorted(["Hi", " you.", *"~~~~~~~"])
    assert heard[0] == "Hi"
    # While the synthesiser has not finished, a word may come early, and never late.
    assert heard.index(" you.") <= 3
    assert hum.asked == [("Hi you.", "coral", 1.5)]


async def test_clauses_are_synthesised_one_by_one() -> None:
    hum = Hum()
    parts = await spoken(speaker(hum), Say("One. Two. "), Say("Three"))
    assert [text for text, *_ in hum.asked] == ["One.", "Two.", "Three"]
    assert "".join(part.text for part in parts if isinstance(part, Say)) == "One. Two. Three"
    assert sum(len(part.audio) for part in parts if isinstance(part, Speech)) == 13 * 4800


async def test_calls_come_behind_what_was_said_before_them() -> None:
    assert outline(await spoken(speaker(Hum()), Say("Wait"), Call("f", "{}"))) == ["Wait", *"~~~~", "Call"]


async def test_a_failure_of_the_brain_comes_behind_its_words() -> None:
    parts = await spoken(speaker(Hum()), Say("Oh"), Fail("server_error", "no"))
    assert outline(parts) == ["Oh", "~", "~", "Fail"]


async def test_a_bug_of_the_brain_comes_behind_its_words() -> None:
    async def buggy() -> AsyncIterator[AnswerPart]:
        yield Say("Oh no. ")
        raise ZeroDivisionError

    heard: list[AnswerPart] = []

    async def listen() -> None:
        async for part in speaker(Hum()).speak(buggy(), VOICE):
            heard.append(part)  # noqa: PERF401 - what came before the failure counts

    with pytest.raises(ZeroDivisionError):
        await listen()
    assert "".join(part.text for part in heard if isinstance(part, Say)) == "Oh no."


async def test_when_the_synthesiser_fails_the_words_come_all_the_same() -> None:
    notes: list[str] = []
    broken = speaker(Hum(), notes=notes)
    parts = await spoken(broken, Say("Fine. Oh! More. "), Say("End"))
    assert "".join(part.text for part in parts if isinstance(part, Say)) == "Fine. Oh! More. End"
    assert sum(isinstance(part, Speech) for part in parts) == len("Fine.") + len("Oh")
    await spoken(broken, Say("Again!"))
    assert notes == ["no speech, words only: the hum broke off"]


async def test_what_has_no_letters_is_not_spoken() -> None:
    hum = Hum()
    assert outline(await spoken(speaker(hum), Say("..."))) == ["..."]
    assert hum.asked == []


async def test_speech_is_in_the_encoding_of_the_answer() -> None:
    voice = VoiceSettings("coral", 1.0, ULAW)
    parts = await spoken(speaker(Hum()), Say("abcd"), voice=voice)
    assert sum(len(part.audio) for part in parts if isinstance(part, Speech)) == 4 * 800


async def test_speech_comes_at_its_pace() -> None:
    loop = asyncio.get_running_loop()
    begun_s = loop.time()
    await spoken(speaker(Hum(), pace=SpeechPace(100, 10, None)), Say("abcde"))
    assert 0.039 <= loop.time() - begun_s < 1


async def test_an_answer_that_is_not_wanted_any_more_stops_everything() -> None:
    hum = Hum()
    answer = speaker(hum, pace=SpeechPace(100, 1, None)).speak(saying(Say("a" * 400)), VOICE)
    async for part in answer:
        if isinstance(part, Speech):
            break
    assert hum.open == 1
    await answer.aclose()
    await eventually(lambda: hum.open == 0)


async def test_no_more_than_two_clauses_are_made_ahead() -> None:
    hum = Hum()
    answer = speaker(hum, pace=SpeechPace(100, 1, None)).speak(saying(Say("One. " * 50)), VOICE)
    async for part in answer:
        if isinstance(part, Speech):
            break
    await eventually(lambda: len(hum.asked) >= 3)
    for _ in range(100):
        await asyncio.sleep(0)
    assert len(hum.asked) <= 4
    await answer.aclose()
