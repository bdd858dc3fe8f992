"""Between our sound (mono at `RATE_HZ`) and the rate and channels of a device that takes nothing else."""

from __future__ import annotations

import math
from array import array

from realtime_cli.protocol.encoding import PCM_24K, Encoding
from realtime_cli.samples.conversion import Converter

from .config import RATE_HZ, SAMPLE_BYTES
from .devices import Plan
from .player import Player

_PRIMING_BYTES = RATE_HZ // 20 * SAMPLE_BYTES


class Outlet:
    """What the player has, in the shape of one speaker. `read` is for its callback."""

    def __init__(self, player: Player, plan: Plan) -> None:
        self._player = player
        self._plan = plan
        encoding = Encoding(rate_hz=plan.rate_hz)
        self._converter = Converter(PCM_24K, encoding)
        # Silence first: what a conversion loads, it loads now and not in the callback.
        primed_ms = encoding.ms(len(self._converter.convert(bytes(_PRIMING_BYTES))))
        # How much later than it is read the player's sound leaves.
        self.delay_s = (PCM_24K.ms(_PRIMING_BYTES) - primed_ms) / 1000
        self._ready = b""

    def read(self, frames: int) -> tuple[bytes, bytes]:
        """So many frames for the device, and what the player gave for them."""
        if self._plan.rate_hz == RATE_HZ:
            played = self._player.read(frames * SAMPLE_BYTES)
            return spread(played, self._plan.channels), played
        size_bytes = frames * SAMPLE_BYTES
        played = b""
        while len(self._ready) < size_bytes:
            missing = (size_bytes - len(self._ready)) // SAMPLE_BYTES
            step = self._player.read(math.ceil(missing * RATE_HZ / self._plan.rate_hz) * SAMPLE_BYTES)
            played += step
            self._ready += self._converter.convert(step)
        mono, self._ready = self._ready[:size_bytes], self._ready[size_bytes:]
        return spread(mono, self._plan.channels), played


class Intake:
    """What one microphone gives, as our sound."""

    def __init__(self, plan: Plan) -> None:
        self._channels = plan.channels
        self._converter = Converter(Encoding(rate_hz=plan.rate_hz), PCM_24K)

    def take(self, pcm: bytes) -> bytes:
        """As much of it as is certain by now."""
        return self._converter.convert(mixed(pcm, self._channels))


def spread(pcm: bytes, channels: int) -> bytes:
    """The same samples in each channel."""
    if channels == 1:
        return pcm
    samples = array("h", pcm)
    frames = array("h", bytes(len(pcm) * channels))
    for channel in range(channels):
        frames[channel::channels] = samples
    return frames.tobytes()


def mixed(pcm: bytes, channels: int) -> bytes:
    """The mean of all channels."""
    if channels == 1:
        return pcm
    samples = array("h", pcm)
    frames = zip(*(samples[channel::channels] for channel in range(channels)), strict=True)
    return array("h", (sum(frame) // channels for frame in frames)).tobytes()
