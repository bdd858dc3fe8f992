"""Lays the words of paragraphs out, with their signs, as wide as the terminal is."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from realtime_cli.core.view import ItemView, SessionView
from realtime_cli.ui.blocks import Look
from realtime_cli.ui.markdown import MOST_SIZE, Laid, Place, Placed, lay_out
from realtime_cli.ui.theme import can_show
from realtime_cli.ui.turns import Mark, sign, style_of
from realtime_cli.ui.wrap import wrapped_below
from realtime_cli.visible import visible

from .hearing import cut_ms, share_heard
from .rows import Row, laid_out, margin, shaded, word_end

_MARGIN = 2
_UNHEARD, _CUT = "unheard", "cut"
# Of what is not heard yet so many rows are laid out: nobody sees more of them.
_AHEAD_ROWS = 12


@dataclass(frozen=True, slots=True)
class Page:
    """Lays words out for one picture of the session; `in_words` there are no signs.

    With `is_bounded` a picture leaves what would take it too long to the next one.
    """

    console: Console
    view: SessionView
    width: int
    look: Look
    in_words: bool = False
    is_bounded: bool = True

    @property
    def dots(self) -> str:
        """Stands for words that are still to come."""
        return "…" if can_show(self.console, "…") else "..."

    def sign(self, mark: Mark) -> Text:
        """What stands before a paragraph."""
        return sign(self.console, mark, in_words=self.in_words)

    def paragraph(self, mark: Mark, words: str, *, goes_on: bool = False) -> list[Text]:
        """Words under their sign."""
        start, style = self.sign(mark), style_of(mark)
        indent, lead = self._margins(start, goes_on=goes_on)
        rows = laid_out(words, width=self.width, indent=indent, lead=lead)
        return self._under(start, shaded(rows, len(words), style=style, rest=style), goes_on=goes_on)

    def begun(self, mark: Mark, words: str, *, goes_on: bool = False) -> tuple[list[Text], int]:
        """Words under their sign, or, of many, the first ones; and how many characters that are."""
        start, style = self.sign(mark), style_of(mark)
        indent, lead = self._margins(start, goes_on=goes_on)
        rows = self._first_rows(words, indent, lead, is_bounded=self.is_bounded)
        texts = shaded(rows, len(words), style=style, rest=style)
        return self._under(start, texts, goes_on=goes_on), min(len(words), sum(row.size for row in rows))

    def wrapped(self, words: Text) -> list[Text]:
        """A remark as it is, broken where it has to be."""
        return wrapped_below(words, width=self.width, indent=2)

    def answer(self, item: ItemView, place: Place, *, is_over: bool, goes_on: bool) -> Laid:
        """What of an answer is behind the place; what is spoken is plain, and waits until it is heard."""
        start = self.sign("assistant")
        indent, lead = self._margins(start, goes_on=goes_on)
        if item.has_audio:
            laid = self._spoken(item, place, is_over=is_over, goes_on=goes_on)
        else:
            laid = lay_out(
                item.text,
                place,
                self.look,
                width=self.width,
                indent=indent,
                is_over=is_over,
                goes_on=goes_on,
                lead=lead,
                is_bounded=self.is_bounded,
            )
        texts = self._under(start, [row.text for row in laid.rows], goes_on=goes_on)
        rows = [Placed(text, row.after) for text, row in zip(texts, laid.rows, strict=True)]
        return Laid(rows, laid.rest)

    def heard_end(self, item: ItemView) -> int:
        """Where the words of the item end that were heard."""
        return word_end(visible(item.text), share_heard(self.view, item))

    def _margins(self, start: Text, *, goes_on: bool) -> tuple[int, int]:
        """How wide the margin of all rows is, and how much more stands before the first one."""
        indent = _MARGIN if self.in_words else start.cell_len
        return indent, 0 if goes_on else start.cell_len - indent

    def _spoken(self, item: ItemView, place: Place, *, is_over: bool, goes_on: bool) -> Laid:
        all_words = visible(item.text)
        words = all_words[place.at :] if goes_on else all_words[place.at :].lstrip()
        if not words:
            return Laid([])
        at = len(all_words) - len(words)
        bright, rest = len(words), style_of("assistant")
        if share_heard(self.view, item) < 1:
            bright = max(0, self.heard_end(item) - at)
            rest = _UNHEARD if cut_ms(self.view, item) is None else _CUT
        if not is_over:
            words = words[: bright + _AHEAD_ROWS * self.width]
        indent, lead = self._margins(self.sign("assistant"), goes_on=goes_on)
        # What was not heard is told in one piece with the words that say so.
        is_bounded = self.is_bounded and bright > MOST_SIZE
        rows = self._first_rows(words, indent, lead, is_bounded=is_bounded)
        has_more = sum(row.size for row in rows) < len(words)
        texts = shaded(rows, bright, style=style_of("assistant"), rest=rest)
        placed, size = list[Placed](), 0
        for row, text in zip(rows, texts, strict=True):
            size += row.size
            is_settled = has_more or (size <= bright and len(placed) < len(rows) - 1)
            placed.append(Placed(text, Place(at + size) if is_settled else None))
        return Laid(placed, Place(at + size) if has_more else None)

    def _first_rows(self, words: str, indent: int, lead: int, *, is_bounded: bool) -> list[Row]:
        """The rows of the words, or, of many, the first ones."""
        some = words[:MOST_SIZE] if is_bounded else words
        rows = laid_out(some, width=self.width, indent=indent, lead=lead)
        # The last row would be another one if all of the words were known.
        return rows[: max(1, len(rows) - 1)] if len(some) < len(words) else rows

    def _under(self, start: Text, rows: list[Text], *, goes_on: bool) -> list[Text]:
        """The rows with the sign, or a margin as wide as it is."""
        left = margin(self.width, _MARGIN if self.in_words else start.cell_len)
        starts = [Text(left) if goes_on else start, *[Text(left)] * len(rows)]
        pairs = enumerate(zip(starts, rows, strict=False))
        return [
            Text.assemble(lead, row) if row or (not index and not goes_on) else Text()
            for index, (lead, row) in pairs
        ]
