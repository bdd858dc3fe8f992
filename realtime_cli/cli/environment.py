"""Everything ambient, as one object that is handed in: streams, variables, the current folder."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, cast

from realtime_cli.errors import UsageError
from realtime_cli.visible import one_line

if TYPE_CHECKING:
    from rich.console import Console

# Words of a line: paths and addresses are part of them, and those can be long.
_LONG = 4000
_USUAL_COLUMNS = 80


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
        stdout, stderr = _open(sys.stdout, "w"), _open(sys.stderr, "w")
        for stream in (stdout, stderr):
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="replace")
        return cls(_open(sys.stdin, "r"), stdout, stderr, os.environ, _current_folder())

    @property
    def is_interactive(self) -> bool:
        """Whether a person types on one side and reads on the other."""
        return is_terminal(self.stdin) and is_terminal(self.stdout)

    def out(self, *, width: int | None = None) -> Console:
        """The console for data; as wide as the terminal, unless told otherwise."""
        from realtime_cli.ui.theme import make_console  # noqa: PLC0415

        return make_console(self.stdout, width=width)

    def err(self) -> Console:
        """The console for words."""
        from realtime_cli.ui.theme import make_console  # noqa: PLC0415

        return make_console(self.stderr)

    def say(self, words: str, style: str = "info") -> None:
        """Prints words to stderr, in a line where that is not a terminal."""
        self.err().print(fitted(one_line(words, limit=_LONG), self.stderr), style=style, soft_wrap=True)


def _current_folder() -> Path:
    try:
        return Path.cwd()
    except OSError:
        raise UsageError("the current folder is gone", hint="change to another one") from None


def _open(stream: TextIO | None, mode: str) -> TextIO:
    """The stream, or nothing in its place: a parent process may close any of the three."""
    if stream is not None:
        return stream
    return cast("TextIO", open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123  (open to the end)


def is_terminal(stream: TextIO) -> bool:
    """Whether the stream is a terminal; a closed or missing one is not."""
    try:
        return stream.isatty()
    except (ValueError, AttributeError):
        return False


def fitted(text: str, stream: TextIO) -> str:
    """The text, broken between words where it goes to a terminal; a path stays whole, to be copied."""
    if not is_terminal(stream):
        return text
    return "\n".join(_broken(line, _columns(stream)) for line in text.split("\n"))


def _broken(line: str, columns: int) -> str:
    from textwrap import fill  # noqa: PLC0415  (only people need it)

    indent = " " * (len(line) - len(line.lstrip()))
    return fill(
        line, max(1, columns), subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _columns(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or _USUAL_COLUMNS
    except OSError:
        return _USUAL_COLUMNS
