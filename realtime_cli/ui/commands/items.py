"""The items of the conversation: listed, fetched, deleted, cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rich.console import Console
from rich.text import Text

from realtime_cli.core.view import UNNAMED, ItemView, SessionView
from realtime_cli.errors import UsageError
from realtime_cli.protocol.checks import below
from realtime_cli.protocol.jsontypes import Json, dump, is_array, is_object
from realtime_cli.protocol.wording import nearest
from realtime_cli.ui.events import base64_bytes
from realtime_cli.ui.turns import unheard
from realtime_cli.ui.wrap import wrapped_below
from realtime_cli.visible import one_line

from .command import Command, Group, Offer, Offers, Typed
from .desk import Desk
from .files import size
from .layout import definitions, excerpt, tell
from .replies import Reply
from .sending import send
from .words import Line, split

_USUAL = 30
_EXCERPT = 200
_LONGEST_ID = 24
_LONGEST_VALUE = 2_000
_NUMBERS = "N is the number of the item's row in /items."
# Narrower screens get two rows for an item.
_ONE_ROW = 70


def _items(desk: Desk, line: Line) -> None:
    items = desk.view.items
    count = _count(line.rest, len(items))
    if not items:
        tell(desk, "the conversation has no items yet")
        return
    if count < len(items):
        tell(desk, f"{len(items) - count} before these: /items all")
    chosen = list(enumerate(items, 1))[-count:]
    widest = max(len(_id(item)) for _, item in chosen)
    for number, item in chosen:
        desk.show(*_rows(desk.console, number, item, (widest, desk.width)))


def _count(text: str, most: int) -> int:
    if not text:
        return min(most, _USUAL)
    if text == "all":
        return most
    if not (text.isascii() and text.isdecimal() and 0 < len(text) < 10 and int(text)):
        raise UsageError("/items takes a number, or all", hint="/items 10 shows the last ten")
    return min(most, int(text))


def _rows(console: Console, number: int, item: ItemView, size: tuple[int, int]) -> Iterator[Text]:
    widest, width = size
    head = Text(f"{number:3} ", "number")
    if width >= _ONE_ROW:
        head.append(_id(item).ljust(widest + 1), "key")
        head.append(f"{_who(item):10.10} {_status(item):11.11} ", "info").append(
            f"{_length(item):>11}  ", "time"
        )
        yield head.append(excerpt(console, words_of(item), limit=max(8, width - head.cell_len)))
    else:
        head.append(_id(item), "key")
        state = Text(f"{_who(item)} {_status(item)}".rstrip(), "info")
        if head.cell_len + 1 + state.cell_len <= width:
            yield head.append(" ").append_text(state)
        else:
            yield from wrapped_below(head, width=width)
            yield from wrapped_below(Text("    ") + state, width=width)
        below = Text("    ").append(f"{_length(item)}  ", "time")
        yield below.append(excerpt(console, words_of(item), limit=max(8, width - below.cell_len)))


def _id(item: ItemView) -> str:
    return one_line(item.id, limit=_LONGEST_ID)


def _who(item: ItemView) -> str:
    kinds = {"function_call": "call", "function_call_output": "output", "message": item.role or "message"}
    return one_line(kinds.get(item.kind, item.kind), limit=24)


def _status(item: ItemView) -> str:
    status = one_line(item.status, limit=16).replace("_", " ")
    return status if item.in_conversation else f"{status} beside".strip()


def _length(item: ItemView) -> str:
    if item.audio_ms:
        return f"{item.audio_ms / 1000:.1f} s"
    return f"{len(item.text or item.arguments or item.output):,} chars"


def words_of(item: ItemView) -> str:
    """What an item says, on one line."""
    if item.kind == "message":
        return one_line(item.text or unheard(item), limit=_EXCERPT)
    call = f"{item.name}({item.arguments})" if item.name else ""
    return one_line(f"{call} {item.output}", limit=_EXCERPT)


def _retrieve(desk: Desk, line: Line) -> None:
    item = _only(desk.view, line, "/retrieve ID")
    _ask(desk, "retrieve", {"item_id": item.id}, lambda event: _show_item(desk, event))
    tell(desk, f"asked for {_id(item)}")


def _ask(desk: Desk, what: str, fields: Json, answered: Callable[[Json], None]) -> None:
    """Sends an event about an item; `answered` gets the one that comes back."""
    asked = f"conversation.item.{what}"
    event_id = desk.expect(Reply(f"{asked}d", answered))
    send(desk, {"type": asked, "event_id": event_id, **fields})


def _show_item(desk: Desk, event: Json) -> None:
    """The item as the server has it: each value behind its path, sound as its size."""
    rows = [(Text(path, "key"), _leaf(path, value)) for path, value in _leaves(event.get("item"))]
    desk.show(*definitions(desk.console, rows, width=desk.width))


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """What is no object and no list, with its path; empty ones too."""
    if is_object(value) and value:
        for name, inner in value.items():
            yield from _leaves(inner, below(path, one_line(name)))
    elif is_array(value) and value:
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{index}]")
    else:
        yield path, value


def _leaf(path: str, value: object) -> Text:
    if not isinstance(value, str):
        return Text(one_line(dump(value)), "number")
    size_bytes = base64_bytes(path.rpartition(".")[2], value)
    if size_bytes is not None:
        return Text(f"({size(size_bytes)})", "info")
    return Text(one_line(value, limit=_LONGEST_VALUE))


def _delete(desk: Desk, line: Line) -> None:
    item = _only(desk.view, line, "/delete ID")
    _ask(desk, "delete", {"item_id": item.id}, lambda _: tell(desk, f"deleted {_id(item)}"))
    tell(desk, f"asked to delete {_id(item)}")


def _truncate(desk: Desk, line: Line) -> None:
    words = split(line.rest)
    if len(words) != 2:
        raise UsageError("/truncate takes an item and milliseconds", hint="/truncate ID 1200")
    item, end_ms = item_named(desk.view, words[0]), _ms(words[1])
    if not item.has_audio or item.role != "assistant":
        raise UsageError(f"{_id(item)} is no speech of the assistant", hint="only that can be cut")
    if end_ms > item.audio_ms:
        raise UsageError(f"{_id(item)} has {item.audio_ms:.0f} ms of sound", hint="cut it there, or before")
    cut = {"item_id": item.id, "content_index": 0, "audio_end_ms": end_ms}
    told = f"cut {_id(item)} after {end_ms} ms"
    _ask(desk, "truncate", cut, lambda _: tell(desk, told))
    tell(desk, f"asked to {told}")


def _ms(word: str) -> int:
    number = word.removesuffix("ms")
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        raise UsageError(f"{one_line(word, limit=40)} is no number of milliseconds", hint="/truncate ID 1200")
    return int(number)


def _only(view: SessionView, line: Line, usage: str) -> ItemView:
    words = split(line.rest)
    if len(words) != 1:
        raise UsageError(f"{usage}: an item is missing" if not words else usage, hint="/items lists them")
    return item_named(view, words[0])


def item_named(view: SessionView, word: str) -> ItemView:
    """The item with that id, or that number in `/items`. Raises `UsageError`."""
    found = next((item for item in view.items if item.id == word), None)
    if found is None and word.isascii() and word.isdecimal() and 0 < int(word[:10]) <= len(view.items):
        found = view.items[int(word[:10]) - 1]
    if found is None:
        meant = nearest(word, [item.id for item in view.items])
        hint = f"did you mean {one_line(meant)}?" if meant else "/items lists them"
        raise UsageError(f"there is no item {one_line(word, limit=40)}", hint=hint)
    if found.id.startswith(UNNAMED):
        raise UsageError("the server gave that item no id", hint="nothing can be done to it")
    return found


def _offers_of(fits: Callable[[ItemView], bool]) -> Offers:
    """Offers of the items that fit, the last one first."""

    def offers(typed: Typed) -> Iterator[Offer]:
        if typed.count:
            return
        word = typed.word.lower()
        for number, item in reversed(list(enumerate(typed.view.items, 1))):
            is_meant = word in item.id.lower() and item.id.isprintable() and not item.id.startswith(UNNAMED)
            if is_meant and fits(item):
                yield Offer(item.id, f"{number} {_who(item)}: {one_line(words_of(item), limit=60)}")

    return offers


def _any(_: ItemView) -> bool:
    return True


def _is_speech(item: ItemView) -> bool:
    return item.has_audio and item.role == "assistant"


def _cuts(typed: Typed) -> Iterator[Offer]:
    yield from _offers_of(_is_speech)(typed)
    item = next((item for item in typed.view.items if typed.before[:1] == (item.id,)), None)
    if typed.count == 1 and item is not None:
        if item.heard_ms is not None:
            yield Offer(str(int(item.heard_ms)), "what was heard")
        yield Offer(str(int(item.audio_ms)), "all of it")


def _counts(typed: Typed) -> Iterator[Offer]:
    if not typed.count:
        yield Offer("all", "from the beginning")


GROUP = Group(
    "Items",
    (
        Command("items", "[N|all]", "the conversation's items", _items, _counts),
        Command(
            "retrieve",
            "ID|N",
            "ask for an item as the server has it",
            _retrieve,
            _offers_of(_any),
            more=(_NUMBERS,),
        ),
        Command("delete", "ID|N", "take an item out", _delete, _offers_of(_any), more=(_NUMBERS,)),
        Command("truncate", "ID|N MS", "cut the assistant's speech", _truncate, _cuts, more=(_NUMBERS,)),
    ),
)
