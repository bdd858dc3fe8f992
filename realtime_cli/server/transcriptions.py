"""The transcriptions under way on one connection: a task for each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeAlias

from realtime_cli.core.responder import (
    StartTranscription,
    TranscriptFailed,
    TranscriptFinished,
    TranscriptPiece,
)

from .config import Note
from .streams import closed_after
from .voice.port import Hints, Recogniser, SpeechFailed

_NOBODY = "This server has no speech recogniser; the audio stays without a transcript."

Transcript: TypeAlias = TranscriptPiece | TranscriptFinished | TranscriptFailed


Post: TypeAlias = Callable[[Transcript], None]


class Transcriptions:
    """Asks the recogniser, and posts what it hears."""

    def __init__(
        self,
        recogniser: Recogniser | None,
        *,
        phrases: tuple[str, ...],
        post: Post,
        tasks: asyncio.TaskGroup,
        note: Note,
    ) -> None:
        self._recogniser = recogniser
        self._phrases = phrases
        self._post = post
        self._tasks = tasks
        self._note = note
        self._running: dict[str, asyncio.Task[None]] = {}

    def start(self, effect: StartTranscription) -> None:
        """Begins a transcription."""
        task = self._tasks.create_task(self._transcribe(effect), name=effect.item_id)
        self._running[effect.item_id] = task

    def stop(self, item_id: str) -> None:
        """Ends a transcription early."""
        if task := self._running.pop(item_id, None):
            task.cancel()

    def forget(self, item_id: str) -> None:
        """The transcription has come to its end."""
        self._running.pop(item_id, None)

    def stop_all(self) -> None:
        """Ends everything early."""
        for item_id in tuple(self._running):
            self.stop(item_id)

    async def _transcribe(self, effect: StartTranscription) -> None:
        try:
            text = await self._text(effect)
        except Exception as error:  # a recogniser may be anybody's code; its bug costs this transcript only
            self._note(f"not recognised: {error if isinstance(error, SpeechFailed) else repr(error)}")
            self._post(TranscriptFailed(effect.item_id, "transcription_failed", _told(error)))
        else:
            self._post(text)

    async def _text(self, effect: StartTranscription) -> Transcript:
        if self._recogniser is None:
            return TranscriptFailed(effect.item_id, "transcription_unavailable", _NOBODY)
        hints = Hints(effect.language, effect.prompt, self._phrases)
        heard: list[str] = []
        pieces = self._recogniser.transcribe(effect.audio, encoding=effect.encoding, hints=hints)
        async with closed_after(pieces):
            async for piece in pieces:
                heard.append(piece)
                self._post(TranscriptPiece(effect.item_id, piece))
        return TranscriptFinished(effect.item_id, "".join(heard))


def _told(error: Exception) -> str:
    told = f"The recogniser failed: {error}" if isinstance(error, SpeechFailed) else "The recogniser failed"
    return told if told.endswith((".", "!", "?")) else f"{told}."
