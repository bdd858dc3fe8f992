"""Audio that waits to be played."""

from __future__ import annotations

from collections import deque

from realtime_cli.core.part_id import PartId


class Waiting:
    """The audio of one part that was not handed out yet."""

    __slots__ = ("chunks", "is_finished", "part", "reported_samples", "size_bytes")

    def __init__(self, part: PartId, *, heard_samples: int) -> None:
        self.part = part
        self.chunks: deque[memoryview] = deque()
        self.size_bytes = 0
        self.is_finished = False
        self.reported_samples = heard_samples

    def add(self, pcm: bytes) -> None:
        """More of it came."""
        self.chunks.append(memoryview(pcm))
        self.size_bytes += len(pcm)

    def take(self, size_bytes: int) -> list[memoryview]:
        """The next so many bytes, or fewer if there are no more, without a copy."""
        wanted = min(size_bytes, self.size_bytes)
        self.size_bytes -= wanted
        taken: list[memoryview] = []
        while wanted:
            chunk = self.chunks.popleft()
            if len(chunk) > wanted:
                self.chunks.appendleft(chunk[wanted:])
                chunk = chunk[:wanted]
            taken.append(chunk)
            wanted -= len(chunk)
        return taken
