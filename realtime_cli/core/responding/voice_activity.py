"""The port between the responder and what tells speech from everything else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

from realtime_cli.protocol.encoding import Encoding

FRAME_MS = 20


class VoiceActivity(Protocol):
    """Looks at one stream of audio, frame by frame."""

    def hear(self, audio: bytes) -> Sequence[bool]:
        """Whether each 20 ms that this audio completes hold speech; a rest waits for the next audio."""
        ...


# Made anew for each stream: the encoding, and the session's `threshold` (0 to 1).
VoiceActivityFactory: TypeAlias = Callable[[Encoding, float], VoiceActivity]
