"""Numbers that say how fast something goes."""

from __future__ import annotations

from realtime_cli.errors import UsageError


def rate(text: str, flag: str, *, what: str, hint: str = "write a number above 0, or max") -> float | None:
    """The number; None for `max`: as fast as possible. Raises `UsageError` where it is none."""
    if text == "max":
        return None
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise UsageError(f"{flag} {text!r} is no {what}", hint=hint)
    return number
