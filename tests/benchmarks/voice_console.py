"""The program in a terminal, its server, and an ear at its speaker: what the benchmarks of voice stand on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import termios
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from select import select
from statistics import median
from threading import Thread
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tests.benchmarks.voice_clock import FIRST_MARK
from tests.benchmarks.voice_server import RAMP
from tests.cli.program import COMMAND, Program
from tests.support.rig import RATE_HZ, Rig, wait_until

Samples = npt.NDArray[np.int64]
PATIENCE_S = 20.0
# What start-up has to do is not what is measured.
_SETTLING_S = 1.0
_HERE = Path(__file__).parent
_ROWS, _COLUMNS = 40, 120
_LOGIN = "import os, sys; os.login_tty(0); os.execv(sys.argv[1], sys.argv[1:])"
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_CTRL_D = b"\x04"


class Hole(NamedTuple):
    """Silence within a sound."""

    samples: int
    at_s: float


class Sound:
    """A ramp as it was heard, from `first` to before `end`, places in the recording."""

    def __init__(self, heard: Samples, since: int) -> None:
        loud = np.flatnonzero(heard)
        self.first, self.end = since + int(loud[0]), since + int(loud[-1]) + 1
        self.samples = len(loud)
        self._places = loud
        self._values = heard[loud]

    @property
    def holes(self) -> list[Hole]:
        """Where it broke off and went on."""
        steps = np.diff(self._places) - 1
        return [
            Hole(int(steps[at]), float(self._places[at] - self._places[0]) / RATE_HZ)
            for at in np.flatnonzero(steps)
        ]

    def lost_samples(self, *, fade_samples: int = 0) -> int:
        """How many samples of the ramp are missing or too many (then modulo its length)."""
        values = self._values[: len(self._values) - fade_samples]
        return int(((np.diff(values) - 1) % RAMP).sum())


class Ear:
    """Records the speaker.

    A null sink gives its monitor what it renders, which is before it "sounds". `calibrate` finds out when it
    does: a stream of the same shape plays marks, and notes when PortAudio says that they sound. The sink's
    clock is ours and never stands still, so one number tells the time of every sample.
    """

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._recording = rig.record()
        self._origin_s = self._recording.time_of(0)

    @property
    def position(self) -> int:
        """How many samples it has heard."""
        return round(self._recording.duration_s * RATE_HZ)

    def samples(self, since: int = 0) -> Samples:
        """What it has heard since that place."""
        return np.frombuffer(self._recording.pcm, "<i2")[since:].astype(np.int64)

    def time_of(self, sample: int) -> float:
        """When that sample was at the converter."""
        return self._origin_s + sample / RATE_HZ

    @property
    def early_ms(self) -> float:
        """How long before its time at the converter the recorder had a sample."""
        return (self._origin_s - self._recording.time_of(0)) * 1000

    def calibrate(self, block_ms: float, seconds: float = 4.0) -> str:
        """Sets its clock by PortAudio's; tells what it found."""
        since = self.position
        done = subprocess.run(
            [sys.executable, _HERE / "voice_clock.py", str(block_ms), str(seconds)],
            env={**os.environ, **self._rig.environment},
            capture_output=True,
            text=True,
            check=True,
        )
        time.sleep(0.2)
        heard = self.samples(since)
        marks = [(mark, at_s) for mark, at_s in json.loads(done.stdout) if (heard == mark).any()]
        # While the device fills its buffers for the first time its clock makes leaps.
        origins_s = [
            at_s - (since + int(np.flatnonzero(heard == mark)[0])) / RATE_HZ
            for mark, at_s in marks
            if mark - FIRST_MARK > 2
        ]
        before_s, self._origin_s = self._origin_s, median(origins_s)
        spread_ms = [(origin_s - self._origin_s) * 1000 for origin_s in origins_s]
        moved_ms = (self._origin_s - before_s) * 1000
        return (
            f"  the monitor is {self.early_ms:.1f} ms ahead of the converter ({len(origins_s)} marks,"
            f" {min(spread_ms):+.1f} to {max(spread_ms):+.1f} ms; clock moved by {moved_ms:+.1f} ms)"
        )

    def wait_for_silence(self, *, silent_s: float, timeout_s: float = PATIENCE_S) -> None:
        """Returns after so much silence."""
        size = round(silent_s * RATE_HZ)
        wait_until(lambda: not self.samples(-size).any(), "silence", timeout_s=timeout_s)

    def sound(self, since: int) -> Sound:
        """The one ramp that it has heard since that place."""
        return Sound(self.samples(since), since)


class _Terminal:
    """A pseudo terminal that is read as fast as it can be written."""

    def __init__(self) -> None:
        self._main, self.side = os.openpty()
        termios.tcsetwinsize(self.side, (_ROWS, _COLUMNS))
        self.printed_bytes = 0
        self.last = b""
        self._thread = Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with suppress(OSError):
            while data := os.read(self._main, 65536):
                self.printed_bytes += len(data)
                self.last = (self.last + data)[-4000:]

    def type(self, keys: bytes) -> None:
        os.write(self._main, keys)

    def close(self) -> None:
        os.close(self.side)
        self._thread.join(PATIENCE_S)
        os.close(self._main)


class Console:
    """`realtime chat` in a terminal, in front of a server that obeys."""

    def __init__(
        self,
        server: subprocess.Popen[str],
        program: subprocess.Popen[bytes],
        home: Program,
        press: Callable[[bytes], None],
    ) -> None:
        self._server = server
        self._program = program
        self._home = home
        self.press = press

    def order(self, do: str, *, timeout_s: float = PATIENCE_S, **order: Any) -> Any:
        """What came of an order to the server."""
        self.begin(do, **order)
        return self.end(timeout_s=timeout_s)

    def begin(self, do: str, **order: Any) -> None:
        """Gives an order; `end` waits for what comes of it."""
        assert self._server.stdin is not None
        self._server.stdin.write(json.dumps({"do": do, **order}) + "\n")
        self._server.stdin.flush()

    def end(self, *, timeout_s: float = PATIENCE_S) -> Any:
        """What came of the order that was given last."""
        assert self._server.stdout is not None
        ready, _, _ = select([self._server.stdout], [], [], timeout_s)
        assert ready, "the server has nothing to say"
        return json.loads(self._server.stdout.readline())

    def cpu_s(self) -> tuple[float, float]:
        """Seconds of the processor that the program, and its audio child, have had so far."""
        return self.own_cpu_s(), _cpu_s(_child_of(self._program.pid))

    def own_cpu_s(self) -> float:
        """Those of the program alone."""
        return _cpu_s(self._program.pid)

    def troubles(self) -> str:
        """What the program noticed of its devices and of the network."""
        entries = [json.loads(line) for line in self._home.log().read_bytes().split(b"\n")[1:-1]]
        events = [entry.get("event", {}) for entry in entries if entry["dir"] == "local"]
        notices = [event["text"] for event in events if event["type"] == "audio.notice"]
        gaps = Counter(f"gap of the {event['source']}" for event in events if event["type"] == "audio.gap")
        return ", ".join([*notices, *(f"{count} x {gap}" for gap, count in gaps.items())]) or "nothing"


@contextmanager
def console(
    home: Program, rig: Rig | None, *options: str, voice: Path | None = None, **env: str
) -> Iterator[Console]:
    """The program on the rig's devices, listening; without a rig it has no sound.

    `voice` is raw PCM for the server's answers.
    """
    devices = ("--input-device", "default", "--output-device", "default") if rig else ("--text",)
    screen = _Terminal()
    with _server(voice) as server:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        program = subprocess.Popen(
            [
                *(sys.executable, "-I", "-S", "-c", _LOGIN, *COMMAND),
                *("chat", "--url", url, *devices, *options),
            ],
            cwd=home.home,
            env=home.environment(**{"TERM": "xterm-256color", **(rig.environment if rig else {}), **env}),
            **dict.fromkeys(("stdin", "stdout", "stderr"), screen.side),
        )
        try:
            here = Console(server, program, home, screen.type)
            try:
                here.order("ready", hears=rig is not None)
                time.sleep(_SETTLING_S)
                yield here
            except (AssertionError, TimeoutError):
                print(screen.last.decode(errors="replace"))
                raise
            screen.type(_CTRL_D)
            program.wait(PATIENCE_S)
            print(f"  {screen.printed_bytes / 1000:,.0f} kB on the screen; it noticed {here.troubles()}")
        finally:
            program.kill()
            program.wait()
            screen.close()


@contextmanager
def _server(voice: Path | None) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, _HERE / "voice_server.py", *([voice] if voice else [])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def _cpu_s(pid: int) -> float:
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / _TICKS_PER_S


def _child_of(parent: int) -> int:
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(words[1]) == parent and b"realtime_cli.audio.worker" in (folder / "cmdline").read_bytes():
                return int(folder.name)
    raise AssertionError("no audio child")
