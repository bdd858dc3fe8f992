"""The microphone's gate: which of its blocks go out, which as silence, and which not at all."""

from __future__ import annotations

from realtime_cli.protocol.encoding import PCM_24K, Encoding
from realtime_cli.protocol.jsontypes import Json

# Kept from before the key went down, so that the first syllable is whole.
PREROLL_MS = 300
# The API refuses to commit less; and a key that was touched by accident says nothing.
SHORTEST_TALK_MS = 100
# What was said before the key came up is still on its way then: devices and echo cancellers take so long.
TAIL_S = 0.08


class MicrophoneGate:
    """Decides about each block of the microphone, and knows how much of it waits to be committed.

    A talk goes out once it is `SHORTEST_TALK_MS` long, its pre-roll in front: what is shorter never does.
    The key came up at `released_at`, in session seconds, while the tail of a talk still comes. It
    `has_lost_talk` where the network did not take all of one, and `is_manual` once the server was told that
    the key finds the turns.
    """

    def __init__(self) -> None:
        self.microphone = ""
        self.encoding: Encoding = PCM_24K
        self.is_listening = False
        self.is_muted = False
        self.is_half_duplex = False
        self.is_push_to_talk = False
        self.is_manual = False
        self.turn_detection_before: Json | None = None
        self.is_talking = False
        self.released_at: float | None = None
        self.has_lost_talk = False
        self.is_congested = False
        self.has_ended = False
        self.uncommitted_bytes = 0
        self._dropped_bytes = 0
        self._kept = bytearray()
        self._talk_bytes = 0
        self._is_flowing = False

    @property
    def uncommitted_ms(self) -> float:
        """How much was sent since the last commit."""
        return self.encoding.ms(self.uncommitted_bytes)

    @property
    def dropped_ms(self) -> float:
        """How much the congestion has cost until now."""
        return self.encoding.ms(self._dropped_bytes)

    @property
    def tail_deadline(self) -> float | None:
        """When the tail of a talk has come; None where there is none under way."""
        return None if self.released_at is None else self.released_at + TAIL_S

    def admit(self, block: bytes, *, speaker_sounds: bool) -> bytes | None:
        """What is to be sent because of a block; None where nothing is."""
        if not self.is_listening:
            return None
        is_talk = self.is_talking or self.released_at is not None
        if self.is_muted or (self.is_half_duplex and speaker_sounds and not is_talk):
            block = self.encoding.silence(len(block))
        if self.is_push_to_talk and not self._is_flowing:
            block = self._keep(block)
        if self.is_congested:
            self._dropped_bytes += len(block)
            return None
        return block or None

    def listen(self, encoding: Encoding) -> bool:
        """Wants blocks in the encoding; tells whether that is news for the microphone."""
        if self.is_listening and encoding == self.encoding:
            return False
        self.is_listening, self.encoding = True, encoding
        self._kept.clear()
        return True

    def use(self, *, push_to_talk: bool, half_duplex: bool) -> None:
        """Changes how the microphone is used; a talk under way ends without a commit."""
        self.is_half_duplex = half_duplex
        if push_to_talk != self.is_push_to_talk:
            self.is_push_to_talk = push_to_talk
            self.stop_talking()

    def start_talking(self) -> None:
        """The key went down; before the tail of a talk has come, that goes on."""
        if self.released_at is None:
            self._talk_bytes, self.has_lost_talk = 0, self.is_congested
        self.is_talking, self.released_at = True, None

    def release(self, now: float) -> None:
        """The key came up: the tail comes."""
        self.is_talking, self.released_at = False, now

    def stop_talking(self) -> None:
        """The talk is over."""
        self.is_talking = self._is_flowing = False
        self.released_at = None
        self._kept.clear()

    def give_up_talk(self) -> None:
        """What is being said is not to be a turn after all."""
        if self.is_talking or self.released_at is not None:
            self.stop_talking()

    def congest(self) -> None:
        """The network does not keep up: nothing more is sent until it does."""
        self.is_congested = self.has_lost_talk = True
        self._dropped_bytes = 0

    def _keep(self, block: bytes) -> bytes:
        """Holds a block back; gives everything that was held back, once the talk is long enough."""
        self._kept += block
        if not self.is_talking:
            limit = round(PREROLL_MS * self.encoding.rate_hz / 1000) * self.encoding.sample_bytes
            del self._kept[: max(0, len(self._kept) - limit)]
            return b""
        self._talk_bytes += len(block)
        if self.encoding.ms(self._talk_bytes) < SHORTEST_TALK_MS:
            return b""
        kept, self._kept, self._is_flowing = bytes(self._kept), bytearray(), True
        return kept
