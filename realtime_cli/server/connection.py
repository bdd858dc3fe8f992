"""One client's connection: frames in, one loop round the responder, frames out, and the answers under way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias, TypeVar, assert_never

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from realtime_cli.core.answers import Fail, Prompt
from realtime_cli.core.inputs import DeadlineReached
from realtime_cli.core.responder import (
    AnswerFinished,
    AnswerPartReady,
    Close,
    Responder,
    ResponderEffect,
    Send,
    StartAnswer,
    StopAnswer,
)
from realtime_cli.protocol.base import Event
from realtime_cli.protocol.server_events import Error

from .brains.port import Brain
from .closing import close
from .config import Note
from .dialect import ClientCodec
from .outbox import Outbox, OutboxFullError
from .pacing import Pace, pieces


class _Gone:
    """The client is not there any more."""


_Arrival: TypeAlias = str | bytes | AnswerPartReady | AnswerFinished | DeadlineReached | _Gone
_Item = TypeVar("_Item")
_BRAIN_FAILED = Fail("server_error", "The server had an error while answering.")
# "Try again later": a client that was merely too slow may come back.
_NOT_READING = Close(1013, "more than 32 MiB wait to be read")
_LAST_WORDS_S = 2.0
# Few: a frame may hold 20 MB, and what waits in the socket costs us nothing.
_INBOX = 8


class Connection:
    """Lives from the greeting to the close frame."""

    def __init__(
        self,
        socket: ServerConnection,
        *,
        responder: Responder,
        codec: ClientCodec,
        brain: Brain,
        words_per_s: float | None,
        stall_timeout_s: float,
        note: Note,
    ) -> None:
        self._socket = socket
        self._responder = responder
        self._codec = codec
        self._brain = brain
        self._words_per_s = words_per_s
        self._stall_timeout_s = stall_timeout_s
        self._note = note
        self._inbox: asyncio.Queue[_Arrival] = asyncio.Queue(_INBOX)
        self._outbox = Outbox()
        self._tasks = asyncio.TaskGroup()
        self._answers: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Serves the client until either side ends the session."""
        async with self._tasks:
            others = [
                self._tasks.create_task(self._read(), name="read"),
                self._tasks.create_task(self._outbox.send_all(self._send), name="write"),
                self._tasks.create_task(self._expire(), name="expire"),
            ]
            closing = await self._converse()
            if closing:
                await close(self._socket, closing.code, closing.reason)
            for task in (*others, *self._answers.values()):
                task.cancel()

    async def _converse(self) -> Close | None:
        """The loop: returns why we close, or None where the client did."""
        try:
            closing = self._carry_out(self._responder.connected(time.time()))
            while closing is None:
                arrival = await self._inbox.get()
                if isinstance(arrival, _Gone):
                    return None
                happened = self._codec.decode(arrival) if isinstance(arrival, str | bytes) else arrival
                closing = self._carry_out(self._responder.receive(happened, time.time()))
                if isinstance(arrival, AnswerFinished):
                    self._answers.pop(arrival.response_id, None)
            await self._last_words()
        except OutboxFullError:
            self._note("does not read: closed")
            closing = _NOT_READING
        return closing

    async def _read(self) -> None:
        try:
            async for frame in self._socket:
                await self._inbox.put(frame)
        except ConnectionClosed:
            pass
        await self._inbox.put(_Gone())

    async def _send(self, frame: str) -> None:
        try:
            async with asyncio.timeout(self._stall_timeout_s):
                await self._socket.send(frame)
        except TimeoutError:
            self._note(f"has not read anything for {self._stall_timeout_s:g} s: cut")
            self._socket.transport.abort()
        except ConnectionClosed:
            # The reader says so to the loop.
            pass

    async def _expire(self) -> None:
        await asyncio.sleep(self._responder.next_deadline() - time.time())
        await self._inbox.put(DeadlineReached())

    def _carry_out(self, effects: list[ResponderEffect]) -> Close | None:
        for effect in effects:
            match effect:
                case Send():
                    self._queue(effect.event)
                case StartAnswer():
                    self._start(effect)
                case StopAnswer():
                    self._answers.pop(effect.response_id).cancel()
                case Close():
                    return effect
                case _:
                    assert_never(effect)
        return None

    def _queue(self, event: Event) -> None:
        if isinstance(event, Error):
            self._note(f"error {event.detail.code}: {event.detail.message}")
        frame = self._codec.encode(event)
        if frame is not None:
            self._outbox.put(frame)

    def _start(self, effect: StartAnswer) -> None:
        answer = self._answer(effect.response_id, effect.prompt)
        self._answers[effect.response_id] = self._tasks.create_task(answer, name=effect.response_id)

    async def _answer(self, response_id: str, prompt: Prompt) -> None:
        try:
            await self._stream(response_id, prompt)
        except Exception as error:  # a brain may be anybody's code; its bug ends this answer only
            self._note(f"the brain failed: {type(error).__name__}: {error}")
            await self._inbox.put(AnswerPartReady(response_id, _BRAIN_FAILED))
        else:
            await self._inbox.put(AnswerFinished(response_id))

    async def _stream(self, response_id: str, prompt: Prompt) -> None:
        pace = Pace(self._words_per_s)
        async with _closing(self._brain.answer(prompt)) as parts:
            async for part in parts:
                for piece in pieces(part):
                    await pace.turn()
                    await self._outbox.room()
                    await self._inbox.put(AnswerPartReady(response_id, piece))

    async def _last_words(self) -> None:
        try:
            async with asyncio.timeout(_LAST_WORDS_S):
                await self._outbox.sent()
        except TimeoutError:
            self._note("did not read to the end")


@asynccontextmanager
async def _closing(parts: AsyncIterator[_Item]) -> AsyncGenerator[AsyncIterator[_Item]]:
    try:
        yield parts
    finally:
        if isinstance(parts, AsyncGenerator):
            await parts.aclose()
