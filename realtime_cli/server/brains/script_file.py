"""Reads a script (YAML or JSON), and says exactly what is wrong with one that is wrong.

::

    voice_phrases: true        # the default: exact `when` sentences are all that the recogniser expects
    mcp:                       # MCP servers that a session may name; any other cannot be listed
      docs: [search, {name: fetch, description: Reads a page, input_schema: {type: object}}]
    turns:
      - when: hello            # words (case and punctuation do not count), /regex/, "*", or a list: any of
        say: Hi there!         # streamed word by word; a list is streamed piece by piece
      - when: /weather in (?P<city>\\w+)/
        say: Let me look.
        call: {name: get_weather, arguments: {city: "{city}"}}     # one or a list
      - after: get_weather     # when that function has returned; "*" is any
        say: It is {output}.
      - when: break it
        call: {name: get_weather, arguments: "{not json"}          # text is sent as it is
      - when: /look up (?P<what>.+)/
        mcp: {server: docs, name: search, arguments: {q: "{what}"}, output: 3 pages, approval: true}
      - after: search          # when the call is over (`output`, or `error: why it failed`)
        say: I found {output}.
      - denied: search         # when the user did not approve it
        say: Then I will not look.
      - when: fail now
        fail: {code: insufficient_quota, message: You exceeded your quota.}
      - when: stop early
        say: This is
        fail: {code: max_output_tokens, incomplete: true}
      - when: slow
        delay_ms: 1500         # before the first part
        say: ["two ", "pieces"]
        once: true             # one time only on each connection
      - otherwise: true        # when nothing else fits
        say: I have no line for that.

The first rule that fits is used. `{text}` is what the user said, `{output}` what the function returned,
`{name}` a named group of the regex; other braces stay as they are. Whether a call at an MCP server waits for
approval is left to the session's `require_approval` where `approval` is not given.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from realtime_cli.protocol.items import McpTool
from realtime_cli.server.brains.port import Fail, McpTools
from realtime_cli.server.brains.script_table import Table
from realtime_cli.server.brains.script_text import read

_SCRIPT_FIELDS = ("turns", "voice_phrases", "mcp")
_CONDITIONS = ("when", "after", "denied", "otherwise")
_ACTIONS = ("say", "call", "mcp", "fail")
_RULE_FIELDS = (*_CONDITIONS, *_ACTIONS, "delay_ms", "once")
_CALL_FIELDS = ("name", "arguments")
_MCP_FIELDS = ("server", "name", "arguments", "output", "error", "approval")
_TOOL_FIELDS = ("name", "description", "input_schema")
_FAIL_FIELDS = ("code", "message", "incomplete")


@dataclass(frozen=True, slots=True)
class ScriptedCall:
    """A call to make; `arguments` is a JSON object, or text that is sent as it is."""

    name: str
    arguments: object


@dataclass(frozen=True, slots=True)
class ScriptedMcpCall:
    """A call at an MCP server, and what comes of it; `approval` is None where the session decides."""

    server: str
    name: str
    arguments: object
    output: str
    error: str
    approval: bool | None


@dataclass(frozen=True, slots=True)
class Rule:
    """One turn of a script, `number` counted from 1: when it is used, and what it does."""

    number: int
    when: tuple[str | re.Pattern[str], ...]
    after: tuple[str, ...]
    otherwise: bool
    say: str | tuple[str, ...]
    calls: tuple[ScriptedCall, ...]
    fail: Fail | None
    delay_ms: int
    once: bool
    denied: tuple[str, ...] = ()
    mcp: tuple[ScriptedMcpCall, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """A script, checked and ready to be played."""

    rules: tuple[Rule, ...]
    voice_phrases: bool
    mcp: McpTools = field(default_factory=dict[str, tuple[McpTool, ...]])


def load_script(path: Path) -> Script:
    """Reads and checks a script; `BadInput` names the file, the turn, the field, and what may be meant."""
    table = Table(read(path), place=str(path), fields=_SCRIPT_FIELDS)
    turns = table.listed("turns")
    if not turns:
        raise table.error("turns", "is missing or empty", hint="A script is a list of rules under turns.")
    rules = [_rule(turn, file=path, number=number) for number, turn in enumerate(turns, 1)]
    return Script(tuple(rules), voice_phrases=table.flag("voice_phrases", default=True), mcp=_servers(table))


def _rule(turn: object, *, file: Path, number: int) -> Rule:
    table = Table(turn, place=f"{file}: turn {number}", fields=_RULE_FIELDS)
    _check_fields(table)
    return Rule(
        number=number,
        when=tuple(_pattern(table, text) for text in table.texts("when")),
        after=table.texts("after"),
        otherwise=table.flag("otherwise", default=False),
        say=_say(table),
        calls=tuple(_call(call) for call in table.tables("call", fields=_CALL_FIELDS)),
        fail=_fail(table),
        delay_ms=table.count("delay_ms"),
        once=table.flag("once", default=False),
        denied=table.texts("denied"),
        mcp=tuple(_mcp_call(call) for call in table.tables("mcp", fields=_MCP_FIELDS)),
    )


def _servers(table: Table) -> McpTools:
    servers: object = table.raw("mcp") or {}
    if not isinstance(servers, dict):
        raise table.error("mcp", "must be a mapping", hint="Write mcp: {docs: [search]}.")
    labels = [str(label) for label in cast("dict[object, object]", servers)]
    named = Table(cast("object", servers), place=f"{table.place}: mcp", fields=labels)
    return {label: tuple(_tool(named, label, tool) for tool in named.listed(label)) for label in labels}


def _tool(servers: Table, label: str, tool: object) -> McpTool:
    if isinstance(tool, str):
        return McpTool(name=tool, input_schema={"type": "object"})
    table = Table(tool, place=f"{servers.place}: {label}", fields=_TOOL_FIELDS)
    schema = table.raw("input_schema") or {"type": "object"}
    if not isinstance(schema, dict):
        raise table.error("input_schema", "must be a mapping", hint="Write input_schema: {type: object}.")
    description = table.text("description", default="")
    return McpTool(
        name=table.text("name"), description=description or None, input_schema=cast("dict[str, Any]", schema)
    )


def _mcp_call(table: Table) -> ScriptedMcpCall:
    if "output" in table and "error" in table:
        raise table.error("error", 'stands beside "output"', hint="A call returns something, or it fails.")
    return ScriptedMcpCall(
        server=table.text("server"),
        name=table.text("name"),
        arguments=_arguments(table) if "arguments" in table else {},
        output=table.text("output", default=""),
        error=table.text("error", default=""),
        approval=table.flag("approval", default=False) if "approval" in table else None,
    )


def _check_fields(table: Table) -> None:
    conditions = [field for field in _CONDITIONS if field in table]
    if not conditions:
        raise table.error(
            "when", "is missing", hint="A turn begins with when, after, denied or otherwise: true."
        )
    if len(conditions) > 1:
        hint = "Make two turns of it: a turn has one condition."
        raise table.error(conditions[1], f'stands beside "{conditions[0]}"', hint=hint)
    if not any(field in table for field in _ACTIONS):
        raise table.error("say", "is missing", hint="A turn needs say, call, mcp or fail.")
    if not table.listed(conditions[0]) or table.raw(conditions[0]) is False:
        raise table.error(
            conditions[0], "is empty or false", hint="Give what the turn waits for, or remove the turn."
        )


def _pattern(table: Table, text: str) -> str | re.Pattern[str]:
    if text == "*":
        return re.compile("")
    if len(text) < 3 or not (text.startswith("/") and text.endswith("/")):
        return text
    try:
        return re.compile(text[1:-1], re.IGNORECASE)
    except re.error as problem:
        hint = "Between the slashes stands a Python regular expression."
        raise table.error("when", f"is no regular expression: {problem}", hint=hint) from None


def _say(table: Table) -> str | tuple[str, ...]:
    texts = table.texts("say")
    return texts if isinstance(table.raw("say"), list) else "".join(texts)


def _call(table: Table) -> ScriptedCall:
    return ScriptedCall(table.text("name"), _arguments(table) if "arguments" in table else {})


def _arguments(table: Table) -> object:
    arguments = table.raw("arguments")
    if not isinstance(arguments, str | dict):
        raise table.error("arguments", "must be a mapping or text", hint='Write arguments: {city: "Paris"}.')
    try:
        return cast("object", json.loads(json.dumps(arguments)))
    except (TypeError, ValueError, RecursionError) as problem:
        raise table.error("arguments", f"cannot be JSON: {problem}", hint="Give plain values.") from None


def _fail(table: Table) -> Fail | None:
    failures = table.tables("fail", fields=_FAIL_FIELDS)
    if len(failures) > 1:
        raise table.error("fail", "is a list", hint="A turn can fail in one way only.")
    for failure in failures:
        message = failure.text("message", default="The script lets this response fail.")
        return Fail(failure.text("code"), message, incomplete=failure.flag("incomplete", default=False))
    return None
