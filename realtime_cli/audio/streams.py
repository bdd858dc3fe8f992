"""Microphone and speaker in one process, without asyncio: open, watched, and replaced when they fail.

PortAudio's callbacks copy and leave. One thread takes what they left, and is the only one that posts. Another
one, the keeper's, opens, watches and replaces the devices.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import TypeAlias

from realtime_cli.core.part_id import PartId
from realtime_cli.errors import RealtimeError, UsageError

from .clock import Mark
from .config import RATE_HZ, AudioConfig
from .device_events import DeviceEvent, SpeakerLatency, Trouble
from .device_stream import DeviceStream
from .devices import Plan, choose, list_devices
from .in_step import EchoCanceller, InStep
from .keeper import Keeper
from .player import Player
from .portaudio import Buffer
from .shapes import Outlet
from .sides import Hearing, Sounding
from .slot import Slot

_Job: TypeAlias = Callable[[], None]
_SAFE_LATENCY_S = 0.1
# PortAudio keeps a whole number of blocks ahead of a speaker: each millisecond of them is heard late twice.
_MAX_SPEAKER_BLOCK_MS = 10.0
# What "low" means for a speaker, in blocks of the user's size: a machine may stand still for so long.
_SPEAKER_BLOCKS = 1.5
_DRAIN_LIMIT_S = 0.6
_CLOSE_LIMIT_S = 3.0


class DeviceCore:
    """The microphone and the speaker of this process; 16-bit mono PCM at `RATE_HZ` in and out.

    `post` gets every event, always from the same thread. A device that fails is reported, replaced and looked
    for. `canceller` works on the microphone's blocks, in step with what was played.
    """

    def __init__(
        self,
        config: AudioConfig,
        post: Callable[[DeviceEvent], None],
        *,
        canceller: EchoCanceller | None = None,
    ) -> None:
        self._config = config
        self._post = post
        self._in_step = InStep(canceller) if canceller else None
        self._steady_latency_s = config.speaker_latency_s
        self._player = Player(RATE_HZ)
        self._sounding: Sounding | None = None
        self._is_listening = False
        self._is_unsteady = False
        self._has_noted_silence = False
        self._microphone = Slot("microphone", config.input_device, self._open_microphone, is_used=False)
        self._speaker = Slot("speaker", config.output_device, self._open_speaker, is_used=True)
        self._keeper = Keeper(self._microphone, self._speaker, emit=self._emit, attend=self._attend)
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._worker = Thread(target=self._work, name="audio blocks", daemon=True)

    @property
    def threads(self) -> tuple[Thread, ...]:
        """Those that work for it."""
        return self._worker, self._keeper.thread

    def start(self) -> None:
        """Opens the devices and posts `Ready`. Blocks until it has.

        Raises `RealtimeError` without PortAudio, `UsageError` where a device's name fits none or several; one
        that is a wish only gives way to the default.
        """
        self._check_names()
        self._worker.start()
        self._keeper.start()

    def listen(self) -> None:
        """Lets the microphone's blocks come; nothing is captured before."""
        self._is_listening = True
        self._keeper.wake()

    def play(self, part: PartId, pcm: bytes) -> None:
        """Queues whole samples of a part."""
        self._player.play(part, pcm)

    def finish(self, part: PartId) -> None:
        """Knows that this was all audio of the part."""
        self._player.finish(part)

    def stop(self) -> None:
        """Fades out in the next block and drops the rest; `Stopped` answers, even without a speaker."""
        self._player.stop()
        self._keeper.wake()

    def close(self) -> None:
        """Fades out, lets what was handed out sound, and lets go of the devices. Blocks until it has."""
        self._drain()
        self._keeper.close()
        self._jobs.put(None)
        if self._worker.is_alive():
            self._worker.join(_CLOSE_LIMIT_S)

    def _drain(self) -> None:
        """Plays silence until the last sound is out: stopping a stream loses what the device still has."""
        limit_s = time.monotonic() + _DRAIN_LIMIT_S
        if not self._player.is_idle:
            self.stop()
            _wait(lambda: self._player.is_idle, limit_s)
            _wait(self._jobs.empty, limit_s)
        _wait(lambda: self._sounding is None or time.monotonic() > self._sounding.sounds_until_s, limit_s)

    def _check_names(self) -> None:
        devices = list_devices()
        for slot in (self._microphone, self._speaker):
            try:
                choose(devices, slot.wanted, slot.kind)
            except UsageError as refusal:
                if slot.role not in self._config.wishes:
                    raise
                self._emit(slot.settle_for_default(refusal))
            except RealtimeError:
                continue  # a machine without sound: the keeper says it

    def _open_microphone(self, plan: Plan) -> DeviceStream:
        def on_block(buffer: Buffer, mark: Mark) -> None:
            self._jobs.put(partial(hearing.take, buffer[:], mark))

        block_ms, latency = self._config.block_ms, self._config.latency
        stream = DeviceStream(plan, "input", block_ms=block_ms, latency=latency, on_block=on_block)
        hearing = Hearing(stream, self._post, in_step=self._in_step, on_dead=self._note_dead_microphone)
        self._renew_step()
        return stream

    def _open_speaker(self, plan: Plan) -> DeviceStream:
        outlet = Outlet(self._player, plan)

        def on_block(buffer: Buffer, mark: Mark) -> None:
            if not stream.is_running:  # nothing is lost in a device that is on trial
                buffer[:] = bytes(len(buffer))
                return
            buffer[:], played = outlet.read(mark.frames)
            self._jobs.put(partial(sounding.take, played, self._player.events(), mark))

        block_ms, latency = min(self._config.block_ms / 2, _MAX_SPEAKER_BLOCK_MS), self._speaker_latency(plan)
        stream = DeviceStream(plan, "output", block_ms=block_ms, latency=latency, on_block=on_block)
        sounding = Sounding(
            stream,
            self._post,
            held_s=outlet.delay_s,
            in_step=self._in_step,
            on_unsteady=self._note_unsteady,
        )
        self._sounding = sounding
        self._renew_step()
        return stream

    def _speaker_latency(self, plan: Plan) -> str | float:
        if self._steady_latency_s is not None:
            return self._steady_latency_s
        if self._config.latency != "low":
            return self._config.latency
        return max(_SPEAKER_BLOCKS * self._config.block_ms, plan.device.output_latency_ms) / 1000

    def _renew_step(self) -> None:
        if self._in_step is not None:
            self._jobs.put(self._in_step.reopen)

    def _note_dead_microphone(self) -> None:
        # A microphone that works has noise: nothing but zeros is a switch, or a driver.
        if not self._has_noted_silence:
            self._has_noted_silence = True
            self._post(Trouble("warning", "The microphone gives silence only", "is it muted?", "microphone"))

    def _note_unsteady(self) -> None:
        self._is_unsteady = True
        self._keeper.wake()

    def _attend(self) -> None:
        # In the keeper's thread: none of this may run while a device is being opened or closed.
        if self._is_listening:
            self._microphone.use()
        if self._is_unsteady:
            self._is_unsteady = False
            self._calm_speaker()
        if self._speaker.stream is None:
            self._answer_without_speaker()

    def _calm_speaker(self) -> None:
        latency = self._speaker.stream and self._speaker_latency(self._speaker.stream.plan)
        if isinstance(latency, float) and latency >= _SAFE_LATENCY_S:
            return
        self._steady_latency_s = _SAFE_LATENCY_S
        self._emit(SpeakerLatency(_SAFE_LATENCY_S))
        self._speaker.release("The speaker had gaps: it has 100 ms of latency from now on")

    def _answer_without_speaker(self) -> None:
        self._player.read(0)
        for event in self._player.events():
            self._emit(event)

    def _emit(self, event: DeviceEvent) -> None:
        self._jobs.put(partial(self._post, event))

    def _work(self) -> None:
        while job := self._jobs.get():
            job()


def _wait(is_done: Callable[[], bool], limit_s: float) -> None:
    while time.monotonic() < limit_s and not is_done():
        time.sleep(0.005)
