"""Recognition by an OpenAI-compatible server (`/v1/audio/transcriptions`)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator

import httpx2

from realtime_cli.protocol.encoding import Encoding
from realtime_cli.samples.wav import wav_header
from realtime_cli.server.brains.chat_stream import error_text
from realtime_cli.server.brains.schema import as_object
from realtime_cli.server.brains.sse import Events
from realtime_cli.server.http_client import beginning, json_or_text

from .audio import pcm_at
from .port import Hints, SpeechFailed
from .speech_server import SpeechServer, is_page

_RATE_HZ = 16000
_MODEL = "whisper-1"


class UrlRecogniser:
    """Uploads what was said, and reads the words back, as a stream where the server streams."""

    def __init__(self, url: str, *, model: str | None = None, key: str | None = None) -> None:
        self._server = SpeechServer(url, "/audio/transcriptions", key=key)
        self._model = model or _MODEL
        self.name = self._server.shown

    async def transcribe(
        self, audio: bytes, *, encoding: Encoding, hints: Hints
    ) -> AsyncGenerator[str, None]:
        """Streams the transcript in pieces."""
        pcm = await asyncio.to_thread(pcm_at, _RATE_HZ, audio, encoding)
        fields = {"model": self._model, "language": hints.language, "prompt": hints.prompt}
        fields = {name: value for name, value in fields.items() if value}
        wav = wav_header(len(pcm), rate_hz=_RATE_HZ) + pcm
        async with self._server.post(data={**fields, "stream": "true"}, wav=wav) as response:
            kind = response.headers.get("content-type", "")
            words = (
                self._streamed(response) if kind.startswith("text/event-stream") else self._whole(response)
            )
            async for piece in words:
                yield piece

    async def close(self) -> None:
        """Closes the connections to the server."""
        await self._server.close()

    async def _whole(self, response: httpx2.Response) -> AsyncIterator[str]:
        body = await beginning(response)
        kind = response.headers.get("content-type", "").lower()
        if is_page(body) or kind.startswith("text/html") or (not kind and body.startswith(b"<")):
            raise self._server.page(wanted="a transcript")
        value = json_or_text(body)
        text = value if isinstance(value, str) else as_object(value).get("text")
        if not isinstance(text, str):
            raise self._server.failure("answered without a text")
        if text.strip():
            yield text.strip()

    async def _streamed(self, response: httpx2.Response) -> AsyncIterator[str]:
        events = Events()
        transcript = _Transcript()
        async for data in response.aiter_bytes():
            for piece in self._pieces(transcript, events.feed(data)):
                yield piece
        for piece in self._pieces(transcript, events.end()):
            yield piece

    def _pieces(self, transcript: _Transcript, events: Iterable[str]) -> Iterator[str]:
        try:
            for event in events:
                yield from transcript.take(event)
        except SpeechFailed as problem:
            raise self._server.failure(str(problem)) from None


class _Transcript:
    """What the events of a stream add up to: deltas, or only the text at the end."""

    def __init__(self) -> None:
        self._has_begun = False

    def take(self, data: str) -> Iterator[str]:
        event = as_object(json_or_text(data.encode()))
        if problem := event.get("error"):
            raise SpeechFailed(f"failed: {error_text(problem)}")
        field = {"transcript.text.delta": "delta", "transcript.text.done": "text"}.get(str(event.get("type")))
        text = event.get(field) if field else None
        if not isinstance(text, str) or not text or (field == "text" and self._has_begun):
            return
        self._has_begun = True
        yield text
