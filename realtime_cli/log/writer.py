"""Writes a log from a thread of its own: the conversation never waits for a disk, and never fails with it."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from io import FileIO
from pathlib import Path
from sys import getsizeof
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Self

from realtime_cli.errors import BadInput
from realtime_cli.log.format import Direction, LogEntry, LogHeader, entry_line, header_line, utf8
from realtime_cli.log.location import open_private, unwritable
from realtime_cli.log.parse import is_json_object
from realtime_cli.redaction import Redactor

SAVE_INTERVAL_S = 0.25
CLOSE_TIMEOUT_S = 5.0
MAX_WAITING_BYTES = 64 * 2**20

_Frame = tuple[float, Direction, str | bytes, bool]


class LogWriter:
    """A log that is being written: entries are in the file within half a second, without any secrets.

    Raises `BadInput` where the file cannot be opened or has something in it. Any later failure stops the log:
    `on_failure` is called once with the reason (from the log's own thread, or from the one that calls `write`
    or `close`), what was not written yet is dropped, and the conversation goes on.
    """

    def __init__(
        self, path: Path, header: LogHeader, *, redactor: Redactor, on_failure: Callable[[str], None]
    ) -> None:
        self.path = path
        self._file = _open_empty(path)
        self._header = utf8(redactor.frame(header_line(header)))
        self._redactor = redactor
        self._on_failure = on_failure
        self._size_bytes = 0
        self._seq = 0
        self._lock = Lock()
        self._waiting: deque[_Frame] = deque()
        self._waiting_bytes = 0
        self._failed = False
        self._wake = Event()
        self._closing = Event()
        self._thread = Thread(target=self._run, name="realtime-log", daemon=True)
        self._thread.start()

    @property
    def size_bytes(self) -> int:
        """The bytes that are in the file by now."""
        return self._size_bytes

    def write(self, now_s: float, direction: Direction, raw: str | bytes, *, is_object: bool) -> None:
        """Queues a frame and returns at once; `is_object` promises that it is text of a valid JSON object."""
        if self._failed or self._closing.is_set():
            return
        with self._lock:
            self._waiting.append((now_s, direction, raw, is_object))
            self._waiting_bytes += getsizeof(raw)
        if self._waiting_bytes > MAX_WAITING_BYTES:
            self._fail("the disk is too slow")
        elif not self._wake.is_set():
            self._wake.set()

    def close(self) -> None:
        """Writes what is waiting, closes the file, and gives up on a disk that hangs; may be called again."""
        self._closing.set()
        self._wake.set()
        self._thread.join(CLOSE_TIMEOUT_S)
        if self._thread.is_alive():
            self._fail("the disk does not answer")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self) -> None:
        try:
            with self._file:
                self._save_all()
        except OSError as error:
            self._fail(error.strerror or str(error))

    def _save_all(self) -> None:
        self._save(self._header)
        is_last = False
        while not (is_last or self._failed):
            self._wake.wait()
            self._wake.clear()
            is_last = self._closing.is_set()  # asked first: what was queued before the closing must be saved
            self._save_waiting()
            self._closing.wait(SAVE_INTERVAL_S)

    def _save_waiting(self) -> None:
        with self._lock:
            frames, self._waiting = self._waiting, deque()
            size_bytes = self._waiting_bytes
        while frames and not self._failed:
            self._save(self._line(*frames.popleft()))
        with self._lock:
            self._waiting_bytes -= size_bytes

    def _line(self, now_s: float, direction: Direction, raw: str | bytes, is_object: bool) -> bytes:
        self._seq += 1
        public = self._public(raw)
        if is_object and isinstance(public, str) and public is not raw:
            is_object = is_json_object(public)  # a secret of digits can have stood where JSON needs a number
        return entry_line(LogEntry(self._seq, now_s, direction, public), is_object=is_object)

    def _public(self, raw: str | bytes) -> str | bytes:
        if isinstance(raw, str):
            return self._redactor.frame(raw)
        return self._redactor.text(raw.decode("latin-1")).encode("latin-1")

    def _save(self, line: bytes) -> None:
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[os.write(self._file.fileno(), rest) :]
        except OSError:
            with suppress(OSError):  # not a regular file
                self._file.truncate(self._size_bytes)  # so that the log ends with a whole line
            raise
        self._size_bytes += len(line)

    def _fail(self, reason: str) -> None:
        with self._lock:
            is_first, self._failed = not self._failed, True
            self._waiting.clear()
        self._wake.set()
        if is_first:
            with suppress(RuntimeError):  # an event loop that has closed has nobody left to tell
                self._on_failure(f"the log stopped after {self._size_bytes:,} bytes: {reason} ({self.path})")


def _open_empty(path: Path) -> FileIO:
    try:
        return _open_new(path) or _open_existing(path)
    except OSError as error:
        raise unwritable(path, error) from error


def _open_new(path: Path) -> FileIO | None:
    try:
        return open_private(path, "x")
    except FileExistsError:
        return None


def _open_existing(path: Path) -> FileIO:
    if path.is_file() and path.stat().st_size:
        raise BadInput(
            f"{path} has something in it already",
            hint="a log begins in an empty file: name another one, or delete this one",
        )
    return open_private(path, "a")
