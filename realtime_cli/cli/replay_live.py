"""A replay on the live screen: what one sees, what one hears, and what there is to find in the log."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import KW_ONLY, dataclass
from threading import Event

from realtime_cli.core.view import SessionView
from realtime_cli.log import LogEntry, Recording
from realtime_cli.log.index import end_s_of, entries_without_sound_before, find_landmarks
from realtime_cli.runtime.deck import Deck
from realtime_cli.runtime.landmarks import Landmarks
from realtime_cli.runtime.playback import Playback
from realtime_cli.runtime.replayer import RecordedEntry
from realtime_cli.settings import Settings

from .environment import Environment
from .replay_sound import MakeSpeaker

# What sounds now came in one of the last answers, as far as they are known, or in the last seconds.
_ANSWERS = 2
_AT_LEAST_S = 5.0


@dataclass(frozen=True, slots=True)
class LiveReplay:
    """A recording up to `end_s` on the live screen. `tape` has its last entries, `stop` is Ctrl-C."""

    env: Environment
    log: Recording
    _: KW_ONLY
    end_s: float
    tape: deque[RecordedEntry]
    settings: Settings
    stop: Callable[[], None]

    async def play(self, playback: Playback, make_speaker: MakeSpeaker) -> SessionView:
        """Plays until somebody leaves; at full speed to the end, without a sound."""
        from realtime_cli.ui.live.replay_screen import ReplayScreen  # noqa: PLC0415  (pipes need none)

        end_s = min(self.end_s, end_s_of(self.log.path) or 0.0)
        is_timed = playback.pace.speed is not None
        deck = Deck(playback, end_s=end_s, has_speaker=is_timed)
        screen = ReplayScreen(
            self.env.stdin,
            self.env.stdout,
            deck,
            tape=self.tape,
            server=self.log.header.provider if self.log.header else "",
            stop=self.stop,
            theme=self.settings.theme,
            calm=self.settings.calm,
        )
        speaker = make_speaker(self._needed(deck), warn=screen.remark)
        playback.pace.stays = is_timed
        playback.on_rewind = screen.rewind
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(screen.run(), name="screen")
            finding = tasks.create_task(self._find(deck), name="landmarks")
            if is_timed:
                tasks.create_task(speaker.run(playback), name="sound")
            view = await playback.run(screen, on_jump=screen.skip)
            finding.cancel()
            speaker.last_entry()
        return view

    async def _find(self, deck: Deck) -> None:
        """Looks for turns and markers, and gives up when it is cancelled."""
        is_left = Event()
        try:
            found = await asyncio.to_thread(find_landmarks, self.log, is_wanted=lambda: not is_left.is_set())
            deck.know(found.until(self.end_s))
        finally:
            is_left.set()

    def _needed(self, deck: Deck) -> Callable[[float], Iterator[LogEntry]]:
        """What gives the entries that one needs to hear the recording from a time on."""

        def entries(from_s: float) -> Iterator[LogEntry]:
            answers = _answers_before(deck.landmarks, from_s)
            needed_s = answers[-_ANSWERS] if len(answers) >= _ANSWERS else 0.0
            return entries_without_sound_before(self.log, min(needed_s, from_s - _AT_LEAST_S))

        return entries


def _answers_before(landmarks: Landmarks, t_s: float) -> list[float]:
    """When the answers before that time began."""
    return [mark.place.t_s for mark in landmarks.turns if mark.label == "assistant" and mark.place.t_s <= t_s]
