"""Slash commands: what can be typed besides turns. Knows neither terminal nor loop, only a `Desk`."""

from __future__ import annotations

from .completing import Suggestion, complete
from .desk import Desk, ToolDesk, ToolRow
from .registry import help_rows
from .running import execute
from .words import as_turn, is_command

__all__ = [
    "Desk",
    "Suggestion",
    "ToolDesk",
    "ToolRow",
    "as_turn",
    "complete",
    "execute",
    "help_rows",
    "is_command",
]
