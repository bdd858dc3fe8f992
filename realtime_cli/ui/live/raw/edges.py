"""The lines above and below the events: what is shown, and which keys there are."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from realtime_cli.ui.theme import can_show

from .rows import fitted

_FANCY = {"up/down": "↑↓", "enter": "⏎"}


def header(console: Console, left: Sequence[tuple[str, str]], right: Sequence[str], *, width: int) -> Text:
    """Words with their styles on the left, and on the right the longest that there is room for."""
    line = Text.assemble(*left)
    for words in right:
        if line.cell_len + len(words) + 3 <= width:
            line.append(" " * (width - line.cell_len - len(words) - 1)).append(words, "info")
            break
    return fitted(console, line, width=width)


def footer(console: Console, keys: Sequence[tuple[str, str]], *, width: int) -> Text:
    """Keys and what they do, the most important first, as many as there is room for."""
    line = Text(" ")
    for key, words in keys:
        fancy = _FANCY.get(key, key)
        sign = fancy if can_show(console, fancy) else key
        if line.cell_len + len(sign) + len(words) + 1 > width:
            break
        line.append(sign, "key").append(f" {words}   ", "info")
    line.rstrip()
    return fitted(console, line, width=width)
