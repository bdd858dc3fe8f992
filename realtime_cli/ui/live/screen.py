"""The conversation on a terminal: finished turns scroll away above a live region and an input line."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import TextIO

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.formatted_text import ANSI
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.layout import BufferControl, Dimension, FormattedTextControl, HSplit, Layout, Window
from prompt_toolkit.output import ColorDepth
from rich.text import Text

from realtime_cli.core.inputs import LocalInput, QuitRequested, UserText
from realtime_cli.core.session import Session
from realtime_cli.core.view import SessionView
from realtime_cli.runtime.ports import Levels
from realtime_cli.ui.theme import make_paper
from realtime_cli.ui.turns import sign
from realtime_cli.visible import one_line

from .app import InlineApp
from .controls import DOUBLE_PRESS_S, Controls
from .keys import key_bindings
from .kitty import KeyReleases
from .region import fitted
from .status import Meters, Status, status_line
from .story import Story
from .terminal import keyboard, output

# Shortest time between two pictures, and between two looks at the levels.
_FRAME_S, _LEVELS_S = 1 / 12, 1 / 8
_MOST_ROWS = 8
# Rows that the live turn leaves to the input and to what was said before.
_KEPT_ROWS = 4
_MOST_INPUT_ROWS = 8
_DEPTHS = {
    None: ColorDepth.DEPTH_1_BIT,
    "standard": ColorDepth.DEPTH_4_BIT,
    "256": ColorDepth.DEPTH_8_BIT,
    "truecolor": ColorDepth.DEPTH_24_BIT,
}


class LiveScreen:
    """A `Screen` that owns the keyboard while `run` runs. Pictures are drawn at most 12 times a second.

    `server` is the name of the other side; `levels` tells how loud it is.
    """

    def __init__(
        self,
        stdin: TextIO,
        stdout: TextIO,
        *,
        server: str,
        levels: Callable[[], Levels] = Levels,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._console = console = make_paper(stdout)
        self._stdout = stdout
        self._server = server
        self._levels = levels
        self._clock = clock
        self._view: SessionView = Session().view()
        self._story = Story(console)
        self._controls = Controls(_drop, clock)
        self._releases = KeyReleases()
        self._meters = Meters()
        self._metered_at_s = float("-inf")
        self._note = ""
        self._stale = asyncio.Event()
        self._shown: tuple[str, str] = ("", "")
        self._is_closed = False
        self._buffer = Buffer(history=InMemoryHistory(), multiline=True)
        self._app = InlineApp(
            self._layout(),
            keys=key_bindings(self, self._controls, self._buffer),
            keyboard=keyboard(stdin),
            output=output(stdout),
            color_depth=_DEPTHS[console.color_system],
            on_resize=self._refresh,
            before_stop=self._let_go,
            after_stop=self._take_hold,
        )

    def update(self, view: SessionView) -> None:
        """Shows what changed, as soon as it is time for a picture."""
        self._view = view
        self._controls.saw(view)
        self._stale.set()

    def close(self, view: SessionView) -> None:
        """Prints the rest, whatever is missing from it; `run` returns soon after."""
        self._view, self._is_closed = view, True
        self._print(self._story.tell(view, width=self._width, is_last=True).above)
        if self._app.is_running and not self._app.is_done:
            self._app.exit()

    def remark(self, words: str) -> None:
        """Says something beside the session, on a line of its own."""
        remark = Text(one_line(words), "info")
        if self._is_closed:
            self._print([remark])
        else:
            self._story.remark(remark)
            self._stale.set()

    async def run(self, post: Callable[[LocalInput], None]) -> None:
        """Posts what the user wants, until `close` or until the terminal has gone. The terminal is as before
        in every case."""
        self._controls.post = post
        self._stale.set()
        try:
            async with asyncio.TaskGroup() as tasks:
                drawing = tasks.create_task(self._keep_drawing(), name="screen")
                with suppress(EOFError):
                    await self._app.run_to_the_end()
                drawing.cancel()
        finally:
            if not self._is_closed:
                post(QuitRequested())
            self._controls.post = _drop

    def note(self, words: str) -> None:
        """Says something in the place of the status, for as long as a second Ctrl-C counts."""
        self._note = words
        asyncio.get_running_loop().call_later(DOUBLE_PRESS_S, self._forget_note)
        self.draw()

    def send(self, text: str) -> None:
        """Posts a typed turn, and tells it at once."""
        self._story.typed(text)
        self._controls.post(UserText(text))
        self.draw()

    def told_flags(self, flags: int) -> None:
        """The terminal knows the Kitty protocol."""
        self._app.write(self._releases.told(flags))
        self._stale.set()

    @property
    def reports_releases(self) -> bool:
        """Whether the terminal tells when the talk key comes up."""
        return self._releases.are_reported

    def open_raw(self) -> None:
        """Shows the events instead of the conversation."""

    def stop_process(self) -> None:
        """Goes to the background, until the user brings us back."""
        self._app.create_background_task(self._app.stop_process())

    def draw(self) -> None:
        """Draws what changed, now."""
        before = self._shown
        above = self._refresh()
        if above:
            self._app.print_above(above)
        elif before != self._shown:
            self._app.draw()

    def _layout(self) -> Layout:
        def rows(text: Callable[[], str]) -> Window:
            return Window(
                FormattedTextControl(lambda: ANSI(text())),
                height=lambda: Dimension(min=0, preferred=_lines(text()), max=_lines(text())),
                dont_extend_height=True,
            )

        typing = Window(
            BufferControl(self._buffer),
            height=Dimension(min=1, max=_MOST_INPUT_ROWS),
            get_line_prefix=self._prefix,
            wrap_lines=True,
            dont_extend_height=True,
        )
        parts = [rows(lambda: self._shown[0]), typing, rows(lambda: self._shown[1])]
        return Layout(HSplit(parts), focused_element=typing)

    def _prefix(self, line: int, wraps: int) -> ANSI | str:
        start = sign(self._console, "user")
        return " " * start.cell_len if line or wraps else ANSI(self._ansi([start]))

    async def _keep_drawing(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._patience_s()):
                    await self._stale.wait()
            self._look_at_levels()
            if self._stale.is_set():
                self._stale.clear()
                self._mind_the_talk_key()
                self.draw()
                await asyncio.sleep(_FRAME_S)

    def _patience_s(self) -> float | None:
        """How long nothing may happen before the levels are looked at."""
        return max(0.0, self._metered_at_s + _LEVELS_S - self._clock()) if self._is_audible else None

    @property
    def _is_audible(self) -> bool:
        return self._view.audio.is_listening or self._view.audio.is_playing

    def _look_at_levels(self) -> None:
        now_s = self._clock()
        if self._is_audible and now_s - self._metered_at_s >= _LEVELS_S:
            self._metered_at_s = now_s
            if self._meters.add(self._levels()):
                self._stale.set()

    def _mind_the_talk_key(self) -> None:
        """Has releases reported for as long as the space bar talks."""
        if sys.platform != "win32":
            talks = self._controls.space_talks
            self._app.write(self._releases.want() if talks else self._releases.forget())

    def _let_go(self) -> str:
        """Before somebody else gets the terminal: the talk key's release would be lost."""
        self._controls.release()
        return self._releases.forget()

    def _take_hold(self) -> str:
        return self._releases.want() if self._controls.space_talks and sys.platform != "win32" else ""

    def _forget_note(self) -> None:
        self._note = ""
        self._stale.set()

    def _refresh(self) -> str:
        """Makes the rows of the region anew, and gives those to print above it."""
        width, view = self._width, self._view
        rows = self._story.tell(view, width=width)
        room = max(1, min(_MOST_ROWS, self._app.output.get_size().rows - _KEPT_ROWS))
        status = Status(self._server, self._meters, self._releases.are_reported, self._note)
        line = status_line(self._console, view, status, width=width)
        self._shown = self._ansi(fitted(rows.live, room=room)), self._ansi([line])
        return _ended(self._ansi(rows.above), rows.above)

    @property
    def _width(self) -> int:
        return self._app.output.get_size().columns

    def _ansi(self, rows: Iterable[Text]) -> str:
        """The rows with their styles written out, as the terminal understands them."""
        with self._console.capture() as written:
            for row in rows:
                self._console.print(row, soft_wrap=True)
        return written.get().removesuffix("\n")

    def _print(self, rows: Sequence[Text]) -> None:
        if not rows:
            return
        if self._app.is_running:
            self._app.print_above(_ended(self._ansi(rows), rows))
            return
        with suppress(OSError):  # the terminal has gone
            self._stdout.write(_ended(self._ansi(rows), rows))
            self._stdout.flush()


def _lines(text: str) -> int:
    return text.count("\n") + 1 if text else 0


def _ended(text: str, rows: Sequence[Text]) -> str:
    return text + "\n" if rows else ""


def _drop(_: LocalInput) -> None:
    """Nobody wants to know."""
