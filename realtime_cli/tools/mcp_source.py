"""Tools of MCP servers, through the official `mcp` package: nothing else imports it."""

from __future__ import annotations

import asyncio
import importlib.util
from contextvars import copy_context
from typing import TYPE_CHECKING

from realtime_cli.errors import ConnectFailed, TimedOut, UsageError
from realtime_cli.redaction import Redactor
from realtime_cli.visible import one_line

from .arguments import checks
from .capture import Record, printing_into
from .context import Context
from .mcp_result import text_of
from .mcp_spec import Launch
from .mcp_transport import LastWords, to_address, to_program, watched
from .results import words_of
from .sources import Source, ToolSetup
from .threads import ANYTHING
from .tool import Arguments, Run, Tool, ToolFailed, as_name

if TYPE_CHECKING:
    import mcp_types
    from mcp import Client
    from mcp.client import Transport

# `npx` and `uvx` may have to fetch the server first.
_OPENING_S = 90.0
_CLOSING_S = 6.0
_MOST_PAGES = 100


def check_installed() -> None:
    """Raises `UsageError` where the `mcp` package is missing."""
    if importlib.util.find_spec("mcp") is None:
        hint = "in a copy of the repository: pip install '.[mcp]'"
        raise UsageError("MCP servers need the mcp package", hint=hint)


async def open_server(launch: Launch, setup: ToolSetup) -> Source:
    """The tools of one server, over one connection that stays open until the source is closed.

    Raises `ConnectFailed` or `TimedOut`.
    """
    server = _Server(launch, setup)
    await server.open()
    tools = tuple(server.tool(each) for each in server.listed)
    return Source(launch.shown, tools, close=server.close, secrets=launch.secrets)


class _Server:
    """One connection. It lives in a task of its own: what breaks there ends nothing else."""

    def __init__(self, launch: Launch, setup: ToolSetup) -> None:
        self.listed: list[mcp_types.Tool] = []
        self._launch = launch
        self._setup = setup
        self._redact = Redactor(launch.secrets).text
        self._client: Client | None = None
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._closing = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._said = LastWords()
        self._has_gone = False

    async def open(self) -> None:
        """Returns once the tools are known."""
        with printing_into(Record()):  # what the package logs is not for the screen
            context = copy_context()
        self._task = asyncio.create_task(self._hold(), name=self._launch.shown, context=context)
        try:
            async with asyncio.timeout(_OPENING_S):
                await asyncio.shield(self._ready)
        except TimeoutError:
            await self.close()
            raise TimedOut(
                f"{self._launch.shown} did not answer within {_OPENING_S:g} s{self._words()}"
            ) from None
        except (ConnectFailed, asyncio.CancelledError):
            await self.close()
            raise

    async def close(self) -> None:
        """Ends the connection, and the server where it is a program of ours."""
        self._closing.set()
        if self._task is None:
            return
        await asyncio.wait([self._task], timeout=_CLOSING_S if self._ready.done() else 0)
        self._task.cancel()
        await asyncio.wait([self._task], timeout=_CLOSING_S)
        self._said.close()

    def tool(self, listed: mcp_types.Tool) -> Tool:
        """One of its tools, as ours."""
        name = as_name(listed.name)
        return Tool(
            name=name,
            description=listed.description or listed.title or "",
            parameters=listed.input_schema,
            source=self._launch.shown,
            run=self._runner(listed.name),
            check=checks(listed.input_schema),
            needs_approval=True,
            timeout_s=self._setup.timeout_s,
        )

    def _runner(self, name: str) -> Run:
        async def run(arguments: Arguments, context: Context) -> object:
            return await self._call(name, arguments, context)

        return run

    async def _call(self, name: str, arguments: Arguments, context: Context) -> object:
        from mcp import MCPError  # noqa: PLC0415 - start-up

        async def report(progress: float, total: float | None, message: str | None) -> None:
            context.progress(message or (f"{progress:g} of {total:g}" if total else f"{progress:g}"))

        if self._client is None:
            raise ToolFailed(f"{self._launch.shown} has gone")
        try:
            result = await self._client.call_tool(name, dict(arguments), progress_callback=report)
        except MCPError as error:
            raise ToolFailed(self._redact(error.message), detail=self._said.text) from None
        words = text_of(result)
        if result.is_error:
            raise ToolFailed(self._redact(words), detail=self._said.text)
        return words

    async def _hold(self) -> None:
        """Opens the connection, and keeps it until it is closed from either side."""
        try:
            await self._talk()
        except ANYTHING as error:
            self._fail(error)
        finally:
            self._client = None
            if not self._ready.done():
                self._ready.set_exception(self._failure("it has gone"))

    async def _talk(self) -> None:
        from mcp import Client  # noqa: PLC0415 - start-up

        async with Client(watched(self._transport(), self._lost), cache=None) as client:
            self.listed = await _all_tools(client)
            self._client = client
            self._ready.set_result(None)
            await self._closing.wait()
            self._client = None

    def _transport(self) -> Transport:
        return to_program(self._launch, self._said) if self._launch.command else to_address(self._launch)

    def _fail(self, error: BaseException) -> None:
        if self._ready.done():
            self._lost()
        else:
            self._ready.set_exception(self._failure(words_of(error)))

    def _failure(self, why: str) -> ConnectFailed:
        said = one_line(f"{why}{self._words()}", limit=1000)
        return ConnectFailed(f"{self._launch.shown}: {self._redact(said)}")

    def _words(self) -> str:
        said = self._said.text.strip()
        return f"; it said: {said[-500:]}" if said else ""

    def _lost(self) -> None:
        """The server has gone, and nobody has asked it to; told once."""
        self._client = None
        if self._has_gone or self._closing.is_set() or not self._ready.done():
            return
        self._has_gone = True
        self._closing.set()
        self._setup.notice(f"{self._launch.shown} has gone; its tools fail from now on")


async def _all_tools(client: Client) -> list[mcp_types.Tool]:
    found: list[mcp_types.Tool] = []
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        page = await client.list_tools(cursor=cursor)
        found += page.tools
        cursor = page.next_cursor
        if not cursor:
            break
    return found
