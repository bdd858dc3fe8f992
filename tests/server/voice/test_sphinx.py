"""pocketsphinx, in its process: phrases that are known are heard exactly."""

from __future__ import annotations

import asyncio
import sys

import pytest

from realtime_cli.protocol.encoding import PCM_24K, Encoding
from realtime_cli.server.voice.port import Hints, SpeechFailed
from realtime_cli.server.voice.processes import Child
from realtime_cli.server.voice.sphinx import Sphinx
from tests.support.speech import ULAW, need, silence, spoken

PHRASES = (
    *(
        "Hello there!",
        "Good morning.",
        "How are you?",
        "Who are you?",
        "What can you do?",
        "Help me, please.",
    ),
    *("What is your name?", "What time is it?", "Thank you very much.", "Goodbye.", "Turn on the lights."),
    *("Turn off the lights.", "What's the weather in Paris?", "Tell me a joke.", "Play some music."),
    *("Open the window.", "Call my mother.", "Stop, please.", "Order a pizza.", "Book a flight to Berlin."),
)


@pytest.fixture(autouse=True)
def _needs() -> None:
    need("pocketsphinx")


async def heard(sphinx: Sphinx, audio: bytes, *phrases: str, encoding: Encoding = PCM_24K) -> list[str]:
    hints = Hints(phrases=phrases)
    return [piece async for piece in sphinx.transcribe(audio, encoding=encoding, hints=hints)]


@pytest.mark.parametrize(
    ("voice", "encoding"),
    [("en-us", PCM_24K), ("en-us+f3", PCM_24K), ("en-us+m3", PCM_24K), ("en-us", ULAW)],
    ids=str,
)
async def test_every_phrase_is_heard_as_it_is_written(voice: str, encoding: Encoding) -> None:
    sphinx = Sphinx()
    texts: list[str] = []
    for phrase in PHRASES:
        speech = spoken(phrase, voice=voice, encoding=encoding)
        audio = silence(300, encoding) + speech + silence(500, encoding)
        texts.append("".join(await heard(sphinx, audio, *PHRASES, encoding=encoding)))
    await sphinx.close()
    assert texts == list(PHRASES)


async def test_words_come_one_by_one() -> None:
    sphinx = Sphinx()
    pieces = await heard(sphinx, spoken("What can you do?"), *PHRASES)
    await sphinx.close()
    assert pieces == ["What", " can", " you", " do?"]


async def test_without_phrases_the_open_model_guesses() -> None:
    sphinx = Sphinx()
    text = "".join(await heard(sphinx, spoken("How are you?")))
    await sphinx.close()
    assert text == "how are you"


async def test_words_that_no_dictionary_has_are_left_to_the_open_model() -> None:
    sphinx = Sphinx()
    text = "".join(await heard(sphinx, spoken("How are you?"), "zorgblatt", "!?"))
    await sphinx.close()
    assert text == "how are you"


async def test_silence_has_no_words() -> None:
    sphinx = Sphinx()
    texts = [await heard(sphinx, silence(ms), *phrases) for ms in (0, 40, 1500) for phrases in ((), PHRASES)]
    await sphinx.close()
    assert texts == [[]] * 6


async def test_a_transcription_that_is_not_wanted_does_not_disturb_the_next() -> None:
    sphinx = Sphinx()
    unwanted = asyncio.create_task(heard(sphinx, spoken("Tell me a joke.") * 3))
    wanted = asyncio.create_task(heard(sphinx, spoken("Goodbye."), *PHRASES))
    await asyncio.sleep(0.02)
    unwanted.cancel()
    assert "".join(await wanted) == "Goodbye."
    await sphinx.close()


async def test_it_begins_anew_after_it_was_closed() -> None:
    sphinx = Sphinx()
    for _ in range(2):
        assert "".join(await heard(sphinx, spoken("Goodbye."), *PHRASES)) == "Goodbye."
        await sphinx.close()


async def test_a_process_that_dies_fails_in_words_and_begins_anew() -> None:
    program = "input(); print('yes', flush=True); input()"
    child = Child([sys.executable, "-c", program], name="child")
    assert (await child.ask(b"?")).strip() == b"yes"
    with pytest.raises(SpeechFailed, match="child broke off"):
        await child.ask(b"?")
    assert (await child.ask(b"?")).strip() == b"yes"
    await child.close()


async def test_a_program_that_is_not_there_fails_in_words() -> None:
    with pytest.raises(SpeechFailed, match="cannot run /no/program"):
        await Child(["/no/program"], name="child").ask(b"?")
