"""The ports between the embedded server and what turns speech into text, and text into speech."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from realtime_cli.errors import RealtimeError
from realtime_cli.protocol.encoding import Encoding


class SpeechFailed(RealtimeError):
    """A recogniser or a synthesiser could not do it; the words say why, without any key."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known about the words before they are heard.

    `language` is an ISO code; `phrases` are the only sentences that are expected, where there is such a list.
    """

    language: str = ""
    prompt: str = ""
    phrases: tuple[str, ...] = ()


class Recogniser(Protocol):
    """Turns speech into text, for all connections of a server at once."""

    name: str

    def transcribe(self, audio: bytes, *, encoding: Encoding, hints: Hints) -> AsyncIterator[str]:
        """Streams the transcript in pieces, none where nobody spoke; joined they are the text.

        Raises `SpeechFailed`. Cancel the task that iterates to stop early.
        """
        ...

    async def close(self) -> None:
        """Frees what it holds; the next use begins anew."""
        ...


class Synthesiser(Protocol):
    """Turns text into speech, for all connections of a server at once."""

    name: str

    def speak(self, text: str, *, voice: str, speed: float) -> AsyncIterator[bytes]:
        """Streams the sound as 16-bit mono PCM at 24 kHz, in whole samples.

        `voice` is a name of the API's, or one of the engine's own; `speed` a factor. Raises `SpeechFailed`.
        """
        ...

    async def close(self) -> None:
        """Frees what it holds; the next use begins anew."""
        ...


@dataclass(frozen=True, slots=True)
class Voice:
    """What listens and what speaks, as far as there is anything, and a line that says so."""

    recogniser: Recogniser | None = None
    synthesiser: Synthesiser | None = None
    notice: str = ""

    async def close(self) -> None:
        """Closes both."""
        for engine in (self.recogniser, self.synthesiser):
            if engine is not None:
                await engine.close()


SILENT = Voice()
