"""`--echo auto` with a headset that goes away and comes back: nobody is interrupted by what they say."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest

from realtime_cli.audio import portaudio
from realtime_cli.cli.environment import Environment
from realtime_cli.cli.sound import Files, open_sound
from realtime_cli.settings import Settings
from tests.cli.program import Program
from tests.support.rig import Rig
from tests.support.speech import need
from tests.voice.test_on_devices import Conversation, conversation


def _modes(chat: Conversation) -> list[bool]:
    return [each["half_duplex"] for each in chat.events("listening.mode", direction="local")]


def _notices(chat: Conversation) -> list[str]:
    return [each["text"] for each in chat.events("audio.notice", direction="local")]


async def _until_mode(chat: Conversation, *, half_duplex: bool) -> None:
    await chat.until(lambda: _modes(chat)[-1:] == [half_duplex], f"half-duplex: {half_duplex}")


async def test_a_headset_that_is_replaced_by_another_device_makes_it_half_duplex(
    realtime: Program, rig: Rig
) -> None:
    """The sound server would move the stream of a sink that is removed, and the device would go on."""
    rig.add_sink("head")
    rig.name_devices({"headset": 'type pulse\n device "head"'})
    async with conversation(realtime, rig, "--echo", "auto", "--output-device", "headset") as chat:
        assert not _modes(chat)
        rig.suspend("head")
        await _until_mode(chat, half_duplex=True)
        gone = "The speaker headset is gone; default takes its place"
        await chat.until(lambda: gone in _notices(chat), "the words about the device")
        told = "echo: the headset (headset) is gone: the microphone is silent while the answer plays"
        await chat.until(lambda: told in _notices(chat), "the words about it")


async def test_a_headset_that_was_remembered_and_is_not_there_is_none(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In this process, as if it had a terminal: elsewhere nothing but a flag makes a device sound."""
    rig.name_devices({"jabra_headset": "type pulse"})
    need("livekit")
    portaudio.refresh()
    typed = StringIO()
    monkeypatch.setattr(typed, "isatty", lambda: True)
    env = Environment(typed, typed, typed, {}, tmp_path)
    for name, told in (("jabra", "none expected from a headset"), ("airpods", "echo: cancelled here")):
        settings = Settings(output_device=name)
        sound = await open_sound(env, settings, Files(), queued_bytes=lambda: 0)
        assert sound is not None
        sound.engine.close()
        assert told in sound.words


async def test_a_headset_that_the_sound_server_takes_from_us_is_missed_at_the_next_answer(
    realtime: Program, rig: Rig
) -> None:
    properties = "sink_properties=device.description=Headset"
    rig.control("load-module", "module-null-sink", "sink_name=head", properties)
    rig.control("set-default-sink", "head")
    async with conversation(realtime, rig, "--echo", "auto") as chat:
        rig.control("set-default-sink", "speaker")
        await chat.type("good morning")
        await _until_mode(chat, half_duplex=True)
        rig.control("set-default-sink", "head")
        await chat.event("response.done")
        await chat.type("good morning")
        await _until_mode(chat, half_duplex=False)
        back = "echo: none expected from the headset, which is back"
        await chat.until(lambda: back in _notices(chat), "the words about it")
        chat.process.terminate()
        assert "echo: none expected from a headset (Headset)" in await chat.last_words()
