"""The items of a conversation in the server's order, and what was said in them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from realtime_cli.protocol import items as wire
from realtime_cli.protocol.items import ContentPart, text_of

from .view import UNNAMED, Approval, ItemView

_AUDIO_PARTS = (wire.InputAudio, wire.OutputAudio, wire.AudioPart)


@dataclass(slots=True)
class Part:
    """One content part. Text comes in pieces; the whole text, once it is there, replaces them."""

    has_audio: bool = False
    has_image: bool = False
    audio_bytes: int = 0
    audio_ms: float = 0.0
    heard_ms: float | None = None
    is_final: bool = False
    _pieces: list[str] = field(default_factory=list[str])

    @property
    def text(self) -> str:
        """The words so far."""
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0] if self._pieces else ""

    def add(self, delta: str | None) -> None:
        """Appends words, unless the whole text is known already."""
        if delta and not self.is_final:
            self._pieces.append(delta)

    def replace(self, text: str) -> None:
        """Takes a longer text of the same words, unless the whole text is known already."""
        if not self.is_final:
            self._pieces = [text]

    def settle(self, text: str | None) -> None:
        """Takes the whole text; what came before stays where the server does not repeat it."""
        if text is not None:
            self._pieces = [text]
        self.is_final = True

    def fill(self, source: ContentPart) -> None:
        """Takes what a part says of itself; an empty description never wipes words that already came."""
        self.has_audio = self.has_audio or isinstance(source, _AUDIO_PARTS)
        self.has_image = self.has_image or isinstance(source, wire.InputImage)
        self._pieces = [words] if (words := text_of(source)) else self._pieces


@dataclass(slots=True)
class Item:
    """An item as it grows. It is `placed` once the server said where it belongs.

    `is_ours`: we made it, and `made` is how we described it. It `is_restored` where it comes from a session
    before this one, which was told of it: what is said of it is no news.
    """

    id: str
    kind: str = "message"
    role: str = ""
    status: str = ""
    response_id: str | None = None
    in_conversation: bool = True
    placed: bool = False
    is_ours: bool = False
    made: wire.Item | None = None
    is_restored: bool = False
    parts: dict[int, Part] = field(default_factory=dict[int, Part])
    truncated_ms: float | None = None
    awaits_transcript: bool = False
    transcription_error: str = ""
    is_silent: bool = False
    name: str = ""
    call_id: str = ""
    arguments: list[str] = field(default_factory=list[str])
    output: str = ""
    server_label: str = ""
    error: str = ""
    approval: Approval = ""
    began_s: float | None = None
    ended_s: float | None = None
    view: ItemView | None = None

    def part(self, content_index: int | None) -> Part:
        """The part at the index, made where it is new; index 0 where the server names none."""
        return self.parts.setdefault(content_index or 0, Part())

    @property
    def has_unknown_words(self) -> bool:
        """Whether it has sound whose words nobody has told."""
        return any(part.has_audio and not (part.is_final or part.text) for part in self.parts.values())

    def close_listing(self) -> None:
        """A listing is complete once its tools are known, or it is said to have ended without any."""
        if (self.output or self.ended_s is not None) and self.status != "failed":
            self.status = "completed"

    def snapshot(self) -> ItemView:
        """The read-only picture; made anew only after a change."""
        if self.view is None:
            parts = [self.parts[index] for index in sorted(self.parts)]
            heard_ms = [part.heard_ms for part in parts if part.heard_ms is not None]
            self.view = ItemView(
                id=self.id,
                kind=self.kind,
                role=self.role,
                status=self.status,
                text="\n".join(part.text for part in parts if part.text),
                has_audio=any(part.has_audio for part in parts),
                has_image=any(part.has_image for part in parts),
                audio_bytes=sum(part.audio_bytes for part in parts),
                response_id=self.response_id,
                in_conversation=self.in_conversation,
                truncated_ms=self.truncated_ms,
                awaits_transcript=self.awaits_transcript,
                transcription_error=self.transcription_error,
                name=self.name,
                call_id=self.call_id,
                arguments="".join(self.arguments),
                output=self.output,
                audio_ms=sum(part.audio_ms for part in parts),
                heard_ms=sum(heard_ms) if heard_ms else None,
                server_label=self.server_label,
                error=self.error,
                approval=self.approval,
                began_s=self.began_s,
                ended_s=self.ended_s,
                is_silent=self.is_silent,
            )
        return self.view


class ItemList:
    """All items by id, in order. An unknown id makes an item: servers leave out any announcement."""

    def __init__(self) -> None:
        self._items: dict[str, Item] = {}
        self._order: list[str] = []
        self._unnamed = 0
        self._views: tuple[ItemView, ...] = ()
        self._changed: set[str] = set()

    def __iter__(self) -> Iterator[Item]:
        """All items, in order."""
        return (self._items[item_id] for item_id in self._order)

    def get(self, item_id: str | None) -> Item | None:
        """The item, if it is known."""
        return self._items.get(item_id) if item_id else None

    def touch(self, item_id: str | None, *, role: str = "") -> Item:
        """The item, about to change: made at the end if new; without an id, the last one of its role."""
        item = self._items.get(item_id) if item_id else self._last(role)
        if item is None:
            item = self._add(item_id or self.new_id(), role)
        self._note_change(item)
        return item

    def place(self, item: Item, *, after: str | None, at_front: bool = False) -> None:
        """Moves the item behind `after`, unless it has its place; an unknown `after` means the end."""
        if item.placed:
            return
        item.placed = True
        if at_front or after == "root":
            self._move(item.id, 0)
        elif after in self._items and after != item.id:
            self._move(item.id, self._order.index(after) + 1)

    def fill(self, source: wire.Item, *, item_id: str | None = None) -> Item:
        """The item (`item_id`: in whose place), with everything that the server's own description says."""
        item = self.touch(item_id or source.id or self.new_id())
        item.kind = source.type or item.kind
        if not isinstance(source, wire.ItemReference):
            item.status = source.status or item.status
        _fill_kind(item, source)
        return item

    def end(self, item_ids: Iterable[str], status: str) -> None:
        """Gives items that are over, but were never called so, their last status."""
        for item_id in item_ids:
            item = self._items.get(item_id)
            if item is not None and item.status in ("", "in_progress"):
                item.status = status
                self._note_change(item)

    def wait_no_longer(self) -> None:
        """What items still waited for from the server will not come."""
        for item in self:
            item.awaits_transcript = False
            item.approval = "" if item.approval == "waiting" else item.approval
            item.status = "incomplete" if item.status == "in_progress" else item.status
            self._note_change(item)

    def wait_no_longer_before(self, answer_ids: Collection[str]) -> None:
        """The words of sounds of ours before an answer; of all of them, where the answer has no items."""
        places = [place for place, item_id in enumerate(self._order) if item_id in answer_ids]
        for item_id in self._order[: max(places, default=None)]:
            item = self._items[item_id]
            if item.is_ours and item.awaits_transcript:
                item.awaits_transcript = False
                self._note_change(item)

    def delete(self, item_id: str | None) -> None:
        """Forgets the item."""
        if item_id in self._items:
            del self._items[item_id]
            place = self._order.index(item_id)
            self._forget_views(place)
            del self._order[place]

    def snapshot(self) -> tuple[ItemView, ...]:
        """All items, in order; what changes is mostly at the end, and what is before it stays as it was."""
        if self._changed or len(self._views) < len(self._order):
            self._forget_views(self._first_change())
            self._changed.clear()
            news = self._order[len(self._views) :]
            self._views = (*self._views, *(self._items[item_id].snapshot() for item_id in news))
        return self._views

    def id_before(self, item_id: str) -> str | None:
        """The id of the conversation's item before this one; None where the server has no name for it."""
        place = self._order.index(item_id) if item_id in self._items else 0
        return self._nameable(self._order[:place])

    def is_nameable(self, item_id: str | None) -> bool:
        """Whether the server has an item in the conversation, and a name for it."""
        return item_id in self._items and self._nameable([item_id]) is not None

    @property
    def last_placed_id(self) -> str | None:
        """The id of the conversation's last item; None where the server has no name for it."""
        return self._nameable(self._order)

    @property
    def last_id(self) -> str:
        """The id of the last item; empty where there is none."""
        return self._order[-1] if self._order else ""

    def new_id(self) -> str:
        """An id for an item that the server does not name."""
        self._unnamed += 1
        return f"{UNNAMED}{self._unnamed}"

    def _nameable(self, item_ids: Sequence[str]) -> str | None:
        last = next((each for each in reversed(item_ids) if self._items[each].in_conversation), UNNAMED)
        return None if last.startswith(UNNAMED) else last

    def _last(self, role: str) -> Item | None:
        return next((self._items[i] for i in reversed(self._order) if self._items[i].role == role), None)

    def _add(self, item_id: str, role: str) -> Item:
        item = self._items[item_id] = Item(item_id, role=role)
        self._order.append(item_id)
        return item

    def _move(self, item_id: str, index: int) -> None:
        old = self._order.index(item_id)
        self._forget_views(min(old, index))
        del self._order[old]
        self._order.insert(index - 1 if old < index else index, item_id)

    def _note_change(self, item: Item) -> None:
        item.view = None
        self._changed.add(item.id)

    def _first_change(self) -> int:
        left, place = self._changed & self._items.keys(), len(self._order)
        while left:
            place -= 1
            left.discard(self._order[place])
        return place

    def _forget_views(self, place: int) -> None:
        """What stands there and behind it has to be looked at again."""
        self._views = self._views[:place]


def _fill_kind(item: Item, source: wire.Item) -> None:
    match source:
        case wire.Message():
            item.role = source.role or item.role
            for index, part in enumerate(source.content or ()):
                item.part(index).fill(part)
        case wire.FunctionCall() | wire.McpCall() | wire.McpApprovalRequest():
            item.role = "assistant"
            item.name = source.name or item.name
            item.arguments = [source.arguments] if source.arguments else item.arguments
            _fill_result(item, source)
        case wire.FunctionCallOutput():
            item.call_id = source.call_id or item.call_id
            item.output = source.output or item.output
        case wire.McpListTools():
            item.name = source.server_label or item.name
            item.output = ", ".join(tool.name or "?" for tool in source.tools or ())
            item.close_listing()
        case wire.McpApprovalResponse():
            item.role = "user"
            item.output = "approved" if source.approve else "not approved"
        case wire.OtherItem() | wire.ItemReference():
            pass
        case _:
            assert_never(source)


def _fill_result(item: Item, source: wire.FunctionCall | wire.McpCall | wire.McpApprovalRequest) -> None:
    if isinstance(source, wire.FunctionCall):
        item.call_id = source.call_id or item.call_id
        return
    item.server_label = source.server_label or item.server_label
    if isinstance(source, wire.McpApprovalRequest):
        item.approval = item.approval or "waiting"
    else:
        item.error = _error_words(source.error) or item.error
        item.output = source.output or item.error or item.output
        item.status = "failed" if item.error else item.status


def _error_words(error: wire.McpError | str | None) -> str:
    """Why an MCP call failed; the kind of error where the server has no words for it."""
    if isinstance(error, wire.McpError):
        return error.message or error.type or "failed"
    return error or ""
