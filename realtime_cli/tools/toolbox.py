"""All tools of a session, from all that `--tools` names."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType

from realtime_cli.errors import UsageError
from realtime_cli.redaction import Redactor

from .ask_source import open_ask
from .canned_source import open_canned
from .capture import screen_kept_clean
from .command_source import open_command
from .sources import Source, ToolSetup
from .threads import Workers
from .tool import Tool

_KINDS = (
    "give a Python file or module (weather.py, package.module), cmd:COMMAND, mcp:COMMAND, mcp:URL, mcp.json, "
    "canned answers (FILE.yaml), ask, ask:NAME or ask:FILE.yaml"
)


class Toolbox:
    """Tools by name. Sources come and go while the session runs."""

    def __init__(self, setup: ToolSetup, workers: Workers) -> None:
        self._setup = setup
        self._workers = workers
        self._sources: list[Source] = []
        self._tools: dict[str, Tool] = {}
        self._secrets: set[str] = set()
        self._redactor = Redactor()

    @property
    def tools(self) -> Mapping[str, Tool]:
        """The tools, in the order of their sources."""
        return MappingProxyType(self._tools)

    @property
    def has_sources(self) -> bool:
        """Whether anything was named at all; `ask` alone has no tools of its own."""
        return bool(self._sources)

    @property
    def takes_any_name(self) -> bool:
        """Whether a person answers calls of whatever name."""
        return any(source.rest for source in self._sources)

    @property
    def redactor(self) -> Redactor:
        """Takes out what the tools were given to keep secret."""
        return self._redactor

    def find(self, name: str) -> Tool | None:
        """The tool with this name; one that a person answers, where `ask` takes what nobody else has."""
        if (tool := self._tools.get(name)) is not None:
            return tool
        rest = next((source.rest for source in self._sources if source.rest), None)
        return rest(name) if rest else None

    def definitions(self) -> list[dict[str, object]]:
        """The `tools` of `session.update`."""
        return [tool.definition() for tool in self._tools.values()]

    async def add(self, *specs: str) -> tuple[Tool, ...]:
        """Opens sources, side by side, and gives their tools; of several, all or none.

        Raises `UsageError`, `BadInput`, `ConnectFailed` or `TimedOut`.
        """
        opened = await asyncio.gather(*(self._open(spec) for spec in specs), return_exceptions=True)
        sources = [source for each in opened if isinstance(each, list) for source in each]
        try:
            for each in opened:
                if isinstance(each, BaseException):
                    raise each
            self._tools |= self._without_doubles(sources)
        except BaseException:
            await _close(sources)
            raise
        self._sources += sources
        # The secrets of a source that is removed again stay secret.
        self._secrets |= {secret for source in sources for secret in source.secrets}
        self._redactor = Redactor(self._secrets)
        return tuple(tool for source in sources for tool in source.tools)

    async def remove(self, name: str) -> None:
        """Takes out a tool, or all tools of a source. Raises `UsageError` where there is neither."""
        gone = [source for source in self._sources if source.spec == name]
        if gone:
            self._sources = [source for source in self._sources if source.spec != name]
            theirs = [tool for source in gone for tool in source.tools]
            self._tools = {
                name: tool for name, tool in self._tools.items() if not any(tool is each for each in theirs)
            }
            await _close(gone)
        elif self._tools.pop(name, None) is None:
            known = ", ".join([*self._tools, *(source.spec for source in self._sources)])
            raise UsageError(f"there is no tool {name}", hint=f"there are: {known}" if known else "")

    async def close(self) -> None:
        """Ends the servers."""
        await _close(self._sources)

    async def _open(self, spec: str) -> list[Source]:
        if spec.startswith("mcp:") or spec.endswith(".json"):
            return await _open_mcp(spec, self._setup)
        return [self._open_here(spec.strip())]

    def _open_here(self, spec: str) -> Source:
        if spec.startswith("cmd:"):
            return open_command(spec, self._setup)
        if spec == "ask" or spec.startswith("ask:"):
            return open_ask(spec, self._setup)
        if spec.startswith("canned:") or spec.endswith((".yaml", ".yml")):
            return open_canned(spec, self._setup)
        if not spec.endswith(".py") and _is_file(self._setup.path(spec)):
            raise UsageError(f"--tools {spec}: a file of this kind holds no tools", hint=_KINDS)
        if spec.endswith(".py") or all(part.isidentifier() for part in spec.split(".")):
            from .python_source import open_python  # noqa: PLC0415 - start-up

            return open_python(spec, self._setup, self._workers)
        raise UsageError(f"--tools {spec}: nobody knows what that is", hint=_KINDS)

    def _without_doubles(self, sources: Sequence[Source]) -> dict[str, Tool]:
        added: dict[str, Tool] = {}
        for tool in (tool for source in sources for tool in source.tools):
            other = self._tools.get(tool.name) or added.get(tool.name)
            if other is not None:
                both = (
                    f"{other.source} and {tool.source}"
                    if other.source != tool.source
                    else f"{tool.source}, twice"
                )
                raise UsageError(
                    f"two tools are named {tool.name}: of {both}", hint="leave one of them out, or rename it"
                )
            added[tool.name] = tool
        return added


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # no name that a file can have
        return False


async def _open_mcp(spec: str, setup: ToolSetup) -> list[Source]:
    from .mcp_source import check_installed, open_server  # noqa: PLC0415 - start-up
    from .mcp_spec import launches  # noqa: PLC0415

    check_installed()
    opened = await asyncio.gather(
        *(open_server(launch, setup) for launch in launches(spec, setup)), return_exceptions=True
    )
    failures = [each for each in opened if isinstance(each, BaseException)]
    sources = [each for each in opened if isinstance(each, Source)]
    if failures:
        await _close(sources)
        raise failures[0]
    return sources


async def _close(sources: Sequence[Source]) -> None:
    await asyncio.gather(*(source.close() for source in sources))


@asynccontextmanager
async def open_tools(specs: Sequence[str], setup: ToolSetup) -> AsyncGenerator[Toolbox]:
    """The tools that the specs name, as long as the block runs. What they print stays off the screen.

    Raises `UsageError`, `BadInput`, `ConnectFailed` or `TimedOut`: which spec, what is wrong, what to do.
    """
    workers = Workers()
    toolbox = Toolbox(setup, workers)
    with screen_kept_clean():
        try:
            await toolbox.add(*specs)
            yield toolbox
        finally:
            await toolbox.close()
            workers.close()
