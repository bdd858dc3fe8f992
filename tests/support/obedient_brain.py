"""A brain that does what the user says: `call f {}`, `fail`, `crash`, `talk for ever`; else it repeats."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from realtime_cli.core.answers import AnswerPart, Call, Fail, Prompt, Say


class ObedientBrain:
    """Counts how many answers were stopped before their end, and whether it was closed."""

    name = "obedient"

    def __init__(self) -> None:
        self.stopped = 0
        self.is_closed = False

    async def answer(self, prompt: Prompt) -> AsyncIterator[AnswerPart]:
        said = prompt.turns[-1].text if prompt.turns else ""
        order, _, rest = said.partition(" ")
        if order == "call":
            name, _, arguments = rest.partition(" ")
            yield Call(name, arguments)
        elif order == "fail":
            yield Fail("rate_limit_exceeded", "Too fast.")
        elif order == "crash":
            yield Say("Well")
            raise ZeroDivisionError("a bug in the brain")
        elif order == "talk":
            async for part in self._talk():
                yield part
        else:
            yield Say(f"You said: {said}")

    async def _talk(self) -> AsyncIterator[AnswerPart]:
        try:
            while True:
                yield Say("and so on, " * 100)
                await asyncio.sleep(0)
        finally:
            self.stopped += 1

    async def close(self) -> None:
        self.is_closed = True


class PlainIteratorBrain:
    """Its iterator is no generator: it has no `aclose`."""

    name = "plain"

    def answer(self, prompt: Prompt) -> AsyncIterator[AnswerPart]:
        return _Once()

    async def close(self) -> None:
        """Holds nothing."""


class _Once:
    def __init__(self) -> None:
        self._parts = [Say("Hello")]

    def __aiter__(self) -> _Once:
        return self

    async def __anext__(self) -> AnswerPart:
        if not self._parts:
            raise StopAsyncIteration
        return self._parts.pop()
