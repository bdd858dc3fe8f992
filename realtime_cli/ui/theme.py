"""Consoles, and styles by meaning."""

from __future__ import annotations

import os
from io import BytesIO, TextIOWrapper
from typing import Literal, TextIO, TypeAlias

from rich.console import Console
from rich.theme import Theme

THEME = Theme(
    {
        "user": "bold cyan",
        "assistant": "none",
        "unheard": "dim",
        "cut": "dim strike",
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
_Colours: TypeAlias = Literal["standard", "256", "truecolor"]
_COLOURS: dict[str | None, _Colours] = {"standard": "standard", "256": "256", "truecolor": "truecolor"}
_ANY_HEIGHT = 25


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leaves the error to whoever prints; Rich would end the program."""
        raise  # noqa: PLE0704  (called while the error is being handled)


def make_console(stream: TextIO, *, width: int | None = None) -> Console:
    """A console that prints what it is given: no markup, no emoji codes, no style under `NO_COLOR`."""
    simple = _width_of_simple_terminal(stream)
    return _Console(
        file=stream,
        theme=THEME,
        width=width or simple,
        height=_ANY_HEIGHT if simple else None,  # without it Rich does not believe the width
        # Rich alone would keep bold and dim.
        color_system=None if os.environ.get("NO_COLOR") else "auto",
        markup=False,
        emoji=False,
        highlight=False,
    )


def _width_of_simple_terminal(stream: TextIO) -> int | None:
    """Rich takes every terminal with `TERM=dumb` for 80 columns."""
    if os.environ.get("TERM", "").lower() not in {"dumb", "unknown"} or not stream.isatty():
        return None
    try:
        return os.get_terminal_size(stream.fileno()).columns or None
    except OSError:
        return None


def make_paper(stdout: TextIO) -> Console:
    """A console that is only captured: what it gives has the colours and the characters of another stream."""
    return Console(
        file=TextIOWrapper(BytesIO(), encoding=stdout.encoding, errors="replace"),
        theme=THEME,
        color_system=_COLOURS.get(make_console(stdout).color_system),
        force_terminal=True,
        legacy_windows=False,
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
