"""Commands in a conversation, as a person sees them."""

from __future__ import annotations

import json

import pytest

from tests.cli.program import Program
from tests.support.serving import serving
from tests.terminal.live import live
from tests.terminal.screen import ENTER, ESC, terminal

PASTE, END_OF_PASTE = f"{ESC}[200~", f"{ESC}[201~"
DECLARED = {"tools": [{"type": "function", "name": "find_order", "parameters": {"type": "object"}}]}


async def test_the_menu_tells_how_many_more_there_are(realtime: Program) -> None:
    async with serving() as server, live(realtime, server.url) as here:
        here.screen.type("/")
        await here.screen.until(lambda: here.screen.lines[-2].strip().endswith(" more"))
        shown = [line for line in here.screen.lines if line.startswith("  /")]
        assert here.screen.lines[0] == "› /"
        assert len(shown) == 5
        here.screen.type("he")
        await here.screen.until(lambda: here.screen.lines[:1] == ["› /he"] and len(here.screen.lines) == 3)
        assert here.screen.lines[1].startswith("  /help")


async def test_the_end_of_a_paste_is_no_row_of_the_turn(realtime: Program) -> None:
    async with serving() as server, live(realtime, server.url) as here:
        here.screen.type(f"{PASTE}  one\n  two\n\n{END_OF_PASTE}{ENTER}")
        await here.screen.until(lambda: here.typed == ["  one\n  two"])


@pytest.mark.parametrize(
    ("options", "answers"),
    [(("--tools", "ask"), "answer with /answer"), ((), "nothing here answers: --tools ask")],
)
async def test_tools_lists_what_the_session_declares(
    realtime: Program, options: tuple[str, ...], answers: str
) -> None:
    realtime.file("session.json", json.dumps(DECLARED))
    async with terminal(realtime, "chat", "--text", "--session", "session.json", *options) as screen:
        await screen.until(lambda: screen.lines[-2:-1] == ["›"] and "ready" in screen.lines[-1])
        screen.type(f"hello{ENTER}")
        await screen.shows("Ask me")
        screen.type(f"/tools{ENTER}")
        await screen.shows(f"find_order {answers}")


async def test_what_the_server_answers_to_a_command_is_told(realtime: Program) -> None:
    async with serving() as server, live(realtime, server.url) as here:
        here.screen.type(f"hello{ENTER}")
        await here.screen.shows("You said: hello")
        here.screen.type(f"/retrieve 1{ENTER}")
        await here.screen.until(lambda: "content[0].text  hello" in here.screen.lines)
        here.screen.type(f"/delete 1{ENTER}")
        await here.screen.until(lambda: any(line.startswith("deleted msg_") for line in here.screen.lines))
