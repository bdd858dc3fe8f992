"""The tools of a conversation: opened, offered to the model, approved, asked about, changed on the way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from realtime_cli.core.inputs import ApprovalGiven, LocalInput, UserEvent
from realtime_cli.core.view import SessionView
from realtime_cli.errors import RealtimeError, UsageError
from realtime_cli.protocol.jsontypes import as_object, at, is_array, parse
from realtime_cli.runtime.ports import Direction
from realtime_cli.settings import Settings
from realtime_cli.tools import (
    Approvals,
    LocalTools,
    Question,
    Toolbox,
    ToolFailed,
    call_alone,
    open_tools,
    parse_approvals,
    parse_arguments,
)
from realtime_cli.ui.commands.desk import ToolRow

from .environment import Environment
from .tool_list import approval_of, tool_setup

# With the label of a server behind it: the variable that holds its authorization.
_VARIABLE = "REALTIME_MCP_TOKEN_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the user says about tools: sources, variables that they get, policy, and the server's own MCP."""

    specs: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()
    approve: tuple[str, ...] = ()
    timeout_s: float | None = None
    mcp_servers: tuple[str, ...] = ()


@dataclass(slots=True)
class _Person:
    """Whoever sits at the live screen: answers with `/answer`, which ends the call from outside."""

    say: Callable[[str], None]

    async def ask(self, question: Question) -> str:
        """Shows what is asked for, and waits until the call is given up."""
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
    post: Callable[[LocalInput], None] = field(default=lambda _: None)
    look: Callable[[], SessionView] | None = None
    tasks: asyncio.TaskGroup | None = None
    _by_hand: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

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
        return LocalTools(self.toolbox, self.approvals, look=self.look, can_ask=self.can_ask)

    def listed(self) -> Sequence[ToolRow]:
        """All tools, in their order."""
        return [
            ToolRow(tool.name, tool.source, tool.description, approval_of(tool, self.approvals))
            for tool in self.toolbox.tools.values()
        ]

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
        others = [tool for tool in self._told() if at(tool, "type") != "function"]
        update = {"type": "realtime", "tools": [*others, *self.toolbox.definitions()]}
        self.post(UserEvent(json.dumps({"type": "session.update", "session": update})))

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
    limit = {} if wanted.timeout_s is None else {"timeout_s": wanted.timeout_s}
    asker = _Person(say) if can_ask else None
    async with open_tools(wanted.specs, tool_setup(env, wanted.passed, asker=asker, **limit)) as toolbox:
        yield Workbench(toolbox, approvals, say, can_ask)


def offered(
    bench: Workbench, wanted: Wanted, *, asked_for: Mapping[str, Any], variables: Mapping[str, str]
) -> list[object]:
    """The `tools` to ask for: those of the user's own session JSON, ours, and the server's MCP."""
    own = asked_for.get("tools")
    declared = list(own) if is_array(own) else []
    names = {at(tool, "name") for tool in declared}
    ours = [tool for tool in bench.toolbox.definitions() if tool["name"] not in names]
    return [*declared, *ours, *(_server(text, bench.approvals, variables) for text in wanted.mcp_servers)]


def mcp_tokens(wanted: Wanted, variables: Mapping[str, str]) -> frozenset[str]:
    """The secrets of the server's MCP servers."""
    return frozenset(filter(None, (_token(text, variables) for text in wanted.mcp_servers)))


def _server(text: str, approvals: Approvals, variables: Mapping[str, str]) -> dict[str, object]:
    label, equals, url = text.partition("=")
    if not (equals and label.strip() and url.startswith(("https://", "http://"))):
        raise UsageError(
            f"--mcp-server {text!r} is not LABEL=URL", hint="such as --mcp-server docs=https://..."
        )
    asks = approvals.decide(label, needs_approval=True) != "run"
    server: dict[str, object] = {
        "type": "mcp",
        "server_label": label.strip(),
        "server_url": url,
        "require_approval": "always" if asks else "never",
    }
    token = _token(text, variables)
    return server | ({"authorization": token} if token else {})


def _token(text: str, variables: Mapping[str, str]) -> str | None:
    label = text.partition("=")[0].strip().upper().replace("-", "_")
    return variables.get(_VARIABLE + label) or None


@dataclass(slots=True)
class ServerApprovals:
    """Answers the server's requests for approval where the policy does; an `Observer`."""

    bench: Workbench
    _seen: set[str] = field(default_factory=set[str])

    def saw(self, direction: Direction, raw: str | bytes, *, now_s: float, is_object: bool) -> None:
        """Looks for requests."""
        _ = now_s, is_object
        if direction != "in" or not isinstance(raw, str) or "mcp_approval_request" not in raw:
            return
        event = as_object(parse(raw)) or {}
        item = as_object(event.get("item")) or {}
        item_id = str(item.get("id"))
        if item.get("type") == "mcp_approval_request" and item_id not in self._seen:
            self._seen.add(item_id)
            self._decide(item_id, str(item.get("name")), str(item.get("server_label")))

    def _decide(self, item_id: str, name: str, label: str) -> None:
        approvals = self.bench.approvals
        policy = approvals.of_tool.get(name) or approvals.of_tool.get(label) or approvals.policy or "ask"
        if policy == "ask" and self.bench.can_ask:
            return
        if policy == "ask":
            self.bench.say(f"{label}: {name} needs approval, and nobody is there to give it: denied")
        asyncio.get_running_loop().call_soon(self.bench.post, ApprovalGiven(item_id, policy == "always"))
