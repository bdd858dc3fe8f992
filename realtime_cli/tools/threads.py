"""Threads that wait for work. One that never comes back holds up nobody, not even the program's exit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from queue import SimpleQueue
from threading import Lock, Thread
from typing import TypeAlias

_Job: TypeAlias = Callable[[], None]
# A tool is somebody else's code: whatever it raises is its outcome.
ANYTHING = (Exception, SystemExit, KeyboardInterrupt, BaseExceptionGroup)

_READY = 2


class Workers:
    """As many threads as there is work for at one time."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._lock = Lock()
        self._free = 0
        self._count = 0

    def warm(self) -> None:
        """Has a few threads wait, so that the first calls need not start any."""
        with self._lock:
            while self._count < _READY:
                self._free += 1
                self._hire()

    async def run(self, work: Callable[[], object]) -> object:
        """What the work gives, done in a thread, in this context. Cancelling waits for nothing.

        Raises what the work raises; what would end the loop (`SystemExit`, ...) as a `BaseExceptionGroup`.
        """
        loop = asyncio.get_running_loop()
        result: asyncio.Future[object] = loop.create_future()
        context = copy_context()

        def job() -> None:
            try:
                value = context.run(work)
            except BaseException as error:  # the thread goes on
                _tell(loop, result, None, error)
            else:
                _tell(loop, result, value, None)

        self._submit(job)
        return await result

    def close(self) -> None:
        """Lets the threads go, each after the work that it has."""
        for _ in range(self._count):
            self._jobs.put(None)

    def _submit(self, job: _Job) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
            else:
                self._hire()
        self._jobs.put(job)

    def _hire(self) -> None:
        self._count += 1
        Thread(target=self._work, name=f"tool-{self._count}", daemon=True).start()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
            del job  # its result must not live until the next one
            with self._lock:
                self._free += 1


def _tell(
    loop: asyncio.AbstractEventLoop,
    result: asyncio.Future[object],
    value: object,
    error: BaseException | None,
) -> None:
    def tell() -> None:
        if result.done():  # nobody waits any more
            return
        if error is None:
            result.set_result(value)
        else:
            result.set_exception(_bearable(error))

    with suppress(RuntimeError):  # the loop has closed
        loop.call_soon_threadsafe(tell)


def _bearable(error: BaseException) -> BaseException:
    """What a future takes, and what does not end the loop that it passes through."""
    if isinstance(error, Exception) and not isinstance(error, StopIteration):
        return error
    return BaseExceptionGroup("", [error])
