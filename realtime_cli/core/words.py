"""Times, numbers and money in words, as notices have them."""

from __future__ import annotations

from .cost import Cost

# The smallest amount that has a figure.
_LEAST_USD = 0.0001


def duration(seconds: float) -> str:
    """`0.2 s`, `12 s`, `3 min`, `3 min 20 s`, `2 h 5 min`."""
    if seconds < 9.95:
        return f"{max(0.0, seconds):.1f}".removesuffix(".0") + " s"
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def number_of(count: int, one: str, many: str = "") -> str:
    """`1 item`, `2 items`, `3 tries`."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def dollars(usd: float) -> str:
    """`$0.0042`, `$0.42`, `$1.50`; what has cost something is never shown as nothing."""
    if 0 < usd < _LEAST_USD:
        return f"<${_LEAST_USD:.4f}"
    return f"${usd:,.2f}" if usd >= 0.1 or not usd else f"${usd:.4f}"


def money(cost: Cost) -> str:
    """`$0.42`, `about $0.42` where something was assumed, `at least $0.42` where something is not known."""
    before = {"exact": "", "estimated": "about ", "unknown": "at least "}
    return before[cost.certainty] + dollars(cost.usd)
