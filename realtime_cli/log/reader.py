"""Reads a recorded session, one line at a time: memory does not grow with the log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from realtime_cli.errors import BadInput
from realtime_cli.log.format import VERSION, LogEntry, LogHeader
from realtime_cli.log.parse import START, LineError, NotJsonError, parse_entry, parse_header

MAX_LINE_BYTES = 64 * 2**20
_BUFFER_BYTES = 2**20
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Damage:
    """Where a log ends early, and why: `str(damage)` says "line 212 (byte 88,412) is cut off"."""

    line: int
    offset: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line:,} (byte {self.offset:,}) {self.reason}"


class Recording:
    """A recorded session: its header (None in a foreign recording), its entries, and where it is damaged."""

    def __init__(self, path: Path, header: LogHeader | None) -> None:
        self.path = path
        self.header = header
        self.damage: Damage | None = None

    def entries(self) -> Iterator[LogEntry]:
        """The entries to the end or to the damage, which `damage` tells from then on; can be called again."""
        self.damage = None
        previous, line_number, offset = START, 0, 0
        try:
            with self.path.open("rb", buffering=_BUFFER_BYTES) as file:
                while line := file.readline(MAX_LINE_BYTES + 1):
                    line_number += 1
                    is_header = line_number == 1 and self.header is not None
                    entry = None if is_header else _entry(line, previous)
                    if entry is not None:
                        yield entry
                        previous = entry
                    offset += len(line)
        except LineError as bad:
            self.damage = Damage(line_number, offset, str(bad))
        except OSError as error:
            self.damage = Damage(line_number + 1, offset, f"cannot be read: {error.strerror}")


def open_log(path: Path) -> Recording:
    """The recording in a file, ours or a foreign one; raises `BadInput` where the file is none."""
    line = _first_line(path)
    header = parse_header(line)
    if header is None:
        _check_foreign(path, line)
    elif header.version > VERSION:
        raise BadInput(
            f"{path} was written by a newer realtime"
            f" (log version {header.version}; this one reads up to {VERSION})",
            hint="use that version, or a newer one",
        )
    return Recording(path, header)


def _entry(line: bytes, previous: LogEntry) -> LogEntry | None:
    if len(line) > MAX_LINE_BYTES:
        raise LineError(f"is longer than {MAX_LINE_BYTES // 2**20} MiB")
    try:
        return parse_entry(line, previous)
    except NotJsonError:
        if line.endswith(b"\n"):
            raise
        raise LineError("is cut off") from None


def _first_line(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise BadInput(f"{path} is a folder, not a log", hint="name a log file, or `last`")
        if path.exists() and not path.is_file():
            raise BadInput(
                f"{path} is not a regular file", hint="save it to a file first: a log is read twice"
            )
        with path.open("rb") as file:
            return file.readline(MAX_LINE_BYTES + 1)
    except FileNotFoundError:
        raise BadInput(f"there is no log {path}", hint="name a log file, or `last`") from None
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error


def _check_foreign(path: Path, line: bytes) -> None:
    if not line:
        raise BadInput(f"{path} is empty", hint="a log has a line for each frame of a session")
    if line.startswith(_GZIP):
        raise BadInput(f"{path} is compressed (gzip)", hint="unpack it first: gunzip --keep FILE")
    if b"\0" in line:
        raise BadInput(f"{path} is a binary file, not a log", hint="a log is text: one JSON object a line")
    try:
        _entry(line, START)
    except LineError as bad:
        raise BadInput(
            f"{path} is not a recorded session: line 1 {bad}",
            hint='a line of a log looks like {"dir": "in", "event": {...}}',
        ) from None
