"""What there is to type and to press, as rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from realtime_cli.ui.raw_keys import RAW_KEYS, simple_key
from realtime_cli.ui.theme import can_show

from .command import Command, Group
from .layout import column_of, definitions, wrapped

# What a key does in a word or two, and in a few more.
_KEYS = (
    ("Enter", "send", "send"),
    ("Alt-Enter", "a new line", "a new line"),
    ("Tab", "complete", "complete a command"),
    ("↑ ↓", "typed before", "what was typed before"),
    ("Esc", "stop the answer", "stop the answer, close the menu"),
    ("Ctrl-C", "stop, clear, leave", "stop the answer; clear the line; leave"),
    ("Ctrl-D", "leave", "leave, where nothing is typed"),
    ("Ctrl-T, F2", "mute", "mute, or not"),
    ("Ctrl-O, F3", "push-to-talk", "push-to-talk, or not"),
    ("Space", "talk", "talk, with push-to-talk"),
    ("Ctrl-E, F4", "raw view", "the raw view, and back"),
    ("Ctrl-Z", "background", "to the background"),
    ("Ctrl-Y, Ctrl-N", "let a call run, or not", "let a call run, or not"),
    ("?", "help", "this help, where nothing is typed"),
)
_FOOT = "A turn that begins with / is written with two. ? is /help, and /help NAME tells more."
_MORE = "/help NAME tells more, /help all tells all. A turn that begins with / is written with two."
_COLUMN_GAP, _COMMANDS_GAP, _KEYS_GAP = 2, 1, 3
# Narrower screens have no room for the titles of groups.
_TITLED = 60


def overview(console: Console, groups: Sequence[Group], *, width: int, has_keys: bool) -> list[Text]:
    """What there is, by name: few enough rows for a small screen. Keys are told where they act at once."""
    names = [(group.title, [Text(f"/{each.name}", "key") for each in group.commands]) for group in groups]
    column = max(len(title) for title, _ in names) + _COLUMN_GAP
    if width < _TITLED:
        column, names = 0, [("", [name for _, some in names for name in some])]
    tables = [(title, some, _COMMANDS_GAP) for title, some in names]
    if has_keys:
        keys = [Text.assemble((_key(console, key), "key"), f" {brief}") for key, brief, _ in _KEYS]
        tables.append(("Keys" if column else "", keys, _KEYS_GAP))
    rows = [row for table in tables for row in _flowing(console, *table, column=column, width=width)]
    return rows + wrapped(console, Text(_MORE, "info"), width=width)


def _flowing(
    console: Console, title: str, entries: Iterable[Text], gap: int, *, column: int, width: int
) -> list[Text]:
    """Entries one behind the other, none of them broken where it has room in a row, behind a title."""
    rows: list[Text] = []
    for entry in entries:
        if rows and rows[-1].cell_len + gap + entry.cell_len <= width - column:
            rows[-1] = Text.assemble(rows[-1], " " * gap, entry)
        else:
            rows += wrapped(console, entry, width=width - column)
    starts = [Text(title.ljust(column), "heading"), *[Text(" " * column)] * len(rows)]
    return [start + row for start, row in zip(starts, rows, strict=False)]


def rows_of(console: Console, groups: Sequence[Group], *, width: int, has_keys: bool) -> list[Text]:
    """All commands in one table, and all keys where they act at once."""
    tables = [(group.title, [_entry(command) for command in group.commands]) for group in groups]
    if has_keys:
        here = [(key, words) for key, _, words in _KEYS]
        for title, keys in (("Keys", here), ("Keys of the raw view", RAW_KEYS)):
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
