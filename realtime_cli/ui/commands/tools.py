"""`/tools`, and the calls that wait for the user."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from realtime_cli.errors import UsageError
from realtime_cli.protocol.jsontypes import at, is_array
from realtime_cli.protocol.wording import nearest
from realtime_cli.visible import one_line

from . import calls
from .command import Command, Group, Offer, Typed
from .desk import Desk, ToolDesk, ToolRow
from .files import file_offers
from .layout import definitions, dotted, tell
from .words import Line, first

_DEEDS = {
    "list": "what there is",
    "add": "a file, mcp:..., cmd:..., as --tools takes it",
    "remove": "a tool by its name",
    "call": "a tool by hand, with JSON",
}
# When the user is asked first, in words.
_APPROVALS = {"no": "runs without approval", "ask": "asks for approval", "never": "never runs"}
_USAGE = "/tools, /tools add SPEC, /tools remove NAME, or /tools call NAME {...}"


def _tools(desk: Desk, line: Line) -> None:
    deed, rest = first(line.rest)
    if desk.tools is None:
        raise UsageError("this session has no tools", hint="start it with --tools FILE")
    match deed:
        case "" | "list":
            _list(desk, desk.tools)
        case "add":
            desk.tools.add(_needed(rest, "/tools add SPEC"))
        case "remove":
            desk.tools.remove(_known(desk.tools, first(rest)[0]))
        case "call":
            name, arguments = first(rest)
            desk.tools.call(_known(desk.tools, name), arguments or "{}")
        case _:
            meant = nearest(deed, _DEEDS)
            hint = f"did you mean /tools {meant}?" if meant else _USAGE
            raise UsageError(f"/tools does not know {one_line(deed, limit=40)}", hint=hint)


def _list(desk: Desk, tools: ToolDesk) -> None:
    rows = [(Text(one_line(row.name), "tool"), _said(desk, row)) for row in tools.listed()]
    if rows:
        desk.show(*definitions(desk.console, rows, width=desk.width))
    else:
        tell(desk, "there are no tools; /tools add SPEC adds some (with ask, you answer every call yourself)")


def _said(desk: Desk, row: ToolRow) -> Text:
    approval = _APPROVALS.get(row.approval, one_line(row.approval))
    beside = dotted(desk.console, (one_line(row.source), approval))
    words = Text(one_line(row.summary))
    return words.append(f" ({beside})" if words else beside, "info") if beside else words


def _needed(word: str, usage: str) -> str:
    if not word:
        raise UsageError(f"{usage}: something is missing", hint=_USAGE)
    return first(word)[0] if word[0] in "'\"" else word


def _known(tools: ToolDesk, name: str) -> str:
    names = [row.name for row in tools.listed()]
    if name in names:
        return name
    meant = nearest(name, names)
    hint = f"did you mean {one_line(meant)}?" if meant else "/tools lists them"
    raise UsageError(
        f"there is no tool {one_line(name, limit=40)}" if name else "a tool's name is missing", hint=hint
    )


def _offers(typed: Typed) -> Iterator[Offer]:
    if not typed.count:
        yield from (Offer(deed, words) for deed, words in _DEEDS.items())
    elif typed.count == 1 and typed.before[0] == "add":
        yield from file_offers(typed.word, ".py", ".yaml", ".yml", ".json")
    elif typed.count == 1 and typed.before[0] in ("remove", "call"):
        yield from _offered_tools(typed)


def _offered_tools(typed: Typed) -> Iterator[Offer]:
    """The functions that the session was told of: what else there is only the tools themselves know."""
    told = typed.view.config.get("tools")
    for tool in told if is_array(told) else []:
        name = at(tool, "name")
        if isinstance(name, str) and name and name.isprintable():
            yield Offer(name, one_line(str(at(tool, "description") or ""), limit=60))


GROUP = Group(
    "Tools",
    (
        Command(
            "tools",
            "[add|remove|call ...]",
            "functions the model can call",
            _tools,
            _offers,
            more=(
                "/tools add weather.py",
                '/tools call get_weather {"city": "Paris"}',
                "/tools remove get_weather",
            ),
        ),
        *calls.COMMANDS,
    ),
)
