"""How the embedded server is set up."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from realtime_cli.errors import UsageError

from .brains.port import Brain

BrainFactory: TypeAlias = Callable[[], Brain]
Note: TypeAlias = Callable[[str], None]

TYPING_WORDS_PER_S = 18.0
SPEECH_WORDS_PER_S = 2.7


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """A certificate chain and its private key, PEM."""

    certificate: Path
    key: Path


def _unheard(_: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """What a server listens on, who may come in, and what answers. Raises `UsageError` for nonsense.

    `brain` makes one brain for each connection. `pace_words_per_s` None is as fast as possible; port 0 is any
    free one. `on_event` hears one line about each connection, error and failure.
    """

    brain: BrainFactory
    host: str = "127.0.0.1"
    port: int = 0
    token: str | None = field(default=None, repr=False)
    tls: TlsFiles | None = None
    instructions: str = ""
    pace_words_per_s: float | None = TYPING_WORDS_PER_S
    max_connections: int = 200
    session_limit_s: int = 3600
    stall_timeout_s: float = 60.0
    on_event: Note = field(default=_unheard, repr=False)

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            raise UsageError(f"there is no port {self.port}", hint="choose one from 1 to 65535, or 0 for any")
        if self.token is not None and not self.token:
            raise UsageError("the token is empty", hint="give a token of a few characters, or none")
        if self.token is None and not is_loopback(self.host):
            raise UsageError(
                f"without a token the server is for this machine only, not for {self.host or 'everybody'}",
                hint="set a token (--token), or keep --host 127.0.0.1",
            )
        if self.pace_words_per_s is not None and not self.pace_words_per_s > 0:  # NaN is not, either
            raise UsageError(f"a pace of {self.pace_words_per_s:g} words a second never ends")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
