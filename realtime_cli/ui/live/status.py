"""The status line: what happens now, how loud it is, what it took and costs, who is there; folded to fit."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rich.console import Console
from rich.text import Text

from realtime_cli.core.cost import UNKNOWN, Cost
from realtime_cli.core.view import SessionView
from realtime_cli.ui.figures import (
    dollars,
    milliseconds,
    money,
    money_changes_in_s,
    time_left,
    time_left_changes_in_s,
    tokens,
)
from realtime_cli.ui.theme import can_show
from realtime_cli.visible import one_line

from .doing import last_wait, mode_of, retry_changes_in_s, retry_words, state_of, state_style
from .fold import Part, folded
from .meters import Meter, Meters, Size, levels

__all__ = ["Hint", "LogState", "Meter", "Meters", "Status", "changes_in_s", "left_s", "status_line"]

LogState: TypeAlias = Literal["recording", "off", "failed"]
# A key, and what it does.
Hint: TypeAlias = tuple[str, str]

_GROUPS = (
    ("mode", "state"),
    ("levels",),
    ("latency", "cost", "left", "tokens", "network", "gaps", "log"),
    ("who",),
    ("keys",),
)
# What changes all the time has the room of its usual words: what stands behind it keeps its place.
_USUAL_STATE, _USUAL_TEXT_STATE, _USUAL_LATENCY = "user speaking", "thinking", "840 ms"
_MOST_NAME_CELLS = 32
# The time that is left is always shown from here on, and in a louder style from there on.
_LATE_S, _URGENT_S, _LAST_S = 15 * 60, 5 * 60, 60
_NEARLY_SPENT = 0.8
_LOG_WORDS = {"recording": "logged", "off": "no log", "failed": "log failed"}


@dataclass(frozen=True, slots=True)
class Status:
    """What the status line is made of, beside the session. `note` takes the place of everything else.

    `now_s` is the session second; `max_usd` and `max_s` (seconds of the connection) are the user's limits.
    `hints` are keys that matter at this moment. A calm line has no meters, and no seconds that tick.
    """

    server: str
    meters: Meters
    holds_to_talk: bool = False
    note: str = ""
    now_s: float = 0.0
    log: LogState | None = None
    is_calm: bool = False
    max_usd: float | None = None
    max_s: float | None = None
    hints: tuple[Hint, ...] = ()


def status_line(console: Console, view: SessionView, status: Status, *, width: int) -> Text:
    """The line, folded until it fits: narrower than `width`, the same for the same inputs."""
    if status.note:
        line = Text(one_line(status.note), "warning")
    else:
        dot = " · " if can_show(console, "·") else " - "
        line = folded(_parts(console, view, status), _GROUPS, width=width, dot=dot) or _state(view)
    return _clipped(console, line, max(1, width - 1))


def left_s(view: SessionView, status: Status) -> float | None:
    """How long until the server or the user's own limit ends the session; None where nothing does."""
    ends = [] if view.ends_s is None else [view.ends_s]
    if status.max_s is not None and view.opened_s is not None:
        ends.append(view.opened_s + status.max_s)
    return min(ends) - max(view.now_s, status.now_s) if ends and view.connection == "open" else None


def changes_in_s(view: SessionView, status: Status) -> float | None:
    """After how many seconds the line changes by itself; None where it does not."""
    left, spent = left_s(view, status), _spent(view, status)
    changes = None if left is None else time_left_changes_in_s(left, calm=status.is_calm)
    costs = None if status.is_calm else money_changes_in_s(spent)
    tries = None if status.is_calm else retry_changes_in_s(view, now_s=status.now_s)
    return min((each for each in (changes, costs, tries) if each is not None), default=None)


def _parts(console: Console, view: SessionView, status: Status) -> Iterator[Part]:
    """What the line says, the most important first; once all of it is said, in more words, and with keys."""
    hints = [*status.hints, *_hints(view, holds_to_talk=status.holds_to_talk)]
    yield from _now(view)
    yield from _retry(view, status)
    yield from _alarms(view, status)
    yield from _keys(status.hints[:1])
    yield from _latency(view, has_name=False)
    yield from _cost(view, status)
    yield from _levels(console, view, status, "small")
    yield from _left(view, status, below_s=_LATE_S)
    yield Part("mode", Text(mode_of(view)[1], _mode_style(view)))
    yield from _cost(view, status, limit_usd=status.max_usd)
    yield from _levels(console, view, status, "medium")
    yield from _keys(hints[:1] if _is_unheard(view) else ())
    yield from _who(console, [view.model or status.server])
    yield from _left(view, status, below_s=math.inf)
    yield from _more(view, status, unit="tok")
    yield from _who(console, [status.server, view.model, view.voice if view.audio.speaker else ""])
    yield from _keys(hints[:1])
    yield from _levels(console, view, status, "wide")
    yield from _more(view, status, unit="tokens")
    yield Part("mode", Text(mode_of(view)[0], _mode_style(view)))
    yield from _latency(view, has_name=True)
    yield from _keys(hints)


def _now(view: SessionView) -> Iterator[Part]:
    """State and mode; whoever is muted has to know that first, whoever only types never."""
    mode, state = Part("mode", Text(mode_of(view)[1], _mode_style(view))), Part("state", _state(view))
    if view.audio.microphone:
        yield from (mode, state) if view.audio.is_muted else (state, mode)
    usual = _USUAL_STATE if view.audio.microphone else _USUAL_TEXT_STATE
    yield Part("state", state.text, room=len(usual))


def _retry(view: SessionView, status: Status) -> Iterator[Part]:
    """When a lost connection is replaced."""
    words = retry_words(view, now_s=status.now_s, calm=status.is_calm)
    if words:
        yield Part("state", Text(words, state_style(view.connection)))


def _state(view: SessionView) -> Text:
    state = state_of(view)
    return Text(state, state_style(state))


def _is_unheard(view: SessionView) -> bool:
    """Whether a key has to be pressed before anybody hears the user."""
    hears = not (view.audio.is_muted or view.audio.is_push_to_talk)
    return view.retry is not None or (bool(view.audio.microphone) and not hears)


def _mode_style(view: SessionView) -> str:
    if view.audio.is_muted:
        return "selected"
    return "user" if view.audio.is_talking else "info"


def _alarms(view: SessionView, status: Status) -> Iterator[Part]:
    """What the user had better know at once."""
    if status.log == "failed":
        yield Part("log", Text(_LOG_WORDS[status.log], "error"))
    yield from _left(view, status, below_s=_URGENT_S)
    if _is_nearly_spent(view, status):
        yield from _cost(view, status)
    if view.audio.is_congested:
        yield Part("network", Text("network is slow", "warning"))


def _left(view: SessionView, status: Status, *, below_s: float) -> Iterator[Part]:
    left = left_s(view, status)
    if left is not None and left < below_s:
        style = "error" if left < _LAST_S else "warning" if left < _URGENT_S else "info"
        yield Part("left", Text(time_left(left, calm=status.is_calm), style))


def _latency(view: SessionView, *, has_name: bool) -> Iterator[Part]:
    found = last_wait(view)
    if found is not None and found.awaited_ms is not None:
        name = f"first {'sound' if found.kind == 'voice' else 'text'} " if has_name else ""
        yield Part("latency", Text(name + milliseconds(found.awaited_ms)), room=len(name + _USUAL_LATENCY))


def _cost(view: SessionView, status: Status, *, limit_usd: float | None = None) -> Iterator[Part]:
    """What the session has cost, as far as it has cost anything, and what it may cost."""
    spent = _spent(view, status)
    if spent.usd:
        # A calm line tells what does not change.
        words = f"{dollars(spent.per_minute)}/min" if status.is_calm and spent.per_minute else money(spent)
        limit = "" if limit_usd is None else f" of {dollars(limit_usd)}"
        yield Part("cost", Text(words + limit, "warning" if _is_nearly_spent(view, status) else ""))


def _spent(view: SessionView, status: Status) -> Cost:
    return view.cost.after(status.now_s - view.now_s)


def _is_nearly_spent(view: SessionView, status: Status) -> bool:
    return status.max_usd is not None and _spent(view, status).usd >= _NEARLY_SPENT * status.max_usd


def _more(view: SessionView, status: Status, *, unit: str) -> Iterator[Part]:
    """What is good to know, where there is room for it."""
    if view.tokens.total:
        yield Part("tokens", Text(f"{tokens(view.tokens.total)} {unit}", "info"))
        if view.cost == UNKNOWN:
            yield Part("cost", Text(money(view.cost), "info"))
    if status.log is not None:
        yield Part("log", Text(_LOG_WORDS[status.log], "error" if status.log == "failed" else "info"))
    if gaps := view.audio.gaps.total:
        yield Part("gaps", Text(f"{gaps:,} gap{'s' if gaps > 1 else ''} in the sound", "warning"))


def _who(console: Console, names: Sequence[str]) -> Iterator[Part]:
    shown = [_clipped(console, Text(one_line(name), "info"), _MOST_NAME_CELLS) for name in names if name]
    if shown:
        yield Part("who", Text(" ", "info").join(shown))


def _clipped(console: Console, text: Text, cells: int) -> Text:
    text.truncate(cells, overflow="ellipsis" if can_show(console, "…") else "crop")
    return text


def _levels(console: Console, view: SessionView, status: Status, size: Size) -> Iterator[Part]:
    shown = None if status.is_calm else levels(console, view.audio, status.meters, size)
    if shown is not None:
        yield Part("levels", shown)


def _keys(hints: Sequence[Hint]) -> Iterator[Part]:
    if hints:
        yield Part(
            "keys", Text("  ").join(Text.assemble((key, "key"), (f" {does}", "info")) for key, does in hints)
        )


def _hints(view: SessionView, *, holds_to_talk: bool) -> list[Hint]:
    """What is good for something now, the one that matters most first."""
    if view.retry is not None:
        return [("/reconnect", "tries now"), ("^D", "leaves")]
    if not view.audio.microphone:
        return [("^C", "interrupts"), ("?", "help")] if view.is_busy else [("?", "help")]
    mute = ("^T", "unmutes" if view.audio.is_muted else "mutes")
    if not view.audio.is_push_to_talk:
        return [mute, ("^O", "push-to-talk")]
    talk = ("hold space", "to talk") if holds_to_talk else ("space", "talks")
    return [*([] if view.audio.is_muted else [talk]), mute, ("^O", "open microphone")]
