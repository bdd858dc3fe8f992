"""What commands act on: a session's picture, its screen, and the hands that hold it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rich.console import Console
from rich.text import Text

from realtime_cli.core.cost import Rates
from realtime_cli.core.inputs import LocalInput
from realtime_cli.core.view import SessionView
from realtime_cli.protocol.dialects import Dialect

from .replies import Reply


@dataclass(frozen=True, slots=True)
class ToolRow:
    """A tool: where it comes from, what it does, and `approval`, when the user is asked first."""

    name: str
    source: str = ""
    summary: str = ""
    approval: str = ""


class ToolDesk(Protocol):
    """The tools of a session. Every method returns at once; what came of it is told later, on the screen.

    Each raises `RealtimeError` where it knows at once that it cannot be done.
    """

    def listed(self) -> Sequence[ToolRow]:
        """All tools, in their order."""
        ...

    def add(self, spec: str) -> None:
        """Adds what `--tools` takes."""
        ...

    def remove(self, name: str) -> None:
        """Takes a tool away."""
        ...

    def call(self, name: str, arguments: str) -> None:
        """Calls a tool by hand; `arguments` is JSON text."""
        ...


class Desk(Protocol):
    """Where a command is carried out. Every method returns at once."""

    @property
    def view(self) -> SessionView:
        """The session as it is now."""
        ...

    @property
    def console(self) -> Console:
        """Tells what characters can be shown."""
        ...

    @property
    def width(self) -> int:
        """Columns of the screen."""
        ...

    @property
    def is_calm(self) -> bool:
        """Whether the screen is listened to: words, no drawings."""
        ...

    @property
    def has_keys(self) -> bool:
        """Whether single keys act; else only whole lines do."""
        ...

    @property
    def dialect(self) -> Dialect:
        """What the server speaks."""
        ...

    @property
    def tools(self) -> ToolDesk | None:
        """The tools; None where the session was started without."""
        ...

    @property
    def prices(self) -> Mapping[str, Rates]:
        """What the session counts with, by model."""
        ...

    @property
    def log_path(self) -> Path | None:
        """The session's log; None where there is none."""
        ...

    def post(self, wish: LocalInput) -> None:
        """Tells the session what the user wants."""
        ...

    def expect(self, reply: Reply) -> str:
        """Has the server's answer told when it comes; gives the `event_id` for the event that asks for it."""
        ...

    def show(self, *rows: Text) -> None:
        """Prints rows above what is live, for good."""
        ...

    def clear(self) -> None:
        """Empties the screen; what has scrolled away stays."""
        ...

    def mute(self) -> None:
        """Mutes the microphone, or opens it again."""
        ...

    def change_mode(self) -> None:
        """Changes between push-to-talk and the open microphone."""
        ...

    def interrupt(self) -> None:
        """Stops the answer, or gives up what is being said."""
        ...

    def leave(self) -> None:
        """Ends the session."""
        ...

    def open_raw(self, pattern: str) -> None:
        """Shows the events whose type fits the pattern; empty: all of them."""
        ...

    def inspect(self, number: int | None) -> None:
        """Shows one event closely; None: the last."""
        ...

    def save(self, path: Path) -> str:
        """Copies the log, and says so in words. Raises `OSError` or `RealtimeError`."""
        ...
