"""Lines from standard input, without blocking the loop or the exit."""

from __future__ import annotations

import asyncio
import codecs
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from threading import BoundedSemaphore, Thread
from typing import Any, TextIO

# So many lines are read ahead: an endless input must not fill the memory.
_AHEAD = 64


async def read_lines(stdin: TextIO) -> AsyncIterator[str]:
    """The stream's lines without their ends, as they come. A last line without an end counts too."""
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    room = BoundedSemaphore(_AHEAD)

    def put(line: str | None) -> None:
        room.acquire()
        with suppress(RuntimeError):  # the loop has closed: nobody listens any more
            loop.call_soon_threadsafe(lines.put_nowait, line)

    Thread(target=_read, args=(_below_the_buffer(stdin), put), name="stdin", daemon=True).start()
    while (line := await lines.get()) is not None:
        room.release()
        yield line


def _below_the_buffer(stdin: TextIO) -> Any:
    """The raw stream: a thread that waits in a buffered read would hold its lock at exit."""
    buffer = stdin.buffer
    return getattr(buffer, "raw", buffer)


def _read(raw: Any, put: Callable[[str | None], None]) -> None:
    with suppress(OSError, ValueError):  # the terminal has gone: that is its end
        for line in _lines(raw):
            put(line.removesuffix("\r"))
    put(None)


def _lines(raw: Any) -> Iterator[str]:
    """What the stream holds, line by line; bytes that are no UTF-8 are replaced."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    begun: list[str] = []
    while chunk := raw.read(65536):
        first, *more = decoder.decode(chunk).split("\n")
        begun.append(first)
        for piece in more:
            yield "".join(begun)
            begun = [piece]
    last = "".join(begun) + decoder.decode(b"", final=True)
    if last:
        yield last
