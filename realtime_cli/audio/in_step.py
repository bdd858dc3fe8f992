"""Both sides of the sound in step, as an echo canceller wants them: a delay between them that stays."""

from __future__ import annotations

from collections import deque
from typing import Protocol

from .config import RATE_HZ, SAMPLE_BYTES
from .echo_gate import EchoGate

_FRAME = RATE_HZ // 100
FRAME_BYTES = _FRAME * SAMPLE_BYTES
_KEPT_BYTES = 3 * RATE_HZ * SAMPLE_BYTES
# A device's clock tells of a gap so many blocks late: what most of nine blocks say is so.
_BLOCKS_SINCE_GAP = 4
# Blocks of the microphone in which it is seen how far the speaker is ahead; the first are a guess.
_WITNESSES = 50
_FIRST_WITNESSES = 25
_MARGIN = RATE_HZ // 100
_MOST_AHEAD = RATE_HZ // 20


class EchoCanceller(Protocol):
    """Takes the speaker's sound out of the microphone's; frames of 10 ms."""

    def process(self, microphone: bytes, played: bytes) -> bytes | None:
        """The microphone's frame without the echo of what was played; None while it does not work."""
        ...

    def reset(self) -> None:
        """Forgets what was learned: the delay between the two is another one from now on."""
        ...


class InStep:
    """Cuts what comes from both sides into frames, and gives each of the microphone's one of the speaker's.

    Samples are counted on both sides, since devices keep their rate and tell their times badly; so the two
    stay together whoever comes late. While the canceller cannot be trusted, the microphone is silent as long
    as the speaker sounds.
    """

    def __init__(self, canceller: EchoCanceller) -> None:
        self._canceller = canceller
        self._gate = EchoGate()
        self._played = _Played()
        self._lead = _Lead()
        self._captured = bytearray()
        self._captured_to = 0
        self._has_learned = False

    def reopen(self) -> None:
        """One of the devices is another stream from now on."""
        self._lead = _Lead()
        self._begin_anew()

    def play(self, pcm: bytes, gap_s: float = 0.0) -> None:
        """The speaker was handed this, and had nothing for so long some blocks before."""
        if gap_s:
            self._played.skip(round(gap_s * RATE_HZ), blocks=_BLOCKS_SINCE_GAP, block_bytes=len(pcm))
            self._gate.upset()
        self._played.add(pcm)

    def capture(self, pcm: bytes) -> bytes:
        """The microphone heard this; gives the whole frames that came of it."""
        self._captured += pcm
        self._captured_to += len(pcm) // SAMPLE_BYTES
        if self._lead.follow(self._played.to - self._captured_to):
            self._begin_anew()
        cleaned: list[bytes] = []
        while len(self._captured) >= FRAME_BYTES:
            cleaned.append(self._clean())
        return b"".join(cleaned)

    def interrupt(self) -> bool:
        """What the speaker played was cut off; tells whether that has come to happen too often."""
        return self._gate.interrupt()

    def _begin_anew(self) -> None:
        # It finds a new delay much sooner than that an old one has changed.
        if self._has_learned:
            self._has_learned = False
            self._canceller.reset()
        self._gate.upset()

    def _clean(self) -> bytes:
        place = self._captured_to - len(self._captured) // SAMPLE_BYTES
        captured = bytes(self._captured[:FRAME_BYTES])
        del self._captured[:FRAME_BYTES]
        played = self._played.frame(place + self._lead.samples)
        cleaned = self._canceller.process(captured, played)
        self._has_learned = self._has_learned or cleaned is not None
        is_admitted = self._gate.admits(played, captured=captured, cleaned=cleaned)
        heard = captured if cleaned is None else cleaned
        return heard if is_admitted else bytes(len(heard))


class _Played:
    """The last seconds of the speaker; `to` is how many samples it has had."""

    def __init__(self) -> None:
        self.to = 0
        self._pcm = bytearray()

    def add(self, pcm: bytes) -> None:
        self._pcm += pcm
        self.to += len(pcm) // SAMPLE_BYTES
        del self._pcm[:-_KEPT_BYTES]

    def skip(self, samples: int, *, blocks: int, block_bytes: int) -> None:
        """Puts silence before the last blocks."""
        at = max(0, len(self._pcm) - blocks * block_bytes)
        self._pcm[at:at] = bytes(min(samples * SAMPLE_BYTES, _KEPT_BYTES))
        self.to += samples

    def frame(self, place: int) -> bytes:
        """The frame from that sample on; what is not there is silence."""
        start = len(self._pcm) - (self.to - place) * SAMPLE_BYTES
        silence = bytes(min(FRAME_BYTES, max(0, -start)))
        known = self._pcm[max(0, start) : max(0, start + FRAME_BYTES)]
        return (silence + known).ljust(FRAME_BYTES, b"\0")


class _Lead:
    """By how many samples the speaker's count is ahead of the microphone's, as far as it always is.

    What the speaker is handed sounds later, and what the microphone gives is older: with this lead no echo
    comes before its sound.
    """

    def __init__(self) -> None:
        self.samples = 0
        self._seen: deque[int] = deque(maxlen=_WITNESSES)

    def follow(self, ahead: int) -> bool:
        """Sees how far it is ahead now; tells whether the lead had to be changed."""
        self._seen.append(ahead)
        least, most = min(self._seen), max(self._seen)
        if len(self._seen) > _FIRST_WITNESSES and least - _MOST_AHEAD <= self.samples <= most:
            return False
        before, self.samples = self.samples, least - _MARGIN
        return before != self.samples
