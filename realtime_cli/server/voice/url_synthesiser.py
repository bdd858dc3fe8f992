"""Synthesis by an OpenAI-compatible server (`/v1/audio/speech`)."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from .speech_server import SpeechServer, is_page

_MODEL = "tts-1"
# Files instead of samples. MPEG frames have no mark of their own, but a content type.
_MARKS = (b"RIFF", b"ID3", b"OggS", b"fLaC")
_TYPES = ("audio/mpeg", "audio/wav", "audio/x-wav", "application/json", "text/")


class UrlSynthesiser:
    """Asks for raw PCM, which such servers stream at 24 kHz."""

    def __init__(self, url: str, *, model: str | None = None, key: str | None = None) -> None:
        self._server = SpeechServer(url, "/audio/speech", key=key)
        self._model = model or _MODEL
        self.name = self._server.shown

    async def speak(self, text: str, *, voice: str, speed: float) -> AsyncGenerator[bytes, None]:
        """Streams the sound as it comes."""
        wanted = {
            "model": self._model,
            "input": text,
            "voice": voice,
            "response_format": "pcm",
            "speed": speed,
        }
        async with self._server.post(json=wanted) as response:
            kind = response.headers.get("content-type", "").lower()
            if kind.startswith(_TYPES):
                raise self._server.failure(f"answered {kind}, though PCM was asked for")
            rest = b""
            is_first = True
            async for data in response.aiter_bytes():
                if is_first:
                    self._check(data)
                is_first = False
                samples = rest + data
                whole = len(samples) - len(samples) % 2
                rest = samples[whole:]
                if whole:
                    yield samples[:whole]

    def _check(self, beginning: bytes) -> None:
        if is_page(beginning):
            raise self._server.page(wanted="PCM")
        if beginning.startswith(_MARKS):
            raise self._server.failure("answered a file, though PCM was asked for")

    async def close(self) -> None:
        """Closes the connections to the server."""
        await self._server.close()
