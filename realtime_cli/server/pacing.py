"""Answers in word-sized pieces, at the pace of typing or of speech."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator

from realtime_cli.core.answers import AnswerPart, Say

# A word with the space before it, as the API streams them; long words and scripts without spaces are cut.
_WORD = re.compile(r"\s*\S{1,16}(?:\s+\Z)?|\s+")


def pieces(part: AnswerPart) -> Iterator[AnswerPart]:
    """The part in pieces as small as they travel; calls and failures are one piece."""
    if not isinstance(part, Say):
        yield part
        return
    for word in _WORD.findall(part.text):
        yield Say(word)


class Pace:
    """Spaces pieces out. A slow brain is not slowed down further: only what is early waits."""

    def __init__(self, words_per_s: float | None) -> None:
        self._step_s = 1 / words_per_s if words_per_s else 0.0
        self._due_s = 0.0

    async def turn(self) -> None:
        """Returns when it is the next piece's turn."""
        if not self._step_s:
            return
        now_s = asyncio.get_running_loop().time()
        await asyncio.sleep(max(0.0, self._due_s - now_s))
        self._due_s = max(self._due_s, now_s) + self._step_s
