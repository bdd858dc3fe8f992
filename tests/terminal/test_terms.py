"""Terminals that can do less, and people who hear the screen instead of seeing it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any

import pyte
import pytest
from websockets.asyncio.server import ServerConnection

from tests.cli.program import Program
from tests.cli.servers import GREETING, acting, event
from tests.support.serving import serving
from tests.terminal.emulator import Emulator
from tests.terminal.screen import CTRL_D, ENTER, terminal

SIMPLE: dict[str, str] = {"TERM": "dumb"}
TOOLS = '''
def weather(city: str) -> str:
    """Tells the weather."""
    return f"sunshine above {city}"
'''
SCRIPT = """
turns:
  - when: ask
    call: {name: weather, arguments: {city: Rome}}
  - after: weather
    say: "First the tool had an answer, whose words are enough\\nfor several rows of this narrow window."
  - otherwise: true
    say: "Second comes something else: **nothing** above may move while all that is said."
"""
ITEM: dict[str, Any] = {"id": "item_1", "type": "message", "role": "assistant", "content": []}
PLACE = {"response_id": "resp_1", "item_id": "item_1", "output_index": 0, "content_index": 0}
RESPONSE: dict[str, Any] = {"id": "resp_1", "status": "in_progress", "conversation_id": "c", "output": []}
# Where prompt_toolkit has drawn a picture, it shows the cursor again.
_PICTURE_END = b"\x1b[?25h"
_STYLES = re.compile(rb"\x1b\[[0-9;]*m")
_COLOURS = re.compile(rb"\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7])[;m]")


@pytest.mark.parametrize(
    "env",
    [
        SIMPLE,
        {"TERM": "screen"},
        {"TERM": "linux"},
        {"TERM": "xterm"},
        {"TERM": "xterm-256color", "NO_COLOR": "1"},
        {"TERM": "xterm", "COLORTERM": "truecolor"},
        {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=lambda env: "+".join(f"{name}={value}" for name, value in env.items()),
)
async def test_a_conversation_can_be_had(realtime: Program, env: dict[str, str]) -> None:
    async with (
        serving() as server,
        terminal(realtime, "chat", "--text", "--url", server.url, columns=40, **env) as screen,
    ):
        await screen.until(lambda: any(line in {"›", ">"} for line in screen.lines[-2:]))
        screen.type(f"hello{ENTER}")
        await screen.shows("hello")
        await screen.until(
            lambda: any(line in {"›", ">"} for line in screen.lines[-2:]) and "said" in screen.text
        )
        screen.type(CTRL_D)
        assert await screen.ends() == 0
        assert screen.leftovers == []
        assert screen.is_as_before
        if "NO_COLOR" in env:
            assert not _COLOURS.search(screen.raw)
        if env is SIMPLE:
            assert b"\x1b" not in screen.raw
        if "LANG" in env:
            assert screen.raw.isascii()


async def test_a_calm_screen_only_ever_adds_lines_above_the_input(realtime: Program) -> None:
    async with (
        serving(pace_words_per_s=100) as server,
        terminal(realtime, "chat", "--text", "--calm", "--url", server.url) as screen,
    ):
        await screen.until(lambda: "ready" in screen.lines[-1])
        screen.type(f"hello{ENTER}")
        await screen.shows("said: hello")
        await screen.until(lambda: "ready" in screen.lines[-1])
        heard = [
            line for line in _STYLES.sub(b"", screen.raw).decode().split("\r\n") if "said: hello" in line
        ]
        assert len(heard) == 1  # the whole answer, once
        assert sum("hello" in line for line in screen.lines) == 2
        screen.type(CTRL_D)
        assert await screen.ends() == 0
        assert screen.leftovers == []


class _Witness(Emulator):
    """Remembers the highest row that anything was written to, or erased in, since `highest` was set."""

    highest = 0

    def draw(self, data: str) -> None:
        self.highest = min(self.highest, self.cursor.y)
        super().draw(data)

    def erase_in_display(self, how: int = 0, *args: Any, **kwargs: Any) -> None:
        assert how == 0, "only what is below may go"
        self.highest = min(self.highest, self.cursor.y)
        super().erase_in_display(how, *args, **kwargs)

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        self.highest = min(self.highest, self.cursor.y)
        super().erase_in_line(how, private)


def _told_rows(screen: Emulator) -> Sequence[str] | None:
    """The rows above the input line, if that is there, and the status below it."""
    rows = "\n".join(line.rstrip() for line in screen.display).rstrip().split("\n")
    is_whole = rows[-2:-1] and rows[-2].startswith("›") and rows[-1]
    return rows[:-2] if is_whole else None


async def test_a_calm_session_never_goes_back_above_its_input_line(realtime: Program) -> None:
    realtime.file("mine.py", TOOLS)
    realtime.file("script.yaml", SCRIPT)
    start = (
        "chat",
        "--text",
        "--calm",
        "--script",
        "script.yaml",
        "--tools",
        "mine.py",
        "--approve",
        "always",
    )
    async with terminal(realtime, *start, columns=50) as screen:
        await screen.until(lambda: "ready" in screen.lines[-1])
        for turn, last in (("ask", "narrow window."), ("more", "all that is said.")):
            screen.type(f"{turn}{ENTER}")
            await screen.shows(last)
            await screen.until(lambda: "ready" in screen.lines[-1])
        raw = screen.raw
        screen.type(CTRL_D)
        assert await screen.ends() == 0
    witness = _Witness(50, 60)
    stream, told, pictures = pyte.ByteStream(witness), list[str](), 0
    for picture in raw.split(_PICTURE_END):
        witness.highest = witness.lines
        stream.feed(witness.understood(picture + _PICTURE_END))
        assert witness.highest >= len(told), witness.display
        if (rows := _told_rows(witness)) is not None:
            assert rows[: len(told)] == told
            told, pictures = list(rows), pictures + 1
    assert pictures > 5
    words = re.findall(r"[a-z]+", " ".join(told).lower())
    for once in ("ask", "first", "narrow", "window", "sunshine", "second", "nothing", "move", "more"):
        assert words.count(once) == 1, (once, told)


async def test_wide_and_right_to_left_words_while_the_window_grows_and_shrinks(realtime: Program) -> None:
    count, pause, goes_on = 50, 35, asyncio.Event()

    async def talk(socket: ServerConnection) -> None:
        await socket.send(GREETING)
        while "response.create" not in str(await socket.recv()):
            pass
        await socket.send(event("response.created", response=RESPONSE))
        await socket.send(
            event("response.output_item.added", response_id="resp_1", output_index=0, item=ITEM)
        )
        for number in range(count):
            delta = f"שלום{number:03d} 日本語、{'**' * (number % 7 == 0)}مرحبا{'**' * (number % 7 == 0)}👩 "
            await socket.send(event("response.output_text.delta", delta=delta, **PLACE))
            await asyncio.sleep(0.01)
            if number == pause:
                await goes_on.wait()
        done: dict[str, Any] = {**ITEM, "status": "completed"}
        await socket.send(event("response.output_item.done", response_id="resp_1", output_index=0, item=done))
        await socket.send(
            event("response.done", response={**RESPONSE, "status": "completed", "output": [done]})
        )
        await socket.wait_closed()

    async with acting(talk) as url, terminal(realtime, "chat", "--text", "--url", url, columns=40) as screen:
        await screen.until(lambda: "ready" in screen.lines[-1])
        screen.type(f"go{ENTER}")
        for number, columns in enumerate((43, 48, 55, 70), start=1):
            await screen.shows(f"שלום{7 * number:03d}")
            screen.resize(columns)
        await screen.shows(f"שלום{pause:03d}")
        screen.resize(40)  # cuts rows; nothing is on its way that was drawn for the other width
        goes_on.set()
        before = len(screen.overruns)
        await screen.until(lambda: f"{count - 1:03d}" in screen.text and "ready" in screen.lines[-1])
        assert len(screen.overruns) == before
        screen.type(CTRL_D)
        assert await screen.ends() == 0
        seen = [int(found) for found in re.findall(r"(?<=שלום)\d{3}", screen.text)]
        assert seen == sorted(set(seen)), screen.lines
        assert set(range(7)) | set(range(pause + 1, count)) <= set(seen), screen.lines
        assert screen.leftovers == []
