"""Finds the turns and the marked moments of a log without parsing what it is mostly made of: sound."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import SEEK_END
from math import inf
from pathlib import Path

from realtime_cli.log.format import Direction, LogEntry
from realtime_cli.log.parse import LineError, own_head, parse_entry
from realtime_cli.log.reader import MAX_LINE_BYTES, Recording
from realtime_cli.protocol.jsontypes import Json, as_object, at
from realtime_cli.runtime.landmarks import Landmark, LandmarkKind, Landmarks, Place

_BUFFER_BYTES = 2**20
_TAIL_BYTES = 2**16
_ASK_EVERY = 4096
# What happens again within this time is the same thing: an interruption is told by both sides.
_SAME_S = 1.0
_LONGEST_LABEL = 200
_NORMAL = 1000
_NAMES = (
    "audio.gap",
    "audio.notice",
    "connection.lost",
    "conversation.item.create",
    "conversation.item.truncate",
    "error",
    "input_audio_buffer.committed",
    "input_audio_buffer.speech_started",
    "response.created",
    "response.done",
    "talk.started",
    "user.item",
    "user.mark",
    "user.text",
)
_NOTABLE = re.compile(b'"(?:%b)"' % "|".join(map(re.escape, _NAMES)).encode())
# Sound that is far from where somebody listens.
_SOUND = re.compile(rb'input_audio_buffer\.append"|audio\.delta"')


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that holds an entry, the `number`th one; `entry` where it had to be parsed to know that."""

    number: int
    t_s: float
    direction: Direction
    text: bytes
    entry: LogEntry | None = None


def find_landmarks(log: Recording, *, is_wanted: Callable[[], bool] = lambda: True) -> Landmarks:
    """Reads the log to its end or its damage, or until nobody wants to know; may run in a thread."""
    finder, number, end_s = _Finder(has_inputs=log.header is not None), 0, 0.0
    has_sound = False
    for line in _lines(log):
        number, end_s = line.number, line.t_s
        if number % _ASK_EVERY == 0 and not is_wanted():
            break
        has_sound = has_sound or _SOUND.search(line.text) is not None
        if _NOTABLE.search(line.text):
            finder.take(line.direction, _event(line), Place(line.t_s, number - 1))
    return Landmarks(
        tuple(finder.turns), tuple(finder.markers), entries=number, end_s=end_s, has_sound=has_sound
    )


def entries_without_sound_before(log: Recording, t_s: float) -> Iterator[LogEntry]:
    """The entries; of those before that session time, the frames that carry sound are left out."""
    for line in _lines(log):
        if line.t_s < t_s and _SOUND.search(line.text):
            continue
        entry = line.entry or _parsed(line.text, LogEntry(line.number - 1, line.t_s, "local", ""))
        if entry is None:
            return
        yield entry


def end_s_of(path: Path) -> float | None:
    """The session time of the last whole line; None where it tells none."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, SEEK_END)
            for count in (_TAIL_BYTES, MAX_LINE_BYTES):
                file.seek(max(0, size - count))
                lines = file.read(count).splitlines(keepends=True)
                times = [head[0] for line in lines if (head := own_head(line))]
                if times:
                    return times[-1]
    except OSError:
        return None
    return None


def _lines(log: Recording) -> Iterator[_Line]:
    """The lines that hold an entry, to the end or to the first one that cannot be read."""
    number, t_s = 0, 0.0
    try:
        with log.path.open("rb", buffering=_BUFFER_BYTES) as file:
            if log.header is not None:
                file.readline(MAX_LINE_BYTES + 1)
            while text := file.readline(MAX_LINE_BYTES + 1):
                line = _line(text, number, t_s)
                if line is not None:
                    yield line
                    number, t_s = line.number, line.t_s
    except (LineError, OSError):
        return


def _line(text: bytes, number: int, t_s: float) -> _Line | None:
    """The line behind so many entries and so much time; None where it holds none. Raises `LineError`."""
    if head := own_head(text):
        told_s, direction = head
        return _Line(number + 1, told_s if t_s <= told_s < inf else t_s, direction, text)
    if len(text) > MAX_LINE_BYTES:
        raise LineError("is too long")
    entry = parse_entry(text, LogEntry(number, t_s, "local", ""))
    return None if entry is None else _Line(number + 1, entry.t_s, entry.direction, text, entry)


def _parsed(text: bytes, previous: LogEntry) -> LogEntry | None:
    try:
        return parse_entry(text, previous)
    except LineError:
        return None


def _event(line: _Line) -> Json:
    """The event in a line; empty where there is none."""
    try:
        value = json.loads(line.entry.raw if line.entry else line.text)
    except (ValueError, RecursionError):
        return {}
    event = as_object(value) or {}
    return event if line.entry else as_object(event.get("event")) or {}


@dataclass(slots=True)
class _Finder:
    """Tells turns and markers from all else."""

    has_inputs: bool
    turns: list[Landmark] = field(default_factory=list[Landmark])
    markers: list[Landmark] = field(default_factory=list[Landmark])

    def take(self, direction: Direction, event: Json, place: Place) -> None:
        """Notes what an event means."""
        match direction, event.get("type"):
            case "local", "user.text" | "user.item" | "talk.started":
                self._turn("user", place)
            case "in", "input_audio_buffer.speech_started":
                self._turn("user", place)
            case "in", "input_audio_buffer.committed":
                if not self.turns or self.turns[-1].label != "user":
                    self._turn("user", place)
            case "out", "conversation.item.create":
                if not self.has_inputs and at(event, "item", "role") == "user":
                    self._turn("user", place)
            case "in", "response.created":
                self._turn("assistant", place)
            case "local", "user.mark":
                self.markers.append(Landmark(place, "mark", str(event.get("label") or "")[:_LONGEST_LABEL]))
            case _:
                self._trouble(direction, event, place)

    def _trouble(self, direction: Direction, event: Json, place: Place) -> None:
        match direction, event.get("type"):
            case "local", "audio.gap":
                self._marker("gap", place)
            case "local", "audio.notice":
                if event.get("level") == "error":
                    self._marker("error", place, event.get("text"))
            case "local", "connection.lost":
                if not event.get("by_us") and event.get("code") != _NORMAL:
                    self._marker("error", place, event.get("reason"))
            case "in", "error":
                self._marker("error", place, at(event, "error", "message"))
            case "out", "conversation.item.truncate":
                self._marker("interruption", place)
            case "in", "response.done":
                self._done(at(event, "response", "status"), place)
            case _:
                pass

    def _done(self, status: object, place: Place) -> None:
        if status == "cancelled":
            self._marker("interruption", place)
        elif status in {"failed", "incomplete"}:
            self._marker("error", place, status)

    def _turn(self, who: str, place: Place) -> None:
        self.turns.append(Landmark(place, "turn", who))

    def _marker(self, kind: LandmarkKind, place: Place, label: object = None) -> None:
        before = next((mark for mark in reversed(self.markers) if mark.kind == kind), None)
        if before is None or place.t_s - before.place.t_s > _SAME_S or not place.t_s:
            self.markers.append(Landmark(place, kind, str(label or "")[:_LONGEST_LABEL]))
