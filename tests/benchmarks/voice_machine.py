"""When the machine itself stood still: `python voice_machine.py`, until its stdin is closed.

A thread on each core sleeps 5 ms again and again, above everybody else where it may. Where it wakes more than
20 ms late, nobody could run on that core: the host of a virtual machine had others to serve. (Without the
right to that priority, it may have been another program.) Prints a JSON list of `[core, began_s, lasted_ms]`,
on `time.monotonic()`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from typing import NamedTuple

_SLEEP_S = 0.005
_LATE_S = 0.02


class Standstill(NamedTuple):
    """A core that served nobody."""

    core: int
    began_s: float
    lasted_ms: float

    def __str__(self) -> str:
        return f"core {self.core} of the machine stood still for {self.lasted_ms:.0f} ms"


@contextmanager
def watched_machine() -> Iterator[list[Standstill]]:
    """Watches meanwhile; what it gives is filled at the end."""
    standstills: list[Standstill] = []
    command = [sys.executable, __file__]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield standstills
        output, _ = process.communicate()
    standstills += [Standstill(*found) for found in json.loads(output)]


def main() -> None:
    standstills: list[Standstill] = []
    for core in os.sched_getaffinity(0):
        Thread(target=_watch, args=(core, standstills), daemon=True).start()
    sys.stdin.read()
    print(json.dumps(standstills))


def _watch(core: int, standstills: list[Standstill]) -> None:
    os.sched_setaffinity(0, {core})  # of this thread
    with suppress(PermissionError):
        highest = os.sched_get_priority_max(os.SCHED_FIFO)
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(highest))
    began_s = time.monotonic()
    while True:
        time.sleep(_SLEEP_S)
        late_s = time.monotonic() - began_s - _SLEEP_S
        if late_s > _LATE_S:
            standstills.append(Standstill(core, began_s, late_s * 1000))
        began_s = time.monotonic()


if __name__ == "__main__":
    main()
