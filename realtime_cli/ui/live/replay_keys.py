"""The keys of a replay."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from rich.console import Console
from rich.text import Text

from realtime_cli.runtime.deck import Deck
from realtime_cli.ui.theme import can_show
from realtime_cli.ui.wrap import wrapped_below

_HELP = (
    ("space", "pauses, and goes on"),
    (". ,", "one step on, one step back"),
    ("← →", "to the turn before, to the next turn"),
    ("[ ]", "to the marker before, to the next one (also Shift with the arrows)"),
    ("0 … 9", "to so many tenths of it"),
    ("Home End", "to the beginning, to the end"),
    ("+ -", "faster, slower"),
    ("m", "mutes it, or lets it sound again"),
    ("e Ctrl-E", "shows the raw events, where ? tells their keys, and hides them"),
    ("q", "leaves"),
)
_SIMPLE = str.maketrans({"←": "left", "→": " right", "…": "-"})


def replay_keys(
    deck: Deck,
    *,
    help_: Callable[[], None],
    raw: Callable[[], None],
    stop: Callable[[], None],
    suspend: Callable[[], None],
) -> KeyBindings:
    """All keys while the conversation is shown; `stop` is Ctrl-C."""
    keys = KeyBindings()
    _bind(keys, [" "], deck.pause)
    _bind(keys, ["."], deck.step)
    _bind(keys, [","], deck.step_back)
    _bind(keys, ["right"], deck.next_turn)
    _bind(keys, ["left"], deck.previous_turn)
    _bind(keys, ["]", "s-right"], deck.next_marker)
    _bind(keys, ["[", "s-left"], deck.previous_marker)
    _bind(keys, ["+", "="], deck.faster)
    _bind(keys, ["-"], deck.slower)
    _bind(keys, ["home"], partial(deck.to_share, 0.0))
    _bind(keys, ["end"], deck.to_end)
    for tenth in range(10):
        _bind(keys, [str(tenth)], partial(deck.to_share, tenth / 10))
    _bind(keys, ["m"], deck.mute)
    _bind(keys, ["e", "c-e"], raw)
    _bind(keys, ["?"], help_)
    _bind(keys, ["q", "c-d"], deck.leave)
    _bind(keys, ["c-c"], stop)
    _bind(keys, ["c-z"], suspend)
    return keys


def help_rows(console: Console, *, width: int) -> list[Text]:
    """What the keys do."""
    is_simple = not can_show(console, "←→…")
    names = [name.translate(_SIMPLE) if is_simple else name for name, _ in _HELP]
    column = max(map(len, names)) + 2
    rows = [
        Text.assemble((f"  {name:{column}}", "key"), (does, "info"))
        for name, (_, does) in zip(names, _HELP, strict=True)
    ]
    return [part for row in rows for part in wrapped_below(row, width=width, indent=2 + column)]


def _bind(keys: KeyBindings, names: Iterable[str], act: Callable[[], None]) -> None:
    def pressed(_: KeyPressEvent) -> None:
        act()

    for name in names:
        keys.add(name)(pressed)
