"""What was queued and not heard yet: what a new audio child must be given when the old one died."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from realtime_cli.core.part_id import PartId

from .config import SAMPLE_BYTES
from .device_events import Progress, Stopped


@dataclass(slots=True)
class _Track:
    """A part that was not heard to its end. `earlier_samples` came from children that are dead now."""

    part: PartId
    earlier_samples: int = 0
    heard_samples: int = 0
    is_finished: bool = False
    waiting: deque[memoryview] = field(default_factory=deque[memoryview])

    @property
    def is_heard(self) -> bool:
        return self.is_finished and not self.waiting

    def hear(self, child_samples: int) -> int:
        before = self.heard_samples
        self.heard_samples = self.earlier_samples + child_samples
        self._drop((self.heard_samples - before) * SAMPLE_BYTES)
        return self.heard_samples

    def _drop(self, size_bytes: int) -> None:
        while size_bytes > 0 and self.waiting:
            chunk = self.waiting.popleft()
            if len(chunk) > size_bytes:
                self.waiting.appendleft(chunk[size_bytes:])
            size_bytes -= len(chunk)


class Unheard:
    """The audio of every part from the last known position on.

    A child counts a part's samples from its own beginning; what comes out of here, from the part's.
    """

    def __init__(self) -> None:
        self._tracks: dict[PartId, _Track] = {}
        self._stops: deque[_Track | None] = deque()

    @property
    def is_stopping(self) -> bool:
        """Whether the child has not answered every stop."""
        return bool(self._stops)

    def play(self, part: PartId, pcm: bytes) -> None:
        """More of a part was queued."""
        self._tracks.setdefault(part, _Track(part)).waiting.append(memoryview(pcm))

    def finish(self, part: PartId) -> None:
        """That was all of the part."""
        if track := self._tracks.get(part):
            track.is_finished = True
            if track.is_heard:
                del self._tracks[part]

    def hear(self, progress: Progress) -> Progress:
        """The child has played so much."""
        track = self._track(progress.part)
        samples = track.hear(progress.samples)
        if progress.is_end or track.is_heard:
            self._tracks.pop(track.part, None)
        return replace(progress, samples=samples)

    def stop(self) -> None:
        """Nothing is queued any more; the child is asked where it stops."""
        self._stops.append(self._head())
        self._tracks.clear()

    def stopped(self, answer: Stopped) -> Stopped:
        """The child's answer."""
        part = answer.part
        whole = replace(answer, samples=self._track(part).hear(answer.samples)) if part else answer
        if self._stops:
            self._stops.popleft()
        return whole

    def give_up_stop(self) -> Stopped:
        """The answer of a child that cannot answer: where playback was, as far as we know."""
        track = self._stops.popleft()
        return Stopped(track.part, track.heard_samples) if track else Stopped()

    def again(self) -> Iterator[tuple[PartId, bytes, bool]]:
        """What a new child plays: each part, its unheard audio, and whether that is all of it."""
        for track in self._tracks.values():
            track.earlier_samples = track.heard_samples
            yield track.part, b"".join(track.waiting), track.is_finished

    def _track(self, part: PartId) -> _Track:
        stopping = (track for track in self._stops if track and track.part == part)
        return next(stopping, None) or self._tracks.get(part) or _Track(part)

    def _head(self) -> _Track | None:
        tracks = list(self._tracks.values())
        return next((track for track in tracks if track.waiting), tracks[-1] if tracks else None)
