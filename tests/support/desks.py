"""A desk in memory, in front of a session: what commands post goes into it, and what it sends is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from realtime_cli.core.cost import Rates
from realtime_cli.core.effects import Effect, SendEvent
from realtime_cli.core.inputs import LocalInput
from realtime_cli.core.session import Session
from realtime_cli.core.view import SessionView
from realtime_cli.errors import UsageError
from realtime_cli.protocol.codec import ServerEvent
from realtime_cli.protocol.dialects import Dialect
from realtime_cli.ui.commands import ToolDesk, ToolRow, execute
from realtime_cli.ui.commands.replies import Replies, Reply
from realtime_cli.ui.theme import make_console
from tests.support.builders import greeted


@dataclass
class MemoryTools:
    """Tools that only exist by name, and what was asked of them."""

    rows: list[ToolRow] = field(default_factory=list)
    done: list[tuple[str, ...]] = field(default_factory=list)

    def listed(self) -> Sequence[ToolRow]:
        """All of them."""
        return self.rows

    def add(self, spec: str) -> None:
        """Takes every specification but one."""
        if spec == "broken":
            raise UsageError("broken cannot be read", hint="mend it")
        self.done.append(("add", spec))

    def remove(self, name: str) -> None:
        """Takes one away."""
        self.done.append(("remove", name))

    def call(self, name: str, arguments: str) -> None:
        """Notes a call."""
        self.done.append(("call", name, arguments))


@dataclass
class MemoryDesk:
    """Records what commands do; `view` is the session's unless a test sets another one."""

    session: Session = field(default_factory=greeted)
    width: int = 80
    is_calm: bool = False
    has_keys: bool = True
    dialect: Dialect = "ga"
    tools: ToolDesk | None = None
    log_path: Path | None = None
    prices: Mapping[str, Rates] = field(default_factory=dict)
    console: Console = field(default_factory=lambda: make_console(StringIO(), width=200))
    posted: list[LocalInput] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    rows: list[Text] = field(default_factory=list)
    done: list[tuple[object, ...]] = field(default_factory=list)
    changes: dict[str, Any] = field(default_factory=dict)
    replies: Replies = field(default_factory=Replies)

    @property
    def view(self) -> SessionView:
        """The session now, with the changes that a test wants."""
        return replace(self.session.view(), **self.changes)

    def post(self, wish: LocalInput) -> None:
        """Gives the session what the user wants."""
        self.posted.append(wish)
        effects = self.session.receive(wish, 1.0)
        self.effects += effects
        for effect in effects:
            if isinstance(effect, SendEvent):
                self.replies.saw("out", effect.raw or effect.event.to_json(), now_s=1.0, is_object=True)

    def expect(self, reply: Reply) -> str:
        """Waits for it."""
        return self.replies.expect(reply)

    def hear(self, answer: ServerEvent) -> str:
        """The server says something; gives what is shown because of it."""
        before = len(self.rows)
        self.session.receive(answer, 1.0)
        self.replies.saw("in", answer.to_json(), now_s=1.0, is_object=True)
        return "\n".join(row.plain for row in self.rows[before:])

    def show(self, *rows: Text) -> None:
        """Keeps the rows, which must be made for the width."""
        self.rows += rows

    def clear(self) -> None:
        """Notes it."""
        self.done.append(("clear",))

    def mute(self) -> None:
        """Notes it."""
        self.done.append(("mute",))

    def change_mode(self) -> None:
        """Notes it."""
        self.done.append(("change_mode",))

    def interrupt(self) -> None:
        """Notes it."""
        self.done.append(("interrupt",))

    def leave(self) -> None:
        """Notes it."""
        self.done.append(("leave",))

    def open_raw(self, pattern: str) -> None:
        """Notes it."""
        self.done.append(("open_raw", pattern))

    def inspect(self, number: int | None) -> None:
        """Notes it."""
        self.done.append(("inspect", number))

    def save(self, path: Path) -> str:
        """Copies the log."""
        assert self.log_path is not None
        path.write_bytes(self.log_path.read_bytes())
        return f"saved to {path.name}"

    def run(self, line: str) -> str:
        """Carries a line out and gives what is shown because of it, a line for each row."""
        before = len(self.rows)
        execute(self, line)
        return "\n".join(row.plain for row in self.rows[before:])

    @property
    def sent(self) -> list[dict[str, Any]]:
        """What the session has sent, without the ids of events."""
        events = [effect for effect in self.effects if isinstance(effect, SendEvent)]
        return [_without_id(effect.raw or effect.event.to_json()) for effect in events]


def _without_id(raw: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(raw)
    return {key: value for key, value in event.items() if key != "event_id"}
