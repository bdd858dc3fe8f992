"""Tables as columns of words; where those do not fit, as a list of its cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal, TypeAlias

from rich.text import Text

from .inline import inline
from .wrap import wrapped

_Align: TypeAlias = Literal["left", "center", "right"]

_DELIMITER = re.compile(r"\|?(?: *:?-+:? *\|)* *:?-+:? *\|? *$")
_CELL_END = re.compile(r"\\.|(`+)|\|")
_GAP, _NARROWEST, _MOST_COLUMNS = 2, 6, 24


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a table: how they are aligned, how wide their cells are, what stands above them."""

    aligns: tuple[_Align, ...]
    widths: tuple[int, ...]
    heads: tuple[str, ...]


def is_delimiter(line: str) -> bool:
    """Whether the line divides the head of a table from its rows."""
    line = line.strip(" ")
    return "-" in line and "|" in line and _DELIMITER.match(line) is not None


def may_become_delimiter(line: str) -> bool:
    """Whether more text may make it one."""
    return not line.strip(" |:-")


def table_of(lines: Sequence[str], *, shows_ticks: bool) -> Table:
    """The columns of a table whose head, delimiter and first rows these are."""
    aligns: list[_Align] = [_align(cell) for cell in _cells(lines[1])[:_MOST_COLUMNS]]
    heads = tuple(_padded(_cells(lines[0]), len(aligns)))
    rows = [_padded(_cells(line), len(aligns)) for line in (lines[0], *lines[2:])]
    sizes = ([_shown(cell, shows_ticks).cell_len for cell in row] for row in rows)
    return Table(tuple(aligns), tuple(max(1, *column) for column in zip(*sizes, strict=True)), heads)


def head_rows(table: Table, *, width: int, shows_ticks: bool, rule: str) -> list[Text]:
    """The head, and a thin line below it."""
    widths = _fitting(table.widths, width)
    if widths is None:
        return []
    line = Text((" " * _GAP).join(rule * size for size in widths), "rule")
    return [*_columns(table, table.heads, widths, shows_ticks=shows_ticks, style="strong"), line]


def body_rows(table: Table, line: str, *, width: int, shows_ticks: bool) -> list[Text]:
    """A row of the table."""
    cells = _padded(_cells(line), len(table.aligns))
    widths = _fitting(table.widths, width)
    if widths is not None:
        return _columns(table, cells, widths, shows_ticks=shows_ticks, style="")
    named = zip(table.heads, cells, strict=True)
    parts = [_record(head, cell, shows_ticks) for head, cell in named if cell]
    return [row for part in parts for row in wrapped(part, width=width)] + [Text()]


def _record(head: str, cell: str, shows_ticks: bool) -> Text:
    words = _shown(head, shows_ticks)
    words.stylize_before("strong")
    return words.append(": ").append_text(_shown(cell, shows_ticks)) if head else _shown(cell, shows_ticks)


def _columns(
    table: Table, cells: Sequence[str], widths: Sequence[int], *, shows_ticks: bool, style: str
) -> list[Text]:
    columns = [
        wrapped(_shown(cell, shows_ticks, style), width=size)
        for cell, size in zip(cells, widths, strict=True)
    ]
    rows = list[Text]()
    for parts in zip_longest(*columns, fillvalue=Text()):
        row = Text()
        for part, size, align in zip(parts, widths, table.aligns, strict=True):
            row.append(" " * _GAP if row else "")
            cell = part.copy()
            left = {"left": 0, "right": size - cell.cell_len, "center": (size - cell.cell_len) // 2}[align]
            row.append(" " * left).append_text(cell).append(" " * (size - cell.cell_len - left))
        row.rstrip()
        rows.append(row)
    return rows


def _fitting(widths: Sequence[int], width: int) -> list[int] | None:
    """The widths of the columns, the widest made narrower until they fit; None where they cannot."""
    room = width - _GAP * (len(widths) - 1)
    if room < sum(min(size, _NARROWEST) for size in widths):
        return None
    most = min(room, max(widths))
    while sum(min(size, most) for size in widths) > room:
        most -= 1
    return [min(size, most) for size in widths]


def _cells(line: str) -> list[str]:
    """The texts between the bars; a bar in code, or behind a backslash, is a character."""
    line = line.strip(" ").removeprefix("|")
    cells, start, at, ticks = list[str](), 0, 0, ""
    while (found := _CELL_END.search(line, at)) is not None:
        at = found.end()
        if found.group(1):
            ticks = _code_marks(line, at, found.group(1), ticks)
        elif found.group() == "|" and not ticks:
            cells.append(line[start : found.start()].strip(" ").replace("\\|", "|"))
            start = at
    if line[start:].strip(" "):
        cells.append(line[start:].strip(" ").replace("\\|", "|"))
    return cells


def _code_marks(line: str, at: int, found: str, ticks: str) -> str:
    """The backticks that have to close the code there, if there is any."""
    if ticks:
        return "" if ticks == found else ticks
    return found if line.find(found, at) >= 0 else ""


def _padded(cells: Sequence[str], count: int) -> list[str]:
    """As many cells as there are columns; what is too much joins the last one."""
    if len(cells) > count:
        return [*cells[: count - 1], " | ".join(cells[count - 1 :])]
    return [*cells, *[""] * (count - len(cells))]


def _align(cell: str) -> _Align:
    if cell.endswith(":"):
        return "center" if cell.startswith(":") and len(cell) > 1 else "right"
    return "left"


def _shown(cell: str, shows_ticks: bool, style: str = "") -> Text:
    words = inline(cell, is_complete=True, shows_ticks=shows_ticks).words
    if style:
        words.stylize_before(style)
    return words
