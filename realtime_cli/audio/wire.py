"""The speech that came over the wire: as our sound, and how much of each part there is."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from realtime_cli.core.effects import PlayAudio
from realtime_cli.core.part_id import PartId
from realtime_cli.protocol.encoding import PCM_24K, Encoding
from realtime_cli.samples.conversion import Converter

from .config import RATE_HZ
from .parts import KEPT_PARTS


@dataclass(slots=True)
class _Received:
    encoding: Encoding
    converter: Converter
    size_bytes: int = 0


class Speech:
    """Converts each part's audio as it comes, and turns positions in our sound into those of the part."""

    def __init__(self) -> None:
        self._received: dict[PartId, _Received] = {}
        self._past: deque[PartId] = deque()

    def take(self, chunk: PlayAudio) -> bytes:
        """More of a part, as our sound."""
        part = PartId(chunk.item_id, chunk.content_index)
        if part not in self._received:
            self._received[part] = _Received(chunk.encoding, Converter(chunk.encoding, PCM_24K))
        received = self._received[part]
        received.size_bytes += len(chunk.audio)
        return received.converter.convert(chunk.audio)

    def finish(self, part: PartId) -> bytes:
        """The rest of a part, which a conversion had held back."""
        received = self._received.get(part)
        return received.converter.convert(b"", is_last=True) if received else b""

    def leave(self, part: PartId) -> None:
        """Playback of a part has ended: some parts later, it is forgotten."""
        self._past.append(part)
        if len(self._past) > KEPT_PARTS:
            self._received.pop(self._past.popleft(), None)

    def heard_ms(self, part: PartId, samples: int, *, is_end: bool = False) -> float:
        """Where so many of our samples are in the part: never beyond what came, and there at its end."""
        received = self._received.get(part)
        if received is None:
            return samples * 1000 / RATE_HZ
        whole_samples = received.size_bytes // received.encoding.sample_bytes
        received_ms = whole_samples * 1000 / received.encoding.rate_hz
        return received_ms if is_end else min(samples * 1000 / RATE_HZ, received_ms)
