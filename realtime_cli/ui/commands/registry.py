"""All commands, by their groups and by their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from rich.console import Console
from rich.text import Text

from realtime_cli.errors import UsageError
from realtime_cli.protocol.wording import nearest
from realtime_cli.visible import one_line

from . import events, help, items, looking, media, settings, talking, tools  # noqa: A004 (the command's name)
from .command import Command, Group, Offer, Typed
from .desk import Desk
from .words import Line

_ALL = "all"


def _help(desk: Desk, line: Line) -> None:
    if line.rest.lower() == _ALL:
        desk.show(*help_rows(desk.console, desk.width, has_keys=desk.has_keys))
    elif line.rest:
        desk.show(*help.command_rows(desk.console, find(line.rest.lstrip("/")), width=desk.width))
    else:
        desk.show(*help.overview(desk.console, GROUPS, width=desk.width, has_keys=desk.has_keys))


def _names(typed: Typed) -> Iterator[Offer]:
    if not typed.count:
        yield Offer(_ALL, "what each of them does, and each key")
        yield from (Offer(command.name, command.summary) for command in commands())


GROUPS = (
    talking.GROUP,
    settings.GROUP,
    media.GROUP,
    events.GROUP,
    items.GROUP,
    tools.GROUP,
    looking.GROUP,
    Group("Help", (Command("help", "[NAME|all]", "this; or more of one, or of all", _help, _names),)),
)


def help_rows(console: Console, width: int, *, has_keys: bool = True) -> list[Text]:
    """Everything that can be typed and pressed, in at most `width` columns."""
    return help.rows_of(console, GROUPS, width=width, has_keys=has_keys)


def find(name: str) -> Command:
    """The command of that name. Raises `UsageError` with the nearest one."""
    command = by_name().get(name.lower())
    if command is None:
        raise unknown(name)
    return command


def unknown(name: str) -> UsageError:
    """The error for a name that no command has."""
    meant = nearest(name.lower(), by_name())
    hint = f"did you mean /{meant}?" if meant else "/help lists them; // begins a turn with /"
    return UsageError(f"there is no command /{one_line(name, limit=40)}", hint=hint)


def commands() -> Iterator[Command]:
    """All commands, in the order of the help."""
    return (command for group in GROUPS for command in group.commands)


@cache
def by_name() -> Mapping[str, Command]:
    """Commands by each of their names."""
    return {name: command for command in commands() for name in (command.name, *command.aliases)}
