"""The tools of a conversation: opened, offered to the model, approved, asked about, changed on the way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from realtime_cli.core.inputs import LocalInput, UserEvent
from realtime_cli.core.view import SessionView
from realtime_cli.errors import RealtimeError, UsageError
from realtime_cli.protocol.dialects import Dialect, to_beta
from realtime_cli.protocol.jsontypes import Json, at, is_array
from realtime_cli.settings import Settings
from realtime_cli.tools import (
    APPROVAL_S,
    BY_HAND,
    DEFAULT_TIMEOUT_S,
    Approvals,
    LocalTools,
    NoAnswer,
    Question,
    Toolbox,
    ToolFailed,
    call_alone,
    open_tools,
    parse_approvals,
    parse_arguments,
)

from .environment import Environment
from .tool_list import approval_of, misnamed, tool_setup

if TYPE_CHECKING:
    from realtime_cli.ui.commands.desk import ToolRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the user says about tools: sources, variables that they get, policy, and the server's own MCP."""

    specs: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()
    approve: tuple[str, ...] = ()
    timeout_s: float | None = None
    mcp_servers: tuple[str, ...] = ()
    approval_s: float | None = None


@dataclass(slots=True)
class _Person:
    """Whoever sits at the live screen: answers with `/answer`, which ends the call from outside."""

    say: Callable[[str], None]

    async def ask(self, question: Question) -> str:
        """Shows what is asked for, and waits until the call is given up."""
        if question.call_id == BY_HAND:
            raise NoAnswer("whoever calls it by hand would have to answer it, too")
        if question.parameters:
            self.say(f"{question.name} takes {json.dumps(dict(question.parameters), ensure_ascii=False)}")
        self.say(f"{question.name} wants an answer: /answer {question.name} TEXT")
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        return await answer


@dataclass(slots=True)
class Workbench:
    """The tools of one session. `post`, `look` and `tasks` are there once it runs."""

    toolbox: Toolbox
    approvals: Approvals
    say: Callable[[str], None]
    can_ask: bool
    approval_s: float = APPROVAL_S
    dialect: Callable[[], Dialect] = field(default=lambda: "ga")
    post: Callable[[LocalInput], None] = field(default=lambda _: None)
    look: Callable[[], SessionView] | None = None
    tasks: asyncio.TaskGroup | None = None
    _by_hand: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])
    _servers: dict[object, object] = field(default_factory=dict[object, object])
    _ours: set[object] = field(default_factory=set[object])

    @property
    def has_tools(self) -> bool:
        """Whether calls are run at all: on a live screen tools can come later."""
        return self.can_ask or self.toolbox.has_sources

    def stop(self) -> None:
        """Gives up what was called by hand."""
        for task in self._by_hand:
            task.cancel()

    def host(self) -> LocalTools:
        """What runs the model's calls."""
        return LocalTools(
            self.toolbox,
            self.approvals,
            look=self.look,
            can_ask=self.can_ask,
            approval_s=self.approval_s,
        )

    def offer(self, declared: Sequence[object], servers: Sequence[Mapping[str, object]]) -> list[object]:
        """The `tools` to begin with: those of the user's own session JSON, ours, and the server's MCP."""
        names = {at(tool, "name") for tool in declared}
        ours = [tool for tool in self.toolbox.definitions() if tool["name"] not in names]
        self._ours = set(self.toolbox.tools)
        self._servers = {server["server_label"]: server for server in servers}
        return [*declared, *ours, *servers]

    def listed(self) -> Sequence[ToolRow]:
        """All tools, in their order; then what the session declares besides."""
        from realtime_cli.ui.commands.desk import ToolRow  # noqa: PLC0415 (for a person only)

        ours = [
            ToolRow(tool.name, tool.source, tool.description, approval_of(tool, self.approvals))
            for tool in self.toolbox.tools.values()
        ]
        by_hand = self.toolbox.takes_any_name
        answers = "answer with /answer" if by_hand else "nothing here answers: --tools ask"
        names = [at(tool, "name") for tool in self._told() if at(tool, "type") == "function"]
        return ours + [ToolRow(str(name), answers) for name in names if name not in self.toolbox.tools]

    def add(self, spec: str) -> None:
        """Opens what `--tools` takes, and tells the model of it."""
        self._do(self._add(spec))

    def remove(self, name: str) -> None:
        """Takes a tool away from the model."""
        self._do(self._remove(name))

    def call(self, name: str, arguments: str) -> None:
        """Calls a tool by hand: the model hears nothing of it."""
        self._do(self._call(name, arguments))

    def _do(self, job: Coroutine[Any, Any, str]) -> None:
        async def tell() -> None:
            try:
                self.say(await job)
            except (RealtimeError, ToolFailed) as error:
                self.say(f"error: {error}")

        if self.tasks is None:
            job.close()
            return
        task = self.tasks.create_task(tell(), name="tool by hand")
        self._by_hand.add(task)
        task.add_done_callback(self._by_hand.discard)

    async def _add(self, spec: str) -> str:
        added = await self.toolbox.add(spec)
        self._tell_model()
        return f"added {', '.join(tool.name for tool in added) or spec}"

    async def _remove(self, name: str) -> str:
        await self.toolbox.remove(name)
        self._tell_model()
        return f"removed {name}"

    async def _call(self, name: str, arguments: str) -> str:
        tool = self.toolbox.find(name)
        if tool is None:
            raise UsageError(f"there is no tool {name}")
        ending = await call_alone(tool, tool.check(parse_arguments(arguments)), self.toolbox, look=self.look)
        return f"{name}: {ending.output}"

    def _tell_model(self) -> None:
        """Offers what there is now, beside what is not ours."""
        self._ours |= set(self.toolbox.tools)
        others = [self._whole(tool) for tool in self._told() if at(tool, "name") not in self._ours]
        update = {"type": "realtime", "tools": [*others, *self.toolbox.definitions()]}
        event: Json = {"type": "session.update", "session": update}
        self.post(UserEvent(json.dumps(to_beta(event) if self.dialect() == "beta" else event)))

    def _whole(self, tool: object) -> object:
        """As it was asked for: a server does not repeat the authorization of its MCP servers."""
        return self._servers.get(at(tool, "server_label"), tool)

    def _told(self) -> Sequence[object]:
        told = self.look().config.get("tools") if self.look else None
        return told if is_array(told) else []


@asynccontextmanager
async def workbench(
    env: Environment, settings: Settings, wanted: Wanted, *, say: Callable[[str], None], can_ask: bool
) -> AsyncGenerator[Workbench]:
    """The tools that the user names, as long as the block runs. `can_ask`: more can be added on the way."""
    given = (settings.approve,) if settings.origin("approve") != "default" else ()
    approvals = parse_approvals([*given, *wanted.approve])
    limit = DEFAULT_TIMEOUT_S if wanted.timeout_s is None else wanted.timeout_s
    asker = _Person(say) if can_ask else None
    setup = tool_setup(env, wanted.passed, say=say, asker=asker, timeout_s=limit)
    async with open_tools(wanted.specs, setup) as toolbox:
        _check_names(approvals, toolbox, wanted, say=say, can_ask=can_ask)
        yield Workbench(toolbox, approvals, say, can_ask, wanted.approval_s or APPROVAL_S)


def _check_names(
    approvals: Approvals, toolbox: Toolbox, wanted: Wanted, *, say: Callable[[str], None], can_ask: bool
) -> None:
    """A name that means nothing protects from nothing.

    It may mean something later, where tools can be added; and what a server's own MCP servers have only the
    server knows.
    """
    labels = [text.partition("=")[0].strip() for text in wanted.mcp_servers]
    error = misnamed(approvals, toolbox, labels=labels)
    if error is None or (labels and "did you mean" not in error.hint):
        return
    if not (can_ask or labels):
        raise error
    say(f"warning: {error}; {error.hint}")
