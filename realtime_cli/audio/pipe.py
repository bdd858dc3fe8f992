"""What the audio child and its parent say to each other: small values, pickled, over two pipes.

Sound itself goes through two rings in shared memory; a message says up to which position.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from typing import BinaryIO, Final, TypeAlias

from realtime_cli.core.part_id import PartId

from .config import RATE_HZ, SAMPLE_BYTES, AudioConfig
from .device_events import (
    DeviceGap,
    Gap,
    Progress,
    Ready,
    SpeakerLatency,
    SpeakerLevel,
    Stopped,
    Trouble,
)
from .shared_ring import ring_bytes

_SECOND_BYTES: Final = RATE_HZ * SAMPLE_BYTES
# Two seconds of the microphone, the newest; eleven minutes for the speaker (a server sends far ahead).
MICROPHONE_BYTES: Final = ring_bytes(2 * _SECOND_BYTES)
SPEAKER_BYTES: Final = ring_bytes(32 * 1024 * 1024)
MEMORY_BYTES: Final = MICROPHONE_BYTES + SPEAKER_BYTES


@dataclass(frozen=True, slots=True)
class Start:
    """Comes before all commands: open the devices."""

    config: AudioConfig


@dataclass(frozen=True, slots=True)
class Listen:
    """Let the microphone's blocks come."""


@dataclass(frozen=True, slots=True)
class Play:
    """The speaker's ring holds more of the part, up to this position."""

    part: PartId
    until: int


@dataclass(frozen=True, slots=True)
class Finish:
    """This was all audio of the part."""

    part: PartId


@dataclass(frozen=True, slots=True)
class Stop:
    """Fade out and drop the rest."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The microphone's ring holds a block more, up to this position."""

    until: int
    level_dbfs: float


@dataclass(frozen=True, slots=True)
class Refused:
    """The devices that were asked for do not make sense."""

    text: str
    hint: str


@dataclass(frozen=True, slots=True)
class Alive:
    """There was nothing else to report for a second."""


Command: TypeAlias = Listen | Play | Finish | Stop
Report: TypeAlias = (
    Heard | Refused | Ready | SpeakerLevel | SpeakerLatency | DeviceGap | Trouble | Progress | Stopped | Gap
)


def send(pipe: BinaryIO, message: Start | Command | Report | Alive) -> None:
    """Writes a message at once; raises `OSError` where nobody is left to read it."""
    pipe.write(pickle.dumps(message))
    pipe.flush()


def receive(pipe: BinaryIO) -> object:
    """The next message; raises `EOFError` (or `pickle.UnpicklingError` in the middle of one) at the end."""
    return pickle.load(pipe)  # noqa: S301 -- the other end is our own child, or our parent
