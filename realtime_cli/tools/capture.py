"""What a tool prints: kept for its author, call by call, and never on the screen."""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, BinaryIO, TextIO, cast

_KEPT_BYTES = 16_384


class _Tail(io.BufferedIOBase):
    """Keeps the last of what is written."""

    def __init__(self) -> None:
        self.kept = bytearray()
        self.is_cut = False

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self.kept += data
        if len(self.kept) > 2 * _KEPT_BYTES:
            del self.kept[:-_KEPT_BYTES]
            self.is_cut = True
        return len(data)


class Record:
    """What one call has printed: the last 16 KB of it, at least."""

    def __init__(self) -> None:
        self._tail = _Tail()
        self.stream = io.TextIOWrapper(
            cast("BinaryIO", self._tail),
            encoding="utf-8",
            errors="backslashreplace",
            newline="\n",
            write_through=True,
        )

    @property
    def text(self) -> str:
        """It, as text."""
        text = bytes(self._tail.kept).decode("utf-8", "replace")
        return f"[...]{text}" if self._tail.is_cut else text


_RECORD: ContextVar[Record | None] = ContextVar("record", default=None)


@contextmanager
def printing_into(record: Record) -> Generator[None]:
    """What is printed in this block, in its threads (`Workers`) and in its tasks, goes into the record."""
    token = _RECORD.set(record)
    try:
        yield
    finally:
        _RECORD.reset(token)


class _Switch:
    """Stands in for a stream: what a call prints goes into its record, everything else where it always went.

    A thread that a tool has started by itself has no record; what it prints is dropped.
    """

    def __init__(self, original: TextIO) -> None:
        self._original = original
        self._thread = threading.get_ident()
        self._nowhere = Record()

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream(), name)

    def write(self, text: str) -> int:
        """Writes to whatever it is that the caller means."""
        return self._stream().write(text)

    def _stream(self) -> TextIO:
        record = _RECORD.get()
        if record is not None:
            return record.stream
        return self._original if threading.get_ident() == self._thread else self._nowhere.stream


@contextmanager
def screen_kept_clean() -> Generator[None]:
    """As long as this block runs, `printing_into` works, from several calls at once."""
    names = [name for name in ("stdout", "stderr") if getattr(sys, name) is not None]
    before: dict[str, TextIO] = {name: getattr(sys, name) for name in names}
    switches = {name: cast("TextIO", _Switch(stream)) for name, stream in before.items()}
    for name, switch in switches.items():
        setattr(sys, name, switch)
    try:
        yield
    finally:
        for name, switch in switches.items():
            if getattr(sys, name) is switch:
                setattr(sys, name, before[name])
