"""When an echo canceller may be trusted: until then the microphone is silent while the speaker sounds."""

from __future__ import annotations

from array import array

# All are counted in frames of 10 ms in which the speaker sounds.
_TO_CONVERGE = 100
# Frames that were not cleaned count half: perhaps somebody speaks.
_CLEANED = 2
_CLEAN_SHARE = 10
_TO_FORGIVE = 1000
_MOST_DOUBT = 1600
_EARLY = 150
_OFTEN = 3
# What the room still has of a sound.
_TAIL = 40
_LOUD = 100


class EchoGate:
    """Trusts a canceller once it has cleaned a second of sound, or has had two.

    An echo that is taken for speech cuts the answer off, and the canceller never hears enough to learn from:
    after each such cut it has twice the time, until an answer is heard.
    """

    def __init__(self) -> None:
        self._needed = _TO_CONVERGE
        self._lacking = _CLEANED * _TO_CONVERGE
        self._tail = 0
        self._trusted = 0
        self._cuts = 0

    def upset(self) -> None:
        """Both sides have leapt against each other: what the canceller knows may be wrong."""
        self._lacking = max(self._lacking, _CLEANED * _TO_CONVERGE)

    def admits(self, played: bytes, *, captured: bytes, cleaned: bytes | None) -> bool:
        """Whether the microphone's frame may be heard that came with this one of the speaker's.

        Where nothing cleaned it, it may not while the speaker sounds, and that earns no trust.
        """
        sounds = _peak(played) > _LOUD
        self._tail = _TAIL if sounds else max(0, self._tail - 1)
        if cleaned is None:
            return not self._tail
        is_trusted = not self._lacking
        if sounds and is_trusted:
            self._trust()
        elif sounds:
            is_clean = _peak(cleaned) <= max(_LOUD, _peak(captured) // _CLEAN_SHARE)
            self._lacking = max(0, self._lacking - (_CLEANED if is_clean else 1))
        return is_trusted or not self._tail

    def _trust(self) -> None:
        self._trusted += 1
        if self._trusted >= _TO_FORGIVE:
            self._needed, self._cuts = _TO_CONVERGE, 0

    def interrupt(self) -> bool:
        """An answer was cut off; tells, once in a row of early ones, that they are too many."""
        trusted, self._trusted = self._trusted, 0
        if self._lacking or trusted >= _EARLY:
            return False
        self._needed = min(2 * self._needed, _MOST_DOUBT)
        self._lacking = _CLEANED * self._needed
        self._cuts += 1
        return self._cuts == _OFTEN


def _peak(pcm: bytes) -> int:
    if pcm.count(0) == len(pcm):
        return 0
    samples = array("h", pcm)
    highest, lowest = max(samples), min(samples)
    return max(highest, -lowest)
