"""The conversation as the server holds it: items in order, with their sound and their words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from realtime_cli.protocol.items import (
    FunctionCall,
    FunctionCallOutput,
    InputAudio,
    McpApprovalRequest,
    McpApprovalResponse,
    McpCall,
    McpListTools,
    Message,
)

from .ids import Ids
from .kept_audio import KeptAudio, PartKey
from .spoken_words import SpokenWords

# The kinds of items that this server holds.
Item: TypeAlias = (
    Message
    | FunctionCall
    | FunctionCallOutput
    | McpListTools
    | McpCall
    | McpApprovalRequest
    | McpApprovalResponse
)


@dataclass(frozen=True, slots=True)
class Entry:
    """An item without its audio, and how long that is; `speech` is what an assistant's item sounds."""

    item: Item
    audio_ms: float = 0.0
    speech: SpokenWords | None = None
    is_truncated: bool = False

    @property
    def length_ms(self) -> float:
        """Milliseconds of audio, by now or for good."""
        return self.speech.audio_ms if self.speech and not self.is_truncated else self.audio_ms


class History:
    """Items by id, in the conversation's order.

    `audio` is the sound of their parts; `words` is what a brain knows of parts whose words the item itself
    does not show: of a user's audio, and of speech that was cut off.
    """

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._entries: dict[str, Entry] = {}
        self.audio = KeptAudio()
        self.words: dict[PartKey, str] = {}

    def __contains__(self, item_id: str) -> bool:
        return item_id in self._entries

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def get(self, item_id: str) -> Entry | None:
        """The entry with the id."""
        return self._entries.get(item_id)

    def new_id(self) -> str:
        """An id that no item has, clients' own ids included."""
        item_id = self._ids.next("item")
        while item_id in self._entries:
            item_id = self._ids.next("item")
        return item_id

    def last_id(self) -> str | None:
        """The newest item's id."""
        return next(reversed(self._entries), None)

    def before(self, item_id: str) -> str | None:
        """The id of the item before this one; None for the first, and for an item that is gone."""
        newest_first = iter(reversed(self._entries))
        return next(newest_first, None) if item_id in newest_first else None

    def append(self, item_id: str, entry: Entry) -> None:
        """Adds an item at the end."""
        self._entries[item_id] = entry

    def insert(self, item_id: str, entry: Entry, *, after: str | None) -> None:
        """Adds an item after another one; at the front after None."""
        if after == self.last_id():
            self.append(item_id, entry)
            return
        ids = list(self._entries)
        place = 0 if after is None else ids.index(after) + 1
        ids.insert(place, item_id)
        entries = {**self._entries, item_id: entry}
        self._entries = {key: entries[key] for key in ids}

    def update(self, item_id: str, item: Item) -> None:
        """Replaces the item, where it is still there and whole."""
        entry = self._entries.get(item_id)
        if entry and not entry.is_truncated:
            self._entries[item_id] = replace(entry, item=item)

    def transcribe(self, key: PartKey, words: str) -> None:
        """Shows the words of a user's audio in its item."""
        item_id, content_index = key
        message = self._entries[item_id].item
        assert isinstance(message, Message)  # nothing else has audio
        content = list(message.content or ())
        content[content_index] = InputAudio(transcript=words)
        self.update(item_id, message.model_copy(update={"content": content}))

    def sound(self, key: PartKey, audio: bytes) -> None:
        """More speech of an assistant's item, where that is still there and whole."""
        entry = self._entries.get(key[0])
        if entry and not entry.is_truncated:
            self.audio.extend(key, audio)

    def truncate(self, key: PartKey, item: Item, *, end_ms: float) -> None:
        """Replaces the item by what is left of it. The brain goes on knowing the words that were heard."""
        item_id, _ = key
        speech = self._entries[item_id].speech
        self.words[key] = speech.heard(end_ms) if speech else ""
        self.audio.cut(key, end_ms)
        self._entries[item_id] = Entry(item, end_ms, speech, is_truncated=True)

    def remove(self, item_id: str) -> None:
        """Removes the item, its sound and its words."""
        del self._entries[item_id]
        self.forget(item_id)

    def forget(self, item_id: str) -> None:
        """Forgets the sound and the words of an item."""
        self.audio.drop(item_id)
        self.words = {key: words for key, words in self.words.items() if key[0] != item_id}
