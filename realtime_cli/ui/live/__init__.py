"""The live screen, for a person at a terminal that can do more than print lines."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TextIO

from realtime_cli.runtime.ports import Levels
from realtime_cli.ui.theme import make_console

if TYPE_CHECKING:
    from .screen import LiveScreen

# Terminals whose cursor does not go where it is told.
_SIMPLE = frozenset({"", "dumb", "unknown", "emacs"})


def live_screen(
    stdin: TextIO,
    stdout: TextIO,
    *,
    environ: Mapping[str, str],
    server: str,
    levels: Callable[[], Levels] = Levels,
) -> LiveScreen | None:
    """A screen for the terminal that is both streams; None where that is none, or too simple for it.

    `server` is the name of the other side; `levels` tells how loud it is.
    """
    if not (stdin.isatty() and stdout.isatty() and _moves_its_cursor(stdout, environ)):
        return None
    from .screen import LiveScreen  # noqa: PLC0415

    return LiveScreen(stdin, stdout, server=server, levels=levels)


def _moves_its_cursor(stdout: TextIO, environ: Mapping[str, str]) -> bool:
    if sys.platform == "win32":
        return not make_console(stdout).legacy_windows
    return environ.get("TERM", "") not in _SIMPLE
