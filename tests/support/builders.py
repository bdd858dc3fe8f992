"""Server events from plain words, through the codec as they would come over the wire."""

from __future__ import annotations

import json
from collections.abc import Mapping

from realtime_cli.core.effects import SendEvent
from realtime_cli.core.inputs import ConnectionOpened, UserEvent
from realtime_cli.core.session import Session
from realtime_cli.protocol.codec import ServerEvent, decode, decode_client


def event(name: str, /, **fields: object) -> ServerEvent:
    """A server's event of the type, with the fields."""
    return decode(json.dumps({"type": name, **fields}))


def sends(name: str, /, **fields: object) -> SendEvent:
    """The effect that sends a client's event of the type, with the fields."""
    return SendEvent(decode_client(json.dumps({"type": name, **fields})))


def sends_raw(raw: str) -> SendEvent:
    """The effect that sends what was written by hand."""
    return SendEvent(decode_client(raw), raw)


def says(text: str, *, item_id: str = "msg_user_1") -> SendEvent:
    """The effect that puts a typed turn into the conversation."""
    item = message(item_id, role="user", content=[{"type": "input_text", "text": text}])
    return sends("conversation.item.create", item=item)


def message(item_id: str | None, text: str | None = None, **fields: object) -> dict[str, object]:
    """A message item as JSON; the assistant's, unless `role` says otherwise."""
    content = [] if text is None else [{"type": "output_text", "text": text}]
    return {"id": item_id, "type": "message", "role": "assistant", "content": content, **fields}


def function_call(item_id: str | None, name: str = "weather", **fields: object) -> dict[str, object]:
    """A function call item as JSON."""
    return {
        "id": item_id,
        "type": "function_call",
        "name": name,
        "call_id": "call_1",
        "arguments": "",
        **fields,
    }


def beside(topic: str | None = None) -> tuple[UserEvent, SendEvent]:
    """A request beside the conversation, and the effect that sends it."""
    metadata = "" if topic is None else f',"metadata":{{"topic":"{topic}"}}'
    raw = f'{{"type":"response.create","response":{{"conversation":"none"{metadata}}}}}'
    return UserEvent(raw), sends_raw(raw)


def response_created(response_id: str | None = "resp_1", **fields: object) -> ServerEvent:
    """`response.created`, in the conversation."""
    response = {"id": response_id, "status": "in_progress", "conversation_id": "conv_1", **fields}
    return event("response.created", response=response)


def response_done(
    response_id: str | None = "resp_1", *, status: str | None = "completed", **fields: object
) -> ServerEvent:
    """`response.done`, in the conversation."""
    response = {"id": response_id, "status": status, "conversation_id": "conv_1", **fields}
    return event("response.done", response=response)


def text_delta(
    delta: str, *, item_id: str | None = "item_1", response_id: str | None = "resp_1", **fields: object
) -> ServerEvent:
    """`response.output_text.delta`; what is None is left out."""
    places = {"item_id": item_id, "response_id": response_id}
    told = {name: value for name, value in places.items() if value is not None}
    return event("response.output_text.delta", delta=delta, **told, **fields)


def item_added(item: Mapping[str, object], *, after: str | None = None) -> ServerEvent:
    """`conversation.item.added`."""
    return event("conversation.item.added", previous_item_id=after, item=item)


def refusal(code: str | None = None, message: str = "no", *, event_id: str | None = None) -> ServerEvent:
    """`error`, with the id of its cause, if there is one."""
    return event("error", error={"code": code, "message": message, "event_id": event_id})


def greeted(**config: object) -> Session:
    """A session that is connected and greeted at 0 s; `config` is what it asks for."""
    session = Session(config)
    session.receive(ConnectionOpened(), 0.0)
    session.receive(event("session.created", session={"type": "realtime", "id": "sess_1"}), 0.0)
    return session
