"""Names that come again: many servers count items, answers and calls anew in each session.

What a new session names like something old has a name of its own inside, and the server hears its own name
again. An old name means the old thing only where the server was told of that, and speaks of the conversation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, TypeAlias, TypeVar

from realtime_cli.protocol import server_events as server
from realtime_cli.protocol.base import Model
from realtime_cli.protocol.codec import ClientEvent, MalformedEvent, ServerEvent, UnknownEvent
from realtime_cli.protocol.session import Response

Kind: TypeAlias = Literal["item", "response", "call"]
Name: TypeAlias = tuple[Kind, str]
_Rename: TypeAlias = Callable[[Name], str]
_ModelT = TypeVar("_ModelT", bound=Model)

_FIELDS: tuple[tuple[str, Kind], ...] = (
    ("item_id", "item"),
    ("approval_request_id", "item"),
    ("response_id", "response"),
    ("call_id", "call"),
)
# They may speak of an item that the client told of; the others are about what the session makes itself.
_OF_THE_CONVERSATION = (
    server.ConversationItemAdded,
    server.ConversationItemCreated,
    server.ConversationItemDone,
    server.ConversationItemRetrieved,
    server.ConversationItemDeleted,
    server.ConversationItemTruncated,
)


class Names:
    """The names of the present session, where the server's and ours are not the same."""

    def __init__(self) -> None:
        self._sessions = 1
        self._past = frozenset[Name]()
        self._told: set[Name] = set()
        self._ours: dict[Name, str] = {}
        self._theirs: dict[Name, str] = {}

    def begin_session(self, past: Iterable[Name]) -> None:
        """A new session begins, to which the names of the `past` mean nothing."""
        self._sessions += 1
        self._past = frozenset(past)
        self._told.clear()
        self._ours.clear()
        self._theirs.clear()

    def told(self, *names: Name) -> None:
        """The session was told of something old, by its name."""
        self._told.update(names)

    def also_called(self, ours: Name, other: str | None) -> None:
        """The session turns out to have another name for something old that it was told of."""
        if other is not None and other != ours[1]:
            theirs = self._their_name((ours[0], other))
            self._told.discard(ours)
            self._pair(ours, theirs)

    def inward(self, event: ServerEvent) -> ServerEvent:
        """A server's event, with our names."""
        if not self._past or isinstance(event, UnknownEvent | MalformedEvent):
            return event
        rename = self._our_name if isinstance(event, _OF_THE_CONVERSATION) else self._our_new_name
        return _renamed(event, rename, refer=self._known_name)

    def outward(self, event: ClientEvent) -> ClientEvent:
        """An event of ours, with the server's names."""
        if not self._theirs or isinstance(event, UnknownEvent | MalformedEvent):
            return event
        return _renamed(event, self._their_name, refer=self._their_name)

    def _our_name(self, theirs: Name) -> str:
        return self._known_name(theirs) if theirs in self._told else self._our_new_name(theirs)

    def _our_new_name(self, theirs: Name) -> str:
        if theirs in self._past and theirs not in self._ours:
            self._pair((theirs[0], self._free_name(theirs)), theirs[1])
        return self._known_name(theirs)

    def _known_name(self, theirs: Name) -> str:
        return self._ours.get(theirs, theirs[1])

    def _their_name(self, ours: Name) -> str:
        return self._theirs.get(ours, ours[1])

    def _pair(self, ours: Name, theirs: str) -> None:
        self._ours[ours[0], theirs] = ours[1]
        self._theirs[ours] = theirs

    def _free_name(self, name: Name) -> str:
        """`item_1` of the third session is `item_1~3`."""
        kind, free = name[0], f"{name[1]}~{self._sessions}"
        while (kind, free) in self._past:
            free += "~"
        return free


def _renamed(thing: _ModelT, rename: _Rename, *, refer: _Rename, kind: Kind | None = None) -> _ModelT:
    """The same with other names, in what it holds as well.

    It may `refer` to a name that stands for something else; `kind` is what its own `id` names.
    """
    holds, news = vars(thing), dict[str, object]()
    own: tuple[tuple[str, Kind], ...] = () if kind is None else (("id", kind),)
    for field, of in (*_FIELDS, *own):
        name = holds.get(field)
        if isinstance(name, str):
            news[field] = rename((of, name))
    if isinstance(before := holds.get("previous_item_id"), str):
        news["previous_item_id"] = refer(("item", before))
    if isinstance(item := holds.get("item"), Model):
        news["item"] = _renamed(item, rename, refer=refer, kind="item")
    if isinstance(response := holds.get("response"), Response):
        news["response"] = _renamed(response, rename, refer=refer, kind="response")
    if isinstance(thing, Response) and thing.output:
        news["output"] = [_renamed(item, rename, refer=refer, kind="item") for item in thing.output]
    changed = {field: new for field, new in news.items() if new is not holds[field]}
    return thing.model_copy(update=changed) if changed else thing
