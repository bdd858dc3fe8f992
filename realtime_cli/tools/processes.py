"""A program that is run once, and ended with everything that it has started."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

# More than any model takes, and less than hurts.
_KEPT_BYTES = 8 * 1024 * 1024
_STDERR_BYTES = 8192
_CHUNK = 65_536
_GRACE_S = 0.5


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended, and what it wrote."""

    status: int
    stdout: bytes
    stderr: bytes


class _Apart(TypedDict, total=False):
    start_new_session: bool
    creationflags: int


def _apart() -> _Apart:
    """A group of its own, so that Ctrl-C is for us alone, and all of it can be ended."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}


async def run_program(
    command: Sequence[str], *, stdin: bytes, environment: Mapping[str, str], cwd: Path
) -> Ended:
    """Runs a program to its end; where that is not waited for, it is killed, and its children with it.

    Raises `OSError` where it cannot be started.
    """
    process = await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=dict(environment), cwd=cwd, **_apart()
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        _, stdout, stderr, status = await asyncio.gather(
            _feed(process, stdin),
            _first(process.stdout, _KEPT_BYTES),
            _last(process.stderr, _STDERR_BYTES),
            process.wait(),
        )
    except BaseException:
        await asyncio.shield(asyncio.ensure_future(end_group(process)))
        raise
    return Ended(status, stdout, stderr)


async def _feed(process: Process, stdin: bytes) -> None:
    assert process.stdin is not None
    with suppress(OSError):  # not every program reads its arguments
        process.stdin.write(stdin)
        await process.stdin.drain()
    process.stdin.close()


async def _first(stream: asyncio.StreamReader, limit_bytes: int) -> bytes:
    kept = bytearray()
    while chunk := await stream.read(_CHUNK):
        kept += chunk[: max(0, limit_bytes - len(kept))]
    return bytes(kept)


async def _last(stream: asyncio.StreamReader, limit_bytes: int) -> bytes:
    kept = b""
    while chunk := await stream.read(_CHUNK):
        kept = (kept + chunk)[-limit_bytes:]
    return kept


async def end_group(process: Process) -> None:
    """Asks the whole group to end, and after half a second makes it."""
    if process.returncode is None:
        await _signal_group(process.pid, is_final=False)
        with suppress(TimeoutError):
            async with asyncio.timeout(_GRACE_S):
                await process.wait()
    await _signal_group(process.pid, is_final=True)
    await process.wait()


async def _signal_group(pid: int, *, is_final: bool) -> None:
    if sys.platform == "win32":
        killer = await asyncio.create_subprocess_exec(
            "taskkill", "/F", "/T", "/PID", str(pid), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        await killer.wait()
    else:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL if is_final else signal.SIGTERM)
