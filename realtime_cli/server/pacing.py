"""Answers in word-sized pieces, at the pace of typing or of speech."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterator

from realtime_cli.core.answers import AnswerPart, Say

from .streams import closed_after

# A word with the space before it, as the API streams them; long words and scripts without spaces are cut.
_WORD = re.compile(r"\s*\S{1,16}(?:\s+\Z)?|\s+")


def words(text: str) -> list[str]:
    """The words of a text, each with the space before it; joined they are the text."""
    return _WORD.findall(text)


def pieces(part: AnswerPart) -> Iterator[AnswerPart]:
    """The part in pieces as small as they travel; calls and failures are one piece."""
    if not isinstance(part, Say):
        yield part
        return
    for word in words(part.text):
        yield Say(word)


class Pace:
    """Spaces pieces out. A slow brain is not slowed down further: only what is early waits."""

    def __init__(self, per_s: float | None) -> None:
        self._unit_s = 1 / per_s if per_s else 0.0
        self._due_s = 0.0

    async def turn(self, amount: float = 1.0) -> None:
        """Returns when it is the next piece's turn; `amount` is how much of the pace the piece takes up."""
        if not self._unit_s:
            return
        now_s = asyncio.get_running_loop().time()
        await asyncio.sleep(max(0.0, self._due_s - now_s))
        self._due_s = max(self._due_s, now_s) + self._unit_s * amount


async def typed(
    parts: AsyncIterator[AnswerPart], words_per_s: float | None
) -> AsyncGenerator[AnswerPart, None]:
    """An answer in writing: word by word, as they are due."""
    pace = Pace(words_per_s)
    async with closed_after(parts):
        async for part in parts:
            for piece in pieces(part):
                await pace.turn()
                yield piece
