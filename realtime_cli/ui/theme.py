"""Consoles, and styles by meaning."""

from __future__ import annotations

import os
from typing import TextIO

from rich.console import Console
from rich.theme import Theme

THEME = Theme(
    {
        "user": "bold cyan",
        "assistant": "none",
        "mark": "bold green",
        "tool": "magenta",
        "info": "dim",
        "warning": "yellow",
        "error": "bold red",
        "key": "cyan",
        "number": "blue",
        "time": "dim",
        "in": "green",
        "out": "cyan",
        "local": "dim",
    }
)


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leaves the error to whoever prints; Rich would end the program."""
        raise  # noqa: PLE0704  (called while the error is being handled)


def make_console(stream: TextIO, *, width: int | None = None) -> Console:
    """A console that prints what it is given: no markup, no emoji codes, no style under `NO_COLOR`."""
    return _Console(
        file=stream,
        theme=THEME,
        width=width,
        # Rich alone would keep bold and dim.
        color_system=None if os.environ.get("NO_COLOR") else "auto",
        markup=False,
        emoji=False,
        highlight=False,
    )


def can_show(console: Console, text: str) -> bool:
    """Whether the stream's encoding has these characters."""
    try:
        text.encode(console.encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
