"""WAV files: read as mono 16-bit PCM whatever is in them, and written so that they are valid at any time."""

from __future__ import annotations

import os
import struct
import sys
import time
from contextlib import suppress
from io import FileIO
from typing import cast

from realtime_cli.errors import BadInput
from realtime_cli.protocol.encoding import Encoding

from .riff import RiffReader, Source, WavFormat

_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_LARGEST = 0xFFFFFFFF
_SLOW_READER_S = 0.005


class WavReader:
    """A WAV file as mono 16-bit PCM at its own rate; from its beginning to its end, so that a pipe will do.

    Integers of 8 to 32 bits, floats and G.711; several channels are mixed; where the file is cut off, so is
    its audio. `head` is what was read of the file before. Raises `BadInput` where it is no such file.
    """

    def __init__(self, source: Source, *, name: str, head: bytes = b"") -> None:
        riff = RiffReader(source, name=name, head=head)
        self._source = source
        self._format = riff.format
        self._left = riff.audio_bytes
        self._rest = b""
        self._first = self._frames(1)
        if not self._first:
            raise BadInput(f"{name} has no audio", hint="name a WAV file with something in it")

    @property
    def encoding(self) -> Encoding:
        """PCM at the file's rate."""
        return Encoding(rate_hz=self._format.rate_hz)

    @property
    def missing_s(self) -> float:
        """Seconds of audio that the file promises and has not given; after its end: that are not there."""
        return (self._left or 0) / self._format.frame_bytes / self._format.rate_hz

    def read(self, frames: int) -> bytes:
        """At most so many samples; fewer where no more are there yet, none at the end only."""
        if self._first:
            data, self._first = self._first, b""
        else:
            data = self._frames(frames)
        return _mono_pcm(data, self._format)

    def _frames(self, frames: int) -> bytes:
        """Whole frames as they are in the file; waits for one at least."""
        size = self._format.frame_bytes
        data = self._rest
        while len(data) < size and (more := self._read(frames * size - len(data))):
            data += more
        whole = len(data) - len(data) % size
        self._rest = data[whole:]
        return data[:whole]

    def _read(self, size: int) -> bytes:
        if self._left is None:
            return self._source.read(size)
        data = self._source.read(min(size, self._left))
        self._left -= len(data)
        return data


class WavWriter:
    """A WAV file of 16-bit PCM, valid at any time: after each block its header says how long it is.

    Where the header cannot be written again (a pipe, or a file that is only appended to), it says that the
    audio goes on to the end. `file` is written from where it stands. Raises `OSError` as the file does.
    """

    def __init__(self, file: FileIO, *, rate_hz: int, channels: int = 1) -> None:
        self._file = file
        self._rate_hz = rate_hz
        self._channels = channels
        self._audio_bytes = 0
        self._is_rewritable = _is_rewritable(file)
        write_all(file, self._header())

    def write(self, pcm: bytes) -> None:
        """Adds audio: whole samples, of every channel in turn."""
        write_all(self._file, pcm)
        self._audio_bytes += len(pcm)
        if self._is_rewritable:
            self._file.seek(0)
            write_all(self._file, self._header())
            self._file.seek(0, os.SEEK_END)

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def _header(self) -> bytes:
        size = min(self._audio_bytes, _LARGEST - _HEADER.size) if self._is_rewritable else _LARGEST
        return wav_header(size, rate_hz=self._rate_hz, channels=self._channels)


def wav_header(audio_bytes: int, *, rate_hz: int, channels: int = 1) -> bytes:
    """What stands before so many bytes of 16-bit PCM; 0xFFFFFFFF: it goes on to the end of the file."""
    frame_bytes = 2 * channels
    return _HEADER.pack(
        b"RIFF",
        min(audio_bytes + _HEADER.size - 8, _LARGEST),
        b"WAVE",
        b"fmt ",
        16,
        1,
        channels,
        rate_hz,
        rate_hz * frame_bytes,
        frame_bytes,
        16,
        b"data",
        audio_bytes,
    )


def write_all(file: FileIO, data: bytes) -> None:
    """Writes all of it to an unbuffered file, which may take less at a time; raises `OSError`."""
    rest = memoryview(data)
    while rest:
        # As typed it is never None, but a pipe that does not block gives that while its reader is slow.
        written = cast("int | None", file.write(rest))
        if written is None:
            time.sleep(_SLOW_READER_S)
        rest = rest[written or 0 :]


def _is_rewritable(file: FileIO) -> bool:
    with suppress(OSError):
        return file.seekable() and not file.tell() and not _is_appending(file.fileno())
    return False


def _is_appending(descriptor: int) -> bool:
    if sys.platform == "win32":
        return False
    from fcntl import F_GETFL, fcntl  # noqa: PLC0415 (Unix only)

    return bool(fcntl(descriptor, F_GETFL) & os.O_APPEND)


def _mono_pcm(data: bytes, format_: WavFormat) -> bytes:
    if format_.channels == 1 and (format_.kind, format_.sample_bytes) == ("i", 2):
        return data
    from .forms import mono_pcm  # noqa: PLC0415 (needs numpy)

    return mono_pcm(data, format_)
