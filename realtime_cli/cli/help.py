"""Help that fits the terminal: where there is no room beside an option, its words stand under it."""

from __future__ import annotations

from functools import partial
from typing import Any

from typer.core import TyperCommand, TyperGroup

# Typer writes for this many columns at least, whatever there are.
_LEAST_COLUMNS = 52
_MARGIN = 2
_WHOLE_SENTENCE = 1000


# Typer does not export the types that it gives to these methods.
class FittedCommand(TyperCommand):
    """A command with help that fits."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Writes the help."""
        _fit(formatter)
        super().format_help(ctx, formatter)


class FittedGroup(TyperGroup):
    """A group of commands with help that fits."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Writes the help."""
        _fit(formatter)
        super().format_help(ctx, formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Writes the commands, each with a whole sentence."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, each.get_short_help_str(_WHOLE_SENTENCE)) for name, each in commands if each]
            )


def _fit(formatter: Any) -> None:
    from shutil import get_terminal_size  # noqa: PLC0415  (start-up)

    columns = get_terminal_size().columns
    if columns < _LEAST_COLUMNS:
        formatter.width = columns - _MARGIN
        formatter.write_dl = partial(formatter.write_dl, col_max=0)
