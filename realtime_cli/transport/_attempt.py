"""An attempt to connect, as far as a message about its failure needs to know it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from realtime_cli.transport._address import Address, shown_proxy
from realtime_cli.visible import one_line


@dataclass(frozen=True, slots=True)
class Attempt:
    """Where we try to connect, which way, and whether with a key."""

    address: Address
    proxy: str | None
    has_key: bool
    timeout_s: float
    redact: Callable[[str], str]

    @property
    def peer(self) -> str:
        """Who is at the other end of the TCP connection."""
        return f"the proxy {shown_proxy(self.proxy)}" if self.proxy else self.address.origin

    def quote(self, text: str) -> str:
        """A stranger's text, without secrets, fit for a message."""
        return one_line(self.redact(text))
