"""The last line of a session: what there was, what it took and cost, where it is kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from realtime_cli.core.cost import Cost
from realtime_cli.core.latency import Kind, Spread, usual
from realtime_cli.core.view import SessionView
from realtime_cli.visible import visible

from .figures import milliseconds, money

_KINDS: dict[Kind, str] = {"voice": "first sound", "text": "first text"}
# More digits of a dollar mean nothing.
_USD_DIGITS = 9


def summary_line(view: SessionView, *, seconds: float, log: Path | None) -> str:
    """Turns, tokens, cost, latency, time and the log's path in one line."""
    parts = [count(view.turns, "turn"), count(view.tokens.total, "token"), *_cost(view), *_waits(view)]
    parts.append(duration(seconds))
    if view.reconnects:
        parts.append(f"connected again {count(view.reconnects, 'time')}")
    if view.counters.unknown:
        parts.append(count(view.counters.unknown, "unknown event"))
    if gaps := view.audio.gaps.total:
        parts.append(f"{count(gaps, 'gap')} in the sound ({view.audio.gaps.total_ms:.0f} ms)")
    if log is not None:
        parts.append(f"log {visible(str(log))}")
    return " · ".join(parts)


def summary_json(view: SessionView, *, seconds: float, log: Path | None) -> dict[str, Any]:
    """The same for programs.

    `cost` is `{"usd": 0.0123, "certainty": "exact" | "estimated" | "unknown"}`, where an amount that is
    `unknown` is the part that is known, null where that is nothing. `latency_ms` tells for `voice` (until the
    first sound) and `text` (until the first text) `{"median": 840, "p95": 1200, "count": 12}`, or null where
    nothing was measured.
    """
    return {
        "type": "summary",
        "turns": view.turns,
        "tokens": dataclasses.asdict(view.tokens),
        "cost": cost_json(view.cost),
        "latency_ms": {kind: _spread_json(usual(view, kind)) for kind in _KINDS},
        "seconds": round(seconds, 3),
        "events": dataclasses.asdict(view.counters),
        "gaps": dataclasses.asdict(view.audio.gaps),
        "reconnects": view.reconnects,
        "close_code": view.close_code,
        "log": str(log) if log else None,
    }


def cost_json(cost: Cost) -> dict[str, Any]:
    """An amount as an object."""
    is_told = cost.usd or cost.certainty != "unknown"
    return {"usd": round(cost.usd, _USD_DIGITS) if is_told else None, "certainty": cost.certainty}


def duration(seconds: float) -> str:
    """`4.2 s`, `3 min 20 s`."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s"


def count(number: int, what: str) -> str:
    """`1 turn`, `2 turns`."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _cost(view: SessionView) -> Iterator[str]:
    """The cost, where something was used."""
    if view.cost.usd or (view.tokens.total and view.cost.certainty == "unknown"):
        yield money(view.cost)


def _waits(view: SessionView) -> Iterator[str]:
    """`first sound 840 ms (p95 1.2 s)`; of a single turn there is nothing to compare."""
    for kind, name in _KINDS.items():
        found = usual(view, kind)
        if found is not None:
            p95 = f" (p95 {milliseconds(found.p95_ms)})" if found.count > 1 else ""
            yield f"{name} {milliseconds(found.median_ms)}{p95}"


def _spread_json(found: Spread | None) -> dict[str, int] | None:
    if found is None:
        return None
    return {"median": found.median_ms, "p95": found.p95_ms, "count": found.count}
