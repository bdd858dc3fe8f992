"""One piece of an answer between the synthesiser, which fills it, and the client, who empties it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from realtime_cli.core.answers import Say, Speech
from realtime_cli.core.responding.messages import VoiceSettings
from realtime_cli.protocol.encoding import PCM_24K
from realtime_cli.samples.conversion import Converter

from .spreading import Spread

# 250 ms: G.711 takes 3 ms of them.
_PIECE_BYTES = 12_000


class Utterance:
    """A text, and its sound as far as there is any, in the encoding of the answer."""

    def __init__(self, text: str, *, voice: VoiceSettings, delta_ms: float) -> None:
        self.text = text
        self._spread = Spread(text, encoding=voice.encoding, delta_ms=delta_ms, speed=voice.speed)
        self._converter = Converter(PCM_24K, voice.encoding)
        self._changed = asyncio.Event()

    async def add(self, pcm: bytes) -> None:
        """More of its sound: PCM at 24 kHz. Others have their turn in between, however much it is."""
        for at in range(0, len(pcm), _PIECE_BYTES):
            self._spread.add(self._converter.convert(pcm[at : at + _PIECE_BYTES]))
            self._changed.set()
            await asyncio.sleep(0)

    def end(self) -> None:
        """That was all."""
        self._spread.add(self._converter.convert(b"", is_last=True))
        self._spread.end()
        self._changed.set()

    async def parts(self) -> AsyncGenerator[list[Say | Speech], None]:
        """The deltas, each behind the words that begin in it; words that never sound come at the end."""
        while not self._spread.is_over:
            self._changed.clear()
            while parts := self._spread.next():
                yield parts
            if not self._spread.is_over:
                await self._changed.wait()
