"""Tools in a host, without a session: calls go in, inputs for a session come out."""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from realtime_cli.core.effects import StartTool
from realtime_cli.core.inputs import ToolFinished
from realtime_cli.runtime.ports import Inbound
from realtime_cli.tools import Approvals, LocalTools, Toolbox, ToolSetup, open_tools
from tests.support.patience import PATIENCE_S

PYTHON = Path(sys.executable).as_posix()
_T = TypeVar("_T")


class Hosted:
    """A host that runs, and all that it has posted."""

    def __init__(self, toolbox: Toolbox, host: LocalTools) -> None:
        self.toolbox = toolbox
        self.host = host
        self.posted: list[Inbound] = []
        self._news = asyncio.Event()
        self._ids = (f"call_{number}" for number in itertools.count(1))

    def post(self, inbound: Inbound) -> None:
        self.posted.append(inbound)
        self._news.set()

    def start(self, name: str, arguments: str = "{}") -> str:
        """Starts a call and gives its id."""
        call_id = next(self._ids)
        self.host.start(StartTool(call_id, name, arguments))
        return call_id

    async def until(self, look: Callable[[], _T | None]) -> _T:
        """What the look gives, once it gives anything."""
        async with asyncio.timeout(PATIENCE_S):
            while not (found := look()):
                self._news.clear()
                await self._news.wait()
            return found

    async def finished(self, call_id: str) -> ToolFinished:
        """The end of a call."""
        return await self.until(
            lambda: next((each for each in self.of(ToolFinished) if each.call_id == call_id), None)
        )

    async def call(self, name: str, /, **arguments: Any) -> ToolFinished:
        """A whole call."""
        return await self.finished(self.start(name, json.dumps(arguments)))

    def of(self, kind: type[_T]) -> list[_T]:
        """What was posted of one kind."""
        return [each for each in self.posted if isinstance(each, kind)]


@asynccontextmanager
async def hosting(
    *specs: str,
    setup: ToolSetup | None = None,
    approvals: Approvals = Approvals("always"),  # noqa: B008 - frozen
    **options: Any,
) -> AsyncIterator[Hosted]:
    """A host with the tools of these specs; every call is approved, unless told otherwise."""
    async with open_tools(specs, setup or ToolSetup()) as toolbox:
        host = LocalTools(toolbox, approvals, **options)
        hosted = Hosted(toolbox, host)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(host.run(hosted.post))
            try:
                yield hosted
            finally:
                host.close()


def written(folder: Path, name: str, text: str) -> Path:
    """A file with this text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def error_of(finished: ToolFinished) -> str:
    """What the model is told that went wrong."""
    error = json.loads(finished.output)["error"]
    assert isinstance(error, str)
    return error
