"""One run of the audio child, seen from its parent: the process, its pipes and rings, and two threads."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue
from signal import strsignal
from threading import Event, Thread, Timer
from typing import IO, BinaryIO, Final, TypeAlias, cast

from realtime_cli.core.part_id import PartId

from .pipe import MEMORY_BYTES, MICROPHONE_BYTES, Alive, Command, Play, Report, Start, receive, send
from .shared_ring import Ring, SharedMemory, share

_LEAVE_LIMIT_S: Final = 2.5
_KILL_LIMIT_S: Final = 1.0
_RETRY_S: Final = 0.005
_WATCH_S: Final = 0.25
# Three seconds; half a minute before its first report.
_QUIET_STEPS: Final = 12
_STARTING_STEPS: Final = 120
_CHUNK_BYTES: Final = 1024 * 1024
_NOISE_BYTES: Final = 2000
# Windows tells of a crash with a status above all that a program gives itself.
_HIGHEST_STATUS: Final = 255
# The C library says why it aborts.
_ABORTED: Final = 6
# What sound libraries print while they work.
_CHATTER: Final = ("ALSA lib ", "Expression '", "jack ", "Jack", "Cannot connect to server ")


@dataclass(frozen=True, slots=True)
class Exited:
    """The child has gone: how, and the last line that it printed, where that can be the reason.

    It `has_crashed` where it did not end by itself.
    """

    cause: str
    last_words: str = ""
    has_crashed: bool = False


@dataclass(frozen=True, slots=True)
class _Audio:
    part: PartId
    pcm: bytes


_Outgoing: TypeAlias = Start | Command | _Audio | None


class ChildProcess:
    """A running child. `post` gets what it reports and at last `Exited`, from a thread. Raises `OSError`."""

    def __init__(self, post: Callable[[Report | Exited], None], *, environment: Mapping[str, str]) -> None:
        self._post = post
        self._outbox: SimpleQueue[_Outgoing] = SimpleQueue()
        self._noise = tempfile.TemporaryFile()  # noqa: SIM115 -- `_read` closes it
        try:
            with share(MEMORY_BYTES) as shared:
                self._process = _start(shared, environment=environment, noise=self._noise)
                memory = memoryview(shared.memory)
        except OSError:
            self._noise.close()
            raise
        self.microphone = Ring(memory[:MICROPHONE_BYTES])
        self._speaker = Ring(memory[MICROPHONE_BYTES:])
        self._killer = Timer(_LEAVE_LIMIT_S, self._process.kill)
        self._killer.daemon = True
        self._is_closing = False
        self._quiet_steps = _QUIET_STEPS - _STARTING_STEPS
        self._stands_still = False
        self._has_ended = Event()
        for work in (self._write, self._read, self._watch):
            Thread(target=work, name=f"audio child {work.__name__}", daemon=True).start()

    def send(self, command: Start | Command) -> None:
        """Queues a command, and returns at once."""
        self._outbox.put(command)

    def play(self, part: PartId, pcm: bytes) -> None:
        """Queues audio, and returns at once."""
        for at in range(0, len(pcm), _CHUNK_BYTES):
            self._outbox.put(_Audio(part, pcm[at : at + _CHUNK_BYTES]))

    def close(self) -> None:
        """Asks it to leave, and makes sure of it; `Exited` follows within seconds, at the latest."""
        if self._is_closing:
            return
        self._is_closing = True
        self._killer.start()
        self._outbox.put(None)

    def _write(self) -> None:
        # A child that went away is noticed by the reader.
        with suppress(OSError), cast("BinaryIO", self._process.stdin) as pipe:
            while (message := self._outbox.get()) is not None:
                send(pipe, self._stored(message) if isinstance(message, _Audio) else message)

    def _stored(self, audio: _Audio) -> Play:
        while (until := self._speaker.write(audio.pcm)) is None:
            if self._process.poll() is not None:
                raise BrokenPipeError
            time.sleep(_RETRY_S)
        return Play(audio.part, until)

    def _read(self) -> None:
        with cast("BinaryIO", self._process.stdout) as pipe:
            with suppress(EOFError, OSError, pickle.UnpicklingError):
                while True:
                    self._hear(cast("Report | Alive", receive(pipe)))
            self._has_ended.set()
            exited = self._reap()
        self._outbox.put(None)
        self._noise.close()
        self._post(exited)

    def _hear(self, report: Report | Alive) -> None:
        self._quiet_steps = 0
        if not isinstance(report, Alive):
            self._post(report)

    def _watch(self) -> None:
        # Steps of our own are counted, not seconds: while we stood still (Ctrl-Z), so did the child.
        while not self._has_ended.wait(_WATCH_S):
            self._quiet_steps += 1
            if self._quiet_steps > _QUIET_STEPS:
                self._stands_still = True
                self._process.kill()
                return

    def _reap(self) -> Exited:
        try:
            status = self._process.wait(_KILL_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        self._killer.cancel()
        if self._stands_still:
            return Exited("it stood still", has_crashed=True)
        # Who is killed, or crashes, has no words about it: what was printed last is about something else.
        last_words = _last_line(self._noise) if -status == _ABORTED or 0 < status <= _HIGHEST_STATUS else ""
        if status < 0:
            return Exited(strsignal(-status) or f"signal {-status}", last_words, has_crashed=True)
        return Exited(f"exit status {status:#x}", last_words, status > _HIGHEST_STATUS)


def _start(
    shared: SharedMemory, *, environment: Mapping[str, str], noise: IO[bytes]
) -> subprocess.Popen[bytes]:
    if getattr(sys, "frozen", False):
        raise OSError("a frozen program has no interpreter to start")
    # -P: a folder that happens to hold a `json.py` must not be searched. The child stays in our process
    # group, so that Ctrl-Z silences it together with us; it ignores Ctrl-C.
    return subprocess.Popen(  # noqa: S603 -- our own interpreter and module
        [sys.executable, "-P", "-m", "realtime_cli.audio.worker", shared.handle],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=noise,
        pass_fds=shared.fds,
        env={**os.environ, **environment},
        creationflags=_creation_flags(),
    )


def _creation_flags() -> int:
    if sys.platform == "win32":
        return subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.HIGH_PRIORITY_CLASS
    return 0


def _last_line(noise: IO[bytes]) -> str:
    noise.seek(max(0, noise.seek(0, os.SEEK_END) - _NOISE_BYTES))
    # Where the worker cut it short, there are zeros.
    lines = noise.read().replace(b"\0", b"").decode("utf-8", "replace").split("\n")
    said = (line.strip() for line in reversed(lines) if not line.startswith(_CHATTER))
    return next(filter(None, said), "")
