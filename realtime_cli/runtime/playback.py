"""Plays a recording through the same core and screen that the live session had."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from realtime_cli.core.sending import is_audio_frame
from realtime_cli.core.session import Session
from realtime_cli.core.view import ItemView, SessionView
from realtime_cli.protocol.codec import Codec

from .landmarks import Place
from .pace import Countdown, Pace
from .ports import Screen
from .replayer import RecordedEntry, Replayer

# At full speed the screen and the keyboard still want their turn now and then.
_SHARE_EVERY = 64
# Frames that come many times a second, and change nothing that one would step to.
_DULL = ('audio.delta"', '"playback.progress"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A recording that can be played again and again from its start, to a new session each time."""

    entries: Callable[[], Iterable[RecordedEntry]]
    make_session: Callable[[], Session]
    make_codec: Callable[[], Codec] = Codec
    has_inputs: bool

    def opened(self) -> tuple[Session, Replayer, Iterator[RecordedEntry]]:
        """A new session, what gives it entries, and the entries."""
        session = self.make_session()
        return (
            session,
            Replayer(session, self.make_codec(), has_inputs=self.has_inputs),
            iter(self.entries()),
        )


def _nothing(_: object) -> None:
    """Nobody listens."""


def _unheard() -> None:
    """Nobody listens."""


class Playback:
    """A recording as it plays. `poke` tells it that the pace was changed from outside.

    `on_take` gets each entry of the way, `on_entry` those that were played and not skipped;
    `on_rewind` is told where the way begins anew.
    """

    def __init__(
        self,
        source: Source,
        *,
        pace: Pace,
        on_entry: Callable[[RecordedEntry], object] = _nothing,
        on_take: Callable[[RecordedEntry], object] = _nothing,
        refresh_s: float = 1 / 12,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._session, self._replayer, self._entries = source.opened()
        self.pace = pace
        self._on_entry, self._on_take = on_entry, on_take
        self._refresh_s = refresh_s
        self._clock = clock
        self._countdown = Countdown(pace, clock)
        self._poked = asyncio.Event()
        self._shown_at = float("-inf")
        self._is_stale = False
        self._held: RecordedEntry | None = None
        self._position_s = 0.0
        self._taken = 0
        self._steps_from: list[Place] = []
        self._target: Place | None = None
        self.is_over = False
        self.jumps = 0
        self.on_rewind: Callable[[], object] = _unheard

    @property
    def position_s(self) -> float:
        """The session time of the last entry that was played, or of the place that was sought since."""
        return self._position_s

    @property
    def now_s(self) -> float:
        """The session time that it is now, between the entries too."""
        return max(self._position_s, self._countdown.now_s)

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(self._position_s, self._taken)

    @property
    def target(self) -> Place | None:
        """Where it is going, as long as it is not there."""
        return self._target

    def poke(self) -> None:
        """Wakes the playback: the pace was changed."""
        self._poked.set()

    def seek(self, place: Place) -> None:
        """Goes to a place without waiting, whichever way it lies; takes the place of a seek under way."""
        self._target = place
        self._steps_from.clear()
        self.pace.steps = 0
        self.poke()

    def step(self) -> None:
        """Plays up to the next entry that changes what is to be seen, and pauses there."""
        self.pace.is_paused = True
        self.pace.steps += 1
        self.poke()

    def step_back(self) -> bool:
        """Undoes the last step; False where there was none since the last seek."""
        if not self._steps_from:
            return False
        *rest, place = self._steps_from
        self.seek(place)
        self._steps_from = rest
        return True

    async def run(
        self, screen: Screen, *, on_jump: Callable[[SessionView], object] = _nothing
    ) -> SessionView:
        """Plays to the end, or until somebody leaves. `on_jump` gets the picture after each seek."""
        self._countdown.start(self._position_s)
        await asyncio.sleep(0)
        while not self.pace.wants_to_leave:
            if self._target is not None:
                if await self._go_to(self._target):
                    on_jump(self._session.view())
            elif (entry := self._next()) is None:
                if not self.pace.stays:
                    break
                self.pace.steps = 0
                await self._rest(screen)
            elif self._is_due(entry):
                self._play(entry, screen)
                if self._wants_to_share:
                    await asyncio.sleep(0)
            else:
                await self._rest(screen)
        view = self._session.view()
        screen.close(view)
        return view

    def _next(self) -> RecordedEntry | None:
        if self._held is None:
            self._held = next(self._entries, None)
            self.is_over = self._held is None
        return self._held

    def _take(self, entry: RecordedEntry) -> None:
        self._held = None
        self._position_s = entry.t_s
        self._taken += 1
        self._is_stale = True
        self._replayer.take(entry)
        self._on_take(entry)

    def _play(self, entry: RecordedEntry, screen: Screen) -> None:
        if self.pace.steps:
            self._step_over(entry)
        else:
            self._take(entry)
        self._refresh(screen)
        self._on_entry(entry)

    def _is_due(self, entry: RecordedEntry) -> bool:
        """Whether an entry is to be played now."""
        self._countdown.aim(entry.t_s)
        if self.pace.steps:
            self._countdown.skip()
            return True
        return self._countdown.is_over

    def _step_over(self, entry: RecordedEntry) -> None:
        if _is_dull(entry):
            self._take(entry)
            return
        before, place = _seen(self._session.view()), self.place
        self._take(entry)
        if _seen(self._session.view()) != before:
            self.pace.steps -= 1
            self._steps_from.append(place)

    async def _rest(self, screen: Screen) -> None:
        """Waits until an entry may be due, or somebody wants something else."""
        self._refresh(screen)
        await self._nap()

    async def _go_to(self, place: Place) -> bool:
        """Takes all that lies before a place, and tells whether it got there; others may be wanted."""
        if self._is_past(place):
            self._rewind()
        while not self._has_reached(place):
            if self._wants_to_share:
                await asyncio.sleep(0)
            if self.pace.wants_to_leave or self._target is not place:
                return False
        self._land(place)
        return True

    def _is_past(self, place: Place) -> bool:
        if place.number is not None:
            return self._taken > place.number
        return self._taken > 0 and self._position_s >= place.t_s

    def _rewind(self) -> None:
        self._session, self._replayer, self._entries = self._source.opened()
        self._held, self._position_s, self._taken = None, 0.0, 0
        self.on_rewind()

    def _has_reached(self, place: Place) -> bool:
        """Takes one more entry on the way, if it lies on it."""
        entry = self._next()
        if entry is None:
            return True
        is_there = entry.t_s >= place.t_s if place.number is None else self._taken >= place.number
        if not is_there:
            self._take(entry)
        return is_there

    def _land(self, place: Place) -> None:
        self._target = None
        if self._next() is not None:
            self._position_s = max(self._position_s, place.t_s)
        self._countdown.start(self._position_s)
        self.jumps += 1
        self._is_stale = False

    @property
    def _wants_to_share(self) -> bool:
        return self._taken % _SHARE_EVERY == 0

    async def _nap(self) -> None:
        """Sleeps until something is due, or somebody pokes."""
        self._poked.clear()
        try:
            async with asyncio.timeout(self._patience_s()):
                await self._poked.wait()
        except TimeoutError:
            return

    def _patience_s(self) -> float | None:
        wait_s = None if self.is_over else self._countdown.wait_s
        if wait_s is None or not self._is_stale:
            return wait_s
        return min(wait_s, max(1e-6, self._shown_at + self._refresh_s - self._clock()))

    def _refresh(self, screen: Screen) -> None:
        """Shows what is new, if it is time; while nothing moves it always is."""
        now = self._clock()
        stands = self.is_over or (self.pace.is_paused and not self.pace.steps)
        if self._is_stale and (stands or now - self._shown_at >= self._refresh_s):
            self._shown_at, self._is_stale = now, False
            screen.update(self._session.view())


def _is_dull(entry: RecordedEntry) -> bool:
    text = entry.raw if isinstance(entry.raw, str) else entry.raw.decode("utf-8", "replace")
    if entry.direction == "out":
        return is_audio_frame(text)
    return any(mark in text for mark in _DULL)


def _seen(view: SessionView) -> tuple[object, ...]:
    """What there is to see in the conversation: a step goes on to where this changes."""
    items = tuple(
        _words(item) for item in view.items if item.kind != "message" or item.text or item.has_audio
    )
    audio = (view.audio.is_muted, view.audio.is_push_to_talk, view.audio.is_talking, view.user_speaking)
    return items, audio, view.calls, view.notices, view.connection, view.config


def _words(item: ItemView) -> tuple[object, ...]:
    spoken = (item.text, item.awaits_transcript, item.transcription_error, item.truncated_ms)
    return (item.id, item.name, item.arguments, item.output, *spoken)
