"""The brain that plays a script: when the user says X, answer Y, call Z, or fail with W."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import replace
from typing import cast

from realtime_cli.server.brains.hearing import Hearing, Moment, Output, hear
from realtime_cli.server.brains.port import AnswerPart, Call, McpCall, McpTools, Prompt, Say
from realtime_cli.server.brains.script_file import Rule, Script, ScriptedMcpCall
from realtime_cli.server.brains.words import excerpt, pieces, plain

_PLACEHOLDER = re.compile(r"\{([A-Za-z_]\w*)\}")


class ScriptBrain:
    """Plays one script on one connection: a rule with `once` is used one time in a brain's life."""

    name = "script"

    def __init__(self, script: Script) -> None:
        self._script = script
        self._used: set[int] = set()

    async def answer(self, prompt: Prompt) -> AsyncGenerator[AnswerPart, None]:
        """Streams what the first fitting rule says, calls and fails with, in this order, after its delay."""
        heard = hear(prompt)
        rule, values = self._choose(heard)
        if rule is None:
            yield Say(_no_line(heard))
            return
        if rule.once:
            self._used.add(rule.number)
        if rule.delay_ms:
            await asyncio.sleep(rule.delay_ms / 1000)
        for part in _parts(rule, values):
            yield part

    async def close(self) -> None:
        """Holds nothing."""

    def phrases(self) -> list[str]:
        """The sentences that the script waits for word by word, for a speech recogniser's grammar."""
        if not self._script.voice_phrases:
            return []
        exact = (pattern for rule in self._script.rules for pattern in rule.when if isinstance(pattern, str))
        return list(dict.fromkeys(filter(None, exact)))

    def mcp_tools(self) -> McpTools:
        """The tools of the script's MCP servers."""
        return self._script.mcp

    def _choose(self, heard: Hearing) -> tuple[Rule | None, Mapping[str, str]]:
        rules = [rule for rule in self._script.rules if rule.number not in self._used]
        for rule in rules:
            if (values := _fits(rule, heard)) is not None:
                return rule, values
        return next((rule for rule in rules if rule.otherwise), None), {"text": heard.said}


def _fits(rule: Rule, heard: Hearing) -> Mapping[str, str] | None:
    """The values for the rule's placeholders if the rule is about this moment, else None."""
    match heard.moment:
        case Moment.SPOKEN | Moment.START:
            return _hears(rule, heard.said.strip())
        case Moment.RETURNED:
            return _returns(rule, heard)
        case _:
            return None


def _hears(rule: Rule, said: str) -> Mapping[str, str] | None:
    for pattern in rule.when:
        if isinstance(pattern, str):
            if plain(pattern) == plain(said):
                return {"text": said}
        elif found := pattern.search(said):
            return {"text": said, **found.groupdict(default="")}
    return None


def _returns(rule: Rule, heard: Hearing) -> Mapping[str, str] | None:
    fitting = (
        output
        for output in heard.outputs
        if _follows(rule.denied if output.is_denied else rule.after, output)
    )
    output = next(fitting, None)
    return None if output is None else {"text": heard.said, "output": output.text}


def _follows(names: tuple[str, ...], output: Output) -> bool:
    return output.name in names or "*" in names


def _parts(rule: Rule, values: Mapping[str, str]) -> Iterator[AnswerPart]:
    yield from map(Say, _said(rule.say, values))
    for call in rule.calls:
        yield Call(call.name, _arguments(call.arguments, values))
    for asked in rule.mcp:
        yield _mcp_call(asked, values)
    if rule.fail:
        yield replace(rule.fail, message=_filled(rule.fail.message, values))


def _mcp_call(call: ScriptedMcpCall, values: Mapping[str, str]) -> McpCall:
    return McpCall(
        call.server,
        call.name,
        _arguments(call.arguments, values),
        output=_filled(call.output, values),
        error=_filled(call.error, values),
        needs_approval=call.approval,
    )


def _said(say: str | tuple[str, ...], values: Mapping[str, str]) -> list[str]:
    if isinstance(say, str):
        return pieces(_filled(say, values))
    return [_filled(piece, values) for piece in say]


def _filled(text: str, values: Mapping[str, str]) -> str:
    """The text with `{name}` replaced where the name is known; every other brace stays as it is."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def _arguments(arguments: object, values: Mapping[str, str]) -> str:
    if isinstance(arguments, str):
        return _filled(arguments, values)
    return json.dumps(_filled_value(arguments, values), ensure_ascii=False)


def _filled_value(value: object, values: Mapping[str, str]) -> object:
    if isinstance(value, str):
        return _filled(value, values)
    if isinstance(value, list):
        return [_filled_value(item, values) for item in cast("list[object]", value)]
    if isinstance(value, dict):
        return {key: _filled_value(item, values) for key, item in cast("dict[str, object]", value).items()}
    return value


def _no_line(heard: Hearing) -> str:
    match heard.moment:
        case Moment.SPOKEN:
            return f'The script has no line for: "{excerpt(heard.said)}".'
        case Moment.RETURNED:
            return f"The script has no line after {', '.join(output.name for output in heard.outputs[:10])}."
        case _:
            return "The script has no line for this moment."
