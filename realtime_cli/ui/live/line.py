"""The line in which one types: what one sees as a character is passed, and deleted, in one piece."""

from __future__ import annotations

from prompt_toolkit.buffer import Buffer

from realtime_cli.ui.graphemes import edge

_PLACE: property = vars(Buffer)["cursor_position"]


class Line(Buffer):
    """A `Buffer` whose cursor never comes to stand within a character, however it is moved."""

    @property
    def cursor_position(self) -> int:
        """Where the cursor is, in code points."""
        return super().cursor_position

    @cursor_position.setter
    def cursor_position(self, value: int) -> None:
        place = edge(self.text, value, ahead=value > self.cursor_position)
        _PLACE.__set__(self, place)

    def delete_before_cursor(self, count: int = 1) -> str:
        """Deletes so many code points, and the rest of a character that they are a part of."""
        end = self.cursor_position
        return super().delete_before_cursor(end - edge(self.text, max(0, end - count), ahead=False))

    def delete(self, count: int = 1) -> str:
        """Deletes so many code points behind the cursor, and the rest of a character."""
        start = self.cursor_position
        return super().delete(edge(self.text, min(len(self.text), start + count), ahead=True) - start)
