"""Whose turn it is to speak: an answer that nobody waits for does not talk over the user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from realtime_cli.protocol import server_events as server
from realtime_cli.protocol.codec import ServerEvent
from realtime_cli.protocol.jsontypes import at

# So long a server may take to answer a spoken turn by itself; then nobody keeps us from asking.
HANDOVER_S = 2.0


@dataclass(slots=True)
class Floor:
    """Whether the user has it: speaks, or has spoken and will be answered (until `free_at`, if at all)."""

    is_taken: bool = False
    free_at: float | None = None

    def follow(self, event: ServerEvent, config: Mapping[str, Any], now: float) -> None:
        """Brings it up to date with an event."""
        match event:
            case server.InputAudioBufferSpeechStarted():
                self.is_taken, self.free_at = True, None
            case server.InputAudioBufferSpeechStopped() if self.is_taken:
                self.free_at = now + HANDOVER_S
            case server.InputAudioBufferCommitted() if self.is_taken and _answers_by_itself(config):
                self.free_at = now + HANDOVER_S
            case (
                server.InputAudioBufferCommitted()
                | server.InputAudioBufferCleared()
                | server.ResponseCreated()
            ):
                self.free()
            case _:
                pass

    def free(self) -> None:
        """Anybody may speak."""
        self.is_taken, self.free_at = False, None


def _answers_by_itself(config: Mapping[str, Any]) -> bool:
    detection = at(config, "audio", "input", "turn_detection")
    return detection is not None and at(detection, "create_response") is not False
