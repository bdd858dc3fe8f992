"""What an answer knows: the conversation, or the items that a request brings along."""

from __future__ import annotations

from dataclasses import dataclass

from realtime_cli.protocol.encoding import Encoding
from realtime_cli.protocol.items import Item as AnyItem
from realtime_cli.protocol.items import ItemReference
from realtime_cli.protocol.session import ResponseConfig

from .client_items import acceptable, taken_in
from .history import Entry, History, Item
from .kept_audio import PartKey
from .refusal import InvalidRequestError
from .transcribing import unheard


@dataclass(frozen=True, slots=True)
class Context:
    """Items, oldest first; `own_ids` are those of items that are in no conversation."""

    entries: tuple[Entry, ...]
    own_ids: tuple[str, ...] = ()

    def unheard(self) -> list[PartKey]:
        """The parts whose words a brain cannot do without."""
        return [key for entry in self.entries for key in unheard(entry.item)]


def context_for(config: ResponseConfig, history: History, encoding: Encoding) -> Context:
    """The context of an answer. Raises `InvalidRequestError` for items that cannot be in one."""
    if config.input is None:
        return Context(tuple(entry for entry in history if entry.item.status != "in_progress"))
    found = [
        _found(item, history, param=f"response.input[{index}]") for index, item in enumerate(config.input)
    ]
    entries = [each if isinstance(each, Entry) else _own(each, history, encoding) for each in found]
    own_ids = [entry.item.id or "" for entry, each in zip(entries, found, strict=True) if entry is not each]
    return Context(tuple(entries), tuple(own_ids))


def _found(item: AnyItem, history: History, *, param: str) -> Entry | Item:
    if not isinstance(item, ItemReference):
        return acceptable(item, param=param)
    if entry := history.get(item.id or ""):
        return entry
    raise InvalidRequestError(f"Item with id '{item.id}' does not exist.", param=f"{param}.id")


def _own(item: Item, history: History, encoding: Encoding) -> Entry:
    # Under another id than the client's: that may be one of the conversation's too.
    return taken_in(item.model_copy(update={"id": history.new_id()}), history, encoding)
