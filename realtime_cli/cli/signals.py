"""What other processes and Ctrl-C ask of us, as calls in the loop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType

# Windows has no hang-up.
_ENDINGS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


@contextmanager
def on_signals(*, interrupt: Callable[[], object], terminate: Callable[[], object]) -> Generator[None]:
    """Calls `interrupt` for Ctrl-C, and `terminate` when the process is to end or its terminal has gone.

    What our parent had us ignore (`nohup`, a background job) stays ignored.
    """
    loop = asyncio.get_running_loop()

    def on_signal(number: int, frame: FrameType | None) -> None:
        _ = frame
        loop.call_soon_threadsafe(interrupt if number == signal.SIGINT else terminate)

    wanted = [number for number in (signal.SIGINT, *_ENDINGS) if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, on_signal) for number in wanted}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
