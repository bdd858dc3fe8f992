"""The answers under way on one connection: a task for each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeAlias

from realtime_cli.core.answers import AnswerPart, Fail
from realtime_cli.core.responder import AnswerFinished, AnswerPartReady, StartAnswer

from .brains.port import Brain
from .config import Note
from .pacing import typed
from .speaking import Speaker
from .streams import closed_after

_BRAIN_FAILED = Fail("server_error", "The server had an error while answering.")

Post: TypeAlias = Callable[[AnswerPartReady | AnswerFinished], None]


class Answers:
    """Asks the brain, and posts what it says, in writing or aloud, as it is due and as there is `room`."""

    def __init__(
        self,
        brain: Brain,
        *,
        speaker: Speaker | None,
        words_per_s: float | None,
        post: Post,
        room: Callable[[], Awaitable[None]],
        tasks: asyncio.TaskGroup,
        note: Note,
    ) -> None:
        self._brain = brain
        self._speaker = speaker
        self._words_per_s = words_per_s
        self._post = post
        self._room = room
        self._tasks = tasks
        self._note = note
        self._running: dict[str, asyncio.Task[None]] = {}

    def start(self, effect: StartAnswer) -> None:
        """Begins an answer."""
        task = self._tasks.create_task(self._answer(effect), name=effect.response_id)
        self._running[effect.response_id] = task

    def stop(self, response_id: str) -> None:
        """Ends an answer early."""
        if task := self._running.pop(response_id, None):
            task.cancel()

    def forget(self, response_id: str) -> None:
        """The answer has come to its end."""
        self._running.pop(response_id, None)

    def stop_all(self) -> None:
        """Ends everything early."""
        for response_id in tuple(self._running):
            self.stop(response_id)

    async def _answer(self, effect: StartAnswer) -> None:
        try:
            async with closed_after(self._parts(effect)) as parts:
                async for part in parts:
                    await self._room()
                    self._post(AnswerPartReady(effect.response_id, part))
        except Exception as error:  # a brain may be anybody's code; its bug ends this answer only
            self._note(f"the brain failed: {type(error).__name__}: {error}")
            self._post(AnswerPartReady(effect.response_id, _BRAIN_FAILED))
        else:
            self._post(AnswerFinished(effect.response_id))

    def _parts(self, effect: StartAnswer) -> AsyncIterator[AnswerPart]:
        parts = self._brain.answer(effect.prompt)
        if effect.voice is None or self._speaker is None:
            return typed(parts, self._words_per_s)
        return self._speaker.speak(parts, effect.voice)
