"""MCP servers for tests: real processes, over HTTP and over their pipes."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shutil
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from realtime_cli.tools.processes import end_group
from tests.support.serving import eventually

# A server that does all that servers do, and some things that they should not.
ODD = '''
import asyncio, os, sys
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError

server = MCPServer("odd")
print("LOUD on stderr", os.environ.get("API_KEY"), file=sys.stderr, flush=True)
waiting = asyncio.Event()

@server.tool(name="say/word.s")
async def say(word: str) -> str:
    """Says it."""
    return word

@server.tool()
async def meet(word: str) -> str:
    """The first waits for the second."""
    if word == "first":
        await waiting.wait()
    waiting.set()
    return word

@server.tool()
async def steps(ctx: Context) -> str:
    """Reports."""
    await ctx.report_progress(1, 2, "half")
    return "all"

@server.tool()
async def fail() -> str:
    """Fails."""
    raise ToolError("no such city " + os.environ.get("API_KEY", ""))

@server.tool()
async def vanish() -> str:
    """Ends the server."""
    os._exit(7)

@server.tool()
async def environment() -> dict[str, str]:
    """Its variables."""
    return dict(os.environ)

@server.tool()
async def forever() -> str:
    """Does not return."""
    await asyncio.Event().wait()

server.run()
'''


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def listening(*command: str, port: int, **environ: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A server that has begun to listen."""
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**os.environ, **environ},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=sys.platform != "win32",
    )
    try:
        async with asyncio.timeout(90):
            while not _answers(port):  # noqa: ASYNC110 - a process sets no event
                await asyncio.sleep(0.05)
        yield process
    finally:
        await end_group(process)  # npx has a child
        await eventually(lambda: not _answers(port))


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def needs(module: str) -> None:
    """Skips the test where the module is not installed; fails it where it must run."""
    if importlib.util.find_spec(module) is None:
        assert not os.environ.get("CI"), f"CI installs {module}, so that no test is left out"
        pytest.skip(f"{module} is not installed")


def npx() -> str:
    """Where npx is; the test is skipped without it: CI has a server from PyPI to test with."""
    found = shutil.which("npx")
    if found is None:
        pytest.skip("npx is not installed")
    return found
