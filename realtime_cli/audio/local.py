"""The sound devices in this process: an asyncio shell round a `DeviceCore`."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import Final

from realtime_cli.core.effects import FinishAudio, PlayAudio
from realtime_cli.core.inputs import AudioReady
from realtime_cli.errors import RealtimeError, UsageError
from realtime_cli.protocol.encoding import Encoding
from realtime_cli.runtime.ports import Levels, Post

from .config import AudioConfig
from .device_events import DeviceEvent, Ready, Trouble
from .in_step import EchoCanceller
from .late_canceller import LateCanceller
from .portaudio import quiet
from .session_inputs import SessionInputs
from .streams import DeviceCore

# A callback that waits for the interpreter waits this long for each thread that computes (the default: 5 ms).
_SWITCH_INTERVAL_S: Final = 0.001


class LocalEngine:
    """An `AudioEngine` with the devices of this machine, in this process; `note` is said at the start."""

    def __init__(
        self,
        config: AudioConfig,
        *,
        canceller: EchoCanceller | None = None,
        note: Trouble | None = None,
    ) -> None:
        self._inputs = SessionInputs()
        if note is not None:
            self._inputs.take(note)
        self._late_canceller = LateCanceller() if canceller is None and config.echo == "aec" else None
        self._core = DeviceCore(config, self._hand_over, canceller=canceller or self._late_canceller)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._hook: Callable[[threading.ExceptHookArgs], object] = threading.excepthook
        self._closing = asyncio.Event()
        self._closer: Thread | None = None

    async def open(self) -> AudioReady:
        """Opens the devices and tells what there is. Raises `UsageError` for a bad device name."""
        sys.setswitchinterval(_SWITCH_INTERVAL_S)
        self._loop = asyncio.get_running_loop()
        self._hook, threading.excepthook = threading.excepthook, self._guard
        if self._late_canceller is not None:
            self._late_canceller.load(self._hand_over)
        try:
            await asyncio.to_thread(self._start)
        except UsageError:
            raise
        except RealtimeError as error:
            self._inputs.take(Trouble("warning", str(error), error.hint))
            self._inputs.take(Ready())
        await self._inputs.opened.wait()
        return self._inputs.ready

    async def run(self, post: Post) -> None:
        """Posts `AudioReady` and everything after it, until `close`. Opens the devices if nobody has."""
        if self._loop is None:
            await self.open()
        self._inputs.attach(post)
        try:
            await self._closing.wait()
        finally:
            self.close()
            if self._closer is not None:
                await asyncio.to_thread(self._closer.join)

    def listen(self, encoding: Encoding) -> None:
        """Lets the microphone's blocks come, in this encoding."""
        self._inputs.listen(encoding)
        self._core.listen()

    def play(self, chunk: PlayAudio) -> None:
        """Queues audio of a part."""
        self._core.play(*self._inputs.speech(chunk))

    def finish(self, part: FinishAudio) -> None:
        """Knows that this was all audio of the part."""
        ended, rest = self._inputs.end_of_speech(part)
        self._core.play(ended, rest)
        self._core.finish(ended)

    def stop(self) -> None:
        """Fades out in the next block and drops the rest."""
        self._core.stop()

    def levels(self) -> Levels:
        """How loud both sides are."""
        return self._inputs.levels

    def close(self) -> None:
        """Lets go of the devices, in a thread: what was handed out sounds first."""
        self._closing.set()
        if threading.excepthook == self._guard:
            threading.excepthook = self._hook
        self._let_go()

    def _let_go(self) -> None:
        if self._closer is None:
            self._closer = Thread(target=self._core.close, name="closing audio")
            self._closer.start()

    def _start(self) -> None:
        with quiet():
            self._core.start()

    def _guard(self, bug: threading.ExceptHookArgs) -> None:
        """A thread of ours that breaks ends the sound, and says so; it would be silent otherwise."""
        if bug.thread not in self._core.threads or self._loop is None:
            self._hook(bug)
            return
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._give_up, f"{bug.exc_type.__name__}: {bug.exc_value}")

    def _give_up(self, why: str) -> None:
        self._let_go()
        self._inputs.give_up(why)

    def _hand_over(self, event: DeviceEvent) -> None:
        assert self._loop is not None
        with suppress(RuntimeError):  # the loop is closed, and nobody is left to tell
            self._loop.call_soon_threadsafe(self._inputs.take, event)
