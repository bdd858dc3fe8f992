"""What a session wants done. The runtime carries effects out, in order, by port calls that return at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from realtime_cli.protocol.codec import ClientEvent


@dataclass(frozen=True, slots=True)
class SendEvent:
    """Send the event; as `raw`, where the user wrote it by hand."""

    event: ClientEvent
    raw: str | None = None


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Close the socket, normally."""


Effect: TypeAlias = SendEvent | Disconnect
