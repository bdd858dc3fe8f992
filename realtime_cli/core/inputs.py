"""What can happen to a session. A server's event is an input as it is; everything else has a class here.

Local inputs have a JSON form, so that a log holds all that a replay needs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from pydantic import TypeAdapter, ValidationError

from realtime_cli.protocol.codec import ClientEvent, ServerEvent, decode_client
from realtime_cli.protocol.jsontypes import as_object


@dataclass(frozen=True, slots=True)
class ConnectionOpened:
    """The socket is open; nothing was said yet."""


@dataclass(frozen=True, slots=True)
class ConnectionLost:
    """The socket is closed. `code` is WebSocket's (RFC 6455, 7.4), None without a close frame."""

    code: int | None = None
    reason: str = ""
    by_us: bool = False


@dataclass(frozen=True, slots=True)
class UserText:
    """A typed turn."""

    text: str


@dataclass(frozen=True, slots=True)
class UserEvent:
    """An event that the user wrote by hand; it is sent as it is."""

    raw: str


@dataclass(frozen=True, slots=True)
class CancelRequested:
    """The user wants the answer to stop."""


@dataclass(frozen=True, slots=True)
class QuitRequested:
    """The user wants to leave."""


@dataclass(frozen=True, slots=True)
class ToolFinished:
    """A function call has its output, as text for the model."""

    call_id: str
    output: str


@dataclass(frozen=True, slots=True)
class DeadlineReached:
    """The time that `Session.next_deadline` named has come."""


@dataclass(frozen=True, slots=True)
class EventSent:
    """An event went out without this session's doing: a recording of another program is played back."""

    event: ClientEvent


LocalInput: TypeAlias = (
    ConnectionOpened
    | ConnectionLost
    | UserText
    | UserEvent
    | CancelRequested
    | QuitRequested
    | ToolFinished
    | DeadlineReached
)
SessionInput: TypeAlias = ServerEvent | LocalInput | EventSent

_NAMES: dict[type[LocalInput], str] = {
    ConnectionOpened: "connection.opened",
    ConnectionLost: "connection.lost",
    UserText: "user.text",
    UserEvent: "user.event",
    CancelRequested: "user.cancel",
    QuitRequested: "user.quit",
    ToolFinished: "tool.finished",
    DeadlineReached: "deadline.reached",
}
_CLASSES: dict[str, type[LocalInput]] = {name: cls for cls, name in _NAMES.items()}


def to_json(local: LocalInput) -> str:
    """The input as a log writes it: an object with a `type`."""
    fields = {name: getattr(local, name) for name in local.__dataclass_fields__}
    return json.dumps({"type": _NAMES[type(local)], **fields})


def from_json(text: str) -> LocalInput | None:
    """The input that a log holds; None for one that this version cannot read."""
    try:
        data = as_object(json.loads(text)) or {}
    except (ValueError, RecursionError):
        return None
    name = str(data.get("type"))
    if name not in _CLASSES:
        return None
    try:
        return _reader(name).validate_python(data)
    except ValidationError:
        return None


@cache
def _reader(name: str) -> TypeAdapter[LocalInput]:
    return TypeAdapter(_CLASSES[name])


def event_sent(raw: str) -> EventSent:
    """The input for a frame that another program sent."""
    return EventSent(decode_client(raw))
