"""What happens to a device's blocks outside its callback: conversion, echo, levels, clocks, gaps."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from realtime_cli.samples.level import dbfs

from .clock import DeviceClock, Mark, Steadiness
from .config import RATE_HZ, SAMPLE_BYTES
from .device_events import Block, DeviceEvent, DeviceGap, Progress, SpeakerLevel, Stopped, Trouble
from .device_stream import DeviceStream
from .in_step import InStep
from .parts import PlayerEvent
from .shapes import Intake

Emit: TypeAlias = Callable[[DeviceEvent], None]
_DEAD_SILENCE_S = 2.0
_LEVEL_S = 0.1
_SILENT_DBFS = float("-inf")
_HEARS_ITSELF = "The answers seem to interrupt themselves: the microphone is silent at their beginning"


class Hearing:
    """An open microphone, seen from outside its callback.

    `on_dead` is called when it gives zeros only. One that gave sound may give zeros later: noise gates do.
    """

    def __init__(
        self, stream: DeviceStream, emit: Emit, *, in_step: InStep | None, on_dead: Callable[[], None]
    ) -> None:
        self._emit = emit
        self._in_step = in_step
        self._on_dead = on_dead
        self._intake = Intake(stream.plan)
        self._clock = DeviceClock(stream.plan.rate_hz, latency_s=stream.latency_s)
        self._rate_hz = stream.plan.rate_hz
        self._silent_s = 0.0
        self._has_heard = False

    def take(self, pcm: bytes, mark: Mark) -> None:
        """A block came."""
        if gap_s := self._clock.gap_s(mark):
            self._emit(DeviceGap(gap_s * 1000, "microphone"))
        self._watch_for_silence(mark.frames, is_silent=_is_silent(pcm))
        sound = self._intake.take(pcm)
        if self._in_step is not None:
            sound = self._in_step.capture(sound)
        if sound:
            self._emit(Block(sound, dbfs(sound)))

    def _watch_for_silence(self, frames: int, *, is_silent: bool) -> None:
        self._has_heard = self._has_heard or not is_silent
        self._silent_s += frames / self._rate_hz
        if self._silent_s >= _DEAD_SILENCE_S and not self._has_heard:
            self._silent_s = 0.0
            self._on_dead()


class Sounding:
    """An open speaker, seen from outside its callback. `on_unsteady` is called when it has too many gaps.

    What its blocks hold of the player's sound is `held_s` old.
    """

    def __init__(
        self,
        stream: DeviceStream,
        emit: Emit,
        *,
        held_s: float = 0.0,
        in_step: InStep | None,
        on_unsteady: Callable[[], None],
    ) -> None:
        self._held_s = held_s
        self._emit = emit
        self._in_step = in_step
        self._on_unsteady = on_unsteady
        self._clock = DeviceClock(stream.plan.rate_hz, latency_s=stream.latency_s)
        self._rate_hz = stream.plan.rate_hz
        self._steadiness = Steadiness()
        self._level_dbfs = _SILENT_DBFS
        self._unmeasured_s = _LEVEL_S
        self.sounds_until_s = 0.0

    def take(self, played: bytes, events: list[PlayerEvent], mark: Mark) -> None:
        """A block was handed out; `events` came of it."""
        ends_s = mark.called_s + self._clock.delay_s(mark) + mark.frames / self._rate_hz + self._held_s
        gap_s = self._clock.gap_s(mark)
        self._count_gap(gap_s, mark.called_s)
        if not _is_silent(played):
            self.sounds_until_s = ends_s
        if self._in_step is not None:
            self._keep_in_step(self._in_step, played, gap_s, events)
        for event in events:
            self._emit(_timed(event, ends_s) if isinstance(event, Progress) else event)
        self._measure(played)

    def _keep_in_step(self, in_step: InStep, played: bytes, gap_s: float, events: list[PlayerEvent]) -> None:
        in_step.play(played, gap_s)
        has_been_cut = any(isinstance(event, Stopped) and event.samples for event in events)
        if has_been_cut and in_step.interrupt():
            self._emit(Trouble("warning", _HEARS_ITSELF, "use a headset, or --echo half-duplex"))

    def _count_gap(self, gap_s: float, now_s: float) -> None:
        # What is missing where nothing sounds, nobody misses.
        if not gap_s or now_s - gap_s > self.sounds_until_s:
            return
        self._emit(DeviceGap(gap_s * 1000, "speaker"))
        if self._steadiness.is_lost(now_s):
            self._on_unsteady()

    def _measure(self, played: bytes) -> None:
        self._unmeasured_s += len(played) / SAMPLE_BYTES / RATE_HZ
        if self._unmeasured_s < _LEVEL_S:
            return
        level_dbfs = _SILENT_DBFS if _is_silent(played) else dbfs(played)
        self._unmeasured_s = 0.0
        if level_dbfs != self._level_dbfs:
            self._emit(SpeakerLevel(level_dbfs))
        self._level_dbfs = level_dbfs


def _timed(progress: Progress, ends_s: float) -> Progress:
    return replace(progress, delay_ms=max(0.0, ends_s - time.monotonic()) * 1000)


def _is_silent(pcm: bytes) -> bool:
    return pcm.count(0) == len(pcm)
