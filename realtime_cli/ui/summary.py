"""The last line of a session: what there was, what it took, where it is kept."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from realtime_cli.core.view import SessionView
from realtime_cli.visible import visible


def summary_line(view: SessionView, *, seconds: float, log: Path | None) -> str:
    """Turns, tokens, time and the log's path in one line."""
    parts = [count(view.turns, "turn"), count(view.tokens.total, "token"), duration(seconds)]
    if view.counters.unknown:
        parts.append(count(view.counters.unknown, "unknown event"))
    if gaps := view.audio.gaps.total:
        parts.append(f"{count(gaps, 'gap')} in the sound ({view.audio.gaps.total_ms:.0f} ms)")
    if log is not None:
        parts.append(f"log {visible(str(log))}")
    return " · ".join(parts)


def summary_json(view: SessionView, *, seconds: float, log: Path | None) -> dict[str, Any]:
    """The same for programs."""
    return {
        "type": "summary",
        "turns": view.turns,
        "tokens": dataclasses.asdict(view.tokens),
        "seconds": round(seconds, 3),
        "events": dataclasses.asdict(view.counters),
        "gaps": dataclasses.asdict(view.audio.gaps),
        "close_code": view.close_code,
        "log": str(log) if log else None,
    }


def duration(seconds: float) -> str:
    """`4.2 s`, `3 min 20 s`."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s"


def count(number: int, what: str) -> str:
    """`1 turn`, `2 turns`."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
