"""Items that come from the client: what the server takes, and how it shows them."""

from __future__ import annotations

from realtime_cli.protocol.audio import AudioFormat
from realtime_cli.protocol.items import (
    ContentPart,
    FunctionCall,
    FunctionCallOutput,
    InputAudio,
    ItemReference,
    Message,
)
from realtime_cli.protocol.items import Item as AnyItem

from .history import Entry, History, Item
from .ids import Ids
from .input_buffer import audio_ms
from .refusal import InvalidRequestError, not_one_of

_KINDS = ("message", "function_call", "function_call_output")


def measured(item: AnyItem, format_: AudioFormat, *, param: str) -> Entry:
    """The item with the length of its audio. Raises `InvalidRequestError` for a kind that cannot come in."""
    if not isinstance(item, Message | FunctionCall | FunctionCallOutput):
        raise not_one_of(item.type, _KINDS, param=f"{param}.type")
    parts = (item.content or ()) if isinstance(item, Message) else ()
    return Entry(item, sum(_length_ms(part, format_) for part in parts))


def completed(item: Item, ids: Ids, *, item_id: str) -> Item:
    """The item with what the server adds to it: ids, and its status."""
    additions: dict[str, str] = {"id": item_id}
    if isinstance(item, Message | FunctionCall) and item.status in (None, "in_progress"):
        additions["status"] = "completed"
    if isinstance(item, FunctionCall) and item.call_id is None:
        additions["call_id"] = ids.next("call")
    return item.model_copy(update=additions)


def shown(item: Item) -> Item:
    """The item as events carry it: without its audio, which `conversation.item.retrieve` gives."""
    if not isinstance(item, Message):
        return item
    return item.model_copy(update={"content": [_without_audio(part) for part in item.content or ()]})


def resolved(item: AnyItem, history: History, format_: AudioFormat, *, param: str) -> Entry:
    """An item of a response's own input: itself, or the one that it refers to."""
    if not isinstance(item, ItemReference):
        return measured(item, format_, param=param)
    if entry := history.get(item.id or ""):
        return entry
    raise InvalidRequestError(f"Item with id '{item.id}' does not exist.", param=f"{param}.id")


def _length_ms(part: ContentPart, format_: AudioFormat) -> float:
    return audio_ms(part.audio, format_) if isinstance(part, InputAudio) and part.audio else 0.0


def _without_audio(part: ContentPart) -> ContentPart:
    return InputAudio(transcript=part.transcript) if isinstance(part, InputAudio) else part
