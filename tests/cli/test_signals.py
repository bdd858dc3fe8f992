from __future__ import annotations

import asyncio
import signal
import sys
import threading

import pytest

from realtime_cli.cli.signals import on_signals
from tests.support.patience import PATIENCE_S

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_that_finds_the_loop_asleep_wakes_it(number: signal.Signals) -> None:
    """The system may hand a signal to any thread: that does not end the loop's wait by itself."""
    heard, is_over = asyncio.Event(), threading.Event()
    other = threading.Thread(target=is_over.wait, args=(PATIENCE_S,))
    other.start()
    assert other.ident is not None
    with on_signals(interrupt=heard.set, terminate=heard.set):
        threading.Timer(0.1, signal.pthread_kill, (other.ident, number)).start()
        async with asyncio.timeout(PATIENCE_S):
            await heard.wait()
    is_over.set()
    other.join()


async def test_afterwards_everything_is_as_it_was() -> None:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    with on_signals(interrupt=lambda: None, terminate=lambda: None):
        assert [signal.getsignal(number) for number in numbers] != before
    assert [signal.getsignal(number) for number in numbers] == before


async def test_what_our_parent_ignores_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with on_signals(interrupt=lambda: None, terminate=lambda: None):
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
