"""The audio child: the sound devices in a process of their own, where nobody else holds the interpreter.

`python -m realtime_cli.audio.worker HANDLE`, started by `process.ChildProcess`. Commands come from stdin,
reports go to stdout; what libraries print ends in the file that the parent gave as stderr.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from contextlib import suppress
from pickle import UnpicklingError
from queue import Empty, SimpleQueue
from threading import Thread
from typing import BinaryIO, Final, assert_never, cast

from realtime_cli.errors import RealtimeError, UsageError

from .device_events import Block, DeviceEvent, Ready, SpeakerLevel, Trouble
from .late_canceller import LateCanceller
from .pipe import (
    MEMORY_BYTES,
    MICROPHONE_BYTES,
    Alive,
    Command,
    Finish,
    Heard,
    Listen,
    Play,
    Refused,
    Report,
    Start,
    Stop,
    receive,
    send,
)
from .shared_ring import Ring, attach
from .streams import DeviceCore

_NICENESS: Final = -10
_CLOSE_LIMIT_S: Final = 1.5
# So many reports wait while the parent is not reading; what it then misses is counted by the ring.
_PATIENCE: Final = 256
_NOISE_LIMIT_BYTES: Final = 1_000_000
_BUG_STATUS: Final = 70
# Who has said nothing for so long says that it is alive.
_QUIET_S: Final = 1.0


class _Outbox:
    """Reports on their way to the parent. A thread writes them: nobody who has one waits for the pipe."""

    def __init__(self, pipe: BinaryIO, microphone: Ring) -> None:
        self._pipe = pipe
        self._microphone = microphone
        self._reports: SimpleQueue[Report] = SimpleQueue()
        Thread(target=self._write, name="reports", daemon=True).start()

    def post(self, event: DeviceEvent | Refused) -> None:
        report = self._heard(event) if isinstance(event, Block) else event
        is_minor = isinstance(report, Heard | SpeakerLevel)
        if not (is_minor and self._reports.qsize() > _PATIENCE):
            self._reports.put(report)

    def _heard(self, block: Block) -> Heard:
        return Heard(self._microphone.overwrite(block.pcm), block.level_dbfs)

    def _write(self) -> None:
        with suppress(OSError):  # a parent that died is noticed by whoever reads its commands
            while True:
                send(self._pipe, self._next())
                _limit_noise()

    def _next(self) -> Report | Alive:
        try:
            return self._reports.get(timeout=_QUIET_S)
        except Empty:
            return Alive()


def _limit_noise() -> None:
    # ALSA may repeat the same line without end.
    if os.fstat(2).st_size > _NOISE_LIMIT_BYTES:
        os.ftruncate(2, 0)


def main() -> None:
    """Serves the parent until it closes our stdin, or dies."""
    threading.excepthook = _die
    _ignore_the_terminal()
    _hurry()
    reports = _take_stdout()
    memory = memoryview(attach(sys.argv[1], MEMORY_BYTES))
    outbox = _Outbox(reports, Ring(memory[:MICROPHONE_BYTES]))
    speaker = Ring(memory[MICROPHONE_BYTES:])
    config = cast("Start", receive(sys.stdin.buffer)).config
    canceller = LateCanceller() if config.echo == "aec" else None
    core = DeviceCore(config, outbox.post, canceller=canceller)
    if canceller is not None:
        canceller.load(outbox.post)
    _open(core, outbox)
    gc.freeze()
    with suppress(EOFError, OSError, UnpicklingError):
        while True:
            _obey(cast("Command", receive(sys.stdin.buffer)), core, speaker)
    _leave(core)


def _die(bug: threading.ExceptHookArgs) -> None:
    """Ends the process, which would be silent without one of its threads; the parent starts another."""
    try:
        sys.excepthook(bug.exc_type, bug.exc_value or bug.exc_type(), bug.exc_traceback)
    finally:
        os._exit(_BUG_STATUS)


def _take_stdout() -> BinaryIO:
    """Our stdout for ourselves: what anybody else prints must not end up between the reports."""
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return pipe


def _ignore_the_terminal() -> None:
    """Ctrl-C and a terminal that closes are the parent's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "win32":
        signal.signal(signal.SIGHUP, signal.SIG_IGN)


def _hurry() -> None:
    """Lets this process, and every thread that it starts, go before others, as far as the user may."""
    sys.setswitchinterval(0.001)
    if sys.platform == "linux":
        with suppress(OSError):
            # The lowest of these priorities: above all programs, below the sound server's own threads.
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(os.sched_get_priority_min(os.SCHED_RR)))
            return
    if sys.platform != "win32":  # there, the parent asked for it
        with suppress(OSError):
            os.nice(_NICENESS)


def _open(core: DeviceCore, outbox: _Outbox) -> None:
    try:
        core.start()
    except UsageError as error:
        outbox.post(Refused(str(error), error.hint))
    except RealtimeError as error:
        outbox.post(Trouble("warning", str(error), error.hint))
        outbox.post(Ready())


def _obey(command: Command, core: DeviceCore, speaker: Ring) -> None:
    match command:
        case Play(part, until):
            core.play(part, speaker.read(until))
        case Finish(part):
            core.finish(part)
        case Stop():
            core.stop()
        case Listen():
            core.listen()
        case _:
            assert_never(command)


def _leave(core: DeviceCore) -> None:
    """Closes the devices, and goes in any case: a driver that hangs must not keep us."""
    closing = Thread(target=core.close, daemon=True)
    closing.start()
    closing.join(_CLOSE_LIMIT_S)
    os._exit(0)


if __name__ == "__main__":
    main()
