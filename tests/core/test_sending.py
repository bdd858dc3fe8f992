"""How the microphone's frames look, and how a replay knows them."""

from __future__ import annotations

import json

import pytest

from realtime_cli.core.effects import SendEvent
from realtime_cli.core.inputs import MicrophoneBlock
from realtime_cli.core.sending import is_audio_frame
from tests.support.voice import pcm, voice_session


def test_a_frame_of_the_microphone_is_json_and_known_for_one() -> None:
    (effect,) = voice_session().receive(MicrophoneBlock(pcm(20)), 0.0)
    assert isinstance(effect, SendEvent)
    assert effect.raw is not None
    assert json.loads(effect.raw)["type"] == effect.event.type == "input_audio_buffer.append"
    assert is_audio_frame(effect.raw)


@pytest.mark.parametrize(
    "raw", ["", "not JSON", '{"type":"input_audio_buffer.clear"}', '{ "type":"input_audio_buffer.append"}']
)
def test_other_frames_are_not(raw: str) -> None:
    assert not is_audio_frame(raw)
