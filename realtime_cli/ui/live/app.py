"""A prompt_toolkit application in the last rows of the terminal; what is above them scrolls as always."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from prompt_toolkit.application import Application, in_terminal
from prompt_toolkit.data_structures import Point
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindingsBase
from prompt_toolkit.layout import Layout
from prompt_toolkit.layout.screen import Screen
from prompt_toolkit.output import ColorDepth, Output

from .reflow import Wear, rows_added, wraps_rows
from .terminal import drop, in_one_piece, is_late

# After Esc: so long for the rest of a sequence, and so long for a key that belongs to it.
_SEQUENCE_S, _CHORD_S = 0.05, 0.1
# After a change of the window's size so long for the next one: whoever draws for a size that the terminal
# does not have any more erases other rows than its own. tmux tells of a size at most every 250 ms.
_SETTLING_S, _TMUX_SETTLING_S = 0.06, 0.3


class InlineApp(Application[None]):
    """Draws its rows below everything that was printed, in one piece, and leaves none of them behind.

    `on_resize` brings the rows up to date with the terminal's new width and gives lines to print above them.
    `before_stop` and `after_stop` give what has to be written before the terminal is the shell's, and after
    it is ours again.
    """

    def __init__(
        self,
        layout: Layout,
        *,
        keys: KeyBindingsBase,
        keyboard: Input,
        output: Output,
        color_depth: ColorDepth,
        on_resize: Callable[[], str],
        before_stop: Callable[[], str],
        after_stop: Callable[[], str],
    ) -> None:
        super().__init__(
            layout=layout,
            key_bindings=keys,
            input=keyboard,
            output=output,
            color_depth=color_depth,
            erase_when_done=True,
            include_default_pygments_style=False,
            terminal_size_polling_interval=0.5 if sys.platform == "win32" else None,
            before_render=lambda _: self._shrink(),
        )
        self.ttimeoutlen, self.timeoutlen = _SEQUENCE_S, _CHORD_S
        self._wraps = sys.platform != "win32" and wraps_rows(os.environ)
        self._settling_s = _TMUX_SETTLING_S if os.environ.get("TMUX") else _SETTLING_S
        self._settling: asyncio.TimerHandle | None = None
        self._drawn_for = output.get_size()
        self._is_lost = False
        self._wear = Wear()
        self._unprinted = ""
        # What the terminal still shows where a picture was dropped.
        self._standing: Screen | None = None
        self._resized, self._before_stop, self._after_stop = on_resize, before_stop, after_stop

    @property
    def is_resizing(self) -> bool:
        """Whether the window's size changes right now: once that is over, all is drawn anew."""
        if self.renderer.full_screen:
            return False
        if self._settling is None and self.output.get_size() != self._drawn_for:
            self._on_resize()
        return self._settling is not None

    @property
    def is_in_a_key(self) -> bool:
        """Whether a key is being dealt with: prompt_toolkit would draw it at the cursor."""
        return bool(self.key_processor.key_buffer)

    def draw(self) -> None:
        """Draws what changed."""
        self._redraw()

    def print_above(self, text: str) -> None:
        """Prints lines above the rows, for good; while the window is being resized, afterwards."""
        self._unprinted += text
        if not self.is_resizing:
            self._draw_anew()

    def clear(self) -> None:
        """Empties the terminal."""
        with in_one_piece(self.output):
            self._stop_settling()
            self._standing = None
            self._wear.erased()
            self.renderer.clear()

    def take_whole_screen(self, *, whole: bool) -> None:
        """Has the terminal's other screen from the next picture on, or its usual one as it was."""
        if whole is self.renderer.full_screen:
            return
        size = self.output.get_size()
        if whole and self._settling is None and size != self._drawn_for:
            self._on_resize()  # the rows that are erased now are wrapped already
        with in_one_piece(self.output):
            self._back_to_the_top()
            self._erase()
            self.renderer.full_screen = whole
        if not whole and (self._is_lost or size != self._drawn_for):
            self._is_lost = True
            self._on_resize()
        self._drawn_for = size

    def write(self, text: str) -> None:
        """Writes to the terminal as it is."""
        if text:
            self.output.write_raw(text)
            self.output.flush()

    async def run_to_the_end(self) -> None:
        """Runs until `exit`; the terminal is as before in every case. Raises `EOFError` where it has gone."""
        with self._taking_back():
            try:
                await self.run_async(handle_sigint=False)
            finally:
                self.write(self._before_stop())

    async def stop_process(self) -> None:
        """Gives the terminal to the shell until the user brings us back."""
        if sys.platform == "win32":
            return
        async with in_terminal():
            self.write(self._before_stop())
            os.killpg(os.getpgrp(), signal.SIGTSTP)  # all of the job, as the terminal itself does it
        self.write(self._after_stop())

    def _write_lines(self, text: str) -> None:
        self.write(text.replace("\n", "\r\n"))

    def _redraw(self, render_as_done: bool = False) -> None:
        if render_as_done:
            self._end()
        elif self.is_running and not self.is_resizing:
            with self._picture():
                self._draw_rows()

    def _end(self) -> None:
        with in_one_piece(self.output):
            self._back_to_the_top()
            if self._unprinted:
                self._print()
                self._unprinted = ""
            super()._redraw(render_as_done=True)

    def _draw_anew(self) -> None:
        with self._picture():
            self._back_to_the_top()
            self._print()
            self._draw_rows()
        if self._settling is None:
            self._unprinted = ""

    def _print(self) -> None:
        self._erase()
        self._write_lines(self._unprinted)

    def _draw_rows(self) -> None:
        super()._redraw()
        if self._is_worn():
            self._erase()
            super()._redraw()
            self._is_worn()

    @contextmanager
    def _picture(self) -> Generator[None]:
        """In one piece, for one size. Where the terminal has another one by then, what stands there stays."""
        before = self._standing or self.renderer.last_rendered_screen, self._is_lost
        with in_one_piece(self.output):
            self._drawn_for = self.output.get_size()
            yield
            is_dropped = not self.renderer.full_screen and is_late(self.output)
            if is_dropped:
                self.renderer.reset(leave_alternate_screen=False)
                drop(self.output)
        if is_dropped:
            self._standing, self._is_lost = before
            self._on_resize()

    def _erase(self) -> None:
        self.renderer.erase()
        self._wear.erased()

    def _is_worn(self) -> bool:
        """Whether a row down to the cursor's was longer before, where the terminal may wrap what it was."""
        screen = self.renderer.last_rendered_screen
        if screen is None or not self._wraps or self.renderer.full_screen:
            return False
        return self._wear.drawn(screen, cursor_row=self._cursor(screen).y)

    def _cursor(self, screen: Screen) -> Point:
        return screen.get_cursor_position(self.layout.current_window)

    def _on_resize(self) -> None:
        if self.renderer.full_screen:
            self._is_lost = True
            self._resized()
            super()._on_resize()
            return
        self._stop_settling()
        self._settling = asyncio.get_running_loop().call_later(self._settling_s, self._settle)

    def _settle(self) -> None:
        """Draws for the new size."""
        if self._running_in_terminal:
            self._stop_settling()
            self._standing = None
            return
        self._unprinted += self._resized()
        self._draw_anew()

    def _stop_settling(self) -> None:
        if self._settling is not None:
            self._settling.cancel()
        self._settling, self._drawn_for = None, self.output.get_size()

    def _below_everything(self) -> None:
        """To a new row at the bottom: nobody knows where a resize has left the usual screen's cursor."""
        self.output.cursor_down(self.output.get_size().rows)
        self.output.write_raw("\r\n")

    def _back_to_the_top(self) -> None:
        """To where the rows begin, if a resize may have moved the cursor."""
        if self._settling is None:
            return
        self._stop_settling()
        self.output.write_raw("\r")  # a terminal that wraps rows may have moved the cursor along its own
        screen, self._standing = self._standing or self.renderer.last_rendered_screen, None
        if self._is_lost and self._wraps:
            self._below_everything()
        elif screen is not None:
            self.output.cursor_up(self._rows_above_cursor(screen))
        self._is_lost = False
        self.renderer.reset(leave_alternate_screen=False)

    def _rows_above_cursor(self, screen: Screen) -> int:
        cursor, width = self._cursor(screen), self.output.get_size().columns
        if not self._wraps:
            return cursor.y
        return cursor.y + rows_added(screen, cursor_row=cursor.y, cursor_column=cursor.x, width=width)

    def _shrink(self) -> None:
        """Gives rows back that are not needed any more."""
        if self.renderer.full_screen:
            return
        last, size = self.renderer.last_rendered_screen, self.output.get_size()
        wanted = self.layout.container.preferred_height(size.columns, size.rows).preferred
        if last is not None and wanted < last.height:
            self._erase()

    def _handle_exception(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """A bug behind a key, or in the drawing, ends the program; the terminal is put in order before."""
        error = context.get("exception")
        if isinstance(error, Exception) and self.is_running and not self.is_done:
            self.exit(exception=error)
        else:
            loop.default_exception_handler(context)

    @contextmanager
    def _taking_back(self) -> Generator[None]:
        """Takes the terminal again whenever the process goes on after somebody stopped it from outside."""
        if sys.platform == "win32":
            yield
            return
        loop = asyncio.get_running_loop()

        def take() -> None:
            if self.is_running:
                self.input.raw_mode().__enter__()  # `run_async` gives back what was before all of them
                self.renderer.reset()
                self.write(self._after_stop())
                self._settle()

        def continued(number: int, frame: FrameType | None) -> None:
            _ = number, frame
            if not self._running_in_terminal:
                loop.call_soon_threadsafe(take)

        before = signal.signal(signal.SIGCONT, continued)
        try:
            yield
        finally:
            signal.signal(signal.SIGCONT, before)
