"""Help on terminals of all widths."""

from __future__ import annotations

import re

import pytest

from tests.cli.program import Program

COMMANDS = ["", "chat", "send-event", "replay", "devices", "describe", "serve", "tools", "tools call"]


def _help(realtime: Program, command: str, *, columns: int) -> list[str]:
    """What it says, but for the examples, which are to be copied."""
    done = realtime.run_now(*command.split(), "--help", COLUMNS=str(columns))
    assert done.status == 0
    return done.out.partition("\nExamples:\n")[0].splitlines()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_narrow_terminal_gets_the_same_words_whole(realtime: Program, command: str) -> None:
    wide, narrow = (_help(realtime, command, columns=columns) for columns in (80, 40))
    assert max(map(len, narrow)) <= 40
    assert _words(narrow) == _words(wide)


def _words(lines: list[str]) -> list[str]:
    """Words with a hyphen may be broken behind it."""
    return re.sub(r"(?<=\w)-\n\s*", "-", "\n".join(lines)).split()
