"""A window that is dragged about: tmux is the judge, which wraps rows and keeps what has scrolled away."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection

from tests.cli.program import Program
from tests.cli.servers import GREETING, acting, event
from tests.support.patience import PATIENCE_S
from tests.support.rig import Rig, rig

__all__ = ["rig"]
pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")
WORDS, SPOKEN_WORDS = 300, 60
WORD_S, AHEAD = 0.1, 3
ITEM = {"id": "item_1", "type": "message", "role": "assistant", "content": []}
PLACE = {"response_id": "resp_1", "item_id": "item_1", "output_index": 0, "content_index": 0}
TOOLS = '''
def weather(city: str) -> str:
    """Tells the weather."""
    return f"fine in {city}"
'''
SCRIPT = """
turns:
  - when: go
    call: {name: weather, arguments: {city: Rome}}
  - after: weather
    say: "It is {output}."
"""
RESPONSE = {"id": "resp_1", "status": "in_progress", "conversation_id": "c", "output": []}


async def _talk(socket: ServerConnection) -> None:
    """Answers with numbered words, slowly."""
    await socket.send(GREETING)
    async for frame in socket:
        if json.loads(frame)["type"] == "response.create":
            await _answer(socket)


async def _answer(socket: ServerConnection) -> None:
    await socket.send(event("response.created", response=RESPONSE))
    await socket.send(event("response.output_item.added", response_id="resp_1", output_index=0, item=ITEM))
    for number in range(WORDS):
        await socket.send(event("response.output_text.delta", delta=f"w{number:04d} ", **PLACE))
        await asyncio.sleep(0.02)
    done = {**ITEM, "status": "completed"}
    await socket.send(event("response.output_item.done", response_id="resp_1", output_index=0, item=done))
    await socket.send(event("response.done", response={**RESPONSE, "status": "completed", "output": [done]}))


async def _speak(socket: ServerConnection) -> None:
    """Answers with numbered words and their sound, faster than it sounds."""
    await socket.send(GREETING)
    async for frame in socket:
        if json.loads(frame)["type"] == "response.create":
            await _spoken_answer(socket)


async def _spoken_answer(socket: ServerConnection) -> None:
    sound = base64.b64encode(b"\x10" * round(48_000 * WORD_S)).decode()
    await socket.send(event("response.created", response=RESPONSE))
    await socket.send(event("response.output_item.added", response_id="resp_1", output_index=0, item=ITEM))
    for number in range(SPOKEN_WORDS):
        await socket.send(event("response.output_audio_transcript.delta", delta=f"w{number:04d} ", **PLACE))
        await socket.send(event("response.output_audio.delta", delta=sound, **PLACE))
        await asyncio.sleep(WORD_S / AHEAD)
    done = {**ITEM, "status": "completed"}
    await socket.send(event("response.output_audio.done", **PLACE))
    await socket.send(event("response.done", response={**RESPONSE, "status": "completed", "output": [done]}))


@dataclass(frozen=True, slots=True)
class Tmux:
    """A window of tmux, with a shell in it."""

    program: Program
    more: Mapping[str, str] = field(default_factory=dict)

    def start(self, *command: str, columns: int = 80) -> None:
        self._do("-f", os.devnull, "new", "-d", "-x", str(columns), "-y", "24", "/bin/sh")
        self._do("set", "-g", "window-size", "manual")
        self.type(" ".join(command))
        self.press("Enter")

    def type(self, words: str) -> None:
        self._do("send-keys", "-l", words)

    def press(self, key: str) -> None:
        self._do("send-keys", key)

    def resize(self, columns: int, rows: int) -> None:
        self._do("resize-window", "-x", str(columns), "-y", str(rows))

    def shown(self) -> str:
        return self._do("capture-pane", "-p")

    def all(self) -> str:
        """What is on the screen, and what has scrolled away."""
        return self._do("capture-pane", "-p", "-J", "-S", "-")

    def modes(self) -> str:
        return self._do("display", "-p", "#{cursor_flag} #{alternate_on} #{wrap_flag} #{cursor_x}").strip()

    def end(self) -> None:
        self._do("kill-server")

    async def until(self, is_so: Callable[[str], object]) -> None:
        end_s = time.monotonic() + PATIENCE_S
        while not is_so(self.shown()):
            assert time.monotonic() < end_s, self.shown()
            await asyncio.sleep(0.05)

    def _do(self, *arguments: str) -> str:
        command = ("tmux", "-S", str(self.program.home / "tmux"), *arguments)
        env = self.program.environment(PS1="$ ", PYTHONPATH=str(Path.cwd()), **self.more)
        return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("meanwhile", ["writing", "raw view", "menu"])
async def test_fifty_sizes_leave_each_word_once(realtime: Program, meanwhile: str) -> None:
    sizes, tmux = random.Random(meanwhile), Tmux(realtime)
    async with acting(_talk) as url:
        tmux.start(sys.executable, "-m", "realtime_cli", "chat", "--text", "--url", url)
        try:
            await tmux.until(lambda shown: "ready" in shown)
            tmux.type("go")
            tmux.press("Enter")
            await tmux.until(lambda shown: "w0003" in shown)
            if meanwhile == "raw view":
                tmux.press("C-e")
                await tmux.until(lambda shown: "esc back" in shown)
            elif meanwhile == "menu":
                tmux.type("/s")
                await tmux.until(lambda shown: "/set" in shown)
            for _ in range(50):
                tmux.resize(sizes.randint(10, 300), sizes.randint(3, 80))
                await asyncio.sleep(0.05)
            tmux.resize(80, 24)
            if meanwhile == "raw view":
                tmux.press("C-e")
            elif meanwhile == "menu":
                tmux.press("C-u")
            await tmux.until(lambda shown: "ready" in shown and f"w{WORDS - 1:04d}" in shown)
            tmux.press("C-d")
            await tmux.until(lambda shown: shown.rstrip()[-1:] in "$#" and "1 turn" in shown)
            said = tmux.all()
            assert tmux.modes() == "1 0 1 2"
            found = re.findall(r"w\d{4}", said)
            assert list(dict.fromkeys(found)) == [f"w{number:04d}" for number in range(WORDS)]
            assert len(found) == WORDS
            assert "ready" not in said
            assert "writing" not in said
            assert "›" not in said.replace("› go", "")
        finally:
            tmux.end()


@pytest.mark.parametrize("columns", [90, 60])
async def test_a_spoken_answer_stands_there_once_when_the_window_gets_narrower(
    realtime: Program, rig: Rig, columns: int
) -> None:
    tmux = Tmux(realtime, rig.environment)
    async with acting(_speak) as url:
        devices = ("--input-device", "default", "--output-device", "default", "--echo", "off")
        tmux.start(sys.executable, "-m", "realtime_cli", "chat", "--url", url, *devices, columns=120)
        try:
            await tmux.until(lambda shown: "listening" in shown)
            tmux.type("go")
            tmux.press("Enter")
            await tmux.until(lambda shown: f"w{SPOKEN_WORDS - 20:04d}" in shown)
            tmux.resize(columns, 24)
            last = f"w{SPOKEN_WORDS - 1:04d}"
            await tmux.until(lambda shown: last in shown and "listening" in shown)
            tmux.press("C-d")
            await tmux.until(lambda shown: shown.rstrip()[-1:] in "$#" and "1 turn" in shown)
            assert re.findall(r"w\d{4}", tmux.all()) == [f"w{number:04d}" for number in range(SPOKEN_WORDS)]
            assert "speaking" not in tmux.all()
        finally:
            tmux.end()


async def test_an_approval_can_wait_while_the_window_is_dragged(realtime: Program) -> None:
    sizes, tmux = random.Random(7), Tmux(realtime)
    tools, script = realtime.file("mine.py", TOOLS), realtime.file("script.yaml", SCRIPT)
    start = (sys.executable, "-m", "realtime_cli", "chat", "--text", "--approve", "ask")
    tmux.start(*start, "--tools", str(tools), "--script", str(script))
    try:
        await tmux.until(lambda shown: "ready" in shown)
        tmux.type("go")
        tmux.press("Enter")
        await tmux.until(lambda shown: "waiting for approval" in shown)
        tmux.type("half a th")
        await tmux.until(lambda shown: "› half a th" in shown)
        for _ in range(30):
            tmux.resize(sizes.randint(10, 300), sizes.randint(3, 80))
            await asyncio.sleep(0.05)
        tmux.resize(80, 24)
        await tmux.until(lambda shown: "waiting for approval" in shown and "› half a th" in shown)
        assert tmux.all().count("waiting for approval") == 1
        tmux.press("C-u")
        await tmux.until(lambda shown: "half" not in shown)
        tmux.press("C-y")
        await tmux.until(lambda shown: "● It is fine in Rome." in shown and "ready" in shown)
        tmux.press("C-d")
        await tmux.until(lambda shown: shown.rstrip()[-1:] in "$#" and "1 turn" in shown)
        said = tmux.all()
        assert said.count("⚙ weather(") == said.count("It is fine") == 1
        assert "waiting" not in said
        assert "half" not in said
    finally:
        tmux.end()
