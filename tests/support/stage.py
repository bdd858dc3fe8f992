"""A screen in front of a session: it is updated after everything that happens."""

from __future__ import annotations

from typing import Protocol

from realtime_cli.core.inputs import ConnectionOpened, SessionInput
from realtime_cli.core.session import Session
from realtime_cli.core.view import SessionView


class _Screen(Protocol):
    def update(self, view: SessionView) -> None: ...
    def close(self, view: SessionView) -> None: ...


class Stage:
    """Plays inputs to a session (one a second, or at `at`) and shows each step."""

    def __init__(self, screen: _Screen, *, session: Session | None = None) -> None:
        self.session = session or Session()
        self._screen = screen
        self._now = 0.0
        self.session.receive(ConnectionOpened(), 0.0)

    def play(self, *happened: SessionInput) -> SessionView:
        """Each input with an update behind it."""
        for each in happened:
            self.at_once(each)
        return self.session.view()

    def at_once(self, *happened: SessionInput) -> None:
        """All the inputs, and only then an update."""
        for each in happened:
            self._now += 1.0
            self.session.receive(each, self._now)
        self._screen.update(self.session.view())

    def close(self) -> None:
        """The end of the show."""
        self._screen.close(self.session.view())
