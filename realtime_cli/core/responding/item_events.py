"""The four `conversation.item.*` events of the client, carried out on the history."""

from __future__ import annotations

from typing import TypeAlias, assert_never

from realtime_cli.protocol import client_events as client
from realtime_cli.protocol import server_events as server
from realtime_cli.protocol.audio import AudioFormat
from realtime_cli.protocol.base import Event
from realtime_cli.protocol.items import Message, OutputAudio

from .client_items import completed, measured, shown
from .history import Entry, History, Item
from .ids import Ids
from .refusal import InvalidRequestError

ItemEvent: TypeAlias = (
    client.ConversationItemCreate
    | client.ConversationItemRetrieve
    | client.ConversationItemTruncate
    | client.ConversationItemDelete
)


def edit(event: ItemEvent, history: History, ids: Ids, *, input_format: AudioFormat) -> list[Event]:
    """Carries the event out on the history, and tells the client. Raises `InvalidRequestError`."""
    match event:
        case client.ConversationItemCreate():
            return _create(event, history, ids, input_format=input_format)
        case client.ConversationItemRetrieve():
            return _retrieve(event, history)
        case client.ConversationItemTruncate():
            return _truncate(event, history)
        case client.ConversationItemDelete():
            return _delete(event, history)
        case _:
            assert_never(event)


def _create(
    event: client.ConversationItemCreate, history: History, ids: Ids, *, input_format: AudioFormat
) -> list[Event]:
    entry = measured(event.item, input_format, param="item")
    asked_id = event.item.id
    if asked_id and asked_id in history:
        message = f"Error adding item: an item with id '{asked_id}' already exists."
        raise InvalidRequestError(message, code="item_create_duplicate_item_id")
    previous_id = _place(event.previous_item_id, history)
    item_id = asked_id or history.new_id()
    item = completed(entry.item, ids, item_id=item_id)
    history.insert(item_id, Entry(item, entry.audio_ms), after=previous_id)
    return added_and_done(item, previous_id)


def added_and_done(item: Item, previous_id: str | None) -> list[Event]:
    """The two events that every whole item brings."""
    seen = shown(item)
    return [
        server.ConversationItemAdded(previous_item_id=previous_id, item=seen),
        server.ConversationItemDone(previous_item_id=previous_id, item=seen),
    ]


def _retrieve(event: client.ConversationItemRetrieve, history: History) -> list[Event]:
    entry = _known(event.item_id, history, deed="retrieving", code="item_retrieve_invalid_item_id")
    return [server.ConversationItemRetrieved(item=entry.item)]


def _delete(event: client.ConversationItemDelete, history: History) -> list[Event]:
    _known(event.item_id, history, deed="deleting", code="item_delete_invalid_item_id")
    history.remove(event.item_id)
    return [server.ConversationItemDeleted(item_id=event.item_id)]


def _truncate(event: client.ConversationItemTruncate, history: History) -> list[Event]:
    entry = _known(event.item_id, history, deed="truncating", code="item_truncate_invalid_item_id")
    message = _assistant_audio(entry, content_index=event.content_index)
    if event.audio_end_ms > entry.audio_ms:
        raise InvalidRequestError(
            f"Audio content of {entry.audio_ms:.0f}ms is already shorter than {event.audio_end_ms}ms"
        )
    content = list(message.content or ())
    content[event.content_index] = OutputAudio()
    status = "incomplete" if message.status == "in_progress" else message.status
    rest = message.model_copy(update={"content": content, "status": status})
    history.truncate(event.item_id, rest, audio_ms=event.audio_end_ms)
    return [
        server.ConversationItemTruncated(
            item_id=event.item_id, content_index=event.content_index, audio_end_ms=event.audio_end_ms
        )
    ]


def _place(asked: str | None, history: History) -> str | None:
    """The id that the new item follows; None for the front."""
    # Some clients say "" for "at the end".
    if not asked:
        return history.last_id()
    if asked == "root":
        return None
    if asked in history:
        return asked
    message = f"Error adding item: the previous item with id '{asked}' does not exist."
    raise InvalidRequestError(message, code="item_create_invalid_previous_item_id", param="previous_item_id")


def _known(item_id: str, history: History, *, deed: str, code: str) -> Entry:
    if entry := history.get(item_id):
        return entry
    raise InvalidRequestError(f"Error {deed} item: the item with id '{item_id}' does not exist.", code=code)


def _assistant_audio(entry: Entry, *, content_index: int) -> Message:
    item = entry.item
    if not isinstance(item, Message) or item.role != "assistant":
        raise _not_audio()
    content = item.content or []
    if not 0 <= content_index < len(content):
        message = f"Invalid 'content_index': {content_index}. The item has {len(content)} content parts."
        raise InvalidRequestError(message, param="content_index")
    if not isinstance(content[content_index], OutputAudio):
        raise _not_audio()
    return item


def _not_audio() -> InvalidRequestError:
    return InvalidRequestError(
        "Only model output audio messages can be truncated", code="unsupported_content_type"
    )
