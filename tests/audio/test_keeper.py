"""Devices whose driver does what it should not: a PortAudio of Python."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest

from realtime_cli.audio.config import AudioConfig
from realtime_cli.audio.device_events import Ready, Trouble
from realtime_cli.audio.streams import DeviceCore
from realtime_cli.core.part_id import PartId
from tests.support.rig import wait_until


class _PortAudioError(Exception):
    pass


class _Library:
    """One speaker. Its first stream falls silent and hangs when it is closed; there is no second one."""

    PortAudioError = _PortAudioError

    def __init__(self) -> None:
        self._initialized = 1
        self.refreshed = 0
        self.streams: list[_Stream] = []
        self.attempts = 0
        self.may_close = Event()

    def query_hostapis(self) -> list[dict[str, Any]]:
        return [{"name": "ALSA", "default_input_device": -1, "default_output_device": 0}]

    def query_devices(self) -> list[dict[str, Any]]:
        device = {"name": "speaker", "index": 0, "hostapi": 0, "default_samplerate": 24_000.0}
        channels = {"max_input_channels": 0, "max_output_channels": 1}
        return [device | channels | {"default_low_input_latency": 0.01, "default_low_output_latency": 0.01}]

    def check_output_settings(self, **_: object) -> None:
        self.attempts += 1

    def RawOutputStream(self, **settings: Any) -> _Stream:  # noqa: N802 - sounddevice's
        if self.streams:
            raise _PortAudioError("Unanticipated host error", -9999)
        self.streams.append(_Stream(self, settings["callback"]))
        return self.streams[0]

    def _terminate(self) -> None:
        self.refreshed += 1
        self._initialized = 0

    def _initialize(self) -> None:
        self._initialized = 1


class _Stream:
    latency = 0.01

    def __init__(self, library: _Library, callback: Any) -> None:
        self._library = library
        self._callback = callback

    def start(self) -> None:
        self.ask()

    def ask(self) -> bytes:
        buffer = bytearray(b"\1" * 960)
        times = SimpleNamespace(outputBufferDacTime=0.0, inputBufferAdcTime=0.0, currentTime=0.0)
        self._callback(buffer, 480, times, None)
        return bytes(buffer)

    def abort(self) -> None:
        self._library.may_close.wait(30)

    def close(self) -> None:
        pass


@contextmanager
def _running(
    library: _Library, monkeypatch: pytest.MonkeyPatch, events: list[object] | None = None
) -> Generator[DeviceCore]:
    monkeypatch.setitem(sys.modules, "sounddevice", library)
    events = [] if events is None else events
    core = DeviceCore(AudioConfig(input_device="none"), events.append)
    core.start()
    try:
        wait_until(lambda: Ready("", "speaker", 0, 24_000) in events, "the speaker")
        yield core
    finally:
        library.may_close.set()
        core.close()


def test_portaudio_is_not_taken_away_from_a_driver_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    library = _Library()
    with _running(library, monkeypatch):
        wait_until(lambda: library.attempts >= 4, "some attempts")
        assert library.refreshed == 0
        library.may_close.set()
        wait_until(lambda: library.refreshed > 0, "a look for new devices")


def test_a_device_that_fails_without_a_reason_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[object] = []
    with _running(_Library(), monkeypatch, events):
        wait_until(lambda: any(isinstance(event, Trouble) for event in events), "the loss")
    (told,) = [event for event in events if isinstance(event, Trouble)]
    assert told.text == "No speaker: speaker is gone"


def test_a_stream_that_was_given_up_takes_no_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    library = _Library()
    with _running(library, monkeypatch) as core:
        wait_until(lambda: library.attempts >= 2, "the loss")
        core.play(PartId("item_1", 0), b"\1\0" * 4800)
        core.finish(PartId("item_1", 0))
        assert library.streams[0].ask() == bytes(960)
