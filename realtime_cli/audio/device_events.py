"""What a device core tells the shell round it. All sound in here is 16-bit mono PCM at `RATE_HZ`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from .config import Role
from .parts import Gap, Progress, Stopped


@dataclass(frozen=True, slots=True)
class Ready:
    """What hears and what sounds now; a name is empty where there is no device.

    The rates are those at which the devices run (for a table or a log line), whatever the blocks have.
    """

    microphone: str = ""
    speaker: str = ""
    input_rate_hz: int = 0
    output_rate_hz: int = 0


@dataclass(frozen=True, slots=True)
class Block:
    """A block of the microphone, its echo removed where a canceller works, and its RMS level."""

    pcm: bytes
    level_dbfs: float


@dataclass(frozen=True, slots=True)
class SpeakerLevel:
    """How loud the last played block was (RMS); about ten times a second while something plays."""

    level_dbfs: float


@dataclass(frozen=True, slots=True)
class DeviceGap:
    """A device did without us for so long, because its callback came too late."""

    duration_ms: float
    device: Role = "speaker"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something about the devices that the user should know."""

    level: Literal["info", "warning", "error"]
    text: str
    hint: str = ""
    device: Role | Literal[""] = ""


@dataclass(frozen=True, slots=True)
class SpeakerLatency:
    """The speaker needs so much latency: whoever opens it again gives it that from the beginning."""

    latency_s: float


DeviceEvent: TypeAlias = (
    Ready | Block | SpeakerLevel | SpeakerLatency | DeviceGap | Trouble | Progress | Stopped | Gap
)

__all__ = [
    "Block",
    "DeviceEvent",
    "DeviceGap",
    "Gap",
    "Progress",
    "Ready",
    "SpeakerLatency",
    "SpeakerLevel",
    "Stopped",
    "Trouble",
]
