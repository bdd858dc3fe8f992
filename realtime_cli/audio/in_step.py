"""Both sides of the sound in step, as an echo canceller wants them."""

from __future__ import annotations

from typing import Protocol

from .config import RATE_HZ, SAMPLE_BYTES

FRAME_BYTES = RATE_HZ // 100 * SAMPLE_BYTES
# Cancellers follow a delay that stays; a queue that only grows is one that does not.
_MOST_WAITING = 10
_LEFT_WAITING = 2


class EchoCanceller(Protocol):
    """Takes the speaker's sound out of the microphone's; frames of 10 ms."""

    def process(self, microphone: bytes, played: bytes) -> bytes:
        """The microphone's frame without the echo of what was played."""
        ...


class InStep:
    """Cuts what comes from both sides into frames, and gives each of the microphone's one of the speaker's.

    Where nothing was played in time, the speaker's frame is silence.
    """

    def __init__(self, canceller: EchoCanceller) -> None:
        self._canceller = canceller
        self._played = bytearray()
        self._captured = bytearray()

    def play(self, pcm: bytes) -> None:
        """The speaker was handed this."""
        self._played += pcm
        if len(self._played) > _MOST_WAITING * FRAME_BYTES:
            del self._played[: -_LEFT_WAITING * FRAME_BYTES]

    def capture(self, pcm: bytes) -> bytes:
        """The microphone heard this; gives the whole frames that came of it."""
        self._captured += pcm
        cleaned: list[bytes] = []
        while len(self._captured) >= FRAME_BYTES:
            cleaned.append(self._canceller.process(_next(self._captured), _next(self._played)))
        return b"".join(cleaned)


def _next(pcm: bytearray) -> bytes:
    frame = bytes(pcm[:FRAME_BYTES]).ljust(FRAME_BYTES, b"\0")
    del pcm[:FRAME_BYTES]
    return frame
