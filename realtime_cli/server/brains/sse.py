"""Server-sent events out of a stream of bytes (WHATWG HTML, 9.2.6). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

_LINE_END = re.compile(rb"\r\n|\n|\r(?=.)", re.DOTALL)


class Events:
    """Gives the data of each event once its bytes are there; `size` counts the bytes of the current one."""

    def __init__(self) -> None:
        self._lines = bytearray()
        self._data: list[str] = []
        self.size = 0

    def feed(self, data: bytes) -> Iterator[str]:
        """The data of the events that these bytes complete."""
        self._lines += data
        self.size += len(data)
        if b"\n" not in data and b"\r" not in self._lines[-len(data) - 1 :]:
            return
        *lines, rest = _LINE_END.split(bytes(self._lines))
        self._lines = bytearray(rest)
        for line in lines:
            yield from self._take(line.decode("utf-8", "replace"))

    def end(self) -> Iterator[str]:
        """The last event, which servers may leave without its empty line."""
        for line in (bytes(self._lines).rstrip(b"\r").decode("utf-8", "replace"), ""):
            yield from self._take(line)

    def _take(self, line: str) -> Iterator[str]:
        field, _, value = line.partition(":")
        if field == "data":
            self._data.append(value.removeprefix(" "))
        if line:
            return
        event, self._data, self.size = "\n".join(self._data), [], len(self._lines)
        yield event
