"""Items that come from the client: what the server takes, and how it shows them."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from realtime_cli.protocol.encoding import Encoding, EncodingType
from realtime_cli.protocol.items import (
    ContentPart,
    FunctionCall,
    FunctionCallOutput,
    InputAudio,
    McpApprovalResponse,
    Message,
    OutputAudio,
)
from realtime_cli.protocol.items import Item as AnyItem

from .history import Entry, History, Item
from .ids import Ids
from .mcp import check_approval
from .refusal import not_one_of

_KINDS = ("message", "function_call", "function_call_output")
# Retrieved items name formats as they were before they were objects (documented example, October 2025).
_FORMAT_NAMES: Mapping[EncodingType, str] = {
    "audio/pcm": "pcm16",
    "audio/pcmu": "g711_ulaw",
    "audio/pcma": "g711_alaw",
}


def acceptable(item: AnyItem, *, param: str) -> Item:
    """The item. Raises `InvalidRequestError` for a kind that cannot come in."""
    if isinstance(item, Message | FunctionCall | FunctionCallOutput):
        return item
    raise not_one_of(item.type, _KINDS, param=f"{param}.type")


def acceptable_or_approval(item: AnyItem, history: History, *, param: str) -> Item:
    """The item, which may be the user's verdict on a call as well."""
    if not isinstance(item, McpApprovalResponse):
        return acceptable(item, param=param)
    check_approval(item, history)
    return item


def completed(item: Item, ids: Ids, *, item_id: str) -> Item:
    """The item with what the server adds to it: ids, and its status."""
    additions: dict[str, str] = {"id": item_id}
    if isinstance(item, Message | FunctionCall) and item.status in (None, "in_progress"):
        additions["status"] = "completed"
    if isinstance(item, FunctionCall) and item.call_id is None:
        additions["call_id"] = ids.next("call")
    return item.model_copy(update=additions)


def taken_in(item: Item, history: History, encoding: Encoding) -> Entry:
    """The item as it is held; its audio goes where the history keeps such."""
    if not isinstance(item, Message):
        return Entry(item)
    length_ms = 0.0
    for index, part in enumerate(item.content or ()):
        if isinstance(part, InputAudio) and part.audio:
            audio = base64.b64decode(part.audio)
            length_ms += encoding.ms(len(audio))
            history.audio.begin((item.id or "", index), encoding)
            history.audio.extend((item.id or "", index), audio)
    content = [_without_audio(part) for part in item.content or ()]
    return Entry(item.model_copy(update={"content": content}), length_ms)


def with_audio(item: Item, history: History) -> Item:
    """The item as `conversation.item.retrieve` gives it: with its audio, as far as that is still there."""
    if not isinstance(item, Message):
        return item
    content = [
        _sounding(part, history, key=(item.id or "", index)) for index, part in enumerate(item.content or ())
    ]
    return item.model_copy(update={"content": content})


def _without_audio(part: ContentPart) -> ContentPart:
    return InputAudio(transcript=part.transcript) if isinstance(part, InputAudio) else part


def _sounding(part: ContentPart, history: History, *, key: tuple[str, int]) -> ContentPart:
    sound = history.audio.get(key)
    if not sound or not sound.audio or not isinstance(part, InputAudio | OutputAudio):
        return part
    audio = base64.b64encode(sound.audio).decode()
    return part.model_copy(update={"audio": audio, "format": _FORMAT_NAMES[sound.encoding.type]})
