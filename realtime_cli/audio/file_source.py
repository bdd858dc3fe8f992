"""A WAV file, raw audio, or a pipe of either, read in a thread: a pipe may keep its reader waiting."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from threading import BoundedSemaphore, Thread
from typing import TypeAlias

from realtime_cli.errors import BadInput, RealtimeError
from realtime_cli.protocol.encoding import PCM_24K, Encoding
from realtime_cli.samples.wav import WavReader

STANDARD_STREAM = "-"
_RIFF = b"RIFF"
# 0.2 s at 24 kHz; and as many pieces as the thread may be ahead.
_PIECE_FRAMES = 4800
_PIECES_AHEAD = 8


class RawReader:
    """Audio without a header; raises `BadInput` where there is none."""

    def __init__(self, file: FileIO, *, name: str, encoding: Encoding, head: bytes = b"") -> None:
        self._file = file
        self.encoding = encoding
        self._first = head or file.read(_PIECE_FRAMES * encoding.sample_bytes)
        if not self._first:
            raise BadInput(f"{name} is empty", hint="there must be audio in it")

    def read(self, frames: int) -> bytes:
        """At most so many samples, not always whole ones; none at the end only."""
        if self._first:
            data, self._first = self._first, b""
            return data
        return self._file.read(frames * self.encoding.sample_bytes)


@dataclass(frozen=True, slots=True)
class OpenSource:
    """A source that is open, and has audio."""

    file: FileIO
    audio: WavReader | RawReader


@dataclass(frozen=True, slots=True)
class AudioSource:
    """Where the microphone's audio comes from: a path, or "-" for `stdin_fd`.

    It is a WAV file unless `raw` says how it is encoded; "-" is raw PCM at 24 kHz where no WAV header is.
    """

    path: str
    raw: Encoding | None = None
    stdin_fd: int = 0

    @property
    def name(self) -> str:
        """The name for people."""
        return "stdin" if self.path == STANDARD_STREAM else self.path

    @property
    def is_regular(self) -> bool:
        """Whether it is a file that is all there; raises `BadInput` where nothing is, or a folder."""
        mode = self._mode()
        if stat.S_ISDIR(mode):
            raise BadInput(f"{self.name} is a folder, not a sound", hint="name a WAV file")
        return stat.S_ISREG(mode)

    def open(self) -> OpenSource:
        """Opens it, and waits for its first audio; raises `BadInput` where that is not to be had."""
        try:
            file = self._file()
            with ExitStack() as cleanup:
                cleanup.callback(file.close)
                audio = self._reader(file)
                cleanup.pop_all()
        except OSError as error:
            raise BadInput(f"{self.name} cannot be read: {error.strerror}") from error
        return OpenSource(file, audio)

    def _mode(self) -> int:
        try:
            is_stdin = self.path == STANDARD_STREAM
            return (os.fstat(self.stdin_fd) if is_stdin else Path(self.path).stat()).st_mode
        except FileNotFoundError:
            raise BadInput(f"there is no file {self.name}", hint="name a WAV file, or - for stdin") from None
        except (OSError, ValueError) as error:
            raise BadInput(f"{self.name} cannot be read: {error}") from error

    def _file(self) -> FileIO:
        if self.path == STANDARD_STREAM:
            return FileIO(self.stdin_fd, closefd=False)
        return FileIO(self.path)

    def _reader(self, file: FileIO) -> WavReader | RawReader:
        if self.raw is not None:
            return RawReader(file, name=self.name, encoding=self.raw)
        if self.path != STANDARD_STREAM:
            return WavReader(file, name=self.name)
        head = _head(file)
        if head == _RIFF:
            return WavReader(file, name=self.name, head=head)
        return RawReader(file, name=self.name, encoding=PCM_24K, head=head)


@dataclass(frozen=True, slots=True)
class Piece:
    """Some audio, and how it is encoded."""

    audio: bytes
    encoding: Encoding


_Arrival: TypeAlias = Piece | RealtimeError | None


class ReadAhead:
    """Reads a source in a thread, a second or so ahead of who listens. Belongs to the running loop.

    After the end `missing_s` tells how much more the file has promised.
    """

    def __init__(self, open_source: Callable[[], OpenSource], *, name: str) -> None:
        self._open = open_source
        self._name = name
        self._loop = asyncio.get_running_loop()
        self._arrived = asyncio.Queue[_Arrival]()
        self._room = BoundedSemaphore(_PIECES_AHEAD)
        self._is_closed = False
        self.missing_s = 0.0
        Thread(target=self._run, name="realtime-microphone", daemon=True).start()

    @property
    def is_empty(self) -> bool:
        """Whether `next` would wait."""
        return self._arrived.empty()

    async def next(self) -> Piece | None:
        """What comes next; None is the end. Raises `RealtimeError` where the source is bad."""
        arrival = await self._arrived.get()
        with suppress(ValueError):  # the end takes no room
            self._room.release()
        if isinstance(arrival, RealtimeError):
            raise arrival
        return arrival

    def close(self) -> None:
        """Lets the thread end; one that waits for a pipe ends with the process."""
        self._is_closed = True
        with suppress(ValueError):
            self._room.release()

    def _run(self) -> None:
        try:
            self._read_all()
        except RealtimeError as error:
            self._hand_over(error)
        except OSError as error:
            self._hand_over(BadInput(f"{self._name} cannot be read any further: {error.strerror}"))

    def _read_all(self) -> None:
        source = self._open()
        with source.file:
            while audio := source.audio.read(_PIECE_FRAMES):
                self._room.acquire()
                if self._is_closed:
                    return
                self._hand_over(Piece(audio, source.audio.encoding))
        self.missing_s = source.audio.missing_s if isinstance(source.audio, WavReader) else 0.0
        self._hand_over(None)

    def _hand_over(self, arrival: _Arrival) -> None:
        with suppress(RuntimeError):  # the loop has closed: nobody listens any more
            self._loop.call_soon_threadsafe(self._arrived.put_nowait, arrival)


def _head(file: FileIO) -> bytes:
    head = b""
    while len(head) < len(_RIFF) and (more := file.read(len(_RIFF) - len(head))):
        head += more
    return head
