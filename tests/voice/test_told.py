"""What a person at a terminal is told about devices and voices that are not there."""

from __future__ import annotations

import sys

import pytest

from tests.cli.program import Program
from tests.support.rig import Rig

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo terminal")


async def test_a_remembered_device_and_a_voice_that_are_missing_cost_a_line_each(
    realtime: Program, rig: Rig
) -> None:
    from tests.terminal.screen import CTRL_D, ENTER, terminal

    config = realtime.file("config.toml", 'output_device = "studio"\n')
    env = {**rig.environment, "REALTIME_CONFIG": str(config)}
    chat = ("chat", "--tts-url", "http://127.0.0.1:9", "--stt", "none", "--echo", "off")
    async with terminal(realtime, *chat, columns=110, **env) as screen:
        await screen.shows("no output device matches 'studio': the default takes its place")
        screen.type(f"thank you{ENTER}")
        await screen.shows("You are welcome.")
        await screen.shows("no speech, words only: the speech server at http://127.0.0.1:9")
        screen.type(CTRL_D)
        assert await screen.ends() == 0
