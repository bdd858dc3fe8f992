"""The sound of a conversation's items, as long as there is room for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from realtime_cli.protocol.encoding import Encoding

# A content part: the item's id, and the part's index.
PartKey: TypeAlias = tuple[str, int]
# Ten minutes for each connection: 29 MB of PCM.
MOST_KEPT_MS = 600_000.0


@dataclass(slots=True)
class Sound:
    """Audio that belongs together."""

    encoding: Encoding
    audio: bytearray = field(default_factory=bytearray)

    @property
    def length_ms(self) -> float:
        """How long it lasts."""
        return self.encoding.ms(len(self.audio))


class KeptAudio:
    """Audio by content part. What is oldest goes first when it becomes too much."""

    def __init__(self, *, most_ms: float = MOST_KEPT_MS) -> None:
        self._most_ms = most_ms
        self._kept_ms = 0.0
        self._sounds: dict[PartKey, Sound] = {}

    def get(self, key: PartKey) -> Sound | None:
        """The part's audio; None where it never had any, or has it no more."""
        return self._sounds.get(key)

    def begin(self, key: PartKey, encoding: Encoding) -> None:
        """A part that is going to have audio."""
        self._sounds[key] = Sound(encoding)

    def extend(self, key: PartKey, audio: bytes) -> None:
        """More audio of a part that has begun. A part that was dropped stays so."""
        if sound := self._sounds.get(key):
            sound.audio += audio
            self._kept_ms += sound.encoding.ms(len(audio))
            while self._kept_ms > self._most_ms:
                self._remove(next(iter(self._sounds)))

    def cut(self, key: PartKey, end_ms: float) -> None:
        """Ends the part's audio there."""
        if sound := self._sounds.get(key):
            samples = round(end_ms * sound.encoding.rate_hz / 1000)
            self._kept_ms -= sound.length_ms
            del sound.audio[samples * sound.encoding.sample_bytes :]
            self._kept_ms += sound.length_ms

    def drop(self, item_id: str) -> None:
        """Forgets the item's audio."""
        for key in [key for key in self._sounds if key[0] == item_id]:
            self._remove(key)

    def _remove(self, key: PartKey) -> None:
        self._kept_ms -= self._sounds.pop(key).length_ms
