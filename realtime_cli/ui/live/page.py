"""Lays the words of paragraphs out, with their signs, as wide as the terminal is."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from realtime_cli.core.view import ItemView, SessionView
from realtime_cli.ui.theme import can_show
from realtime_cli.ui.turns import Mark, sign, style_of
from realtime_cli.visible import visible

from .hearing import cut_ms, share_heard
from .rows import Row, laid_out, margin, shaded, word_end

_UNHEARD, _CUT = "unheard", "cut"


@dataclass(frozen=True, slots=True)
class Laid:
    """Words of an item in rows, some of them heard."""

    start: Text
    words: str
    rows: list[Row]
    bright: int
    left: str
    style: str
    rest: str

    def shown(self) -> list[Text]:
        """The rows as they look."""
        first, *more = shaded(self.rows, self.bright, style=self.style, rest=self.rest)
        below = (Text.assemble(self.left, row) if row else row for row in more)
        return [Text.assemble(self.start, first), *below]

    def settled_rows(self) -> tuple[int, int]:
        """How many rows are complete and heard, and how much of the words they take."""
        count = size = 0
        for row in self.rows[:-1]:
            if size + row.size > self.bright:
                break
            count, size = count + 1, size + row.size
        return count, size


@dataclass(frozen=True, slots=True)
class Page:
    """Lays words out for one picture of the session."""

    console: Console
    view: SessionView
    width: int

    @property
    def dots(self) -> str:
        """Stands for words that are still to come."""
        return "…" if can_show(self.console, "…") else "..."

    def paragraph(self, mark: Mark, words: str) -> list[Text]:
        """Words under their sign."""
        return self._lay(mark, words, bright=len(words), rest="", goes_on=False).shown()

    def wrapped(self, words: Text) -> list[Text]:
        """A remark as it is, broken where it has to be."""
        lines = list(words.wrap(self.console, self.width))
        for line in lines:
            line.rstrip()
        return lines

    def laid(self, item: ItemView, mark: Mark, words: str, *, goes_on: bool) -> Laid:
        """Words of an item, those that were not heard in a style of their own."""
        bright, rest = len(words), ""
        share = share_heard(self.view, item) if mark == "assistant" else 1.0
        if share < 1:
            all_words = visible(item.text)
            bright = max(0, word_end(all_words, share) - (len(all_words) - len(words)))
            rest = _UNHEARD if cut_ms(self.view, item) is None else _CUT
        return self._lay(mark, words, bright=bright, rest=rest, goes_on=goes_on)

    def _lay(self, mark: Mark, words: str, *, bright: int, rest: str, goes_on: bool) -> Laid:
        start = sign(self.console, mark)
        indent, left = start.cell_len, margin(self.width, start.cell_len)
        rows = laid_out(words, width=self.width, indent=indent)
        start = Text(left) if goes_on else start
        return Laid(start, words, rows, bright, left, style_of(mark), rest or style_of(mark))
