from __future__ import annotations

import asyncio
import io
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from typing import TextIO

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo terminals", allow_module_level=True)

import termios

from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.layout import FormattedTextControl, Layout, Window
from prompt_toolkit.output import ColorDepth

from realtime_cli.ui.live.app import InlineApp
from realtime_cli.ui.live.terminal import output
from tests.support.serving import eventually

TOLD, ROW = "told for good", "a row that may change"


class Pty:
    """A terminal in which what is written can be read."""

    def __init__(self) -> None:
        self._main, side = os.openpty()
        self.side: TextIO = io.TextIOWrapper(os.fdopen(side, "wb"), encoding="utf-8")
        os.set_blocking(self._main, False)
        self.resize(80)
        self.written = b""

    def resize(self, columns: int) -> None:
        termios.tcsetwinsize(self.side.fileno(), (24, columns))

    def read(self) -> bytes:
        with suppress(BlockingIOError):
            self.written += os.read(self._main, 65536)
        return self.written

    def close(self) -> None:
        self.side.close()
        os.close(self._main)


@pytest.fixture
def pty() -> Iterator[Pty]:
    made = Pty()
    yield made
    made.close()


@asynccontextmanager
async def running(pty: Pty, row: Callable[[], str], settled: Callable[[], str]) -> AsyncIterator[InlineApp]:
    """The application, with one row, drawn for the first time."""
    with create_pipe_input() as keyboard:
        app = InlineApp(
            Layout(Window(FormattedTextControl(row, focusable=True), height=1)),
            keys=KeyBindings(),
            keyboard=keyboard,
            output=output(pty.side),
            color_depth=ColorDepth.DEPTH_1_BIT,
            on_resize=settled,
            before_stop=str,
            after_stop=str,
        )
        task = asyncio.create_task(app.run_to_the_end())
        await eventually(lambda: ROW.encode() in pty.read())
        yield app
        app.exit()
        await task
        pty.read()


async def test_a_picture_for_a_size_that_has_gone_is_drawn_once_for_the_new_one(pty: Pty) -> None:
    widths, events = [60], list[str]()

    def row() -> str:
        if "told" in events and widths:
            pty.resize(widths.pop())  # while the picture is drawn
        return ROW

    def settled() -> str:
        events.append("settled")
        return "more\n"

    async with running(pty, row, settled) as app:
        pty.written = b""
        events.append("told")
        app.print_above(f"{TOLD}\n")
        assert pty.read() == b""
        assert app.is_resizing
        await eventually(lambda: b"more" in pty.read())
        assert events == ["told", "settled"]
        assert pty.written.count(TOLD.encode()) == 1
        assert pty.written.index(TOLD.encode()) < pty.written.index(b"more") < pty.written.index(ROW.encode())


async def test_what_was_to_be_printed_while_the_size_changed_is_not_lost_at_the_end(pty: Pty) -> None:
    async with running(pty, lambda: ROW, str) as app:
        pty.resize(60)
        app.print_above(f"{TOLD}\n")
        assert TOLD.encode() not in pty.read()
    assert pty.written.count(TOLD.encode()) == 1
