"""What a person does to a recording while it plays, and where it stands."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from .landmarks import BEGINNING, Landmark, Landmarks, Place, next_place, previous_place
from .pace import Pace
from .playback import Playback

FASTEST, SLOWEST = 64.0, 1 / 8
# "Back" goes to the start of what plays; just behind that, to what was before.
_JUST_BEGUN_S = 1.0


class Deck:
    """The keys of a player. `changed` is told of everything that they change.

    `end_s` is where the recording ends, as far as that is known before all of it was read.
    """

    def __init__(self, playback: Playback, *, end_s: float = 0.0, has_speaker: bool = False) -> None:
        self._playback = playback
        self._landmarks = Landmarks(end_s=end_s)
        self._has_speaker = has_speaker
        self.changed: Callable[[], None] = _nothing

    @property
    def pace(self) -> Pace:
        """How it plays now."""
        return self._playback.pace

    @property
    def place(self) -> Place:
        """Where it is, or where it is going."""
        target = self._playback.target
        if target is not None and target.t_s < inf:
            return target
        here = self._playback.place
        return Place(min(self._playback.now_s, self.end_s or inf), here.number)

    @property
    def end_s(self) -> float:
        """How long it is: what was played may be longer than what was read yet."""
        if self._playback.is_over:
            return self._playback.position_s
        return max(self._landmarks.end_s, self._playback.position_s)

    @property
    def is_over(self) -> bool:
        """Whether all of it was played."""
        return self._playback.is_over and self._playback.target is None

    @property
    def is_seeking(self) -> bool:
        """Whether it is on its way to another place."""
        return self._playback.target is not None

    @property
    def is_audible(self) -> bool:
        """Whether there is something to hear, and something to hear it with."""
        return self._has_speaker and self._landmarks.has_sound

    @property
    def is_silent(self) -> bool:
        """Whether nothing sounds, by somebody's wish or by the speed."""
        return self.pace.is_muted or self.pace.speed != 1

    @property
    def landmarks(self) -> Landmarks:
        """What is known of the recording."""
        return self._landmarks

    def know(self, landmarks: Landmarks) -> None:
        """Takes what somebody found in the recording."""
        self._landmarks = landmarks
        self.changed()

    def pause(self) -> None:
        """Stops, or goes on; at the end it begins again."""
        if self.is_over:
            self.pace.is_paused = False
            self._seek(BEGINNING)
            return
        self.pace.is_paused = not self.pace.is_paused
        self._poke()

    def step(self) -> None:
        """Plays up to the next change."""
        self._playback.step()
        self.changed()

    def step_back(self) -> None:
        """Undoes a step; where there was none, goes back to where this turn began."""
        self.pace.is_paused = True
        if not self._playback.step_back():
            self.previous_turn()
        self.changed()

    def next_turn(self) -> None:
        """Goes to where the next turn begins; behind the last one, to the end."""
        self._next(self._landmarks.turns)

    def previous_turn(self) -> None:
        """Goes to where this turn began, or the one before it."""
        self._previous(self._landmarks.turns)

    def next_marker(self) -> None:
        """Goes to the next marked moment."""
        self._next(self._landmarks.markers)

    def previous_marker(self) -> None:
        """Goes to the marked moment before."""
        self._previous(self._landmarks.markers)

    def faster(self) -> None:
        """Doubles the speed."""
        self.pace.speed = min(FASTEST, (self.pace.speed or FASTEST) * 2)
        self._poke()

    def slower(self) -> None:
        """Halves the speed."""
        self.pace.speed = max(SLOWEST, (self.pace.speed or FASTEST) / 2)
        self._poke()

    def mute(self) -> None:
        """Silences it, or lets it sound again."""
        self.pace.is_muted = not self.pace.is_muted
        self._poke()

    def to_share(self, share: float) -> None:
        """Goes to where so much of it, from 0 to 1, is over."""
        self._seek(self._landmarks.place_at(share))

    def to_end(self) -> None:
        """Goes behind the last entry."""
        self._seek(Place(inf))

    def leave(self) -> None:
        """Ends it."""
        self.pace.wants_to_leave = True
        self._poke()

    def _next(self, marks: tuple[Landmark, ...]) -> None:
        place = next_place(marks, self.place)
        if place is not None:
            self._seek(place)

    def _previous(self, marks: tuple[Landmark, ...]) -> None:
        here = self.place
        has_just_begun = not (self.pace.is_paused or self.is_seeking or self.is_over)
        before_s = here.t_s - _JUST_BEGUN_S if has_just_begun else inf
        self._seek(previous_place(marks, here, before_s=before_s) or BEGINNING)

    def _seek(self, place: Place) -> None:
        self._playback.seek(place)
        self.changed()

    def _poke(self) -> None:
        self._playback.poke()
        self.changed()


def _nothing() -> None:
    """Nobody listens yet."""
