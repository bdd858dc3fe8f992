"""The live screen in a terminal, and a server that says what the test wants."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from realtime_cli.core.inputs import LocalInput, to_json
from tests.cli.program import Program
from tests.cli.servers import GREETING, acting
from tests.support.serving import eventually
from tests.terminal.screen import Terminal, terminal

DRIVER = Path(__file__).with_name("live_chat.py")
PROJECT = DRIVER.parents[2]


@dataclass
class Live:
    """The terminal, what happens in the program, and what it is made to do."""

    screen: Terminal
    folder: Path

    @property
    def happened(self) -> list[dict[str, object]]:
        """The local inputs of the session, without those of the connection."""
        lines = (self.folder / "happened").read_text(encoding="utf-8").splitlines()
        inputs = [json.loads(line) for line in lines]
        return [each for each in inputs if not str(each["type"]).startswith("connection.")]

    @property
    def typed(self) -> list[object]:
        """The turns that were sent."""
        return [each["text"] for each in self.happened if each["type"] == "user.text"]

    @property
    def wishes(self) -> list[object]:
        """What the user wanted, by its names, but for turns."""
        ours = ("user.", "talk.", "listening.")
        names = [str(each["type"]) for each in self.happened]
        return [name for name in names if name.startswith(ours) and name != "user.text"]

    @property
    def input(self) -> str:
        """What stands in the input line."""
        return self.screen.lines[-2]

    @property
    def status(self) -> str:
        """The status line."""
        return self.screen.lines[-1]

    def do(self, *orders: LocalInput | str) -> None:
        """Makes things happen in the program."""
        lines = [order if isinstance(order, str) else to_json(order) for order in orders]
        with (self.folder / "control").open("w", encoding="utf-8") as control:
            control.write("".join(line + "\n" for line in lines))

    async def until(self, is_so: Callable[[], object]) -> None:
        """Returns once it is so in the program; nothing has to appear on the screen."""
        await eventually(lambda: bool(is_so()))


@asynccontextmanager
async def live(program: Program, url: str, *, columns: int = 80, **env: str) -> AsyncIterator[Live]:
    """The program that `live_chat.py` is, ready for keys."""
    os.mkfifo(program.home / "control")
    command = (sys.executable, str(DRIVER), url)
    env = {"PYTHONPATH": str(PROJECT), **env}
    async with terminal(program, program.home, columns=columns, command=command, **env) as screen:
        here = Live(screen, program.home)
        await screen.until(lambda: len(screen.lines) > 1 and "ready" in screen.lines[-1])
        yield here


@dataclass
class Puppet:
    """A server on strings: it greets, and sends what it is told to send."""

    url: str = ""
    received: list[str] = field(default_factory=list)
    _frames: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    def send(self, *frames: str) -> None:
        """Sends events."""
        for frame in frames:
            self._frames.put_nowait(frame)

    async def talk(self, socket: ServerConnection) -> None:
        """Holds the connection."""
        await socket.send(GREETING)
        async with asyncio.TaskGroup() as tasks:
            sending = tasks.create_task(self._send_all(socket))
            with suppress(ConnectionClosed):
                async for frame in socket:
                    self.received.append(str(frame))
            sending.cancel()

    async def _send_all(self, socket: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            while True:
                await socket.send(await self._frames.get())


@asynccontextmanager
async def puppet() -> AsyncIterator[Puppet]:
    """The server."""
    here = Puppet()
    async with acting(here.talk) as url:
        here.url = url
        yield here
