"""How the audio of an event is written, by what the server said of it before."""

from __future__ import annotations

from bisect import bisect_right
from typing import TypeAlias

from realtime_cli.core.audio_settings import configured_encoding
from realtime_cli.protocol.dialects import is_beta_session, to_ga
from realtime_cli.protocol.encoding import PCM_24K, Encoding
from realtime_cli.protocol.jsontypes import as_object

from .reading import object_in
from .ring import Event, EventRing

_TELLING = frozenset({"session.created", "session.updated", "transcription_session.updated"})
# Input and output.
_Sides: TypeAlias = tuple[Encoding, Encoding]
_USUAL: _Sides = (PCM_24K, PCM_24K)


class Formats:
    """The session's encodings, from event to event."""

    def __init__(self, ring: EventRing) -> None:
        self._ring = ring
        self._since: list[int] = []
        self._sides: list[_Sides] = []

    def note(self, event: Event, type_: str) -> None:
        """Learns from an event, if it is new and tells something."""
        if type_ in _TELLING and event.number > (self._since[-1] if self._since else 0):
            self._since.append(event.number)
            self._sides.append(_sides_in(event.raw))

    def encoding(self, event: Event) -> Encoding:
        """How the event's audio is written."""
        known = bisect_right(self._since, event.number)
        input_, output = self._sides[known - 1] if known else _sides_in(self._ring.dropped_session or "")
        return output if event.direction == "in" else input_


def _sides_in(raw: str | bytes) -> _Sides:
    data = object_in(raw)
    if data is None:
        return _USUAL
    told = to_ga(data) if is_beta_session(data.get("session")) else data
    session = as_object(told.get("session")) or {}
    return configured_encoding(session, "input"), configured_encoding(session, "output")
