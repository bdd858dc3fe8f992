"""Threads that wait for work."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

from realtime_cli.tools.threads import Workers
from tests.support.patience import PATIENCE_S


async def test_threads_are_used_again() -> None:
    workers = Workers()
    workers.warm()
    seen = {await workers.run(threading.get_ident) for _ in range(50)}
    assert len(seen) <= 2
    workers.close()


async def test_there_are_as_many_threads_as_there_is_work_for() -> None:
    workers, everybody = Workers(), threading.Barrier(8, timeout=PATIENCE_S)
    await asyncio.gather(*(workers.run(everybody.wait) for _ in range(8)))
    workers.close()


async def test_what_is_given_up_is_waited_for_by_nobody() -> None:
    workers, go = Workers(), threading.Event()
    task = asyncio.create_task(workers.run(lambda: go.wait(PATIENCE_S)))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task], timeout=PATIENCE_S / 2)
    assert task.cancelled()
    go.set()
    assert await workers.run(lambda: "next") == "next"
    workers.close()


def test_a_thread_that_never_comes_back_does_not_hold_up_the_exit() -> None:
    program = """
import asyncio, threading
from realtime_cli.tools.threads import Workers

async def main():
    task = asyncio.create_task(Workers().run(threading.Event().wait))
    await asyncio.sleep(0.05)
    task.cancel()

asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", program], timeout=PATIENCE_S, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
