"""Records a session while it goes: both voices in a WAV file, written by a thread of its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from threading import Event, Thread
from typing import TypeAlias

from realtime_cli.runtime.ports import Direction

from .sound import SoundFile
from .timeline import Timeline

_SAVE_INTERVAL_S = 0.5
_CLOSE_TIMEOUT_S = 5.0
_MAX_WAITING_BYTES = 64 * 2**20

_Entry: TypeAlias = tuple[Direction, str | bytes, float]


class Recorder:
    """A `realtime_cli.runtime.ports.Observer` that writes what was said and heard to a new WAV file.

    Of a session that never began there is none.

    Raises `BadInput` where the file cannot be made or has something in it. Any later failure ends the
    recording: `on_failure` is called once with the reason, from the recorder's thread or from the one that
    calls `saw` or `close`, and the conversation goes on.
    """

    def __init__(self, path: Path, *, on_failure: Callable[[str], None]) -> None:
        self.path = path
        self._on_failure = on_failure
        self._file = SoundFile(path)
        self._waiting: deque[_Entry] = deque()
        self._seen_bytes = 0
        self._taken_bytes = 0
        self._has_failed = False
        self._has_frames = False
        self._closing = Event()
        self._thread = Thread(target=self._run, name="realtime-recorder", daemon=True)
        self._thread.start()

    def saw(self, direction: Direction, raw: str | bytes, *, now_s: float, is_object: bool) -> None:
        """Queues what happened and returns at once."""
        if self._has_failed or self._closing.is_set() or not is_object:
            return
        self._has_frames = self._has_frames or direction != "local"
        self._seen_bytes += len(raw)
        self._waiting.append((direction, raw, now_s))
        if self._seen_bytes - self._taken_bytes > _MAX_WAITING_BYTES:
            self._fail("the disk is too slow")

    def close(self) -> None:
        """Writes the rest, and gives up on a disk that hangs; may be called again."""
        self._closing.set()
        self._thread.join(_CLOSE_TIMEOUT_S)
        if self._thread.is_alive():
            self._fail("the disk does not answer")

    def _run(self) -> None:
        try:
            with closing(self._file):
                self._record()
            if not self._has_frames:
                self._file.discard()
        except OSError as error:
            self._fail(error.strerror or str(error))
        except Exception as bug:  # a thread that ends without a word would go on taking what it never writes
            self._fail(f"{type(bug).__name__}: {bug}")

    def _record(self) -> None:
        timeline = Timeline()
        is_last = False
        while not (is_last or self._has_failed):
            is_last = self._closing.wait(_SAVE_INTERVAL_S)  # what was queued before the closing must be saved
            self._save_waiting(timeline)
        for block in timeline.finish():
            self._file.write(block)

    def _save_waiting(self, timeline: Timeline) -> None:
        while self._waiting and not self._has_failed:
            direction, raw, now_s = self._waiting.popleft()
            self._taken_bytes += len(raw)
            for block in timeline.add(direction, raw, t_s=now_s):
                self._file.write(block)

    def _fail(self, reason: str) -> None:
        if self._has_failed:
            return
        self._has_failed = True
        self._waiting.clear()
        with suppress(RuntimeError):  # an event loop that has closed has nobody left to tell
            self._on_failure(f"the recording stopped: {reason} ({self.path})")
