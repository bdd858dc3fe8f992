"""`realtime send-event`, as a person sees it."""

from __future__ import annotations

import pytest

from tests.cli.program import Program
from tests.cli.readme import files
from tests.terminal.screen import terminal


@pytest.mark.parametrize("columns", [80, 40])
async def test_what_comes_back_is_a_tree(realtime: Program, columns: int) -> None:
    file = realtime.file("hello.json", files()["hello.json"])
    async with terminal(
        realtime, "send-event", file, "--wait-for", "response.created", columns=columns
    ) as screen:
        assert await screen.ends() == 0
        assert screen.cursor_column == 0
    assert b"session.created" in screen.raw
    assert b"conversation.item.create" in screen.raw


@pytest.mark.parametrize("columns", [120, 40])
async def test_an_error_stands_beside_its_cause(realtime: Program, columns: int) -> None:
    file = realtime.file("e.json", {"type": "conversation.item.delete", "item_id": "nobody"})
    async with terminal(realtime, "send-event", file, columns=columns) as screen:
        assert await screen.ends() == 7
        assert "error answers conversation.item.delete event_cli_1" in screen.text


async def test_colour_can_be_declined(realtime: Program) -> None:
    file = realtime.file("e.json", {"type": "input_audio_buffer.clear"})
    async with terminal(realtime, "send-event", file, NO_COLOR="1") as screen:
        assert await screen.ends() == 0
        assert "input_audio_buffer.cleared" in screen.text
    assert b"\x1b" not in screen.raw


async def test_a_refusal_names_the_path(realtime: Program) -> None:
    file = realtime.file("wrong.json", files()["wrong.json"])
    async with terminal(realtime, "send-event", file.name, columns=40) as screen:
        assert await screen.ends() == 3
        assert screen.text.startswith("realtime: wrong.json: session.voice: is not a field of the API")
        assert screen.lines[-1] == "  nothing was sent; --force sends anyway"
