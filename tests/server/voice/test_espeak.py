"""Both ways to espeak-ng: the library and the command."""

from __future__ import annotations

import asyncio
import shutil

import numpy as np
import pytest

from realtime_cli.server.voice.espeak import manner, speakable
from realtime_cli.server.voice.espeak_command import EspeakCommand
from realtime_cli.server.voice.espeak_library import EspeakLibrary
from realtime_cli.server.voice.port import SpeechFailed, Synthesiser
from realtime_cli.server.voice.speakers import speaker
from tests.support.speech import need, speech_share

VOICES = ("alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar")
QUESTION = "What can you do for me today?"


@pytest.fixture(params=["library", "command"])
def espeak(request: pytest.FixtureRequest) -> Synthesiser:
    if request.param == "library":
        need("espeakng_loader")
        return EspeakLibrary()
    need("espeak-ng")
    return EspeakCommand(shutil.which("espeak-ng") or "")


async def said(
    synthesiser: Synthesiser, text: str = QUESTION, *, voice: str = "alloy", speed: float = 1.0
) -> bytes:
    return b"".join([piece async for piece in synthesiser.speak(text, voice=voice, speed=speed)])


def seconds(pcm: bytes) -> float:
    return len(pcm) / 48000


def pitch_hz(pcm: bytes) -> float:
    """The fundamental of the loudest half second, by autocorrelation."""
    samples = np.frombuffer(pcm, "<i2").astype(float)
    size = 12000
    start = max(
        range(0, len(samples) - size, 2400), key=lambda at: float(np.abs(samples[at : at + size]).sum())
    )
    window = samples[start : start + size]
    spectrum = np.abs(np.fft.rfft(window, 2 * size)) ** 2
    echo = np.fft.irfft(spectrum)[:size]
    lags = slice(24000 // 350, 24000 // 60)
    return 24000 / (lags.start + int(np.argmax(echo[lags])))


async def test_it_speaks(espeak: Synthesiser) -> None:
    pcm = await said(espeak)
    assert 1 < seconds(pcm) < 4
    assert speech_share(pcm) > 0.7


async def test_speed_is_a_factor(espeak: Synthesiser) -> None:
    normal, fast, slow = [seconds(await said(espeak, speed=speed)) for speed in (1.0, 1.5, 0.7)]
    assert 1.3 < normal / fast < 1.8
    assert 1.2 < slow / normal < 1.7


@pytest.mark.parametrize("text", [QUESTION, "Welcome to support. What is the number of your order?"])
async def test_the_slowest_speech_is_as_slow_as_the_api_allows(espeak: Synthesiser, text: str) -> None:
    speeds = (1.0, 0.5, 0.4, 0.25)
    normal, *slow = [seconds(await said(espeak, text, speed=speed)) for speed in speeds]
    assert [slower / normal for slower in slow] == pytest.approx([2, 2.5, 4], rel=0.15)


async def test_every_voice_sounds_different(espeak: Synthesiser) -> None:
    sounds = [await said(espeak, voice=voice) for voice in VOICES]
    assert len(set(sounds)) == len(VOICES)
    assert pitch_hz(sounds[VOICES.index("shimmer")]) > 1.3 * pitch_hz(sounds[VOICES.index("cedar")])


async def test_unknown_voices_speak_too(espeak: Synthesiser) -> None:
    sounds = [await said(espeak, voice=voice) for voice in ("nova", "onyx", "../../etc/passwd", "", "-x")]
    assert all(speech_share(sound) > 0.7 for sound in sounds)


async def test_a_voice_of_its_own_can_be_named(espeak: Synthesiser) -> None:
    german, english = await said(espeak, voice="de"), await said(espeak)
    assert speech_share(german) > 0.7
    assert german != english


@pytest.mark.parametrize("text", ["", " ", "\0", "\x1b[2J"])
async def test_nothing_to_say_is_no_failure(espeak: Synthesiser, text: str) -> None:
    assert seconds(await said(espeak, text)) < 3


async def test_many_speak_at_once(espeak: Synthesiser) -> None:
    alone = [await said(espeak, f"Number {number}.") for number in range(8)]
    together = await asyncio.gather(*(said(espeak, f"Number {number}.") for number in range(8)))
    assert [seconds(pcm) for pcm in together] == pytest.approx([seconds(pcm) for pcm in alone], abs=0.05)


async def test_a_command_that_is_not_there_fails_in_words() -> None:
    with pytest.raises(SpeechFailed, match="cannot run /no/espeak-ng: No such file"):
        await said(EspeakCommand("/no/espeak-ng"))


def test_the_rate_stays_within_what_can_be_understood() -> None:
    assert [manner("alloy", speed).words_per_minute for speed in (0.1, 1, 9)] == [80, 175, 450]


def test_phoneme_brackets_are_only_text() -> None:
    assert speakable("a[[b\x1bc]]\n") == "a[ [b c]] "


def test_only_names_are_handed_to_an_engine() -> None:
    assert [speaker(voice).own for voice in ("de", "en-gb+f2", "../x", "a b", "-v", "")] == [
        *("de", "en-gb+f2"),
        *("", "", "", ""),
    ]
