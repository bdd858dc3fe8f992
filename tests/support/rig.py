"""A sound card that exists only in memory: PulseAudio with the sinks `speaker` and `mic`, in a temp folder.

The program under test captures `mic.monitor` and plays into `speaker`. A test is mouth and ear: it plays into
`mic` and records `speaker.monitor`. Both sinks run at 24 kHz mono and keep every sample as it is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from ctypes.util import find_library
from itertools import pairwise
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE_S

RATE_HZ = 24_000
SAMPLE_BYTES = 2
_RAW = ("--raw", "--format=s16le", f"--rate={RATE_HZ}", "--channels=1")
_TOOLS = ("pulseaudio", "pactl", "pacat", "parec")


def missing() -> str:
    """What this machine lacks for a rig; empty where it has all."""
    if sys.platform != "linux":
        return "the rig needs Linux"
    lacking = [tool for tool in _TOOLS if not shutil.which(tool)]
    lacking += [] if find_library("portaudio") else ["libportaudio2"]
    return f"the rig needs {', '.join(lacking)}" if lacking else ""


def wait_until(condition: Callable[[], bool], what: str, *, timeout_s: float = PATIENCE_S) -> None:
    """Looks every 10 ms; raises `TimeoutError` with `what` when it took too long."""
    end = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {timeout_s} s for {what}")
        time.sleep(0.01)


class Recording:
    """What a source gives from now on, with the time of each sample."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._pcm = bytearray()
        # The smallest delay with which a block ever came: nearest to when it really sounded.
        self._began_s = float("inf")
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        wait_until(lambda: bool(self._pcm), "the first recorded block")

    def _read(self) -> None:
        assert self._process.stdout is not None
        fd = self._process.stdout.fileno()
        with suppress(OSError):  # of a recording that a failed test has left behind
            while block := os.read(fd, 4096):
                self._pcm += block
                self._began_s = min(self._began_s, time.monotonic() - self.duration_s)

    @property
    def pcm(self) -> bytes:
        """Everything so far."""
        return bytes(self._pcm)

    @property
    def duration_s(self) -> float:
        """How long it is so far."""
        return len(self._pcm) / SAMPLE_BYTES / RATE_HZ

    def time_of(self, sample: int) -> float:
        """When that sample sounded, on the monotonic clock."""
        return self._began_s + sample / RATE_HZ

    def heard(self) -> bytes:
        """From the first sample that is not silence to the last."""
        samples = memoryview(self.pcm).cast("h")
        loud = [index for index, sample in enumerate(samples) if sample]
        return bytes(samples[loud[0] : loud[-1] + 1]) if loud else b""

    def wait_for_silence(self, *, silent_s: float = 0.3) -> bytes:
        """Waits for sound and then for so much silence; gives what was heard."""
        tail = bytes(round(silent_s * RATE_HZ) * SAMPLE_BYTES)
        wait_until(lambda: bool(self.pcm.strip(b"\0")), "sound")
        wait_until(lambda: self._pcm.endswith(tail), "silence after it")
        return self.heard()

    def stop(self) -> bytes:
        """Ends the recording and gives all of it."""
        self._process.terminate()
        self._process.wait(PATIENCE_S)
        self._thread.join(PATIENCE_S)
        return self.pcm


class Rig:
    """A running PulseAudio; `environment` makes a program use it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            "PULSE_RUNTIME_PATH": str(folder),
            "PULSE_STATE_PATH": str(folder),
            "PULSE_COOKIE": str(folder / "cookie"),
            "PULSE_SERVER": f"unix:{folder / 'native'}",
            "PULSE_SINK": "speaker",
            "PULSE_SOURCE": "mic.monitor",
            "ALSA_CONFIG_PATH": str(folder / "alsa.conf"),
        }
        self._processes: list[subprocess.Popen[bytes]] = []
        self._modules: dict[str, str] = {}

    def start(self) -> None:
        """Starts the server and makes both sinks."""
        (self.folder / "cookie").touch()
        self.name_devices({})
        socket = self.folder / "native"
        protocol = f"module-native-protocol-unix auth-anonymous=1 socket={socket}"
        options = ("-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1")
        log = f"--log-target=file:{self.folder / 'log'}"
        self._spawn("pulseaudio", *options, log, "-L", protocol)
        wait_until(socket.exists, "PulseAudio")
        for sink in ("speaker", "mic"):
            self.add_sink(sink)

    def close(self) -> None:
        """Ends everything that was started."""
        for process in reversed(self._processes):
            process.terminate()
        for process in self._processes:
            try:
                process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(PATIENCE_S)
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()

    def add_sink(self, name: str) -> None:
        """Adds a sink that keeps every sample: without `norewinds` it delivers late and in lumps."""
        shape = f"rate={RATE_HZ} format=s16le channels=1 norewinds=1".split()
        self._modules[name] = self.control("load-module", "module-null-sink", f"sink_name={name}", *shape)

    def remove_sink(self, name: str) -> None:
        """Takes a sink away, as when a cable is pulled."""
        self.control("unload-module", self._modules.pop(name))

    def suspend(self, name: str) -> None:
        """Lets a sink (and so its monitor) stand still: callbacks stop, and nobody is told."""
        self.control("suspend-sink", name, "1")

    def resume(self, name: str) -> None:
        """Lets it run again."""
        self.control("suspend-sink", name, "0")

    def loopback(self, latency_ms: int = 60) -> None:
        """Lets the microphone hear the speaker, as in a room."""
        self.control(
            "load-module",
            "module-loopback",
            "source=speaker.monitor",
            "sink=mic",
            f"latency_msec={latency_ms}",
        )

    def control(self, *command: str) -> str:
        """Runs `pactl` and gives what it prints."""
        done = subprocess.run(
            ["pactl", *command],
            env=self._environment(),
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE_S,
        )
        return done.stdout.strip()

    def speak(self, pcm: bytes, *, sink: str = "mic") -> subprocess.Popen[bytes]:
        """Plays into the microphone; wait for the process to wait for the end."""
        process = self._spawn(
            "pacat", "--playback", f"--device={sink}", "--latency-msec=500", *_RAW, stdin=subprocess.PIPE
        )
        assert process.stdin is not None
        threading.Thread(target=_feed, args=(process, pcm), daemon=True).start()
        return process

    def record(self, source: str = "speaker.monitor") -> Recording:
        """Records what the speaker plays, from now on."""
        return Recording(
            self._spawn("parec", f"--device={source}", "--latency-msec=20", *_RAW, stdout=subprocess.PIPE)
        )

    def name_devices(self, pcms: Mapping[str, str]) -> None:
        """Gives programs that start from now on ALSA devices by name; a value is a definition's inside."""
        definitions = [
            f"pcm.{name} {{ {text}\n hint {{ show on description {name} }} }}\n"
            for name, text in pcms.items()
        ]
        (self.folder / "alsa.conf").write_text("</usr/share/alsa/alsa.conf>\n" + "".join(definitions))

    def _spawn(
        self, *command: str, stdin: int = subprocess.DEVNULL, stdout: int = subprocess.DEVNULL
    ) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            command, env=self._environment(), stdin=stdin, stdout=stdout, stderr=subprocess.DEVNULL, bufsize=0
        )
        self._processes.append(process)
        return process

    def _environment(self) -> dict[str, str]:
        return {**os.environ, **self.environment}


def _feed(process: subprocess.Popen[bytes], pcm: bytes) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(pcm)
        process.stdin.close()
    except BrokenPipeError:
        pass  # the test is over


@contextmanager
def running_rig() -> Iterator[Rig]:
    """A rig, and its end."""
    with tempfile.TemporaryDirectory(prefix="rig-") as folder:
        rig = Rig(Path(folder))
        try:
            rig.start()
            yield rig
        finally:
            rig.close()


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    """A rig that this process uses too, once PortAudio is initialised anew.

    Skips where the machine cannot have one, unless it must: `CI` or `REALTIME_TEST_REQUIRE_AUDIO` is set.
    """
    if lacking := missing():
        is_required = os.environ.get("CI") or os.environ.get("REALTIME_TEST_REQUIRE_AUDIO")
        (pytest.fail if is_required and sys.platform == "linux" else pytest.skip)(lacking)
    with running_rig() as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


def longest_hole_ms(pcm: bytes) -> float:
    """The longest run of zeros between two samples that are not."""
    samples = memoryview(pcm).cast("h")
    loud = [index for index, sample in enumerate(samples) if sample]
    return max((after - before - 1 for before, after in pairwise(loud)), default=0) / RATE_HZ * 1000
