"""One voice of a recording: pieces of sound on a line of time, silence between them."""

from __future__ import annotations

from collections import deque

from .config import SAMPLE_BYTES


class Channel:
    """Takes pieces in the order in which they sound, and gives the line from its beginning on.

    Positions are samples from the beginning. What comes too late for its place sounds as soon as it can.
    """

    def __init__(self) -> None:
        self._pieces: deque[tuple[int, bytes]] = deque()
        self._taken = 0
        self._end = 0

    @property
    def end(self) -> int:
        """Where the last piece ends: no other one begins before."""
        return self._end

    def place(self, pcm: bytes, *, at: int) -> None:
        """Puts a piece at a position, or behind what is there already."""
        if not pcm:
            return
        start = max(at, self._end)
        self._pieces.append((start, pcm))
        self._end = start + len(pcm) // SAMPLE_BYTES

    def cut(self, at: int) -> None:
        """Takes away everything from a position on."""
        at = max(at, self._taken)
        while self._pieces and self._pieces[-1][0] >= at:
            self._pieces.pop()
        if self._pieces:
            start, pcm = self._pieces.pop()
            self._pieces.append((start, pcm[: (at - start) * SAMPLE_BYTES]))
        self._end = min(self._end, at)

    def take(self, samples: int) -> bytes:
        """The next samples of the line; it goes on behind them, so that nothing can be put there any more."""
        start, self._taken = self._taken, self._taken + samples
        self._end = max(self._end, self._taken)
        line: list[bytes] = []
        while self._pieces and self._pieces[0][0] < self._taken:
            at, pcm = self._pieces.popleft()
            fitting = pcm[: (self._taken - at) * SAMPLE_BYTES]
            if len(fitting) < len(pcm):
                self._pieces.appendleft((self._taken, pcm[len(fitting) :]))
            line += (bytes((at - start) * SAMPLE_BYTES), fitting)
            start = at + len(fitting) // SAMPLE_BYTES
        line.append(bytes((self._taken - start) * SAMPLE_BYTES))
        return b"".join(line)
