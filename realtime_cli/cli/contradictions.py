"""Refuses flags that say two things about one."""

from __future__ import annotations

from realtime_cli.errors import UsageError
from realtime_cli.settings import Settings


def refuse_together(*flags: tuple[str, object]) -> None:
    """Raises `UsageError` where more than one of the flags was given."""
    given = [name for name, value in flags if value is not None]
    if len(given) > 1:
        raise UsageError(f"{' and '.join(given)} contradict each other", hint="leave out one")


def is_flag(settings: Settings, name: str) -> bool:
    """Whether a setting was given on the command line: what stands in a file may be for another day."""
    return settings.origin(name).startswith("--")
