"""Synthesis by macOS's `say`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from tempfile import TemporaryDirectory

from .audio import speech_of
from .espeak import speakable
from .port import SpeechFailed
from .processes import run_command
from .speakers import speaker

_WORDS_PER_MINUTE = 180


class MacSay:
    """The Mac's own voices."""

    name = "say"

    def __init__(self, command: str = "say") -> None:
        self._command = command

    async def speak(self, text: str, *, voice: str, speed: float) -> AsyncGenerator[bytes, None]:
        """Gives the sound in one piece."""
        how = speaker(voice)
        rate = str(round(_WORDS_PER_MINUTE * how.speed * speed))
        # It speaks into files only: the format has its sizes in front.
        with TemporaryDirectory(prefix="realtime-say-") as folder:
            path = Path(folder, "speech.wav")
            arguments = ("-r", rate, "-o", str(path), "--file-format=WAVE", "--data-format=LEI16@24000")
            try:
                await self._run("-v", how.own or how.mac, *arguments, text=text)
            except SpeechFailed:  # most often: this Mac has no such voice
                await self._run(*arguments, text=text)
            wav = await asyncio.to_thread(path.read_bytes)
        if pcm := await asyncio.to_thread(speech_of, wav, what=self.name):
            yield pcm

    async def close(self) -> None:
        """Holds nothing."""

    async def _run(self, *arguments: str, text: str) -> None:
        await run_command(self._command, *arguments, "-f", "-", stdin=speakable(text).encode())
