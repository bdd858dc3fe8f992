"""Recognisers and synthesisers that do as they are told, for all that must hold whichever engine there is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from realtime_cli.protocol.encoding import Encoding
from realtime_cli.server.voice.port import Hints, SpeechFailed


class Dictation:
    """A recogniser that hears the words it was given, once it is let go."""

    name = "dictation"

    def __init__(self, *words: str, is_held: bool = False) -> None:
        self.words = words
        self.asked: list[tuple[bytes, Encoding, Hints]] = []
        self.stopped = 0
        self.is_closed = False
        self.go = asyncio.Event()
        if not is_held:
            self.go.set()

    async def transcribe(self, audio: bytes, *, encoding: Encoding, hints: Hints) -> AsyncIterator[str]:
        self.asked.append((audio, encoding, hints))
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.stopped += 1
            raise
        for word in self.words:
            yield word

    async def close(self) -> None:
        self.is_closed = True


class Deaf:
    """A recogniser that fails."""

    name = "deaf"

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def transcribe(self, audio: bytes, *, encoding: Encoding, hints: Hints) -> AsyncIterator[str]:
        raise self._error
        yield ""

    async def close(self) -> None:
        """Holds nothing."""


class Hum:
    """A synthesiser that hums 100 ms for each character, in pieces; `!` makes it fail, after half of it."""

    name = "hum"

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, float]] = []
        self.open = 0
        self.is_closed = False

    async def speak(self, text: str, *, voice: str, speed: float) -> AsyncIterator[bytes]:
        self.asked.append((text, voice, speed))
        self.open += 1
        try:
            for character in text:
                await asyncio.sleep(0)
                if character == "!":
                    raise SpeechFailed("the hum broke off")
                yield bytes([len(self.asked), 1]) * 2400
        finally:
            self.open -= 1

    async def close(self) -> None:
        self.is_closed = True
