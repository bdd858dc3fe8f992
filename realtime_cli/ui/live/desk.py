"""What typed commands act on: the session, the screen, and what surrounds them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.text import Text

from realtime_cli.core.cost import Rates
from realtime_cli.core.inputs import LocalInput
from realtime_cli.core.session import Session
from realtime_cli.core.view import SessionView
from realtime_cli.errors import RealtimeError
from realtime_cli.protocol.dialects import Dialect
from realtime_cli.ui.commands import execute, is_command
from realtime_cli.ui.commands.desk import ToolDesk
from realtime_cli.ui.turns import sign
from realtime_cli.visible import one_line

from .board import Board
from .controls import Controls
from .raw_page import RawPage
from .story import Story
from .surroundings import Surroundings


@dataclass(slots=True)
class Desk:
    """A `Desk` for commands, in front of the live screen."""

    board: Board
    controls: Controls
    story: Story
    raw: RawPage
    around: Surroundings
    view: SessionView = field(default_factory=lambda: Session().view())

    def takes(self, line: str) -> bool:
        """Does what a line says, where it is a command."""
        if not is_command(line):
            return False
        self.show(Text(sign(self.console, "user").plain + one_line(line), "info"))
        execute(self, line)
        self.board.touch()
        return True

    def post(self, wish: LocalInput) -> None:
        """Gives a wish to the session."""
        self.controls.post(wish)

    def show(self, *rows: Text) -> None:
        """Prints rows between two turns, for good."""
        self.story.show(list(rows))

    @property
    def width(self) -> int:
        """Columns of the terminal."""
        return self.board.width

    @property
    def console(self) -> Console:
        """Which characters and colours there are."""
        return self.board.console

    @property
    def is_calm(self) -> bool:
        """Whether the screen is listened to."""
        return self.around.calm

    @property
    def dialect(self) -> Dialect:
        """What the server speaks."""
        return self.around.dialect()

    @property
    def prices(self) -> Mapping[str, Rates]:
        """What the session counts with, by model."""
        return self.around.prices

    def clear(self) -> None:
        """Empties the screen; what has scrolled away stays."""
        self.board.clear()

    def mute(self) -> None:
        """Mutes the microphone, or opens it again."""
        self.controls.mute()

    def change_mode(self) -> None:
        """Changes between push-to-talk and the open microphone."""
        self.controls.change_mode()

    def interrupt(self) -> None:
        """Stops the answer."""
        self.controls.cancel()

    def leave(self) -> None:
        """Ends the session."""
        self.controls.leave()

    def open_raw(self, pattern: str) -> None:
        """Shows the events that a pattern finds."""
        self.raw.filter(pattern)
        self.board.turn_to(self.raw)

    def inspect(self, number: int | None) -> None:
        """Shows one event, the last one where no number is given."""
        self.raw.inspect(number)
        self.board.turn_to(self.raw)

    @property
    def tools(self) -> ToolDesk | None:
        """What runs tools."""
        return self.around.tools

    @property
    def log_path(self) -> Path | None:
        """Where the session is recorded."""
        return self.around.log

    def save(self, path: Path) -> str:
        """Copies the log, as far as it is written; raises `RealtimeError` where that cannot be."""
        log = self.around.log
        if log is None:
            raise RealtimeError("nothing is recorded", hint="leave out --no-log")
        try:
            shutil.copyfile(log, path)
        except OSError as error:
            raise RealtimeError(f"{path} cannot be written: {error.strerror or error}") from error
        return f"saved to {path}"
