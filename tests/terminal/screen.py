"""A terminal with a program in it: a pseudo terminal, and what a person would see on it."""

from __future__ import annotations

import asyncio
import os
import sys
import termios
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pyte

from tests.cli.program import COMMAND, Program
from tests.support.patience import PATIENCE_S
from tests.terminal.emulator import Emulator

ENTER, CTRL_C, CTRL_D, CTRL_Z, ESC = "\r", "\x03", "\x04", "\x1a", "\x1b"
# Makes standard input the controlling terminal, then becomes the program.
_LOGIN = "import os, sys; os.login_tty(0); os.execv(sys.argv[1], sys.argv[1:])"
_LINES = 60


class Terminal:
    """What stands on the screen, what is typed, and what came of it."""

    def __init__(self, *, columns: int) -> None:
        self.columns = columns
        self._screen = Emulator(columns, _LINES)
        self._stream = pyte.ByteStream(self._screen)
        self._main, self._program_side = os.openpty()
        os.set_blocking(self._main, False)
        termios.tcsetwinsize(self._program_side, (_LINES, columns))
        self._settings = termios.tcgetattr(self._program_side)
        self._moved = asyncio.Event()
        self.raw = b""
        self.process: asyncio.subprocess.Process | None = None

    @property
    def lines(self) -> list[str]:
        """The visible lines, down to the last one that is not empty."""
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip().split("\n")

    @property
    def text(self) -> str:
        """All visible words, whatever the width."""
        return " ".join(" ".join(self.lines).split())

    @property
    def struck(self) -> str:
        """All visible words that are struck through."""
        cells = (
            self._screen.buffer[line][column] for line in range(_LINES) for column in range(self.columns)
        )
        return " ".join("".join(cell.data if cell.strikethrough else " " for cell in cells).split())

    @property
    def cursor_column(self) -> int:
        """Where the cursor stands; 0 is the start of a line."""
        return int(self._screen.cursor.x)

    @property
    def is_as_before(self) -> bool:
        """Whether echo, line editing and all other settings are those from before the program."""
        return termios.tcgetattr(self._program_side) == self._settings

    @property
    def leftovers(self) -> list[str]:
        """Modes of the terminal that are not as they were at first, the other screen among them."""
        return self._screen.leftovers

    @property
    def overruns(self) -> list[str]:
        """The rows that were too wide, so that the terminal broke or cut them."""
        return self._screen.overruns

    def tell_flags(self) -> None:
        """Answers as a terminal does that knows the Kitty keyboard protocol."""
        self.type(f"\x1b[?{(self._screen.keyboard_flags or [0])[-1]}u")

    def reset(self) -> None:
        """Gives the terminal its settings back, as a shell does while a program is stopped."""
        termios.tcsetattr(self._program_side, termios.TCSANOW, self._settings)

    def resize(self, columns: int) -> None:
        """Makes the window so many columns wide."""
        self.columns = columns
        self._screen.resize(_LINES, columns)
        termios.tcsetwinsize(self._program_side, (_LINES, columns))

    def hang_up(self) -> None:
        """Closes the window."""
        asyncio.get_running_loop().remove_reader(self._main)
        os.close(self._main)
        self._main = -1

    def type(self, keys: str) -> None:
        """Presses keys."""
        os.write(self._main, keys.encode())

    async def until(self, is_so: Callable[[], object]) -> None:
        """Returns once it is so; looks whenever something has been printed."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not is_so():
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            raise AssertionError("\n".join(self.lines)) from None

    async def shows(self, words: str) -> None:
        """Returns once these words stand on the screen, wherever their lines break."""
        await self.until(lambda: words in self.text)

    async def ends(self) -> int:
        """The exit status; all that was printed is on the screen by then."""
        assert self.process is not None
        async with asyncio.timeout(PATIENCE_S):
            status = await self.process.wait()
        self._read()
        return status

    @asynccontextmanager
    async def running(self, *command: str, cwd: Path, env: dict[str, str]) -> AsyncIterator[None]:
        """Runs a program in it."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._main, self._read)
        login = (sys.executable, "-I", "-S", "-c", _LOGIN)
        side: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), self._program_side)
        try:
            self.process = await asyncio.create_subprocess_exec(*login, *command, cwd=cwd, env=env, **side)
            yield
        finally:
            if self.process is not None and self.process.returncode is None:
                self.process.kill()
                await self.process.wait()
            if self._main >= 0:
                self.hang_up()
            os.close(self._program_side)

    def _read(self) -> None:
        with suppress(BlockingIOError):
            while data := os.read(self._main, 65536):
                self.raw += data
                self._stream.feed(self._screen.understood(data))
                self._moved.set()


@asynccontextmanager
async def terminal(
    program: Program,
    *arguments: str | Path,
    columns: int = 80,
    command: Sequence[str] = COMMAND,
    **env: str,
) -> AsyncIterator[Terminal]:
    """The program (or another command) in a terminal so many columns wide."""
    screen = Terminal(columns=columns)
    environment = program.environment(**{"TERM": "xterm-256color", **env})
    async with screen.running(*command, *map(str, arguments), cwd=program.home, env=environment):
        yield screen
