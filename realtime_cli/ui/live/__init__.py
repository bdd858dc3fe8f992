"""The live screen, for a person at a terminal that can do more than print lines."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, TextIO

from realtime_cli.ui.theme import make_console

if TYPE_CHECKING:
    from .screen import LiveScreen
    from .surroundings import Surroundings

# Terminals whose cursor does not go where it is told.
_SIMPLE = frozenset({"", "dumb", "unknown", "emacs"})


def live_screen(
    stdin: TextIO,
    stdout: TextIO,
    *,
    environ: Mapping[str, str],
    surroundings: Surroundings,
) -> LiveScreen | None:
    """A screen for the terminal that is both streams; None where that is none, or too simple for it."""
    if not is_live_terminal(stdin, stdout, environ=environ):
        return None
    from .screen import LiveScreen  # noqa: PLC0415

    return LiveScreen(stdin, stdout, surroundings)


def is_live_terminal(stdin: TextIO, stdout: TextIO, *, environ: Mapping[str, str]) -> bool:
    """Whether a live screen can be drawn: a terminal on both sides, and not too simple a one."""
    return stdin.isatty() and stdout.isatty() and _moves_its_cursor(stdout, environ)


def _moves_its_cursor(stdout: TextIO, environ: Mapping[str, str]) -> bool:
    if sys.platform == "win32":
        return not make_console(stdout).legacy_windows
    return environ.get("TERM", "") not in _SIMPLE
