"""Runs `realtime tools call`: one call of one tool, without a session."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

from realtime_cli.errors import BadInput, ExitStatus, RealtimeError, TimedOut, UsageError
from realtime_cli.protocol.jsontypes import as_object, parse
from realtime_cli.tools import (
    DEFAULT_TIMEOUT_S,
    Ending,
    NoAnswer,
    Question,
    Tool,
    Toolbox,
    ToolFailed,
    call_alone,
    open_tools,
    parse_arguments,
)
from realtime_cli.visible import escaped, one_line, visible

from .apart import kept_apart
from .environment import Environment, is_terminal
from .lines import read_lines
from .tool_list import needs_specs, tool_setup


@dataclass(frozen=True, slots=True)
class _Person:
    """Whoever sits at the terminal, and answers in the place of a tool."""

    env: Environment

    async def ask(self, question: Question) -> str:
        """The next line of stdin."""
        given = escaped(json.dumps(dict(question.arguments), ensure_ascii=False))
        self.env.say(f"{question.name} {given}", "tool")
        if question.parameters:
            self.env.say(f"schema: {escaped(json.dumps(dict(question.parameters), ensure_ascii=False))}")
        self.env.say("type its answer, JSON or text:")
        async for line in read_lines(self.env.stdin):
            return line
        raise NoAnswer("there was no answer")


def run_call(
    name: str,
    arguments: str,
    specs: Sequence[str],
    passed: Sequence[str],
    *,
    timeout_s: float | None,
    as_json: bool,
) -> ExitStatus:
    """Calls the tool and prints its output."""
    needs_specs(specs)
    env = Environment.here()
    text = env.stdin.read() if arguments == "-" else arguments
    try:
        with kept_apart(env, is_silent=False) as own:
            return asyncio.run(_call(own, name, text, specs, passed, timeout_s=timeout_s, as_json=as_json))
    except asyncio.CancelledError:
        return ExitStatus.INTERRUPTED


async def _call(
    env: Environment,
    name: str,
    text: str,
    specs: Sequence[str],
    passed: Sequence[str],
    *,
    timeout_s: float | None,
    as_json: bool,
) -> ExitStatus:
    limit = DEFAULT_TIMEOUT_S if timeout_s is None else timeout_s
    async with open_tools(specs, tool_setup(env, passed, asker=_Person(env), timeout_s=limit)) as toolbox:
        tool = _found(toolbox, name)
        try:
            arguments = tool.check(parse_arguments(text))
        except ToolFailed as mismatch:
            raise BadInput(f"{name}: {mismatch}", hint="see `realtime tools schema`") from None
        began_s = time.monotonic()
        ending = await call_alone(tool, arguments, toolbox)
        took_ms = round((time.monotonic() - began_s) * 1000)
    if as_json:
        env.stdout.write(escaped(json.dumps(_as_object(name, ending, took_ms))) + "\n")
    return _told(env, tool, ending, as_json=as_json)


def _found(toolbox: Toolbox, name: str) -> Tool:
    tool = toolbox.find(name)
    if tool is None:
        raise UsageError(f"there is no tool {name}", hint=f"there are: {', '.join(toolbox.tools) or 'none'}")
    return tool


def _as_object(name: str, ending: Ending, took_ms: int) -> dict[str, object]:
    return {
        "type": "tool.finished",
        "name": name,
        "outcome": ending.outcome,
        "output": ending.output,
        "detail": ending.detail,
        "duration_ms": took_ms,
    }


def _told(env: Environment, tool: Tool, ending: Ending, *, as_json: bool) -> ExitStatus:
    if ending.detail and not as_json:
        env.stderr.write(visible(ending.detail).rstrip() + "\n")
    if ending.outcome == "done":
        if not as_json:
            is_shown = is_terminal(env.stdout)
            env.stdout.write((visible(ending.output) if is_shown else ending.output) + "\n")
        return ExitStatus.OK
    kind = TimedOut if ending.is_late else RealtimeError
    error = (as_object(parse(ending.output)) or {}).get("error")
    raise kind(f"{tool.name}: {one_line(str(error), limit=2000)}")
