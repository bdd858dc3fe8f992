"""One client's connection: frames in, one loop round the responder, frames out, and the work under way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import assert_never

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from realtime_cli.core.inputs import DeadlineReached
from realtime_cli.core.responder import (
    AnswerFinished,
    Close,
    Responder,
    ResponderEffect,
    ResponderInput,
    Send,
    StartAnswer,
    StartTranscription,
    StopAnswer,
    StopTranscription,
    TranscriptFailed,
    TranscriptFinished,
)
from realtime_cli.protocol.base import Event
from realtime_cli.protocol.server_events import Error
from realtime_cli.visible import one_line

from .alarm import Alarm
from .answers import Answers
from .brains.port import Brain, phrases_of
from .closing import close
from .config import Note, ServerConfig
from .dialect import ClientCodec
from .outbox import Outbox, OutboxFullError
from .shares import in_shares
from .speaking import Speaker, SpeechPace
from .transcriptions import Transcriptions

# "Try again later": a client that was merely too slow may come back.
_NOT_READING = Close(1013, "more than 32 MiB wait to be read")
_LAST_WORDS_S = 2.0
# A client that sends without end leaves time for others.
_EVENTS_IN_A_ROW = 8


class Connection:
    """Lives from the greeting to the close frame.

    Whatever happens goes to the responder at once, in the task in which it happens: a step awaits nothing.
    """

    def __init__(
        self,
        socket: ServerConnection,
        *,
        responder: Responder,
        codec: ClientCodec,
        brain: Brain,
        config: ServerConfig,
        note: Note,
    ) -> None:
        self._socket = socket
        self._responder = responder
        self._codec = codec
        self._stall_timeout_s = config.stall_timeout_s
        self._note = note
        # Why we close; None where the client did.
        self._ending: asyncio.Future[Close | None] = asyncio.get_running_loop().create_future()
        self._has_given_up = False
        self._outbox = Outbox()
        self._tasks = asyncio.TaskGroup()
        self._alarm = Alarm(self._ring)
        self._answers = Answers(
            brain,
            speaker=_speaker(config, note),
            words_per_s=config.pace_words_per_s,
            post=self._take,
            room=self._outbox.room,
            tasks=self._tasks,
            note=note,
        )
        self._transcriptions = Transcriptions(
            config.voice.recogniser,
            phrases=phrases_of(brain),
            post=self._take,
            tasks=self._tasks,
            note=note,
        )

    async def run(self) -> None:
        """Serves the client until either side ends the session."""
        async with self._tasks:
            writing = self._tasks.create_task(self._outbox.send_all(self._send), name="write")
            self._step(self._greet)
            reading = self._tasks.create_task(self._read(), name="read")
            try:
                await self._end(await self._ending)
            finally:
                self._alarm.stop()
            for task in (reading, writing):
                task.cancel()
            self._answers.stop_all()
            self._transcriptions.stop_all()

    async def _end(self, closing: Close | None) -> None:
        if closing is None:
            return
        if closing is not _NOT_READING:
            await self._last_words()
        await close(self._socket, closing.code, closing.reason)

    async def _read(self) -> None:
        count = 0
        try:
            async for frame in self._socket:
                for event in in_shares(self._codec.decode(frame)):
                    self._take(event)
                    if self._has_given_up:
                        return
                    count += 1
                    if not count % _EVENTS_IN_A_ROW:
                        await asyncio.sleep(0)
        except ConnectionClosed:
            pass
        if not self._ending.done():
            self._ending.set_result(None)

    def _take(self, happened: ResponderInput) -> None:
        """Tells the responder, unless the session is over, and does what it wants."""
        self._step(partial(self._receive, happened))

    def _step(self, step: Callable[[], list[ResponderEffect]]) -> None:
        if self._ending.done():
            return
        try:
            closing = self._carry_out(step())
            self._alarm.set(self._responder.next_deadline())
        except OutboxFullError:
            self._note("does not read: closed")
            closing, self._has_given_up = _NOT_READING, True
        except Exception as bug:  # it is the connection's, whichever task met it
            self._ending.set_exception(bug)
            return
        if closing:
            self._ending.set_result(closing)

    def _greet(self) -> list[ResponderEffect]:
        return self._responder.connected(time.time())

    def _receive(self, happened: ResponderInput) -> list[ResponderEffect]:
        self._forget(happened)
        return self._responder.receive(happened, time.time())

    def _forget(self, happened: ResponderInput) -> None:
        """What has come to its end needs no stopping any more."""
        match happened:
            case AnswerFinished():
                self._answers.forget(happened.response_id)
            case TranscriptFinished() | TranscriptFailed():
                self._transcriptions.forget(happened.item_id)
            case _:
                pass

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

    def _ring(self) -> None:
        self._take(DeadlineReached())

    def _carry_out(self, effects: list[ResponderEffect]) -> Close | None:
        for effect in effects:
            match effect:
                case Send():
                    self._queue(effect.event)
                case StartAnswer():
                    self._answers.start(effect)
                case StopAnswer():
                    self._answers.stop(effect.response_id)
                case StartTranscription():
                    self._transcriptions.start(effect)
                case StopTranscription():
                    self._transcriptions.stop(effect.item_id)
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

    async def _last_words(self) -> None:
        try:
            async with asyncio.timeout(_LAST_WORDS_S):
                await self._outbox.sent()
        except TimeoutError:
            self._note("did not read to the end")


def _speaker(config: ServerConfig, note: Note) -> Speaker | None:
    if config.voice.synthesiser is None:
        return None

    def tell(words: str) -> None:
        note(words)
        config.on_speechless(one_line(words))

    pace = SpeechPace(config.audio_delta_ms, config.audio_pace, config.pace_words_per_s)
    return Speaker(config.voice.synthesiser, pace=pace, note=tell)
