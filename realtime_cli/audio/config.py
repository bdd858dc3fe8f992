"""How the sound devices are to be used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

EchoPolicy: TypeAlias = Literal["aec", "system", "half-duplex", "off"]
Role: TypeAlias = Literal["microphone", "speaker"]

# Inside this room sound is 16-bit mono PCM at this rate; devices and sessions that differ are converted.
RATE_HZ: Final = 24_000
SAMPLE_BYTES: Final = 2
# What `input_device` and `output_device` say for: do without.
NO_DEVICE: Final = "none"


@dataclass(frozen=True, slots=True)
class AudioConfig:
    """Which devices, how fast, and what is done about the speaker's echo in the microphone.

    A device is its number, a part of its name, "" for the default, or "none". Those in `wishes` may be
    missing: then the default takes their place. `latency` is PortAudio's "low" (a speaker gets 1.5 blocks at
    least) or "high", or seconds; `speaker_latency_s` is what the speaker has turned out to need.
    """

    input_device: str = ""
    output_device: str = ""
    wishes: frozenset[Role] = frozenset()
    block_ms: float = 20.0
    latency: str | float = "low"
    speaker_latency_s: float | None = None
    echo: EchoPolicy = "off"
