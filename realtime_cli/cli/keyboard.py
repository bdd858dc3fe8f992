"""Single keys from a terminal, without waiting for Enter."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from threading import Thread
from typing import TextIO

if sys.platform == "win32":
    import msvcrt

    @contextmanager
    def keys(stdin: TextIO, post: Callable[[str], None]) -> Generator[None]:
        """Gives each pressed key to `post`, from a thread of its own, as long as the context is open."""
        _ = stdin

        def read() -> None:
            while True:
                post(msvcrt.getwch())

        Thread(target=read, name="keyboard", daemon=True).start()
        yield

else:
    import os
    import select
    import signal
    import termios
    import tty

    @contextmanager
    def keys(stdin: TextIO, post: Callable[[str], None]) -> Generator[None]:
        """Gives each pressed key to `post`, from a thread of its own, as long as the context is open."""
        terminal = stdin.fileno()
        before = termios.tcgetattr(terminal)
        stop_reading, stop = os.pipe()

        def read() -> None:
            while True:
                ready, _, _ = select.select([terminal, stop_reading], [], [])
                if stop_reading in ready:
                    return
                typed = _typed(terminal)
                if not typed:
                    return
                for key in typed:
                    post(key)

        def take_terminal(*_: object) -> None:
            tty.setcbreak(terminal, termios.TCSADRAIN)  # what was typed before counts too

        thread = Thread(target=read, name="keyboard", daemon=True)
        take_terminal()
        on_return = signal.signal(signal.SIGCONT, take_terminal)  # the shell had it while we were stopped
        thread.start()
        try:
            yield
        finally:
            signal.signal(signal.SIGCONT, on_return)
            os.write(stop, b"x")
            thread.join()
            termios.tcsetattr(terminal, termios.TCSADRAIN, before)
            os.close(stop_reading)
            os.close(stop)

    def _typed(terminal: int) -> str:
        """What was typed; nothing once the terminal has gone."""
        try:
            return os.read(terminal, 64).decode("utf-8", "replace")
        except OSError:
            return ""
