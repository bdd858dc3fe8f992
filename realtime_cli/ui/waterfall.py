"""Where the time of a turn goes: its steps drawn on one axis, and what is usual in the session."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from realtime_cli.core.latency import STEPS, Kind, Latency, Spread, Step, StepName, latencies, spread, usual
from realtime_cli.core.view import Origin, SessionView

from .figures import milliseconds
from .summary import count
from .theme import can_show

_BAR, _LEFT_HALF, _RIGHT_HALF, _BROKEN = "━", "╸", "╺", "›"
_NAMES = {step: step.replace("_", " ") for step in STEPS} | {"response_created": "created"}
_NAME_CELLS = max(map(len, _NAMES.values()))
_AWAITED: dict[Kind, StepName] = {"voice": "first_sound", "text": "first_text"}
_FIGURE_CELLS = len("  12.3 s ")
_MOST_CELLS, _LEAST_CELLS = 60, 4
# An answer that goes on for longer than this would leave no room for its beginning.
_MOST_TIMES = 2.0
_ORIGINS: dict[Origin, str] = {
    "speech": "the end of your speech",
    "commit": "the commit of your speech",
    "text": "your words",
    "tool": "the tool's result",
    "server": "the server's own start",
}


def latency_rows(console: Console, view: SessionView, width: int, *, calm: bool = False) -> list[Text]:
    """The last turn drawn as a waterfall, and under it the median and the 95th percentile of the session.

    Where it is `calm`, nothing is drawn: words and numbers only.
    """
    turns = [each for each in latencies(view) if len(each.steps) > 1]
    rows = [Text("no turn has been measured yet", "info")]
    if turns:
        rows = [*_drawn(console, turns[-1], width, calm=calm), Text(), *_usual(view, turns)]
    for row in rows:
        row.truncate(width)
    return rows


def _drawn(console: Console, turn: Latency, width: int, *, calm: bool) -> Iterator[Text]:
    """Title, axis, and a row for each step; what comes after the step that was waited for is dim."""
    steps = [step for step in turn.steps if step.name != "start"]
    left = _NAME_CELLS + _FIGURE_CELLS + 2
    cells = max(_LEAST_CELLS, min(_MOST_CELLS, width - left))
    axis_ms = _axis_ms(steps)
    yield Text.assemble(("last turn", "heading"), (f"  from {_ORIGINS[turn.origin]}", "info"))
    if not calm:
        yield Text(f"{'':{left}}0{milliseconds(axis_ms):>{cells - 1}}", "info")
    style = "bar.done"
    for step in steps:
        is_awaited = step.name == _AWAITED[turn.kind]
        row = _row(_NAMES[step.name], [step.at_ms], style="strong" if is_awaited else "")
        yield row if calm else row.append("  ").append(_bar(console, step, axis_ms, cells), style)
        style = "bar" if is_awaited else style


def _axis_ms(steps: Sequence[Step]) -> int:
    """Where the axis ends: with the last step, unless that is far behind all others."""
    *others, last = (step.at_ms for step in steps)
    return max(1, last if not others or not others[-1] else min(last, round(others[-1] * _MOST_TIMES)))


def _bar(console: Console, step: Step, axis_ms: int, cells: int) -> str:
    """The bar from the step's beginning to its end, to half a cell; an arrow where it leaves the axis."""
    start = _half(step.at_ms - step.took_ms, axis_ms, cells * 2 - 1)
    end = max(start + 1, _half(step.at_ms, axis_ms, cells * 2))
    if not can_show(console, _BAR + _LEFT_HALF + _RIGHT_HALF):
        bar = " " * (start // 2) + "=" * ((end + 1) // 2 - start // 2)
    else:
        middle = _BAR * (end // 2 - (start + 1) // 2)
        bar = " " * (start // 2) + _RIGHT_HALF * (start % 2) + middle + _LEFT_HALF * (end % 2)
    arrow = _BROKEN if can_show(console, _BROKEN) else ">"
    return bar[: cells - 1] + arrow if step.at_ms > axis_ms else bar


def _half(at_ms: int, axis_ms: int, most: int) -> int:
    """The half cell at which a moment lies."""
    return max(0, min(most, round(at_ms * (most + most % 2) / axis_ms)))


def _usual(view: SessionView, turns: Sequence[Latency]) -> Iterator[Text]:
    """The table of the session: each step, and how long users waited."""
    of = len(turns)
    yield Text(f"session, {count(of, 'answer')}", "heading")
    yield Text(f"{'':{_NAME_CELLS}}{'median':>{_FIGURE_CELLS}}{'p95':>{_FIGURE_CELLS}}", "info")
    for step in STEPS[1:]:
        yield from _usual_row(_NAMES[step], spread(turn.at_ms(step) for turn in turns), of=of)
    yield from _usual_row("until sound", usual(view, "voice"), of=of, style="strong")
    yield from _usual_row("until text", usual(view, "text"), of=of, style="strong")


def _usual_row(name: str, found: Spread | None, *, of: int, style: str = "") -> Iterator[Text]:
    if found is not None:
        row = _row(name, [found.median_ms, found.p95_ms], style=style)
        yield row.append(f"  {found.count} of {of}" if found.count < of else "", "info")


def _row(name: str, times_ms: Sequence[float], *, style: str) -> Text:
    figures = "".join(f"{milliseconds(ms):>{_FIGURE_CELLS}}" for ms in times_ms)
    return Text.assemble((f"{name:{_NAME_CELLS}}", style or "info"), (figures, style))
