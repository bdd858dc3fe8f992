"""Keeps a microphone and a speaker open: a thread that watches both, replaces what fails, and says so."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from threading import Event, Thread
from typing import TypeAlias

from realtime_cli.errors import RealtimeError

from .device_events import DeviceEvent, Ready, Trouble
from .devices import Device, list_devices
from .portaudio import refresh
from .slot import Slot

Emit: TypeAlias = Callable[[DeviceEvent], None]
_WATCH_S = 0.1
# Longer than this between two looks: the whole process stood still, and every sign of life is old.
_ASLEEP_S = 1.0
_ENUMERATE_EVERY = 10
_CLOSE_LIMIT_S = 3.0
_BOTH = 2


class Keeper:
    """Watches over both devices. Its thread calls `attend` about ten times a second, and when woken."""

    def __init__(self, microphone: Slot, speaker: Slot, *, emit: Emit, attend: Callable[[], None]) -> None:
        self._microphone = microphone
        self._speaker = speaker
        self._slots = (microphone, speaker)
        self._emit = emit
        self._attend = attend
        self._is_closing = Event()
        self._wake = Event()
        self.thread = Thread(target=self._keep, name="audio devices", daemon=True)

    def start(self) -> None:
        """Opens both devices, says what there is, and watches from now on."""
        self._fill(time.monotonic())
        self._emit(self._ready())
        self.thread.start()

    def wake(self) -> None:
        """Looks now."""
        self._wake.set()

    def close(self) -> None:
        """Watches no longer and lets go of both devices."""
        self._is_closing.set()
        self._wake.set()
        if self.thread.is_alive():
            self.thread.join(_CLOSE_LIMIT_S)
        for slot in self._slots:
            slot.release()

    def _keep(self) -> None:
        looked_s = time.monotonic()
        while not self._is_closing.is_set():
            self._wake.wait(_WATCH_S)
            self._wake.clear()
            if time.monotonic() - looked_s < _ASLEEP_S:
                self._look(time.monotonic())
            looked_s = time.monotonic()

    def _look(self, now_s: float) -> None:
        for slot in self._slots:
            if slot.stream and slot.stream.is_lost(now_s):
                slot.release()
        self._attend()
        if any(slot.is_due(now_s) for slot in self._slots):
            self._replace(now_s)

    def _replace(self, now_s: float) -> None:
        before = self._ready()
        if self._must_enumerate():
            self._enumerate()
        has_news = self._fill(now_s)
        if has_news or self._ready() != before:
            self._emit(self._ready())

    def _must_enumerate(self) -> bool:
        # PortAudio lists devices at initialisation only, and that takes the other device away for a moment.
        # One that is busy is in the list, and would not be in a new one.
        lost = (slot.failures for slot in self._slots if slot.is_missing and not slot.is_busy)
        failures = max(lost, default=0)
        if any(slot.stream for slot in self._slots):
            return failures % _ENUMERATE_EVERY == 1
        return failures > 0

    def _enumerate(self) -> None:
        for slot in self._slots:
            slot.release("")
        if not any(slot.hangs for slot in self._slots):  # a driver that hangs would take PortAudio with it
            with suppress(RealtimeError):  # it is said when a device is opened, in a moment
                refresh()

    def _fill(self, now_s: float) -> bool:
        devices = _devices()
        found = [slot.reopen(devices, now_s) for slot in self._slots if slot.is_due(now_s)]
        news = [trouble for trouble in found if trouble is not None]
        for trouble in news if devices else _together(news):
            self._emit(trouble)
        return bool(news)

    def _ready(self) -> Ready:
        microphone, speaker = self._slots
        return Ready(microphone.name, speaker.name, microphone.rate_hz, speaker.rate_hz)


def _together(news: list[Trouble]) -> list[Trouble]:
    """That there is neither a microphone nor a speaker, said once."""
    if len(news) < _BOTH:
        return news
    reasons = {trouble.text.partition(": ")[2] for trouble in news}
    if len(reasons) > 1:
        return [Trouble("warning", "No microphone and no speaker: there is no sound device")]
    return [replace(news[0], text=f"No microphone and no speaker: {reasons.pop()}", device="")]


def _devices() -> list[Device]:
    try:
        return list_devices()
    except RealtimeError:
        return []
