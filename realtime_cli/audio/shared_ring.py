"""Bytes from one process to another through memory that both see."""

from __future__ import annotations

import mmap
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

_LINE_BYTES = 64  # counters of the two sides never share a cache line
_HEADER_BYTES = 3 * _LINE_BYTES


@dataclass(frozen=True, slots=True)
class SharedMemory:
    """Memory that a child process can map too: it is told `handle`, and inherits `fds` (never on Windows).

    Only the pages that were written to cost anything. It goes away with the last process that has it mapped.
    """

    memory: mmap.mmap
    handle: str
    fds: tuple[int, ...] = ()


@contextmanager
def share(size_bytes: int) -> Generator[SharedMemory]:
    """New memory, full of zeros. Start the child inside the `with` block; the memory outlives it."""
    if sys.platform == "win32":
        # Backed by the page file under a name of its own: no file that somebody has to delete.
        name = f"realtime-{os.getpid()}-{os.urandom(8).hex()}"
        yield SharedMemory(mmap.mmap(-1, size_bytes, tagname=name), name)
        return
    fd = _anonymous_file()
    try:
        os.ftruncate(fd, size_bytes)
        yield SharedMemory(mmap.mmap(fd, size_bytes), str(fd), (fd,))
    finally:
        os.close(fd)


def attach(handle: str, size_bytes: int) -> mmap.mmap:
    """Maps what the parent shared, in the child."""
    if sys.platform == "win32":
        return mmap.mmap(-1, size_bytes, tagname=handle)
    fd = int(handle)
    try:
        return mmap.mmap(fd, size_bytes)
    finally:
        os.close(fd)


def _anonymous_file() -> int:
    if sys.platform == "linux":
        return os.memfd_create("realtime-audio")  # a temp file proper would be written to the disk
    import tempfile  # noqa: PLC0415 -- 5 ms that the child does not have

    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


class Ring:
    """A ring of bytes with one writer and one reader, which may be two processes.

    Both make a `Ring` of the same `memory`: `ring_bytes(capacity)` long, full of zeros at first. A position
    counts all bytes ever written. The writer tells the reader through a pipe up to which position there is
    something; that also makes sure (arm64) that the reader sees the bytes, and not only the counter.
    """

    def __init__(self, memory: memoryview) -> None:
        counters = (memory[at : at + 8].cast("Q") for at in range(0, _HEADER_BYTES, _LINE_BYTES))
        # Aligned words of 64 bits, so that nobody sees half of one. The third is the reader's.
        self._claimed, self._written, self._read = counters
        self._bytes = memory[_HEADER_BYTES:]
        self._capacity = len(self._bytes)
        self.lost_bytes = 0

    def write(self, data: bytes) -> int | None:
        """Adds all of it and returns the position after it; where there is no room, nothing and None."""
        if self._written[0] + len(data) - self._read[0] > self._capacity:
            return None
        return self._store(memoryview(data))

    def overwrite(self, data: bytes) -> int:
        """Adds all of it (much less than the capacity), over the oldest; returns the position after it."""
        return self._store(memoryview(data))

    def read(self, until: int) -> bytes:
        """What waits before position `until`. What was overwritten is skipped; `lost_bytes` counts it."""
        while True:
            self._skip_overwritten()
            start = self._read[0]
            data = self._load(start, max(0, until - start))
            if self._claimed[0] - start <= self._capacity:  # nobody wrote over it meanwhile
                self._read[0] = start + len(data)
                return data

    def _store(self, data: memoryview) -> int:
        start = self._written[0]
        end = start + len(data)
        self._claimed[0] = end
        at = start % self._capacity
        before_wrap = data[: self._capacity - at]
        after_wrap = data[len(before_wrap) :]
        self._bytes[at : at + len(before_wrap)] = before_wrap
        self._bytes[: len(after_wrap)] = after_wrap
        self._written[0] = end
        return end

    def _load(self, start: int, size_bytes: int) -> bytes:
        at = start % self._capacity
        before_wrap = bytes(self._bytes[at : at + size_bytes])
        return before_wrap + bytes(self._bytes[: size_bytes - len(before_wrap)])

    def _skip_overwritten(self) -> None:
        if self._claimed[0] - self._read[0] <= self._capacity:
            return
        # A quarter further than needed, so that the writer is not at our heels; whole 16-bit samples.
        to = (self._written[0] - self._capacity * 3 // 4) & ~1
        self.lost_bytes += to - self._read[0]
        self._read[0] = to


def ring_bytes(capacity_bytes: int) -> int:
    """How much memory a ring of this capacity takes: whole cache lines."""
    return _HEADER_BYTES + -(-capacity_bytes // _LINE_BYTES) * _LINE_BYTES
