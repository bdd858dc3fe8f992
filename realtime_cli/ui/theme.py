"""Consoles, and styles by meaning."""

from __future__ import annotations

import os
from collections.abc import Mapping
from io import BytesIO, TextIOWrapper
from typing import Literal, TextIO, TypeAlias

from rich.console import Console
from rich.theme import Theme

ThemeName: TypeAlias = Literal["auto", "dark", "light", "none"]

_SHARED = {
    "assistant": "none",
    "unheard": "dim",
    "cut": "dim strike",
    "info": "dim",
    "notice": "dim",
    "error": "bold red",
    "time": "dim",
    "local": "dim",
    "failed": "red",
    "bad": "red",
    "selected": "reverse",
    "heading": "bold",
    "strong": "bold",
    "emphasis": "italic",
    "struck": "strike",
    "quote": "italic",
    "rule": "dim",
    "bar": "dim",
    "code.comment": "dim italic",
}
# The terminal's own eight colours, which most people have made readable; few know how light theirs is.
_DARK = {
    **_SHARED,
    "user": "bold cyan",
    "mark": "bold green",
    "tool": "magenta",
    "warning": "yellow",
    "key": "cyan",
    "number": "bright_blue",
    "in": "green",
    "out": "cyan",
    "done": "green",
    "waiting": "yellow",
    "running": "cyan",
    "good": "green",
    "code": "cyan",
    "code.string": "green",
    "link": "underline bright_blue",
    "bar.done": "green",
}
# Cyan and yellow drown in white.
_LIGHT = {
    **_SHARED,
    "user": "bold blue",
    "mark": "bold color(28)",
    "tool": "color(90)",
    "warning": "color(130)",
    "key": "blue",
    "number": "color(25)",
    "in": "color(28)",
    "out": "blue",
    "done": "color(28)",
    "waiting": "color(130)",
    "running": "blue",
    "good": "color(28)",
    "code": "color(24)",
    "code.string": "color(28)",
    "link": "underline blue",
    "bar.done": "color(28)",
}
THEMES = {"dark": Theme(_DARK), "light": Theme(_LIGHT)}
# What a terminal calls its background in COLORFGBG: white, and the greys that are nearly so.
_LIGHT_BACKGROUNDS = frozenset({"7", "15"})
_Colours: TypeAlias = Literal["standard", "256", "truecolor"]
_COLOURS: dict[str | None, _Colours] = {"standard": "standard", "256": "256", "truecolor": "truecolor"}
_ANY_HEIGHT = 25


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leaves the error to whoever prints; Rich would end the program."""
        raise  # noqa: PLE0704  (called while the error is being handled)


def make_console(stream: TextIO, *, width: int | None = None, theme: ThemeName = "auto") -> Console:
    """A console that prints what it is given: no markup, no emoji codes, no style under `NO_COLOR`."""
    simple = _width_of_simple_terminal(stream)
    return _Console(
        file=stream,
        theme=theme_of(theme, os.environ),
        width=width or simple,
        height=_ANY_HEIGHT if simple else None,  # without it Rich does not believe the width
        # Rich alone would keep bold and dim.
        color_system=None if theme == "none" or os.environ.get("NO_COLOR") else "auto",
        markup=False,
        emoji=False,
        highlight=False,
    )


def theme_of(name: ThemeName, environ: Mapping[str, str]) -> Theme:
    """The styles of a theme; `auto` believes COLORFGBG, else that the terminal is dark: it asks nothing."""
    if name == "auto":
        background = environ.get("COLORFGBG", "").rpartition(";")[2]
        name = "light" if background in _LIGHT_BACKGROUNDS else "dark"
    return THEMES["light" if name == "light" else "dark"]


def _width_of_simple_terminal(stream: TextIO) -> int | None:
    """Rich takes every terminal with `TERM=dumb` for 80 columns."""
    if os.environ.get("TERM", "").lower() not in {"dumb", "unknown"} or not stream.isatty():
        return None
    try:
        return os.get_terminal_size(stream.fileno()).columns or None
    except OSError:
        return None


def make_paper(stdout: TextIO, *, theme: ThemeName = "auto") -> Console:
    """A console that is only captured: what it gives has the colours and the characters of another stream."""
    return Console(
        file=TextIOWrapper(BytesIO(), encoding=stdout.encoding, errors="replace"),
        theme=theme_of(theme, os.environ),
        color_system=_COLOURS.get(make_console(stdout, theme=theme).color_system),
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
