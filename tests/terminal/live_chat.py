"""A small program with the live screen: `live_chat.py URL FOLDER` in front of a server.

FOLDER/control is a FIFO: its lines are local inputs, as a log writes them, that happen to the session, or
dBFS levels of both sides (`-20 -30`), or `crash`: now, or, followed by `drawing`, `key`, `page` or `session`,
the next time that there is something to do. FOLDER/happened gets the inputs that did happen.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

from realtime_cli.cli.signals import on_signals
from realtime_cli.core.inputs import LocalInput, QuitRequested, from_json
from realtime_cli.core.session import Session
from realtime_cli.protocol.codec import Codec
from realtime_cli.redaction import Redactor
from realtime_cli.runtime.loop import Runtime
from realtime_cli.runtime.ports import Direction, Levels
from realtime_cli.transport.websocket import WebSocketTransport
from realtime_cli.ui.live import live_screen
from realtime_cli.ui.live.surroundings import Surroundings


class _Happened:
    """Writes local inputs down."""

    def __init__(self, path: Path, crashes: Callable[[str], None]) -> None:
        self._crashes = crashes
        self._file = path.open("w", encoding="utf-8", buffering=1)

    def saw(self, direction: Direction, raw: str | bytes, *, now_s: float, is_object: bool) -> None:
        self._crashes("session")
        if direction == "local":
            self._file.write(f"{raw!s}\n")


class _Secrets(Redactor):
    """Finds none."""

    def __init__(self, control: _Control) -> None:
        super().__init__()
        self._control = control

    def frame(self, text: str) -> str:
        self._control.crashes("page")
        return text


class _Control:
    """Does what the test writes into the FIFO."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        self.levels = Levels()
        self._crash = ""

    def crashes(self, where: str) -> None:
        """Does so, where it was told to."""
        if self._crash == where:
            raise ZeroDivisionError(f"crash {where}")

    def now_s(self) -> float:
        """The session's time, which the drawing asks for."""
        self.crashes("drawing")
        return 0.0

    async def obey(self, runtime: Runtime) -> None:
        """Reads for ever."""
        reader = asyncio.StreamReader()
        with os.fdopen(self._file, "rb") as pipe:
            await asyncio.get_running_loop().connect_read_pipe(
                lambda: asyncio.StreamReaderProtocol(reader), pipe
            )
            while line := (await reader.readline()).decode().strip():
                self._do(line, runtime)

    def _do(self, line: str, runtime: Runtime) -> None:
        if line == "crash":
            raise ZeroDivisionError(line)
        if line.startswith("crash "):
            self._crash = line.removeprefix("crash ")
            return
        if line.startswith("{"):
            happened = from_json(line)
            assert happened is not None
            runtime.post(happened)
        else:
            self.levels = Levels(*map(float, line.split()))


async def main(url: str, folder: Path) -> None:
    control = _Control(folder / "control")
    screen = live_screen(
        sys.stdin,
        sys.stdout,
        environ=os.environ,
        surroundings=Surroundings(
            server="test",
            levels=lambda: control.levels,
            session_time=control.now_s,
            redactor=_Secrets(control),
        ),
    )
    if screen is None:
        print("no live screen here")
        return
    runtime = Runtime(
        Session({"output_modalities": ["text"]}),
        codec=Codec("auto"),
        transport=WebSocketTransport(url, headers={}, redact=str),
        screen=screen,
        observers=[_Happened(folder / "happened", control.crashes), screen],
        refresh_s=0,
    )

    def post(happened: LocalInput) -> None:
        control.crashes("key")
        runtime.post(happened)

    leave = lambda: runtime.post(QuitRequested())  # noqa: E731
    with on_signals(interrupt=leave, terminate=leave):
        async with asyncio.TaskGroup() as tasks:
            obeying = tasks.create_task(control.obey(runtime))
            watching = tasks.create_task(screen.run(post))
            await runtime.run()
            obeying.cancel()
            await watching
    (folder / "ended").touch()
    print("the end")


asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
