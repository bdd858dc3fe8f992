"""The four `conversation.item.*` events of the client, carried out on the history."""

from __future__ import annotations

from typing import TypeAlias, assert_never

from realtime_cli.protocol import client_events as client
from realtime_cli.protocol import server_events as server
from realtime_cli.protocol.base import Event
from realtime_cli.protocol.encoding import Encoding
from realtime_cli.protocol.items import Message, OutputAudio

from .client_items import acceptable_or_approval, completed, taken_in, with_audio
from .history import Entry, History, Item
from .ids import Ids
from .messages import ResponderEffect, Send
from .refusal import InvalidRequestError
from .transcribing import Transcribing

ItemEvent: TypeAlias = (
    client.ConversationItemCreate
    | client.ConversationItemRetrieve
    | client.ConversationItemTruncate
    | client.ConversationItemDelete
)


class ItemEditing:
    """Puts items in, shows them, cuts them and takes them out."""

    def __init__(self, ids: Ids, history: History, transcribing: Transcribing) -> None:
        self._ids = ids
        self._history = history
        self._transcribing = transcribing

    def edit(self, event: ItemEvent, *, encoding: Encoding) -> list[ResponderEffect]:
        """Carries the event out, and tells the client; new audio is in the encoding. Raises
        `InvalidRequestError`."""
        match event:
            case client.ConversationItemCreate():
                return self._create(event, encoding)
            case client.ConversationItemRetrieve():
                return self._retrieve(event)
            case client.ConversationItemTruncate():
                return self._truncate(event)
            case client.ConversationItemDelete():
                return self._delete(event)
            case _:
                assert_never(event)

    def _create(self, event: client.ConversationItemCreate, encoding: Encoding) -> list[ResponderEffect]:
        asked = acceptable_or_approval(event.item, self._history, param="item")
        if asked.id and asked.id in self._history:
            message = f"Error adding item: an item with id '{asked.id}' already exists."
            raise InvalidRequestError(message, code="item_create_duplicate_item_id")
        previous_id = _place(event.previous_item_id, self._history)
        item_id = asked.id or self._history.new_id()
        entry = taken_in(completed(asked, self._ids, item_id=item_id), self._history, encoding)
        self._history.insert(item_id, entry, after=previous_id)
        sent: list[ResponderEffect] = [Send(each) for each in added_and_done(entry.item, previous_id)]
        return sent + self._transcribing.ask_where_wanted(entry.item)

    def _retrieve(self, event: client.ConversationItemRetrieve) -> list[ResponderEffect]:
        entry = self._known(event.item_id, deed="retrieving", code="item_retrieve_invalid_item_id")
        return [Send(server.ConversationItemRetrieved(item=with_audio(entry.item, self._history)))]

    def _delete(self, event: client.ConversationItemDelete) -> list[ResponderEffect]:
        self._known(event.item_id, deed="deleting", code="item_delete_invalid_item_id")
        self._history.remove(event.item_id)
        deleted = Send(server.ConversationItemDeleted(item_id=event.item_id))
        return [deleted, *self._transcribing.forget(event.item_id)]

    def _truncate(self, event: client.ConversationItemTruncate) -> list[ResponderEffect]:
        entry = self._known(event.item_id, deed="truncating", code="item_truncate_invalid_item_id")
        message = _assistant_audio(entry, content_index=event.content_index)
        if event.audio_end_ms > entry.length_ms:
            raise InvalidRequestError(
                f"Audio content of {entry.length_ms:.0f}ms is already shorter than {event.audio_end_ms}ms"
            )
        content = list(message.content or ())
        content[event.content_index] = OutputAudio()
        status = "incomplete" if message.status == "in_progress" else message.status
        rest = message.model_copy(update={"content": content, "status": status})
        self._history.truncate((event.item_id, event.content_index), rest, end_ms=event.audio_end_ms)
        truncated = server.ConversationItemTruncated(
            item_id=event.item_id, content_index=event.content_index, audio_end_ms=event.audio_end_ms
        )
        return [Send(truncated)]

    def _known(self, item_id: str, *, deed: str, code: str) -> Entry:
        if entry := self._history.get(item_id):
            return entry
        raise InvalidRequestError(
            f"Error {deed} item: the item with id '{item_id}' does not exist.", code=code
        )


def added_and_done(item: Item, previous_id: str | None) -> list[Event]:
    """The two events that every whole item brings."""
    return [
        server.ConversationItemAdded(previous_item_id=previous_id, item=item),
        server.ConversationItemDone(previous_item_id=previous_id, item=item),
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


def _assistant_audio(entry: Entry, *, content_index: int) -> Message:
    item = entry.item
    if not isinstance(item, Message) or item.role != "assistant":
        raise _not_audio()
    content = item.content or []
    if not 0 <= content_index < len(content):
        parts = "1 part" if len(content) == 1 else f"{len(content)} parts"
        message = f"Invalid 'content_index': {content_index}. The item's content has {parts}."
        raise InvalidRequestError(message, param="content_index")
    if not isinstance(content[content_index], OutputAudio):
        raise _not_audio()
    return item


def _not_audio() -> InvalidRequestError:
    return InvalidRequestError(
        "Only model output audio messages can be truncated", code="unsupported_content_type"
    )
