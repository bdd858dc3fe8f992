"""What there is to type and to press, as rows."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from realtime_cli.ui.raw_keys import RAW_KEYS, simple_key
from realtime_cli.ui.theme import can_show

from .command import Command, Group
from .layout import column_of, definitions, wrapped

_KEYS = (
    ("Enter", "send"),
    ("Alt-Enter", "a new line"),
    ("Tab", "complete a command"),
    ("↑ ↓", "what was typed before"),
    ("Esc", "stop the answer, close the menu"),
    ("Ctrl-C", "stop the answer; clear the line; leave"),
    ("Ctrl-D", "leave, where nothing is typed"),
    ("Ctrl-T, F2", "mute, or not"),
    ("Ctrl-O, F3", "push-to-talk, or not"),
    ("Space", "talk, with push-to-talk"),
    ("Ctrl-E, F4", "the raw view, and back"),
    ("Ctrl-Y, Ctrl-N", "let a call run, or not"),
    ("Ctrl-Z", "to the background"),
    ("?", "this help, where nothing is typed"),
)
_FOOT = "A turn that begins with / is written with two. ? is /help, and /help NAME tells more."


def rows_of(console: Console, groups: Sequence[Group], *, width: int, has_keys: bool) -> list[Text]:
    """All commands in one table, and all keys where they act at once."""
    tables = [(group.title, [_entry(command) for command in group.commands]) for group in groups]
    if has_keys:
        for title, keys in (("Keys", _KEYS), ("Keys of the raw view", RAW_KEYS)):
            tables.append((title, [(Text(_key(console, key), "key"), Text(words)) for key, words in keys]))
    column = column_of((name for _, table in tables for name, _ in table), width=width)
    rows: list[Text] = []
    for title, table in tables:
        rows.append(Text(title, "heading"))
        rows += definitions(console, table, width=width, column=column)
    return rows + wrapped(console, Text(_FOOT, "info"), width=width)


def command_rows(console: Console, command: Command, *, width: int) -> list[Text]:
    """One command, with its other names and its examples."""
    rows = wrapped(console, Text.assemble(_usage(command), "  ", command.summary), width=width, indent=2)
    if command.aliases:
        names = ", ".join(f"/{alias}" for alias in command.aliases)
        rows += wrapped(console, Text(f"also {names}", "info"), width=width)
    for line in command.more:
        rows += wrapped(console, Text(line, "info" if line.endswith(".") else "code"), width=width, indent=2)
    return rows


def _entry(command: Command) -> tuple[Text, Text]:
    return _usage(command), Text(command.summary)


def _usage(command: Command) -> Text:
    name = Text(f"/{command.name}", "key")
    return name.append(f" {command.usage}", "info") if command.usage else name


def _key(console: Console, key: str) -> str:
    return key if can_show(console, key) else simple_key(key)
