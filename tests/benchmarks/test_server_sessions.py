"""How many voice sessions one server carries: audio in, voice activity, speech out in real time."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.speech import need

pytestmark = pytest.mark.benchmark

SECONDS = 8
# A server that answers a question within this time has time left.
LATE_MS = 50
COUNTS = (20, 40, 60, 80, 100, 120, 140, 160, 200)
ROOT = Path(__file__).parents[2]
CLIENTS = Path(__file__).with_name("voice_clients.py")
SERVER = """
import asyncio, resource, sys
from realtime_cli.core.answers import Say
from realtime_cli.server.config import ServerConfig
from realtime_cli.server.voice.espeak_library import EspeakLibrary
from realtime_cli.server.voice.port import Voice
from realtime_cli.server.websocket import running_server

class Talker:
    name = "talker"
    async def answer(self, prompt):
        for _ in range(100):
            yield Say("This is one of many sentences, and it takes a few seconds. ")
    async def close(self): pass

async def main():
    voice = Voice(None, EspeakLibrary())
    config = ServerConfig(brain=Talker, voice=voice, audio_pace=1.0, max_connections=1000)
    async with running_server(config) as server:
        print(server.url, flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            used = resource.getrusage(resource.RUSAGE_SELF)
            print(used.ru_utime + used.ru_stime, used.ru_maxrss // 1024, flush=True)
asyncio.run(main())
"""


class Server:
    """A server in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.url = self._line()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def used(self) -> tuple[float, int]:
        """The processor's seconds so far, and the most memory in MB."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        seconds, megabytes = self._line().split()
        return float(seconds), int(megabytes)


@contextmanager
def running() -> Iterator[Server]:
    with subprocess.Popen(
        [sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        yield Server(process)
        process.kill()


def converse(server: Server, count: int) -> dict[str, Any]:
    """What so many sessions at once come to."""
    before_s, _ = server.used()
    told = subprocess.run(
        [sys.executable, CLIENTS, server.url, str(count), str(SECONDS)],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
    )
    after_s, megabytes = server.used()
    figures: dict[str, Any] = json.loads(told.stdout)
    share = (after_s - before_s) / SECONDS / count
    return {**figures, "core_percent_per_session": 100 * share, "server_mb": megabytes}


def test_paced_voice_sessions() -> None:
    need("espeak-ng", "espeakng_loader")
    carried = 0
    with running() as server:
        converse(server, 5)  # imports and tables
        for count in COUNTS:
            figures = converse(server, count)
            shown = ", ".join(f"{name} {value:.3g}" for name, value in figures.items())
            print(f"\n{count} sessions: {shown}")
            assert figures["turns_per_session"] >= 2
            if figures["round_trip_p95_ms"] > LATE_MS or figures["deltas_per_session_s"] < 9.5:
                break
            carried = count
    print(f"\ncarried: {carried} sessions")
    assert carried >= 20
