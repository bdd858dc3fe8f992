"""What typed commands act on, on the live screen."""

from __future__ import annotations

from dataclasses import dataclass, field

from rich.console import Console
from rich.text import Text

from realtime_cli.core.session import Session
from realtime_cli.core.view import SessionView
from realtime_cli.ui.commands import execute, is_command
from realtime_cli.ui.turns import sign
from realtime_cli.visible import one_line

from .board import Board
from .hands import Hands
from .raw_page import RawPage
from .story import Story


@dataclass(slots=True)
class Desk(Hands):
    """A `Desk` for commands, in front of the live screen."""

    board: Board
    story: Story
    raw: RawPage
    view: SessionView = field(default_factory=lambda: Session().view())

    def takes(self, line: str) -> bool:
        """Does what a line says, where it is a command."""
        if not is_command(line):
            return False
        self.show(Text(sign(self.console, "user").plain + one_line(line), "info"))
        execute(self, line)
        return True

    def show(self, *rows: Text) -> None:
        """Prints rows between two turns, for good."""
        self.story.show(list(rows))
        self.board.touch()

    @property
    def has_keys(self) -> bool:
        """Single keys act."""
        return True

    @property
    def width(self) -> int:
        """Columns of the terminal."""
        return self.board.width

    @property
    def console(self) -> Console:
        """Which characters and colours there are."""
        return self.board.console

    def clear(self) -> None:
        """Empties the screen; what has scrolled away stays."""
        self.board.clear()

    def open_raw(self, pattern: str) -> None:
        """Shows the events that a pattern finds."""
        self.raw.filter(pattern)
        self.board.turn_to(self.raw)

    def inspect(self, number: int | None) -> None:
        """Shows one event, the last one where no number is given."""
        self.raw.inspect(number)
        self.board.turn_to(self.raw)
