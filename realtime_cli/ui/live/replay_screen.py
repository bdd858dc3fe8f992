"""A recorded conversation on a terminal: it looks as it did live, above a bar that shows where it stands."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TextIO

from prompt_toolkit.layout import FormattedTextControl, Window
from rich.text import Text

from realtime_cli.core.session import Session
from realtime_cli.core.view import SessionView
from realtime_cli.runtime.deck import Deck
from realtime_cli.runtime.replayer import RecordedEntry
from realtime_cli.ui.theme import ThemeName, can_show
from realtime_cli.ui.turns import sign
from realtime_cli.visible import one_line

from .board import Board, Picture
from .region import fitted
from .replay_bar import bar_line, clock
from .replay_keys import help_rows, replay_keys
from .replay_raw import ReplayedEvents
from .replay_status import replay_status
from .story import Story

# Shortest time between two looks at the clock.
_TICK_S = 1 / 8
_MOST_ROWS = 8
# The bar, the status, the row above them, and what was said before.
_KEPT_ROWS = 5


class ReplayScreen:
    """A `Screen` that owns the keyboard while `run` runs; its keys steer the deck.

    `tape` gets the entries that the raw view shows, `server` is the name of the other side, `stop` is Ctrl-C.
    Where it is `calm`, only what is said moves the bar.
    """

    def __init__(
        self,
        stdin: TextIO,
        stdout: TextIO,
        deck: Deck,
        *,
        tape: deque[RecordedEntry],
        server: str,
        stop: Callable[[], None],
        theme: ThemeName = "auto",
        calm: bool = False,
    ) -> None:
        self._deck = deck
        self._server = server
        self._is_calm = calm
        self._view: SessionView = Session().view()
        self._has_begun = self._is_closed = False
        self._above: list[Text] = []
        self._bar = Text()
        self._raw = ReplayedEvents(tape, close=self._close_page, draw=self._draw)
        keys = replay_keys(deck, help_=self._help, raw=self._open_raw, stop=stop, suspend=self._suspend)
        # No line is typed, so that an empty one has the focus, and the cursor is nowhere.
        nothing = Window(FormattedTextControl("", focusable=True, show_cursor=False), height=1)
        self._board = Board(
            stdin, stdout, self, keys=keys, page_keys=self._raw.keys(), typing=nothing, theme=theme
        )
        self._console = self._board.console
        self._raw.draw_on(self._console)
        self._story = Story(self._console, calm=calm)
        deck.changed = self._board.touch

    def update(self, view: SessionView) -> None:
        """Shows what changed, as soon as it is time for a picture."""
        self._view = view
        self._board.touch()

    def rewind(self) -> None:
        """Knows that the recording is played from its beginning again, to get to where it was wanted."""
        self._raw.begin_anew()

    def skip(self, view: SessionView) -> None:
        """Goes on from here: what was said before this moment counts as told."""
        self._above += self._rest()
        if self._has_begun or int(self._deck.place.t_s):
            self._above.append(self._rule())
        self._view, self._has_begun = view, True
        self._story = Story(self._console, calm=self._is_calm)
        self._above += self._last_turn(self._rest())
        self._board.touch()

    def close(self, view: SessionView) -> None:
        """Prints the rest, whatever is missing from it; `run` returns soon after."""
        self._view, self._is_closed = view, True
        self._close_page()
        self._board.print([*self._above, *self._rest()])
        self._board.exit()

    def remark(self, words: str) -> None:
        """Says something beside the session, on a line of its own."""
        self._story.remark(Text(one_line(words), "warning"))
        self._board.touch()

    async def run(self) -> None:
        """Shows the recording until `close` or until the terminal has gone; that is as before in any case."""
        if not self._is_closed:
            try:
                await self._board.run()
            finally:
                self._deck.leave()

    def picture(self, *, width: int, height: int) -> Picture:
        """The turn in progress, and below it where the recording stands."""
        room = max(1, min(_MOST_ROWS, height - _KEPT_ROWS))
        rows = self._story.tell(self._view, width=width, now_s=self._deck.place.t_s, room=room)
        above, self._above = [*self._above, *rows.above], []
        self._bar = bar_line(self._console, self._deck, width=width)
        status = replay_status(self._console, self._view, self._deck, server=self._server, width=width)
        return Picture(above, fitted(rows.live, room=room), [self._bar, status], has_more=rows.has_more)

    def look(self) -> float | None:
        """Looks at the clock while the recording plays."""
        if self._is_calm:
            return None
        if self._bar != bar_line(self._console, self._deck, width=self._board.width):
            self._board.touch()
        moves = self._deck.is_seeking or not (self._deck.is_over or self._deck.pace.is_paused)
        return _TICK_S if moves else None

    def let_go(self) -> str:
        """Nothing has to be taken back."""
        return ""

    def take_hold(self) -> str:
        """Nothing has to be asked for."""
        return ""

    def _rest(self) -> list[Text]:
        """What was not told for good yet of the present picture."""
        return list(self._story.tell(self._view, width=self._board.width, is_last=True).above)

    def _last_turn(self, rows: list[Text]) -> list[Text]:
        """Where one is: the rows from the last user's sign on, the middle left out where they are many."""
        start = sign(self._console, "user", in_words=self._is_calm).plain
        begins = [index for index, row in enumerate(rows) if row.plain.startswith(start)]
        turn = rows[begins[-1] :] if begins else rows
        if len(turn) <= _MOST_ROWS:
            return turn
        dots = "…" if can_show(self._console, "…") else "..."
        return [turn[0], Text(f"  {dots}", "info"), *turn[2 - _MOST_ROWS :]]

    def _rule(self) -> Text:
        dash = "─" if can_show(self._console, "─") else "-"
        return Text(f"{dash * 2} {clock(self._deck.place.t_s)} {dash * 2}", "rule")

    def _help(self) -> None:
        self._story.show(help_rows(self._console, width=self._board.width))
        self._board.touch()

    def _open_raw(self) -> None:
        self._board.turn_to(self._raw)

    def _close_page(self) -> None:
        self._board.turn_to(None)

    def _draw(self) -> None:
        self._board.draw()

    def _suspend(self) -> None:
        self._board.stop_process()
