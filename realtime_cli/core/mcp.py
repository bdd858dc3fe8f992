"""What a server does at MCP servers: its listings, its calls, and the approvals that it asks for."""

from __future__ import annotations

from realtime_cli.protocol import client_events as client
from realtime_cli.protocol import items as wire
from realtime_cli.protocol import server_events as server
from realtime_cli.protocol.codec import ServerEvent

from .conversation import Item
from .sending import send
from .state import SessionState


def follow(state: SessionState, event: ServerEvent, now: float) -> None:
    """Notes when a call or a listing began and ended, and whether it is still under way."""
    match event:
        case server.McpListToolsInProgress() | server.McpListToolsCompleted() if event.item_id:
            _listing(state.items.touch(event.item_id), event, now)
        case server.ResponseMcpCallInProgress() if event.item_id:
            state.items.touch(event.item_id).began_s = now
        case (
            server.ResponseMcpCallCompleted() | server.ResponseMcpCallFailed() | server.McpListToolsFailed()
        ) if event.item_id:
            state.items.touch(event.item_id).ended_s = now
        case (
            server.ConversationItemAdded()
            | server.ConversationItemCreated()
            | server.ConversationItemDone()
            | server.ResponseOutputItemAdded()
            | server.ResponseOutputItemDone()
        ) if isinstance(event.item, wire.McpApprovalRequest):
            _asked(state, event.item.id, now)
        case _:
            pass


def _asked(state: SessionState, item_id: str | None, now: float) -> None:
    """The answer waits for a person, as long as nobody has decided."""
    request, active = state.items.get(item_id), state.responses.active
    if request is not None and request.approval == "waiting" and active is not None:
        active.ask_user(request.id, now)


def _listing(
    item: Item, event: server.McpListToolsInProgress | server.McpListToolsCompleted, now: float
) -> None:
    item.kind = "mcp_list_tools"
    if isinstance(event, server.McpListToolsInProgress):
        item.status, item.began_s = "in_progress", now
        return
    item.ended_s = now
    if item.output:  # where not, the item that tells the tools comes behind this
        item.close_listing()


def response_told(state: SessionState, response: wire.McpApprovalResponse) -> None:
    """Somebody has answered a request."""
    if state.items.get(response.approval_request_id) is not None:
        request = state.items.touch(response.approval_request_id)
        request.approval = "approved" if response.approve else "denied"
        if state.responses.active is not None:
            state.responses.active.go_on(request.id, state.now_s)


def decide(state: SessionState, item_id: str, *, approves: bool, now: float) -> None:
    """Answers a request, once. The server goes on by itself after that."""
    request = state.items.get(item_id)
    if request is None or request.approval != "waiting" or not state.may_speak:
        return
    response = wire.McpApprovalResponse(
        id=f"mcpa_user_{state.own_events + 1}", approval_request_id=item_id, approve=approves
    )
    response_told(state, response)
    state.moved_s = now
    send(state, client.create_event(response), now)
