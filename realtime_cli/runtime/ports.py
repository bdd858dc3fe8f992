"""What the loop needs from the world, as small as it can be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol, TypeAlias

from realtime_cli.core.inputs import ConnectionLost, ConnectionOpened, LocalInput
from realtime_cli.core.view import SessionView

Direction: TypeAlias = Literal["in", "out", "local"]
# A frame as it came from the socket, or a local input.
Inbound: TypeAlias = str | bytes | LocalInput
Post: TypeAlias = Callable[[Inbound], None]


class Transport(Protocol):
    """A connection to a server."""

    async def run(self, post: Post) -> None:
        """Connects, then posts `ConnectionOpened`, every frame, and `ConnectionLost` at the end, always.

        Raises `ConnectFailed` (or `Unauthorized`) where no connection came about; nothing was posted then.
        """
        ...

    def send(self, text: str) -> None:
        """Queues a frame and returns at once; frames before the connection is open are kept for it."""
        ...

    def close(self) -> None:
        """Sends what is queued, then closes normally; `run` returns soon after. Does not wait."""
        ...


class Screen(Protocol):
    """Something that shows the session to somebody."""

    def update(self, view: SessionView) -> None:
        """Shows what changed."""
        ...

    def close(self, view: SessionView) -> None:
        """Shows the last state and leaves the terminal as it was."""
        ...


class Observer(Protocol):
    """Something that hears everything: a log, or a raw view."""

    def saw(self, direction: Direction, raw: str | bytes, *, now_s: float, is_object: bool) -> None:
        """A frame came in or went out, or a local input happened, `now_s` seconds into the session.

        `is_object` promises that `raw` is the text of a JSON object.
        """
        ...


__all__ = [
    "ConnectionLost",
    "ConnectionOpened",
    "Direction",
    "Inbound",
    "Observer",
    "Post",
    "Screen",
    "Transport",
]
