"""The conversation as the server holds it: items in order, and how much audio each of them has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from realtime_cli.protocol.items import FunctionCall, FunctionCallOutput, Message

from .ids import Ids

# The kinds of items that this server holds.
Item: TypeAlias = Message | FunctionCall | FunctionCallOutput


@dataclass(frozen=True, slots=True)
class Entry:
    """An item, and the milliseconds of audio that belong to it."""

    item: Item
    audio_ms: float = 0.0
    is_truncated: bool = False


class History:
    """Items by id, in the conversation's order."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._entries: dict[str, Entry] = {}

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

    def truncate(self, item_id: str, item: Item, *, audio_ms: float) -> None:
        """Replaces the item by what is left of it."""
        self._entries[item_id] = Entry(item, audio_ms, is_truncated=True)

    def remove(self, item_id: str) -> None:
        """Removes the item."""
        del self._entries[item_id]
