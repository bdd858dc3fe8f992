"""MCP servers of a session: what is listed of them, and which of their tools want approval.

Nothing here talks to an MCP server: the brain says what there would be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from realtime_cli.protocol import server_events as server
from realtime_cli.protocol.base import Event
from realtime_cli.protocol.items import McpApprovalResponse, McpError, McpListTools, McpTool
from realtime_cli.protocol.items import McpCall as McpCallItem
from realtime_cli.protocol.jsontypes import at, is_array
from realtime_cli.protocol.session import McpServer, Tool

from .forms import Place
from .history import Entry, History
from .refusal import InvalidRequestError

# The tools of MCP servers, by label; a server that is not there cannot be listed.
McpTools: TypeAlias = Mapping[str, Sequence[McpTool]]


class Listings:
    """Lists each MCP server once, when the session first names it."""

    def __init__(self, history: History, offered: McpTools) -> None:
        self._history = history
        self._offered = offered
        self._listed: set[str] = set()

    def announce(self, tools: Iterable[Tool] | None) -> list[Event]:
        """The events of every listing that is due."""
        events: list[Event] = []
        for tool in tools or ():
            if isinstance(tool, McpServer) and tool.server_label and tool.server_label not in self._listed:
                self._listed.add(tool.server_label)
                events += self._list(tool, tool.server_label)
        return events

    def _list(self, asked: McpServer, label: str) -> list[Event]:
        found, previous_id = self._offered.get(label), self._history.last_id()
        item_id = self._history.new_id()
        empty = McpListTools(id=item_id, server_label=label, tools=[])
        item = empty.model_copy(update={"tools": _allowed(found or (), asked.allowed_tools)})
        self._history.append(item_id, Entry(item))
        ended = server.McpListToolsFailed if found is None else server.McpListToolsCompleted
        return [
            server.McpListToolsInProgress(item_id=item_id),
            server.ConversationItemAdded(previous_item_id=previous_id, item=empty),
            ended(item_id=item_id),
            server.ConversationItemDone(previous_item_id=previous_id, item=item),
        ]


def needs_approval(tools: Iterable[Tool], server_label: str, name: str) -> bool:
    """Whether the user is asked before a call (API: always, unless the session says otherwise)."""
    servers = (tool for tool in tools if isinstance(tool, McpServer) and tool.server_label == server_label)
    server_ = next(servers, None)
    if server_ is None:
        return False
    rule = server_.require_approval
    if isinstance(rule, str):
        return rule != "never"
    if name in _names(at(rule, "never")):
        return False
    always = _names(at(rule, "always"))
    return name in always if always else True


def check_approval(response: McpApprovalResponse, history: History) -> None:
    """Refuses an answer to a request that nobody made, and a second one."""
    asked = response.approval_request_id or ""
    request = history.get(asked)
    if request is None or request.item.type != "mcp_approval_request":
        message = f"Approval request with id '{asked}' does not exist."
        raise InvalidRequestError(message, param="item.approval_request_id")
    items = (entry.item for entry in history)
    if any(isinstance(item, McpApprovalResponse) and item.approval_request_id == asked for item in items):
        message = f"Approval request with id '{asked}' has been answered already."
        raise InvalidRequestError(message, param="item.approval_request_id")


def carried_out(
    place: Place, item: McpCallItem, *, output: str, error: str
) -> tuple[McpCallItem, list[Event]]:
    """The item of a call that was made, and the events that tell of it."""
    item_id, index = place["item_id"], place["output_index"]
    begun = server.ResponseMcpCallInProgress(item_id=item_id, output_index=index)
    if error:
        why = McpError(type="tool_execution_error", message=error)
        failed = item.model_copy(update={"status": "incomplete", "error": why})
        return failed, [begun, server.ResponseMcpCallFailed(item_id=item_id, output_index=index)]
    done = item.model_copy(update={"status": "completed", "output": output})
    return done, [begun, server.ResponseMcpCallCompleted(item_id=item_id, output_index=index)]


def _allowed(found: Sequence[McpTool], allowed: object) -> list[McpTool]:
    names = _names(allowed)
    return [tool for tool in found if not names or tool.name in names]


def _names(filter_: object) -> Sequence[Any]:
    """The names of a filter; they are a list, or stand in one."""
    if is_array(filter_):
        return filter_
    names = at(filter_, "tool_names")
    return names if is_array(names) else ()
