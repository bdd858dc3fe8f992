"""The default brain: fixed rules, the same answer to the same prompt, no claim to be more than that. Pure.

It answers small talk about itself, calls a declared function when the user's words name it, puts into words
what functions returned, and repeats what it does not know.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from typing import assert_never

from realtime_cli.server.brains.arguments import fill
from realtime_cli.server.brains.clues import Clues
from realtime_cli.server.brains.hearing import Hearing, Moment, hear
from realtime_cli.server.brains.mentions import Function, Mention, declared, described, named
from realtime_cli.server.brains.port import AnswerPart, Call, Prompt, Say
from realtime_cli.server.brains.results import in_words
from realtime_cli.server.brains.small_talk import GREETING, talk, topic
from realtime_cli.server.brains.words import Span, clean, pieces, plain

_THEN = re.compile(r"\bthen\b", re.IGNORECASE)


class RulesBrain:
    """Streams what `reply` gives, word by word."""

    name = "rules"

    async def answer(self, prompt: Prompt) -> AsyncGenerator[AnswerPart, None]:
        """Streams the parts of one answer."""
        for part in reply(prompt):
            if not isinstance(part, Say):
                yield part
                continue
            for piece in pieces(part.text):
                yield Say(piece)

    async def close(self) -> None:
        """Holds nothing."""


def reply(prompt: Prompt) -> list[AnswerPart]:
    """The whole answer: either one text, or one call or several.

    What is to be called "then" is called when the functions before it have returned. Functions that returned
    are always put into words and never called again, even if a call is required: a session-wide `required`
    would otherwise go on for ever.
    """
    heard = hear(prompt)
    mentions = _next_step(prompt, heard) if heard.moment is Moment.RETURNED else _mentions(prompt, heard)
    if mentions:
        return _calls(mentions, clean(heard.said))
    return [Say(_words(prompt, heard))]


def _mentions(prompt: Prompt, heard: Hearing) -> list[Mention]:
    functions = declared(prompt.tools)
    text = clean(heard.said) if heard.moment is Moment.SPOKEN else ""
    match prompt.tool_choice:
        case "none":
            return []
        case "auto":
            return next(_steps(_asked_for(prompt, functions, text), text), list[Mention]())
        case "required":
            best = named(functions, text) or described(functions, text)
            return best or _anyway(functions[:1], text)
        case name:
            chosen = [function for function in functions if function.name == name][:1]
            return named(chosen, text) or _anyway(chosen, text)


def _next_step(prompt: Prompt, heard: Hearing) -> list[Mention]:
    """The functions that are due after those that returned, if the user named any."""
    if prompt.tool_choice != "auto" or heard.waiting_for:
        return []
    text, made = clean(heard.said), {output.name for output in heard.outputs}
    steps = list(_steps(named(declared(prompt.tools), text), text))
    is_begun = any(not made.isdisjoint(_names(step)) for step in steps[:1])
    return next((step for step in steps if is_begun and made.isdisjoint(_names(step))), list[Mention]())


def _steps(mentions: Sequence[Mention], text: str) -> Iterator[list[Mention]]:
    """The functions that are called together; each "then" begins a step."""
    step: list[Mention] = []
    for mention in mentions:
        if step and _THEN.search(text, max(step[-1].spans)[1], min(mention.spans)[0]):
            yield step
            step = []
        step.append(mention)
    if step:
        yield step


def _names(step: Iterable[Mention]) -> set[str]:
    return {mention.function.name for mention in step}


def _asked_for(prompt: Prompt, functions: Sequence[Function], text: str) -> list[Mention]:
    mentions = named(functions, text)
    if mentions or topic(prompt, plain(text)):
        return mentions
    return described(functions, text)


def _anyway(functions: Sequence[Function], text: str) -> list[Mention]:
    return [Mention(function, (), (0, len(text))) for function in functions]


def _calls(mentions: Sequence[Mention], text: str) -> list[AnswerPart]:
    named_by = [span for mention in mentions for span in mention.spans]
    return [_call(mention, text, named_by) for mention in mentions]


def _call(mention: Mention, text: str, named_by: Sequence[Span]) -> Call:
    start, end = mention.clause
    spans = [(first - start, last - start) for first, last in mention.spans]
    around = Clues(text, spans=[*named_by, mention.clause])
    clues = Clues(text[start:end], spans=spans, around=around)
    arguments = fill(mention.function.parameters, clues)
    return Call(mention.function.name, json.dumps(arguments, ensure_ascii=False))


def _words(prompt: Prompt, heard: Hearing) -> str:
    match heard.moment:
        case Moment.START:
            return GREETING
        case Moment.SPOKEN:
            return talk(prompt, heard.said)
        case Moment.RETURNED:
            return in_words(heard.outputs)
        case Moment.CALLING:
            return f"I am waiting for the result of {', '.join(map(clean, heard.waiting_for[:10]))}."
        case Moment.ANSWERED:
            return "I have nothing new to answer. Say something, and I will."
        case _ as never:
            assert_never(never)
