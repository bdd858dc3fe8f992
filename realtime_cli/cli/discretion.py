"""A connection that tells no secrets."""

from __future__ import annotations

from dataclasses import dataclass, field

from realtime_cli.redaction import Redactor
from realtime_cli.runtime.ports import Inbound, Post, Transport


@dataclass(frozen=True, slots=True)
class DiscreetTransport:
    """Takes secrets out of what the server says before anybody hears it: screen, script and log alike.

    Servers repeat keys in their errors. What we send stays as it is.
    """

    transport: Transport
    redactor: Redactor = field(repr=False)

    @property
    def queued_bytes(self) -> int:
        """Bytes of the frames that the connection has not taken yet."""
        return self.transport.queued_bytes

    async def run(self, post: Post) -> None:
        """Runs the connection."""
        await self.transport.run(lambda inbound: post(self._public(inbound)))

    def send(self, text: str) -> None:
        """Queues a frame."""
        self.transport.send(text)

    def close(self) -> None:
        """Closes the connection."""
        self.transport.close()

    def _public(self, inbound: Inbound) -> Inbound:
        match inbound:
            case str():
                return self.redactor.frame(inbound)
            case bytes():
                return self.redactor.text(inbound.decode("latin-1")).encode("latin-1")
            case _:
                return inbound
