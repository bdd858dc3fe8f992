"""One open device: its stream, its signs of life, and a way to be rid of it that cannot hang."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Thread
from typing import TypeAlias

from realtime_cli.errors import RealtimeError

from .clock import Mark
from .devices import Kind, Plan, extra_settings
from .portaudio import Buffer, Stream, Times, load, not_opened, reason

# What a callback does with a block: copies it out of, or into, the buffer.
OnBlock: TypeAlias = Callable[[Buffer, Mark], None]
_AGE_BLOCKS = 5
_AGE_S = 0.2
_FIRST_BLOCK_LIMIT_S = 2.0
_RELEASE_LIMIT_S = 2.0


class DeviceStream:
    """An open device. Raises `RealtimeError` where it cannot be opened, or started."""

    def __init__(
        self, plan: Plan, kind: Kind, *, block_ms: float, latency: str | float, on_block: OnBlock
    ) -> None:
        self.plan = plan
        self.kind: Kind = kind
        self._on_block = on_block
        self._converter_time = "outputBufferDacTime" if kind == "output" else "inputBufferAdcTime"
        block_frames = max(1, round(plan.rate_hz * block_ms / 1000))
        self._age_limit_s = _AGE_BLOCKS * block_frames / plan.rate_hz + _AGE_S
        self._called_s: float | None = None
        self._is_running = False
        self._has_ended = False
        self._closing: Thread | None = None
        self._stream = self._open(block_frames, latency)

    def _open(self, block_frames: int, latency: str | float) -> Stream:
        library = load()
        opens = library.RawOutputStream if self.kind == "output" else library.RawInputStream
        try:
            return opens(
                device=self.plan.device.index,
                samplerate=self.plan.rate_hz,
                channels=self.plan.channels,
                dtype="int16",
                blocksize=block_frames,
                latency=latency,
                extra_settings=extra_settings(library, self.plan.device),
                callback=self._callback,
                finished_callback=self._finished,
            )
        except library.PortAudioError as error:
            raise not_opened(self.name, error) from error

    def _callback(self, buffer: Buffer, frames: int, times: Times, _flags: object) -> None:
        called_s = self._called_s = time.monotonic()
        self._on_block(
            buffer, Mark(frames, getattr(times, self._converter_time), times.currentTime, called_s)
        )

    def _finished(self) -> None:
        self._has_ended = True

    @property
    def name(self) -> str:
        """The device's name."""
        return self.plan.device.name

    @property
    def latency_s(self) -> float:
        """What PortAudio expects between our block and the converter."""
        return self._stream.latency

    @property
    def is_running(self) -> bool:
        """Whether it was started, and has shown that it lives."""
        return self._is_running

    def start(self, *, trial_s: float = 0.0) -> None:
        """Starts it and waits for its first block, and whether blocks still come after `trial_s`.

        Where none do, releases it and raises `RealtimeError`.
        """
        library = load()
        try:
            self._stream.start()
        except library.PortAudioError as error:
            self.release()
            raise RealtimeError(f"{self.name} cannot be started: {reason(error)}") from error
        if not (self._lives() and self._survives(trial_s)):
            self.release()
            raise RealtimeError(f"{self.name} gives no sign of life")
        self._is_running = True

    def _lives(self) -> bool:
        limit_s = time.monotonic() + _FIRST_BLOCK_LIMIT_S
        while self._called_s is None and not self._has_ended and time.monotonic() < limit_s:
            time.sleep(0.002)
        return self._called_s is not None

    def _survives(self, trial_s: float) -> bool:
        # A suspended device takes blocks until its buffer is full.
        time.sleep(trial_s)
        return not self._has_stopped(time.monotonic())

    def is_lost(self, now_s: float) -> bool:
        """Whether it ended by itself, or has not called for too long (a suspended device tells nobody)."""
        return self._is_running and self._has_stopped(now_s)

    def _has_stopped(self, now_s: float) -> bool:
        return self._has_ended or now_s - (self._called_s or 0.0) > self._age_limit_s

    @property
    def hangs(self) -> bool:
        """Whether its driver has not come back from closing it yet."""
        return self._closing is not None and self._closing.is_alive()

    def release(self) -> None:
        """Stops and closes it; a driver that hangs is left alone with it."""
        self._is_running = False  # whoever is called once more plays nothing
        if self._closing is None:
            self._closing = Thread(target=self._close, name=f"close {self.name}", daemon=True)
            self._closing.start()
            self._closing.join(_RELEASE_LIMIT_S)

    def _close(self) -> None:
        self._stream.abort()
        self._stream.close()
