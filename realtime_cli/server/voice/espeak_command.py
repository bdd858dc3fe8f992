"""Synthesis by the command `espeak-ng` (or `espeak`), a process for each piece of text: some 13 ms."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

from .audio import speech_of
from .espeak import DEFAULT_VOICE, Manner, manner, speakable
from .port import SpeechFailed
from .processes import run_command


class EspeakCommand:
    """The machine's espeak-ng."""

    name = "espeak-ng"

    def __init__(self, command: str) -> None:
        self._command = command

    async def speak(self, text: str, *, voice: str, speed: float) -> AsyncGenerator[bytes, None]:
        """Gives the sound in one piece."""
        how = manner(voice, speed)
        try:
            wav = await self._run(text, how)
        except SpeechFailed:
            if how.voice.startswith(DEFAULT_VOICE):
                raise
            wav = await self._run(text, replace(how, voice=DEFAULT_VOICE))
        if pcm := await asyncio.to_thread(speech_of, wav, what=self.name):
            yield pcm

    async def close(self) -> None:
        """Holds nothing."""

    async def _run(self, text: str, how: Manner) -> bytes:
        arguments = ("-b", "1", "-v", how.voice, "-p", str(how.pitch), "-s", str(how.words_per_minute))
        pauses = ("-g", str(how.word_gap))
        return await run_command(
            self._command, *arguments, *pauses, "--stdin", "--stdout", stdin=speakable(text).encode()
        )
