"""Which rows are seen, and which of them is selected: the newest, until the user moves."""

from __future__ import annotations

from dataclasses import dataclass

from .index import Index, Row, anchor_of, numbers_of


@dataclass(frozen=True, slots=True)
class Seen:
    """A row on the screen; `above` is the one before it in the list."""

    row: Row
    above: Row | None
    is_selected: bool


class Listing:
    """A window on an index. Rows are remembered by their numbers: positions change when the oldest go."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.follows = True
        self._selected = 0
        self._top = 0
        self._height = 1

    def show(self, index: Index) -> None:
        """Shows other rows, at the same place."""
        selected = self.selected
        index.catch_up()
        self.index = index
        if selected is not None and not self.follows:
            self.select(numbers_of(selected)[0])

    @property
    def position(self) -> int:
        """Where the selected row is; -1 where there are none."""
        last = len(self.index.rows) - 1
        return last if self.follows else min(last, max(0, self.index.position(self._selected)))

    @property
    def selected(self) -> Row | None:
        """The selected row."""
        position = self.position
        return self.index.rows[position] if position >= 0 else None

    def select(self, number: int) -> None:
        """Selects the row of an event, or the one before it."""
        self._selected, self.follows = number, False

    def move(self, rows: int) -> None:
        """Selects a row further down, or (negative) up; below the last one, what is new is followed."""
        last, wanted = len(self.index.rows) - 1, self.position + rows
        if wanted > last:
            self.follows = True
        elif last >= 0:
            self.select(anchor_of(self.index.rows[max(0, wanted)]))

    def move_page(self, pages: int) -> None:
        """The same by whole screens."""
        self.move(pages * max(1, self._height - 1))

    def to_start(self) -> None:
        """Selects the oldest row."""
        if self.index.rows:
            self.select(anchor_of(self.index.rows[0]))

    def to_end(self) -> None:
        """Follows what is new."""
        self.follows = True

    def window(self, height: int) -> list[Seen]:
        """The rows to show, moved as little as possible to have the selected one among them."""
        self._height = height
        rows, at = self.index.rows, self.position
        if at < 0:
            return []
        top = min(max(0, self.index.position(self._top)), at, max(0, len(rows) - height))
        top = max(top, at - height + 1)
        self._top = anchor_of(rows[top])
        shown = range(top, min(len(rows), top + height))
        return [Seen(rows[n], rows[n - 1] if n else None, n == at) for n in shown]
