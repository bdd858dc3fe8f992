"""Commands on a terminal that only prints lines: what they show stands between the turns."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from rich.console import Console
from rich.text import Text

from realtime_cli.core.inputs import LocalInput, UserText
from realtime_cli.core.view import SessionView
from realtime_cli.errors import UsageError
from realtime_cli.protocol.jsontypes import as_object
from realtime_cli.runtime.ports import Direction

from .commands import as_turn, execute, is_command
from .commands.layout import tell
from .live.hands import Hands
from .live.raw import EventRing, RawView
from .live.raw.filter import parse_filter
from .plain import PlainScreen

# So much of the raw view is printed: a screen of events, and one event to its end.
_MOST_EVENTS, _MOST_LINES = 20, 200


@dataclass(slots=True)
class PlainDesk(Hands):
    """A `Desk` for commands, in front of a plain screen, and an `Observer` of what is typed and sent."""

    screen: PlainScreen
    look: Callable[[], SessionView]
    ring: EventRing = field(default_factory=EventRing, kw_only=True)
    _has_wished: bool = field(default=False, init=False)

    def serve(self, take: Callable[[LocalInput], None]) -> None:
        """Gives every wish to `take` from now on."""

        def wish(what: LocalInput) -> None:
            self._has_wished = True
            take(what)

        self.controls.post = wish

    def enter(self, line: str) -> None:
        """Takes what was typed: a command, a turn, or nothing, which is the talk key."""
        self.controls.saw(self.view)
        if not line.strip() and self.controls.space_talks:
            self._act(self._talk)
        elif not line.strip():
            self.screen.line_left_empty()
        elif is_command(line):
            self._act(lambda: execute(self, line))
        else:
            self.post(UserText(as_turn(line)))

    def _act(self, act: Callable[[], None]) -> None:
        self.screen.line_entered()
        self._has_wished = False
        act()
        if not self._has_wished:  # else the screen hears from the session, and asks again then
            self.screen.update(self.view)

    def _talk(self) -> None:
        """Begins to talk, or ends it."""
        self.controls.space(is_held=False)
        if self.controls.is_talking:
            tell(self, "you are heard: Enter ends your turn")
        elif self.controls.is_muted:
            tell(self, "the microphone is muted: /mute opens it")

    def change_mode(self) -> None:
        """Changes between push-to-talk, by Enter alone, and the open microphone."""
        self.controls.change_mode()
        is_by_key = self.controls.is_push_to_talk
        tell(self, "push-to-talk: Enter alone begins and ends it" if is_by_key else "the microphone is open")

    def saw(self, direction: Direction, raw: str | bytes, *, now_s: float, is_object: bool) -> None:
        """Keeps an event, and tells the screen of typed turns."""
        self.ring.saw(direction, raw, now_s=now_s, is_object=is_object)
        self.replies.saw(direction, raw, now_s=now_s, is_object=is_object)
        if direction == "local" and '"user.text"' in str(raw[:40]):
            self.screen.line_entered(str((as_object(json.loads(raw)) or {}).get("text", "")))

    @property
    def view(self) -> SessionView:
        """The session as it is now."""
        return self.look()

    @property
    def console(self) -> Console:
        """Which characters and colours there are."""
        return self.screen.console

    @property
    def has_keys(self) -> bool:
        """Only whole lines are read."""
        return False

    @property
    def width(self) -> int:
        """Columns of the terminal."""
        return self.console.width

    def show(self, *rows: Text) -> None:
        """Prints rows between two turns."""
        self.screen.show(*rows)

    def leave(self) -> None:
        """Ends the session."""
        self.screen.stop_asking()
        self.controls.leave()

    def clear(self) -> None:
        """Nothing can be taken back here. Raises `UsageError`."""
        raise UsageError("this terminal cannot be cleared from here", hint="it needs one with a live screen")

    def open_raw(self, pattern: str) -> None:
        """Prints the last events that a pattern finds. Raises `BadInput` for one that means nothing."""
        parse_filter(pattern)
        raw = self._raw
        raw.filter(pattern)
        rows = self._body(raw, _MOST_EVENTS)
        self.show(*(Text(f" {row.plain[1:]}") if row.plain.startswith(">") else row for row in rows))
        if len(rows) == _MOST_EVENTS:
            tell(self, f"these are the last {_MOST_EVENTS}; realtime replay --events shows all of a log")

    def inspect(self, number: int | None) -> None:
        """Prints one event, the last one where no number is given. Raises `UsageError` where it is gone."""
        if self.ring.event(self.ring.last if number is None else number) is None:
            hint = f"there are #{self.ring.first} to #{self.ring.last}"
            raise UsageError(f"there is no event #{number}" if number else "there are no events", hint=hint)
        raw = self._raw
        raw.inspect(number)
        self.show(*self._body(raw, _MOST_LINES))

    @property
    def _raw(self) -> RawView:
        return RawView(self.ring, self.console, redactor=self.around.redactor)

    def _body(self, raw: RawView, most: int) -> list[Text]:
        """The rows of the raw view, without its edges."""
        _, *rows, _ = raw.rows(width=self.width, height=most + 2)
        while rows and not rows[-1].plain.strip():
            rows.pop()
        return rows
