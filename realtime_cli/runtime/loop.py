"""The loop: takes what comes, asks the session, carries out what it wants. It awaits only its inbox."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from enum import Enum, auto
from typing import TypeAlias, assert_never

from realtime_cli.core.effects import (
    AnswerApproval,
    CancelTool,
    Connect,
    Disconnect,
    Effect,
    FinishAudio,
    Listen,
    PlayAudio,
    SendEvent,
    StartTool,
    StopPlayback,
)
from realtime_cli.core.inputs import (
    AudioNotice,
    Backpressure,
    ConnectionFailed,
    ConnectionLost,
    ConnectionOpened,
    DeadlineReached,
    LocalInput,
    MicrophoneBlock,
    to_json,
)
from realtime_cli.core.session import Session
from realtime_cli.core.view import SessionView
from realtime_cli.errors import RealtimeError, Unauthorized
from realtime_cli.protocol.codec import ClientEvent, Codec, MalformedEvent, ServerEvent, prepare

from .ports import AudioEngine, Direction, Inbound, Observer, Screen, ToolHost, Transport

# Taking from an inbox that is never empty never suspends; after this many the other tasks have their turn.
_SHARE_EVERY = 64
# Session time has no smaller parts.
_TICK_S = 1e-6
# Speech in base64 is 64 KB a second: with so much of it waiting, an answer would come seconds too late.
_CONGESTED_BYTES = 512 * 1024
_RELAXED_BYTES = 64 * 1024


class _Signal(Enum):
    """What the loop tells itself, through its inbox like everything else."""

    SOMETHING_IS_DUE = auto()
    TRANSPORT_HAS_ENDED = auto()


_Arrival: TypeAlias = tuple[float, Inbound | _Signal]


class Runtime:
    """One session, from the connection's opening to its end.

    Times are seconds since the start, rounded to microseconds, so that a log holds them exactly. `audio` is
    what hears and sounds, if anything does; of its blocks observers hear only the frames that they become.
    `tools` is what runs the model's calls.
    `refresh_s` is the shortest time between two updates of the screen.
    """

    def __init__(
        self,
        session: Session,
        *,
        codec: Codec,
        transport: Transport,
        screen: Screen,
        audio: AudioEngine | None = None,
        tools: ToolHost | None = None,
        observers: Iterable[Observer] = (),
        refresh_s: float = 1 / 12,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = session
        self._codec = codec
        self._transport = transport
        self._screen = screen
        self._audio = audio
        self._tools = tools
        self._observers = tuple(observers)
        self._refresh_s = refresh_s
        self._clock = clock
        self._started = clock()
        self._inbox: asyncio.Queue[_Arrival] = asyncio.Queue()
        self._failure: RealtimeError | None = None
        self._tasks: asyncio.TaskGroup | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._is_connected = False
        self._idle = asyncio.Event()
        self._has_ended = False
        self._is_congested = False
        self._taken = 0
        self._shown_at = float("-inf")
        self._is_stale = False
        self._deadline_s = session.next_deadline()
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_s: float | None = None

    @property
    def now_s(self) -> float:
        """Session time."""
        return round(self._clock() - self._started, 6)

    def post(self, inbound: Inbound) -> None:
        """Puts something into the inbox, stamped with the present time; for the loop's own thread.

        What comes after the end is dropped, but for the audio's last words: it may close slowly.
        """
        if self._has_ended:
            if isinstance(inbound, AudioNotice):
                self._step(inbound, self.now_s)
            return
        if not isinstance(inbound, MicrophoneBlock):  # makes nobody busy
            self._idle.clear()
        self._put(inbound)

    def hurry(self) -> None:
        """Once the session is over, waits no longer for those who hear its sound."""
        if self._has_ended and self._audio is not None:
            self._audio.close()

    @property
    def is_busy(self) -> bool:
        """Whether an answer is coming or due."""
        return self._session.is_busy

    async def idle(self) -> None:
        """Returns as soon as no answer is coming or due, or the connection is gone."""
        await self._idle.wait()

    async def run(self) -> SessionView:
        """Runs the session to its end and gives its last view.

        Raises `ConnectFailed` where no connection came about; a bug comes out in an `ExceptionGroup`.
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                self._connect()
                await asyncio.sleep(0)
                prepare()  # while the network is on its way
                if self._audio is not None:
                    tasks.create_task(self._audio.run(self.post), name="audio")
                if self._tools is not None:
                    tasks.create_task(self._tools.run(self.post), name="tools")
                await self._work()
                self._transport.close()
                self._give_up_connecting()
                if self._tools is not None:
                    self._tools.close()
                if self._audio is not None:
                    self._audio.close()
        finally:
            self._has_ended = True
            self._idle.set()
            self._set_alarm(None)
        view = self._session.view()
        self._screen.close(view)
        if self._failure is not None:
            raise self._failure
        return view

    def _connect(self) -> None:
        """Lets the transport run, once the run before it is over."""
        if self._tasks is not None:
            connected = self._converse(after=self._connecting)
            self._connecting = self._tasks.create_task(connected, name="transport")

    async def _converse(self, *, after: asyncio.Task[None] | None) -> None:
        try:
            if after is not None:
                await asyncio.wait([after])
            await self._transport.run(self.post)
        except RealtimeError as error:
            self._failed(error)
        finally:
            self._put(_Signal.TRANSPORT_HAS_ENDED)

    def _failed(self, error: RealtimeError) -> None:
        if self._session.connection == "reconnecting":
            is_final = isinstance(error, Unauthorized)
            self.post(ConnectionFailed(str(error), error.hint, is_final=is_final))
        else:
            self._failure = error

    def _give_up_connecting(self) -> None:
        """A connection that comes about after the end is of no use to anybody."""
        if self._connecting is not None and not self._is_connected:
            self._connecting.cancel()

    def _note_connection(self, inbound: Inbound) -> None:
        if isinstance(inbound, ConnectionOpened | ConnectionLost):
            self._is_connected = isinstance(inbound, ConnectionOpened)

    def _put(self, what: Inbound | _Signal) -> None:
        self._inbox.put_nowait((self.now_s, what))

    async def _work(self) -> None:
        while not self._has_ended:
            self._take(*await self._next())
            self._refresh()

    async def _next(self) -> _Arrival:
        """What comes out of the inbox next; when something is due before that, it is a signal."""
        self._taken += 1
        if self._taken % _SHARE_EVERY == 0:
            await asyncio.sleep(0)
        if self._inbox.empty():
            self._set_alarm(self._due_s())
        return await self._inbox.get()

    def _due_s(self) -> float | None:
        """How long the inbox may stay empty before something else is due."""
        refresh_s = self._refresh_due_at()
        if refresh_s is None or self._deadline_s is None:
            return self._deadline_s if refresh_s is None else refresh_s
        return min(self._deadline_s, refresh_s)

    def _set_alarm(self, at_s: float | None) -> None:
        """Lets a signal come then; each block of the microphone asks for the same one again."""
        if at_s == self._alarm_s:
            return
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm, self._alarm_s = None, at_s
        if at_s is not None:
            wait_s = max(_TICK_S, at_s - self.now_s)
            self._alarm = asyncio.get_running_loop().call_later(wait_s, self._ring)

    def _ring(self) -> None:
        self._alarm, self._alarm_s = None, None
        self._put(_Signal.SOMETHING_IS_DUE)

    def _take(self, at_s: float, what: Inbound | _Signal) -> None:
        self._meet_deadline(at_s)
        if isinstance(what, MicrophoneBlock):  # too many to be told of; they move no deadline
            self._carry_out(self._session.receive(what, at_s), at_s)
        elif not isinstance(what, _Signal):
            self._step(what, at_s)
        self._has_ended = self._is_over(what)
        if self._audio is not None and not self._has_ended:
            self._watch_queue(at_s)
        if not self._idle.is_set() and self._inbox.empty() and not self._session.is_busy:
            self._idle.set()

    def _is_over(self, what: Inbound | _Signal) -> bool:
        """Whether there is no connection any more, nor will be."""
        connection = self._session.connection
        return connection == "closed" or (
            what is _Signal.TRANSPORT_HAS_ENDED and connection != "reconnecting"
        )

    def _meet_deadline(self, now: float) -> None:
        if self._deadline_s is not None and now >= self._deadline_s:
            self._step(DeadlineReached(), now)

    def _step(self, inbound: str | bytes | LocalInput, now: float) -> None:
        if isinstance(inbound, str | bytes):
            event = self._codec.decode(inbound)
            self._tell("in", inbound, now, is_object=_is_object(event))
            effects = self._session.receive(event, now)
        else:
            self._note_connection(inbound)
            self._tell("local", to_json(inbound), now, is_object=True)
            effects = self._session.receive(inbound, now)
        self._carry_out(effects, now)
        self._deadline_s = self._session.next_deadline()
        self._is_stale = True

    def _watch_queue(self, now: float) -> None:
        """Tells the session when the socket takes less than the microphone gives, and when it caught up."""
        queued_bytes = self._transport.queued_bytes
        if not self._is_congested and queued_bytes > _CONGESTED_BYTES:
            self._is_congested = True
            self._step(Backpressure(queued_bytes, is_congested=True), now)
        elif self._is_congested and queued_bytes < _RELAXED_BYTES:
            self._is_congested = False
            self._step(
                Backpressure(queued_bytes, is_congested=False, dropped_ms=self._session.dropped_ms), now
            )

    def _carry_out(self, effects: Iterable[Effect], now: float) -> None:
        for effect in effects:
            if isinstance(effect, SendEvent):
                self._send(effect, now)
            elif isinstance(effect, Disconnect):
                self._transport.close()
            elif isinstance(effect, Connect):
                self._connect()
            elif isinstance(effect, StartTool | AnswerApproval | CancelTool):
                if self._tools is not None:
                    _attend(self._tools, effect)
            elif self._audio is not None:
                _sound(self._audio, effect)

    def _send(self, effect: SendEvent, now: float) -> None:
        text = self._codec.encode(effect.event) if effect.raw is None else effect.raw
        if text is not None:
            self._tell("out", text, now, is_object=_is_object(effect.event))
            self._transport.send(text)

    def _tell(self, direction: Direction, raw: str | bytes, now: float, *, is_object: bool) -> None:
        for observer in self._observers:
            observer.saw(direction, raw, now_s=now, is_object=is_object)

    def _refresh_due_at(self) -> float | None:
        return self._shown_at + self._refresh_s if self._is_stale else None

    def _refresh(self) -> None:
        due_at = self._refresh_due_at()
        if due_at is not None and (now := self.now_s) >= due_at:
            self._shown_at, self._is_stale = now, False
            self._screen.update(self._session.view())


def _sound(audio: AudioEngine, effect: Listen | PlayAudio | FinishAudio | StopPlayback) -> None:
    match effect:
        case Listen(encoding):
            audio.listen(encoding)
        case PlayAudio():
            audio.play(effect)
        case FinishAudio():
            audio.finish(effect)
        case StopPlayback():
            audio.stop()
        case _:
            assert_never(effect)


def _attend(tools: ToolHost, effect: StartTool | AnswerApproval | CancelTool) -> None:
    match effect:
        case StartTool():
            tools.start(effect)
        case AnswerApproval():
            tools.answer(effect)
        case CancelTool(call_id):
            tools.cancel(call_id)
        case _:
            assert_never(effect)


def _is_object(event: ServerEvent | ClientEvent) -> bool:
    """Whether the event's frame is a JSON object with a `type`; of any other frame nothing is promised."""
    return not isinstance(event, MalformedEvent) or bool(event.type)
