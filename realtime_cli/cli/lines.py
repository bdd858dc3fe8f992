"""Lines from standard input, without blocking the loop or the exit."""

from __future__ import annotations

import asyncio
import codecs
from collections.abc import AsyncIterator, Callable
from threading import Thread
from typing import Any, TextIO


async def read_lines(stdin: TextIO) -> AsyncIterator[str]:
    """The stream's lines without their ends, as they come. A last line without an end counts too."""
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str | None] = asyncio.Queue()

    def put(line: str | None) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(lines.put_nowait, line)

    Thread(target=_read, args=(_below_the_buffer(stdin), put), name="stdin", daemon=True).start()
    while (line := await lines.get()) is not None:
        yield line


def _below_the_buffer(stdin: TextIO) -> Any:
    """The raw stream: a thread that waits in a buffered read would hold its lock at exit."""
    buffer = stdin.buffer
    return getattr(buffer, "raw", buffer)


def _read(raw: Any, put: Callable[[str | None], None]) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    text = ""
    try:
        while chunk := raw.read(65536):
            *whole, text = (text + decoder.decode(chunk)).split("\n")
            for line in whole:
                put(line.removesuffix("\r"))
    except (OSError, ValueError):
        pass  # the terminal has gone: that is its end
    rest = text + decoder.decode(b"", final=True)
    if rest:
        put(rest)
    put(None)
