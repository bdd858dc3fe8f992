"""Everything ambient, as one object that is handed in: streams, variables, the current folder."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True, slots=True)
class Environment:
    """Where a command reads and writes."""

    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    environ: Mapping[str, str]
    cwd: Path

    @classmethod
    def here(cls) -> Environment:
        """This process's environment. What an output cannot show is replaced, never an error."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="replace")
        return cls(sys.stdin, sys.stdout, sys.stderr, os.environ, Path.cwd())

    @property
    def is_interactive(self) -> bool:
        """Whether a person types on one side and reads on the other."""
        return is_terminal(self.stdin) and is_terminal(self.stdout)

    def out(self) -> Console:
        """The console for data."""
        from realtime_cli.ui.theme import make_console  # noqa: PLC0415

        return make_console(self.stdout)

    def err(self) -> Console:
        """The console for words."""
        from realtime_cli.ui.theme import make_console  # noqa: PLC0415

        return make_console(self.stderr)


def is_terminal(stream: TextIO) -> bool:
    """Whether the stream is a terminal; a closed or missing one is not."""
    try:
        return stream.isatty()
    except (ValueError, AttributeError):
        return False
