"""Other programs: one that is run once, and one that is asked again and again."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from typing import TypedDict

from .port import SpeechFailed

_COMMAND_TIMEOUT_S = 30.0
_ANSWER_TIMEOUT_S = 120.0
_LINE_LIMIT_BYTES = 64 * 1024 * 1024
# A question that nobody wants gets as long to end as a new process takes to be of use.
_LAST_CHANCE_S = 0.5


class _Apart(TypedDict, total=False):
    start_new_session: bool
    creationflags: int


def _apart() -> _Apart:
    """Ctrl-C is for us alone; we end the others."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}


async def run_command(program: str, *arguments: str, stdin: bytes = b"") -> bytes:
    """What a program writes to stdout. Raises `SpeechFailed`."""
    try:
        process = await asyncio.create_subprocess_exec(
            program, *arguments, stdin=PIPE, stdout=PIPE, stderr=PIPE, **_apart()
        )
    except OSError as problem:
        raise SpeechFailed(f"cannot run {program}: {problem.strerror or problem}") from None
    try:
        async with asyncio.timeout(_COMMAND_TIMEOUT_S):
            output, errors = await process.communicate(stdin)
    except TimeoutError:
        raise SpeechFailed(f"{program} did not finish within {_COMMAND_TIMEOUT_S:g} s") from None
    finally:
        await _end(process)
    if process.returncode:
        told = errors.decode("utf-8", "replace").strip().splitlines()[-1:] or [f"exit {process.returncode}"]
        raise SpeechFailed(f"{program} failed: {told[0]}")
    return output


class Child:
    """A process that answers each line with a line. Begins with the first question, and again if it died."""

    def __init__(self, command: Sequence[str], *, name: str) -> None:
        self._command = command
        self._name = name
        self._process: Process | None = None
        self._turn = asyncio.Lock()
        self._asking: asyncio.Task[bytes] | None = None

    async def ask(self, line: bytes) -> bytes:
        """The answer. Questions wait for their turn; one that is cancelled ends soon, if need be by force.

        Raises `SpeechFailed`.
        """
        async with self._turn:
            await self._answered()
            self._asking = asking = asyncio.create_task(self._exchange(line), name=self._name)
            try:
                await asyncio.wait([asking])
            except asyncio.CancelledError:
                asyncio.get_running_loop().call_later(_LAST_CHANCE_S, asking.cancel)
                raise
            return asking.result()

    async def close(self) -> None:
        """Ends the process."""
        process, self._process = self._process, None
        if process is not None:
            await _end(process)
        await self._answered()

    async def _answered(self) -> None:
        """Returns once nothing is asked any more, whoever asked."""
        asking = self._asking
        if asking is not None:
            await asyncio.wait([asking])
            # Nobody wants to know how it ended, not even the loop.
            _ = asking.cancelled() or asking.exception()

    async def _exchange(self, line: bytes) -> bytes:
        process = await self._running()
        try:
            return await self._answer(process, line)
        except (SpeechFailed, asyncio.CancelledError):
            self._process = None
            await _end(process)
            raise

    async def _answer(self, process: Process, line: bytes) -> bytes:
        assert process.stdin is not None
        assert process.stdout is not None
        answer = b""
        with suppress(OSError, TimeoutError, ValueError):  # ValueError: a line beyond all limits
            async with asyncio.timeout(_ANSWER_TIMEOUT_S):
                process.stdin.write(line + b"\n")
                await process.stdin.drain()
                answer = await process.stdout.readline()
        if not answer.endswith(b"\n"):
            raise SpeechFailed(f"{self._name} broke off")
        return answer

    async def _running(self) -> Process:
        if self._process is None or self._process.returncode is not None:
            try:
                self._process = await asyncio.create_subprocess_exec(
                    *self._command,
                    stdin=PIPE,
                    stdout=PIPE,
                    stderr=DEVNULL,
                    limit=_LINE_LIMIT_BYTES,
                    **_apart(),
                )
            except OSError as problem:
                raise SpeechFailed(f"cannot run {self._command[0]}: {problem.strerror or problem}") from None
        return self._process


async def _end(process: Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
    await process.wait()
    if process.stdin is not None:
        process.stdin.close()
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            await pipe.read()
