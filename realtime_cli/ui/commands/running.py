"""Carries out command lines."""

from __future__ import annotations

from rich.text import Text

from realtime_cli.errors import RealtimeError, UsageError
from realtime_cli.visible import one_line

from .desk import Desk
from .layout import wrapped
from .registry import find, unknown
from .words import Line, parse

_LONGEST = 1_000


def execute(desk: Desk, line: str) -> None:
    """Does what a command line says. What is wrong with it is shown as one line, and nothing is done."""
    try:
        _run(desk, line)
    except RealtimeError as error:
        words = Text(one_line(f"error: {error}", limit=_LONGEST), "error")
        if error.hint:
            words.append(f" ({one_line(error.hint)})", "info")
        desk.show(*wrapped(desk.console, words, width=desk.width))


def _run(desk: Desk, line: str) -> None:
    parsed = parse(line)
    if parsed is None:  # a path, perhaps
        raise unknown(line.strip().removeprefix("/").partition(" ")[0])
    command = find(parsed.name)
    if parsed.insists and not command.can_insist:
        raise UsageError(f"/{command.name} does not take !", hint=f"/help {command.name}")
    if parsed.rest and not command.takes_words:
        raise UsageError(f"/{command.name} takes nothing more", hint=f"/help {command.name}")
    command.run(desk, Line(command.name, parsed.rest, parsed.insists))
