"""Refuses flags that say two things about one."""

from __future__ import annotations

from realtime_cli.errors import UsageError


def refuse_together(*flags: tuple[str, object]) -> None:
    """Raises `UsageError` where more than one of the flags was given."""
    given = [name for name, value in flags if value is not None]
    if len(given) > 1:
        raise UsageError(f"{' and '.join(given)} contradict each other", hint="leave out one")
