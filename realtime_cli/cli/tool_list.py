"""Runs `realtime tools list` and `realtime tools schema`."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Collection, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from realtime_cli.errors import ExitStatus, UsageError
from realtime_cli.protocol.wording import nearest
from realtime_cli.tools import Approvals, Tool, Toolbox, ToolSetup, open_tools, parse_approvals
from realtime_cli.visible import escaped, one_line

from .environment import Environment

_NARROW, _LEAST_SOURCE = 70, 12
# What a source is broken behind: separators of paths, names and words.
_PARTS = re.compile(r"[^\s/\\._:,=-]*[\s/\\._:,=-]*")
_APPROVALS = {"run": "no", "deny": "never", "ask": "ask"}


def tool_setup(
    env: Environment, passed: Sequence[str], *, say: Callable[[str], None] | None = None, **more: Any
) -> ToolSetup:
    """What tools may know of this process. `say` tells of servers that have gone."""

    def notice(words: str) -> None:
        if say is None:
            env.say(f"warning: {words}", "warning")
        else:
            say(f"warning: {words}")

    return ToolSetup(
        cwd=env.cwd,
        environ=dict(env.environ),
        passed=tuple(passed),
        notice=notice,
        **more,
    )


def misnamed(approvals: Approvals, toolbox: Toolbox, *, labels: Collection[str] = ()) -> UsageError | None:
    """What is wrong with the names of `--approve`; nothing where tools may have any name."""
    if toolbox.takes_any_name:
        return None
    known = [*toolbox.tools, *labels]
    name = next((name for name in approvals.of_tool if name not in known), None)
    if name is None:
        return None
    meant = nearest(name, known)
    there = f"there are: {', '.join(known)}" if known else "there are no tools"
    hint = f"did you mean {meant}?" if meant else there
    return UsageError(f"--approve {name}={approvals.of_tool[name]}: there is no tool {name}", hint=hint)


def needs_specs(specs: Sequence[str]) -> None:
    """Raises `UsageError` where no tools were named."""
    if not specs:
        hint = "such as --tools weather.py; realtime_cli.examples.weather is always there"
        raise UsageError("--tools says which tools there are, and is missing", hint=hint)


def run_list(
    specs: Sequence[str], passed: Sequence[str], approve: Sequence[str], *, as_json: bool
) -> ExitStatus:
    """Shows the tools as a table, or one object a line."""
    needs_specs(specs)
    env = Environment.here()
    approvals = parse_approvals(approve)
    toolbox = _opened(env, specs, passed)
    if (error := misnamed(approvals, toolbox)) is not None:
        raise error
    tools = list(toolbox.tools.values())
    if as_json:
        env.stdout.writelines(escaped(json.dumps(_as_object(each, approvals))) + "\n" for each in tools)
    else:
        _print(env.out(), tools, approvals)
        if toolbox.takes_any_name:
            env.say("ask: whatever else the model calls, you answer it yourself, with /answer NAME TEXT")
    return ExitStatus.OK


def run_schema(specs: Sequence[str], passed: Sequence[str], *, on_one_line: bool) -> ExitStatus:
    """Prints the definitions as `session.update` takes them."""
    needs_specs(specs)
    env = Environment.here()
    definitions = _opened(env, specs, passed).definitions()
    indent = None if on_one_line else 2
    env.stdout.write(escaped(json.dumps(definitions, ensure_ascii=False, indent=indent)) + "\n")
    return ExitStatus.OK


def _opened(env: Environment, specs: Sequence[str], passed: Sequence[str]) -> Toolbox:
    async def look() -> Toolbox:
        async with open_tools(specs, tool_setup(env, passed)) as toolbox:
            return toolbox

    return asyncio.run(look())


def _as_object(tool: Tool, approvals: Approvals) -> dict[str, object]:
    return {
        "type": "tool",
        "name": tool.name,
        "source": tool.source,
        "approval": approval_of(tool, approvals),
        "timeout_s": tool.timeout_s,
        "description": tool.description,
        "parameters": dict(tool.parameters),
    }


def approval_of(tool: Tool, approvals: Approvals) -> str:
    """Whether a call needs approval, in a word."""
    return _APPROVALS[approvals.decide(tool.name, needs_approval=tool.needs_approval)]


def _print(console: Console, tools: Sequence[Tool], approvals: Approvals) -> None:
    if not tools:
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    is_narrow = console.width < _NARROW
    for heading in ("name", "approval", *(() if is_narrow else ("description",)), "source"):
        table.add_column(heading, justify="left", overflow="fold", no_wrap=heading == "approval")
    for tool in tools:
        words = () if is_narrow else (Text(one_line(tool.description)),)
        source = Text(_folded(one_line(tool.source), max(_LEAST_SOURCE, console.width // 3)))
        table.add_row(Text(tool.name, "tool"), Text(approval_of(tool, approvals)), *words, source)
    console.print(table)


def _folded(source: str, cells: int) -> str:
    """The source in lines, broken behind separators where that can be."""
    lines = [""]
    for part in _PARTS.findall(source):
        if lines[-1] and len(lines[-1] + part.rstrip()) > cells:
            lines.append("")
        lines[-1] += part
    return "\n".join(line.rstrip() for line in lines)
