"""The last line of a replay: what happens in the session at this moment, what it cost, and the keys."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from realtime_cli.core.view import SessionView
from realtime_cli.runtime.deck import Deck
from realtime_cli.ui.figures import milliseconds, money, tokens
from realtime_cli.ui.theme import can_show
from realtime_cli.visible import one_line

from .doing import last_wait, mode_of, retry_words, state_of, state_style
from .fold import Part, folded

_GROUPS = (("state", "mode", "latency", "cost", "tokens"), ("who",), ("keys",))
_USUAL_STATE = "user speaking"
_MOST_NAME_CHARACTERS = 40


def replay_status(console: Console, view: SessionView, deck: Deck, *, server: str, width: int) -> Text:
    """One row, narrower than `width`."""
    dot = " · " if can_show(console, "·") else " - "
    return folded(_parts(console, view, deck, server), _GROUPS, width=width, dot=dot)


def _parts(console: Console, view: SessionView, deck: Deck, server: str) -> Iterator[Part]:
    leave, *more = _keys(console, deck)
    state = state_of(view)
    if deck.is_over or deck.pace.is_paused:
        yield Part("keys", leave)
    yield Part("state", Text(state, state_style(state)), room=len(_USUAL_STATE))
    yield Part("keys", leave)
    yield Part("keys", Text("  ").join([*more[:1], leave]))
    if tries := retry_words(view, now_s=view.now_s, calm=True):  # beside it the bar moves
        yield Part("state", Text(tries, state_style(state)))
    if view.cost.usd:
        yield Part("cost", Text(money(view.cost), "info"))
    wait = last_wait(view)
    if wait is not None and wait.awaited_ms is not None:
        yield Part("latency", Text(milliseconds(wait.awaited_ms), "info"))
    yield Part("mode", Text(mode_of(view)[1], "info"))
    yield Part("keys", Text("  ").join([*more, leave]))
    if view.tokens.total:
        yield Part("tokens", Text(f"{tokens(view.tokens.total)} tokens", "info"))
    for name in (view.model or server, f"{server} {view.model} {view.voice}"):
        yield Part("who", Text(one_line(name.strip(), limit=_MOST_NAME_CHARACTERS), "info"))


def _keys(console: Console, deck: Deck) -> list[Text]:
    """How to leave, and then what else one might want, the most important first."""
    arrows = "←→" if can_show(console, "←→") else "arrows"
    if deck.is_over:
        keys = [("q", "leaves"), (arrows, "go back"), ("space", "begins again")]
    else:
        does = "goes on" if deck.pace.is_paused else "pauses"
        keys = [("q", "leaves"), ("?", "keys"), ("space", does), (arrows, "turns")]
    return [Text.assemble((key, "key"), (f" {what}", "info")) for key, what in keys]
