"""The conversation on a terminal: finished turns scroll away above a live region and an input line."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from typing import TextIO

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.formatted_text import ANSI
from prompt_toolkit.layout import BufferControl, Dimension, Window
from rich.cells import cell_len
from rich.text import Text

from realtime_cli.core.inputs import LocalInput, QuitRequested, UserText
from realtime_cli.core.session import Session
from realtime_cli.core.view import SessionView
from realtime_cli.runtime.ports import Direction
from realtime_cli.ui.commands import as_turn
from realtime_cli.ui.turns import sign
from realtime_cli.visible import one_line

from .board import Board, Picture
from .completing import completer
from .controls import DOUBLE_PRESS_S, Controls
from .desk import Desk
from .history import history, history_path
from .keys import key_bindings
from .kitty import KeyReleases
from .line import Line
from .menu import menu_rows
from .raw import EventRing
from .raw_page import RawPage
from .region import fitted
from .status import Meters, Status, changes_in_s, status_line
from .story import Story
from .surroundings import Surroundings

# Shortest time between two looks at the levels, and at the seconds of a tool that runs.
_LEVELS_S, _RUNNING_S = 1 / 8, 0.25
_MOST_ROWS = 8
# Rows that the live turn leaves to the input and to what was said before.
_KEPT_ROWS = 4
_MOST_INPUT_ROWS = 8
# What has to be approved has as many rows as there are, and never less.
_LEAST_ASKED_ROWS = 4
_APPROVAL_KEYS = (("^Y", "allows"), ("^N", "denies"))
# A tool that runs is among the last calls.
_WATCHED_CALLS = 8


class LiveScreen:
    """A `Screen` that owns the keyboard while `run` runs.

    `surroundings` is what else there is besides the session. The screen is an `Observer` too: of what it saw,
    the raw view shows the last events.
    """

    def __init__(
        self,
        stdin: TextIO,
        stdout: TextIO,
        surroundings: Surroundings,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._surroundings = surroundings
        self._clock = clock
        self._view: SessionView = Session().view()
        self._controls = Controls(_drop, clock)
        self._releases = KeyReleases()
        self._meters = Meters()
        self._metered_at_s = float("-inf")
        self._changes_at_s = float("inf")
        self._note = ""
        self._is_closed = False
        self._ring = EventRing()
        self._buffer = Line(
            history=history(
                history_path() if surroundings.keeps_history else None, redactor=surroundings.redactor
            ),
            completer=completer(lambda: self._view),
            complete_while_typing=True,
            multiline=True,
        )
        self._raw = RawPage(self._ring, surroundings.redactor, close=self._close_page, draw=self._draw)
        self._board = Board(
            stdin,
            stdout,
            self,
            keys=key_bindings(self, self._controls, self._buffer),
            page_keys=self._raw.keys(),
            typing=self._typing(),
            theme=surroundings.theme,
        )
        self._buffer.on_completions_changed += self._typing_changed
        self._buffer.on_text_changed += self._typing_changed
        self._console = self._board.console
        self._raw.console = self._console
        self._story = Story(self._console, calm=surroundings.calm)
        self._desk = Desk(self._controls, surroundings, self._board, self._story, self._raw)

    def saw(self, direction: Direction, raw: str | bytes, *, now_s: float, is_object: bool) -> None:
        """Keeps an event for the raw view, and for a command that waits for it."""
        self._ring.saw(direction, raw, now_s=now_s, is_object=is_object)
        self._desk.replies.saw(direction, raw, now_s=now_s, is_object=is_object)
        if self._board.page is not None:
            self._board.touch()

    def update(self, view: SessionView) -> None:
        """Shows what changed, as soon as it is time for a picture."""
        self._view = self._desk.view = view
        self._controls.saw(view)
        self._board.touch()

    def close(self, view: SessionView) -> None:
        """Prints the rest, whatever is missing from it; `run` returns soon after."""
        self._view, self._is_closed = view, True
        self._close_page()
        self._board.print(self._story.tell(view, width=self._board.width, is_last=True).above)
        self._board.exit()

    def remark(self, words: str) -> None:
        """Says something beside the session, on a line of its own."""
        remark = Text(one_line(words), "info")
        if self._is_closed:
            self._board.print([remark])
        else:
            self._story.remark(remark)
            self._board.touch()

    async def run(self, post: Callable[[LocalInput], None]) -> None:
        """Posts what the user wants, until `close` or until the terminal has gone. The terminal is as before
        in every case."""
        self._controls.post = post
        try:
            await self._board.run()
        finally:
            if not self._is_closed:
                post(QuitRequested())
            self._controls.post = _drop

    def note(self, words: str) -> None:
        """Says something in the place of the status, for as long as a second Ctrl-C counts."""
        self._note = words
        asyncio.get_running_loop().call_later(DOUBLE_PRESS_S, self._forget_note)
        self._board.draw()

    def send(self, text: str) -> None:
        """Takes what was typed: a command, or a turn, which is told at once."""
        if not self._desk.takes(text):
            turn = as_turn(text)
            self._story.typed(turn)
            self._controls.post(UserText(turn))
        self._board.draw()

    def told_flags(self, flags: int) -> None:
        """The terminal knows the Kitty protocol."""
        self._board.write(self._releases.told(flags))
        self._board.touch()

    @property
    def reports_releases(self) -> bool:
        """Whether the terminal tells when the talk key comes up."""
        return self._releases.are_reported

    def stop_process(self) -> None:
        """Goes to the background, until the user brings us back."""
        self._board.stop_process()

    def open_raw(self) -> None:
        """Shows the events instead of the conversation."""
        self._board.turn_to(self._raw)

    def picture(self, *, width: int, height: int) -> Picture:
        """The turn in progress, and below the input line what may be typed, or how things are."""
        self._mind_the_talk_key()
        menu = menu_rows(self._buffer, width=width, room=height - _KEPT_ROWS)
        room = self._room(height - _KEPT_ROWS - len(menu), width)
        now_s = self._surroundings.session_time()
        rows = self._story.tell(self._view, width=width, now_s=now_s, room=room)
        return Picture(
            rows.above, fitted(rows.live, room=room), [*menu, self._status(width)], has_more=rows.has_more
        )

    def look(self) -> float | None:
        """Looks at the levels, and at the clock, which nobody tells of."""
        now_s = self._clock()
        if self._is_audible and now_s - self._metered_at_s >= _LEVELS_S:
            self._metered_at_s = now_s
            if self._meters.add(self._surroundings.levels()):
                self._board.touch()
        if now_s >= self._changes_at_s:
            self._changes_at_s = float("inf")
            self._board.touch()
        levels_due_s = self._metered_at_s + _LEVELS_S if self._is_audible else float("inf")
        due_s = min(levels_due_s, self._changes_at_s)
        return max(0.0, due_s - now_s) if due_s < float("inf") else None

    def let_go(self) -> str:
        """Before somebody else gets the terminal: the talk key's release would be lost."""
        self._controls.release()
        return self._releases.forget()

    def take_hold(self) -> str:
        """Has releases reported again."""
        return self._releases.want() if self._controls.space_talks and sys.platform != "win32" else ""

    def _room(self, left: int, width: int) -> int:
        """How many rows the live turn may take of those that are left by what is below the input line."""
        if not self._controls.is_asked:
            return max(1, min(_MOST_ROWS, left))
        start = sign(self._console, "user").cell_len
        typed = sum(1 + (start + cell_len(line)) // width for line in self._buffer.document.lines)
        return max(_LEAST_ASKED_ROWS, left + 1 - min(_MOST_INPUT_ROWS, typed))

    def _status(self, width: int) -> Text:
        around, view = self._surroundings, self._view
        status = Status(
            around.server,
            self._meters,
            self._releases.are_reported,
            self._note,
            now_s=around.session_time(),
            log=around.log_state,
            is_calm=around.calm,
            max_usd=around.max_usd,
            max_s=around.max_s,
            hints=_APPROVAL_KEYS if self._controls.is_asked and not self._buffer.text else (),
        )
        changes = [after_s for after_s in (changes_in_s(view, status), self._tools_change_in_s()) if after_s]
        self._changes_at_s = self._clock() + min(changes, default=float("inf"))
        return status_line(self._console, view, status, width=width)

    def _tools_change_in_s(self) -> float | None:
        is_running = any(call.state == "running" for call in self._view.calls[-_WATCHED_CALLS:])
        return _RUNNING_S if is_running and not self._surroundings.calm else None

    def _typing(self) -> Window:
        return Window(
            BufferControl(self._buffer),
            height=Dimension(min=1, max=_MOST_INPUT_ROWS),
            get_line_prefix=self._prefix,
            wrap_lines=True,
            dont_extend_height=True,
        )

    def _prefix(self, line: int, wraps: int) -> ANSI | str:
        start = sign(self._console, "user")
        return " " * start.cell_len if line or wraps else self._board.sign(start)

    @property
    def _is_audible(self) -> bool:
        audio = self._view.audio
        return not self._surroundings.calm and (audio.is_listening or audio.is_playing)

    def _mind_the_talk_key(self) -> None:
        """Has releases reported for as long as the space bar talks."""
        if sys.platform != "win32":
            talks = self._controls.space_talks
            self._board.write(self._releases.want() if talks else self._releases.forget())

    def _close_page(self) -> None:
        self._board.turn_to(None)

    def _typing_changed(self, _: Buffer) -> None:
        self._board.touch()

    def _draw(self) -> None:
        self._board.draw()

    def _forget_note(self) -> None:
        self._note = ""
        self._board.touch()


def _drop(_: LocalInput) -> None:
    """Nobody wants to know."""
