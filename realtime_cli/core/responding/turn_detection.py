"""Finds turns in a stream of voiced and unvoiced frames."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from .turn_rules import TurnRules, patience_ms
from .voice_activity import FRAME_MS

# A detector's false alarms are single frames: speech begins with 60 ms of voice within 100 ms, and goes on
# with 40 ms.
_WINDOW = 5
_VOICED_TO_BEGIN = 3
_VOICED_TO_GO_ON = 2
WINDOW_MS = _WINDOW * FRAME_MS
_PAUSE_MS = 200.0


@dataclass(frozen=True, slots=True)
class TurnMark:
    """Something about the user's turn, and where on the timeline of sent audio.

    `started`: where the speech sets in. `paused`, `resumed`: only where words decide (`semantic_vad`).
    `stopped`: where the silence that ended the turn ends, as the API's `audio_end_ms` includes it.
    """

    kind: Literal["started", "paused", "resumed", "stopped"]
    at_ms: float


class TurnDetector:
    """Hears one frame after the other. `now_ms` is where the last one ended."""

    def __init__(self, rules: TurnRules, *, start_ms: float) -> None:
        self.now_ms = start_ms
        self._rules = rules
        self._recent: deque[bool] = deque(maxlen=_WINDOW)
        self._spoken_until_ms: float | None = None
        self._is_pausing = False
        self._patience_ms: float | None = None

    @property
    def is_speaking(self) -> bool:
        """Whether a turn is under way."""
        return self._spoken_until_ms is not None

    def reset(self) -> None:
        """Forgets the turn; the timeline goes on."""
        self._recent.clear()
        self._spoken_until_ms = None
        self._is_pausing = False
        self._patience_ms = None

    def follow(self, rules: TurnRules) -> None:
        """Goes on under other rules; a pause under way is judged anew."""
        self._rules = rules
        self._is_pausing = False
        self._patience_ms = None

    def hear(self, frames: Iterable[bool]) -> Iterator[TurnMark]:
        """Tells what the frames mean, in order; each mark may be acted upon before the next frame."""
        for is_voiced in frames:
            self.now_ms += FRAME_MS
            self._recent.append(is_voiced)
            if self._spoken_until_ms is None:
                yield from self._listening()
            else:
                yield from self._following(self._spoken_until_ms, is_voiced=is_voiced)

    def consider(self, words: str) -> Iterator[TurnMark]:
        """Decides by what the user has said up to this pause how long it may last."""
        if self._is_pausing and self._spoken_until_ms is not None:
            self._patience_ms = patience_ms(words, self._rules.silence_ms)
            yield from self._waiting(self._spoken_until_ms)

    def _listening(self) -> Iterator[TurnMark]:
        if sum(self._recent) < _VOICED_TO_BEGIN:
            return
        self._spoken_until_ms = self.now_ms
        first = self._recent.index(True)
        yield TurnMark("started", self.now_ms - FRAME_MS * (len(self._recent) - first))

    def _following(self, spoken_until_ms: float, *, is_voiced: bool) -> Iterator[TurnMark]:
        if not is_voiced or sum(self._recent) < _VOICED_TO_GO_ON:
            yield from self._waiting(spoken_until_ms)
            return
        self._spoken_until_ms = self.now_ms
        self._patience_ms = None
        if self._is_pausing:
            self._is_pausing = False
            yield TurnMark("resumed", self.now_ms)

    def _waiting(self, spoken_until_ms: float) -> Iterator[TurnMark]:
        silence_ms = self.now_ms - spoken_until_ms
        enough_ms = self._rules.silence_ms if self._patience_ms is None else self._patience_ms
        if silence_ms >= max(enough_ms, FRAME_MS):
            self.reset()
            yield TurnMark("stopped", self.now_ms)
        elif self._rules.waits_for_words and not self._is_pausing and silence_ms >= _PAUSE_MS:
            self._is_pausing = True
            yield TurnMark("paused", self.now_ms)
