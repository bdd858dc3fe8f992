"""A recorded conversation sounds again as it was heard, and can be written down as sound."""

from __future__ import annotations

import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from tests.cli.program import Program
from tests.cli.sounds import said_in
from tests.support.listening import was_heard
from tests.support.rig import Rig
from tests.support.speech import need, speech_share, spoken

if sys.platform == "win32":
    pytest.skip("needs a pseudo terminal", allow_module_level=True)

from tests.terminal.screen import terminal

SCRIPT = """
turns:
  - otherwise: true
    say: "This is the answer to your question."
"""


async def _recorded(realtime: Program) -> Path:
    """The log of a spoken question and its spoken answer."""
    need("espeak-ng")
    question, log = realtime.home / "question.raw", realtime.home / "log.jsonl"
    question.write_bytes(bytes(24_000) + spoken("What is the question?"))
    files = ("--input", question, "--raw", "24000", "--repeat-silence", "--output", "answer.raw")
    script = realtime.file("script.yaml", SCRIPT)
    done = await realtime("chat", "--script", script, "--stt", "none", *files, "--log", log)
    assert done.status == 0, done.err
    return log


def _channels(path: Path) -> list[bytes]:
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return [channel.tobytes() for channel in samples.reshape(-1, file.getnchannels()).T]


async def test_both_voices_are_written_where_they_were_heard(realtime: Program) -> None:
    log = await _recorded(realtime)
    wrote = await realtime("replay", log, "--wav", "both.wav")
    assert wrote.status == 0
    assert "s of sound in both.wav" in wrote.err
    user, assistant = _channels(realtime.home / "both.wav")
    assert speech_share(user.strip(b"\0")) > 0.4
    heard = (realtime.home / "answer.raw").read_bytes().strip(b"\0")
    assert was_heard(said_in(log), assistant)
    assert user.rstrip(b"\0").rfind(b"\0" * 4800) < assistant.find(heard[:2000]), "the answer comes after"


async def test_one_voice_can_be_chosen(realtime: Program) -> None:
    log = await _recorded(realtime)
    for who, share in (("user", 0), ("assistant", 1)):
        name = f"{who}.wav"
        assert (await realtime("replay", log, "--wav", name, "--audio", who)).status == 0
        (voice,) = _channels(realtime.home / name)
        assert was_heard(said_in(log), voice) == bool(share)


@pytest.mark.parametrize("name", ["log.jsonl", "nowhere/both.wav"])
async def test_a_file_that_cannot_be_written_is_named(realtime: Program, name: str) -> None:
    log = await _recorded(realtime)
    done = await realtime("replay", log, "--wav", name)
    assert done.status == 3
    assert name in done.complaint


async def test_a_voice_that_is_not_there_is_a_usage_error(realtime: Program) -> None:
    log = realtime.file("log.jsonl", '{"dir": "in", "event": {"type": "session.created"}}\n')
    done = await realtime("replay", log, "--audio", "everybody")
    assert done.status == 2
    assert "everybody" in done.complaint


async def test_a_replay_sounds_as_it_was_heard(realtime: Program, rig: Rig) -> None:
    log = await _recorded(realtime)
    await realtime("replay", log, "--wav", "heard.wav", "--audio", "assistant")
    (heard,) = _channels(realtime.home / "heard.wav")
    ear = rig.record()
    arguments = ("replay", log, "--audio", "assistant", "--output-device", "default")
    async with terminal(realtime, *arguments, **rig.environment) as screen:
        await screen.shows("the end")
        ear.wait_for_silence()
        screen.type("q")
        assert await screen.ends() == 0
    assert was_heard(heard, ear.stop())


async def test_a_mute_replay_is_silent(realtime: Program, rig: Rig) -> None:
    log = await _recorded(realtime)
    ear = rig.record()
    async with terminal(realtime, "replay", log, "--mute", **rig.environment) as screen:
        await screen.shows("the end")
        screen.type("q")
        assert await screen.ends() == 0
    assert not any(ear.stop())


async def test_after_a_seek_the_sound_goes_on_from_there_and_a_muted_one_can_be_heard(
    realtime: Program, rig: Rig
) -> None:
    log = await _recorded(realtime)
    await realtime("replay", log, "--wav", "heard.wav", "--audio", "assistant")
    (heard,) = _channels(realtime.home / "heard.wav")
    ear = rig.record()
    arguments = ("replay", log, "--mute", "--audio", "assistant", "--output-device", "default")
    async with terminal(realtime, *arguments, **rig.environment) as screen:
        await screen.shows("the end")
        assert not any(ear.pcm)
        screen.type("m0")
        await screen.shows("♪ on")
        await screen.until(lambda: "the end" not in screen.text)
        await screen.shows("the end")
        ear.wait_for_silence()
        screen.type("q")
        assert await screen.ends() == 0
    assert was_heard(heard, ear.stop())
