"""What other processes and Ctrl-C ask of us, as calls in the loop."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeAlias

_Handler: TypeAlias = Callable[[int, FrameType | None], Any] | int | signal.Handlers | None
# Windows has no hang-up.
_ENDINGS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


@contextmanager
def on_signals(*, interrupt: Callable[[], object], terminate: Callable[[], object]) -> Generator[None]:
    """Calls `interrupt` for Ctrl-C, and `terminate` when the process is to end or its terminal has gone.

    What our parent had us ignore (`nohup`, a background job) stays ignored.
    """
    loop = asyncio.get_running_loop()
    found = {number: signal.getsignal(number) for number in (signal.SIGINT, *_ENDINGS)}
    before = {number: handler for number, handler in found.items() if handler != signal.SIG_IGN}
    for number in before:
        _handle(loop, number, interrupt if number == signal.SIGINT else terminate)
    try:
        yield
    finally:
        for number, handler in before.items():
            _restore(loop, number, handler)


if sys.platform == "win32":

    def _handle(loop: asyncio.AbstractEventLoop, number: int, act: Callable[[], object]) -> None:
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(act))

    def _restore(loop: asyncio.AbstractEventLoop, number: int, handler: _Handler) -> None:
        _ = loop
        signal.signal(number, handler)

else:
    # The loop's own way also wakes it where a signal comes just before it begins to wait.
    def _handle(loop: asyncio.AbstractEventLoop, number: int, act: Callable[[], object]) -> None:
        loop.add_signal_handler(number, act)

    def _restore(loop: asyncio.AbstractEventLoop, number: int, handler: _Handler) -> None:
        loop.remove_signal_handler(number)
        signal.signal(number, handler)
