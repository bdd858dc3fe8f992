"""The real program, in a process of its own and with nothing of this machine in its environment."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.patience import PATIENCE_S

Json = dict[str, Any]
COMMAND = (sys.executable, "-m", "realtime_cli")
# What Windows and a few platforms need to run Python at all, and what measures coverage.
_KEPT = ("PATH", "SYSTEMROOT", "COVERAGE_PROCESS_START", "COVERAGE_FILE")


@dataclass(frozen=True, slots=True)
class Result:
    """How a run of the program ended, and what it printed."""

    status: int
    stdout: bytes
    stderr: bytes

    @property
    def out(self) -> str:
        """Its data."""
        return self.stdout.decode()

    @property
    def err(self) -> str:
        """Its words; never a traceback."""
        words = self.stderr.decode()
        assert "Traceback" not in words, words
        return words

    @property
    def complaint(self) -> str:
        """The one line that says what is wrong, without the program's name."""
        (line,) = [line for line in self.err.splitlines() if line.startswith("realtime: ")]
        return line.removeprefix("realtime: ")

    @property
    def lines(self) -> list[str]:
        """Its data, line by line."""
        return self.out.splitlines()

    @property
    def objects(self) -> list[Json]:
        """Its data, an object a line."""
        return [json.loads(line) for line in self.lines]

    def of_type(self, name: str) -> list[Json]:
        """The objects of a type."""
        return [each for each in self.objects if each.get("type") == name]


@dataclass(frozen=True, slots=True)
class Program:
    """The program, at home in a folder of its own."""

    home: Path

    @property
    def logs(self) -> Path:
        """Where it records its sessions."""
        return self.home / "logs"

    @property
    def command(self) -> tuple[str, ...]:
        """What starts it."""
        return COMMAND

    def log(self) -> Path:
        """The only log that it recorded."""
        (path,) = self.logs.glob("*.jsonl")
        return path

    def file(self, name: str, content: object) -> Path:
        """A file in its folder: text as it is, bytes as they are, anything else as JSON."""
        path = self.home / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    def environment(self, **more: str) -> dict[str, str]:
        """Its environment: an empty home, no keys, no proxies."""
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        folders = {name: str(self.home / name.lower()) for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME")}
        return {
            **kept,
            **folders,
            "HOME": str(self.home),
            "USERPROFILE": str(self.home),
            "REALTIME_LOG_FOLDER": str(self.logs),
            "LANG": "C.UTF-8",
            **more,
        }

    async def __call__(
        self, *arguments: str | Path, stdin: str | bytes = b"", env: dict[str, str] | None = None
    ) -> Result:
        """Runs it to its end."""
        async with self.running(*arguments, env=env) as process:
            data = stdin.encode() if isinstance(stdin, str) else stdin
            async with asyncio.timeout(PATIENCE_S):
                out, err = await process.communicate(data)
            assert process.returncode is not None
            return Result(process.returncode, out, err)

    @asynccontextmanager
    async def running(
        self,
        *arguments: str | Path,
        env: dict[str, str] | None = None,
        command: Sequence[str] = COMMAND,
        **options: Any,
    ) -> AsyncIterator[asyncio.subprocess.Process]:
        """Runs it beside the test, which may write to it and read from it."""
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), asyncio.subprocess.PIPE)
        process = await asyncio.create_subprocess_exec(
            *command,
            *map(str, arguments),
            cwd=self.home,
            env=self.environment(**(env or {})),
            limit=2**26,
            **{**pipes, **options},
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()

    def run_now(self, *arguments: str | Path, command: Sequence[str] = COMMAND, **env: str) -> Result:
        """Runs it to its end, where there is no loop."""
        done = subprocess.run(
            [*command, *map(str, arguments)],
            cwd=self.home,
            env=self.environment(**env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
        )
        return Result(done.returncode, done.stdout, done.stderr)


async def side_by_side(runs: Iterable[Awaitable[Result]]) -> list[Result]:
    """The results of many runs, a few of them at a time."""
    free = asyncio.Semaphore(4)

    async def run(one: Awaitable[Result]) -> Result:
        async with free:
            return await one

    return await asyncio.gather(*map(run, runs))


async def ended(process: asyncio.subprocess.Process, *, stdin: bytes = b"") -> Result:
    """The result of a program that is about to end by itself, or with its input."""
    async with asyncio.timeout(PATIENCE_S):
        out, err = await process.communicate(stdin)
    assert process.returncode is not None
    return Result(process.returncode, out, err)


async def words_of(process: asyncio.subprocess.Process, *, until: bytes) -> bytes:
    """What the program printed so far, read up to these bytes."""
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE_S):
        return await process.stdout.readuntil(until)
