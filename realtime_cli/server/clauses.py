"""Cuts an answer, as it is written, into pieces to speak: the first as early as possible. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

_QUOTES = "[\"'”’)\\]]*"
_SENTENCE = re.compile(rf"[.!?…]+{_QUOTES}(?=\s)|[。！？]{_QUOTES}|\n")
_CLAUSE = re.compile(rf"[.!?…,;:]+{_QUOTES}(?=\s)|[。！？，、；：]{_QUOTES}|\n|(?<=\s)[–—-](?=\s)")
_SPACE = re.compile(r"(?=\s)")
# A shorter clause sounds torn off where a whole sentence does not.
_FIRST_CHARS = 12
# Further sentences come whole up to here, longer ones by clauses, and what has no clauses by words.
_LONG_CHARS = 160
_TOO_LONG_CHARS = 320


class Clauses:
    """Gives the pieces that are complete; joined they are the text."""

    def __init__(self) -> None:
        self._text = ""
        self._is_first = True

    def feed(self, text: str) -> Iterator[str]:
        """The pieces that this text completes."""
        self._text += text
        while end := self._end():
            piece, self._text = self._text[:end], self._text[end:]
            self._is_first = self._is_first and not piece.strip()
            yield piece

    def flush(self) -> str:
        """What is left, at the end of what is said."""
        text, self._text = self._text, ""
        self._is_first = True
        return text

    def _end(self) -> int:
        """Where the next piece ends; 0 where it is not complete."""
        marks: list[tuple[re.Pattern[str], int]] = [(_SENTENCE, 0)]
        if self._is_first:
            marks.append((_CLAUSE, _FIRST_CHARS))
        elif len(self._text) > _LONG_CHARS:
            marks.append((_CLAUSE, _LONG_CHARS // 2))
        if len(self._text) > _TOO_LONG_CHARS:
            marks.append((_SPACE, _LONG_CHARS))
        found = [mark.search(self._text, start) for mark, start in marks]
        return min((match.end() for match in found if match), default=0)
