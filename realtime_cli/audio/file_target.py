"""Where an answer's audio can go: a WAV file, raw audio, or a pipe of either."""

from __future__ import annotations

import os
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Protocol

from realtime_cli.errors import BadInput, UsageError
from realtime_cli.protocol.encoding import PCM_24K, Encoding
from realtime_cli.samples.conversion import Converter
from realtime_cli.samples.wav import WavWriter, write_all

from .file_source import STANDARD_STREAM


def unwritable(name: str, error: OSError | ValueError) -> BadInput:
    """What the user is told of a file that cannot be opened; `ValueError` is about its name."""
    reason = (error.strerror if isinstance(error, OSError) else None) or error
    return BadInput(f"{name} cannot be written: {reason}", hint="name another file")


class AudioWriter(Protocol):
    """Takes 16-bit PCM at 24 kHz; raises `OSError`."""

    def write(self, pcm: bytes, /) -> None: ...
    def close(self) -> None: ...


class RawWriter:
    """Audio without a header."""

    def __init__(self, file: FileIO, *, encoding: Encoding) -> None:
        self._file = file
        self._converter = Converter(PCM_24K, encoding)

    def write(self, pcm: bytes, /) -> None:
        """Adds audio."""
        write_all(self._file, self._converter.convert(pcm))

    def close(self) -> None:
        """Adds what the conversion held back, and closes the file."""
        with self._file:
            write_all(self._file, self._converter.convert(b"", is_last=True))


@dataclass(frozen=True, slots=True)
class AudioTarget:
    """Where the answer's audio goes: a path, or "-" for `stdout_fd`; a WAV file unless `raw` says how."""

    path: str
    raw: Encoding | None = None
    stdout_fd: int = 1

    @property
    def name(self) -> str:
        """The name for people."""
        return "stdout" if self.path == STANDARD_STREAM else self.path

    def check(self) -> None:
        """Raises where nobody would want audio to go."""
        if self.path == STANDARD_STREAM and os.isatty(self.stdout_fd):
            raise UsageError(
                "the answer's audio would go to the terminal", hint="send it to a program or a file: | aplay"
            )

    @property
    def is_pipe(self) -> bool:
        """Whether opening it may take as long as somebody else wants."""
        if self.path == STANDARD_STREAM:
            return True
        path = Path(self.path)
        with suppress(OSError, ValueError):
            return path.exists() and not path.is_file() and not path.is_dir()
        return False

    def open(self) -> AudioWriter:
        """Empties the file, or makes it; raises `OSError`, or `ValueError` for an impossible name."""
        return self._writer(self._file())

    def refusal(self, error: OSError | ValueError) -> BadInput:
        """What the user is told of a target that cannot be opened."""
        return unwritable(self.name, error)

    def _file(self) -> FileIO:
        if self.path == STANDARD_STREAM:
            return FileIO(self.stdout_fd, "w", closefd=False)
        return FileIO(self.path, "w")

    def _writer(self, file: FileIO) -> AudioWriter:
        if self.raw is not None:
            return RawWriter(file, encoding=self.raw)
        with ExitStack() as cleanup:
            cleanup.callback(file.close)
            writer = WavWriter(file, rate_hz=PCM_24K.rate_hz)
            cleanup.pop_all()
        return writer
