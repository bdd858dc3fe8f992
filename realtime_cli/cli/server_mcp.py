"""MCP servers that the other side calls: offered to it, and what it wants approved decided."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from realtime_cli.core.inputs import ApprovalGiven
from realtime_cli.errors import UsageError
from realtime_cli.protocol.jsontypes import as_object, at, is_array, parse
from realtime_cli.runtime.ports import Direction
from realtime_cli.tools import secrets_of_url

from .workbench import Wanted, Workbench

# With the label of a server behind it: the variable that holds its authorization.
_VARIABLE = "REALTIME_MCP_TOKEN_"


def offered(
    bench: Workbench, wanted: Wanted, *, asked_for: Mapping[str, Any], variables: Mapping[str, str]
) -> list[object]:
    """The `tools` to ask for."""
    own = asked_for.get("tools")
    servers = [_server(text, bench, variables) for text in wanted.mcp_servers]
    return bench.offer(own if is_array(own) else [], servers)


def mcp_tokens(wanted: Wanted, variables: Mapping[str, str]) -> frozenset[str]:
    """The secrets of the server's MCP servers: their authorization, and what their addresses hold."""
    tokens = [_token(text, variables) for text in wanted.mcp_servers]
    urls = [text.partition("=")[2] for text in wanted.mcp_servers]
    return frozenset(filter(None, [*tokens, *(secret for url in urls for secret in secrets_of_url(url))]))


def _server(text: str, bench: Workbench, variables: Mapping[str, str]) -> dict[str, object]:
    label, equals, url = text.partition("=")
    if not (equals and label.strip() and url.startswith(("https://", "http://"))):
        raise UsageError(
            f"--mcp-server {text!r} is not LABEL=URL", hint="such as --mcp-server docs=https://..."
        )
    server: dict[str, object] = {
        "type": "mcp",
        "server_label": label.strip(),
        "server_url": url,
        "require_approval": "always" if _asks(label.strip(), bench) else "never",
    }
    token = _token(text, variables)
    return server | ({"authorization": token} if token else {})


def _asks(label: str, bench: Workbench) -> bool:
    """Whether the server must ask: of the tools behind a label, any can have a policy of its own."""
    approvals = bench.approvals
    theirs = [policy for name, policy in approvals.of_tool.items() if name not in bench.toolbox.tools]
    return approvals.decide(label, needs_approval=True) != "run" or any(each != "always" for each in theirs)


def _token(text: str, variables: Mapping[str, str]) -> str | None:
    label = text.partition("=")[0].strip().upper().replace("-", "_")
    return variables.get(_VARIABLE + label) or None


@dataclass(slots=True)
class ServerApprovals:
    """Answers the server's requests for approval where the policy does, and says what was denied because
    nobody is there to be asked; an `Observer`."""

    bench: Workbench
    _seen: set[str] = field(default_factory=set[str])

    def saw(self, direction: Direction, raw: str | bytes, *, now_s: float, is_object: bool) -> None:
        """Looks for requests, and for calls that were denied."""
        _ = now_s
        if not (is_object and isinstance(raw, str)):
            return
        if direction == "local" and not self.bench.can_ask and '"denied"' in raw:
            self._say_denied(as_object(parse(raw)) or {})
        elif direction == "in" and "mcp_approval_request" in raw:
            self._look_at(as_object(at(parse(raw), "item")) or {})

    def _look_at(self, item: Mapping[str, object]) -> None:
        item_id = str(item.get("id"))
        if item.get("type") == "mcp_approval_request" and item_id not in self._seen:
            self._seen.add(item_id)
            self._decide(item_id, str(item.get("name")), str(item.get("server_label")))

    def _decide(self, item_id: str, name: str, label: str) -> None:
        approvals, loop = self.bench.approvals, asyncio.get_running_loop()
        # The policy of a tool of ours is not that of a namesake at the server.
        theirs = None if name in self.bench.toolbox.tools else approvals.of_tool.get(name)
        policy = theirs or approvals.of_tool.get(label) or approvals.policy or "ask"
        if policy == "ask" and self.bench.can_ask:
            loop.call_later(self.bench.approval_s, self._give_up, item_id, f"{label}.{name}")
            return
        if policy == "ask":
            self._say_nobody(f"{label}.{name}", name)
        loop.call_soon(self.bench.post, ApprovalGiven(item_id, policy == "always"))

    def _give_up(self, item_id: str, name: str) -> None:
        """Denies what still waits."""
        items = self.bench.look().items if self.bench.look else ()
        if any(item.id == item_id and item.approval == "waiting" for item in items):
            self.bench.say(f"nobody approved {name} within {self.bench.approval_s:g} s: denied")
            self.bench.post(ApprovalGiven(item_id, approves=False))

    def _say_denied(self, told: Mapping[str, object]) -> None:
        calls = self.bench.look().calls if self.bench.look else ()
        name = next((call.name for call in calls if call.call_id == told.get("call_id")), "")
        tool = self.bench.toolbox.find(name)
        if tool is None or told.get("outcome") != "denied":
            return
        if self.bench.approvals.decide(name, needs_approval=tool.needs_approval) == "ask":
            self._say_nobody(name, name)

    def _say_nobody(self, shown: str, name: str) -> None:
        hint = f"--approve {name}=always allows it"
        self.bench.say(f"{shown} needs approval, and nobody is there to give it: denied ({hint})")
