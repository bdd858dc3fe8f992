"""Terminals that can do less, and people who hear the screen instead of seeing it."""

from __future__ import annotations

import re

import pytest

from tests.cli.program import Program
from tests.support.serving import serving
from tests.terminal.screen import CTRL_D, ENTER, terminal

SIMPLE: dict[str, str] = {"TERM": "dumb"}
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
