"""What may be typed next, as rows below the input line."""

from __future__ import annotations

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import Completion
from prompt_toolkit.formatted_text import to_plain_text
from rich.text import Text

from realtime_cli.visible import one_line

_MOST = 6
_GAP = 2
_WIDEST = 40


def menu_rows(buffer: Buffer, *, width: int, room: int) -> list[Text]:
    """A row for each completion, around the chosen one, and how many there are besides; none where nothing is
    being completed."""
    state = buffer.complete_state
    if state is None or not state.completions:
        return []
    count = len(state.completions)
    size = max(1, min(_MOST, room))
    size -= 1 < size < count
    chosen = state.complete_index
    first = max(0, min((chosen or 0) - size // 2, count - size))
    shown = state.completions[first : first + size]
    column = min(_WIDEST, max(Text(_name(each)).cell_len for each in shown) + _GAP)
    rows = [
        _row(each, column=column, width=width, is_chosen=first + at == chosen)
        for at, each in enumerate(shown)
    ]
    return [*rows, Text(f"  {count - size} more", "info")] if size < min(count, room) else rows


def _row(completion: Completion, *, column: int, width: int, is_chosen: bool) -> Text:
    row = Text("  ")
    row.append(_name(completion), "selected" if is_chosen else "key")
    row.pad_right(max(0, column + 2 - row.cell_len))
    row.append(one_line(to_plain_text(completion.display_meta)), "info")
    row.truncate(width, overflow="ellipsis")
    return row


def _name(completion: Completion) -> str:
    return one_line(to_plain_text(completion.display))
