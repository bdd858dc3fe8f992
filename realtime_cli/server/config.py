"""How the embedded server is set up."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from realtime_cli.errors import UsageError

from .brains.port import Brain
from .voice.port import SILENT, Voice

BrainFactory: TypeAlias = Callable[[], Brain]
Note: TypeAlias = Callable[[str], None]

TYPING_WORDS_PER_S = 18.0
SPEECH_WORDS_PER_S = 2.7
# Clients expect speech ahead of time; a few times is enough, and leaves little to throw away.
SPEECH_AUDIO_PACE = 3.0
_DELTAS_MS = (10.0, 5000.0)


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

    `brain` makes one brain for each connection; `voice` serves all of them, and is closed with the server.
    `pace_words_per_s` None is as fast as possible, as is `audio_pace` (times real time) None; port 0 is any
    free one. `on_event` hears one line about each connection, error and failure; `on_speechless` hears why
    a connection's answers come without their speech.
    """

    brain: BrainFactory
    host: str = "127.0.0.1"
    port: int = 0
    token: str | None = field(default=None, repr=False)
    tls: TlsFiles | None = None
    instructions: str = ""
    pace_words_per_s: float | None = TYPING_WORDS_PER_S
    voice: Voice = SILENT
    audio_pace: float | None = SPEECH_AUDIO_PACE
    audio_delta_ms: float = 100.0
    max_connections: int = 200
    session_limit_s: int = 3600
    stall_timeout_s: float = 60.0
    on_event: Note = field(default=_unheard, repr=False)
    on_speechless: Note = field(default=_unheard, repr=False)

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
        if self.audio_pace is not None and not self.audio_pace > 0:
            raise UsageError(f"an audio pace of {self.audio_pace:g} times real time never ends")
        least, most = _DELTAS_MS
        if not least <= self.audio_delta_ms <= most:
            hint = f"choose {least:g} to {most:g} ms"
            raise UsageError(f"audio deltas of {self.audio_delta_ms:g} ms are not sent", hint=hint)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
