"""Which columns the rows have room for, and what stands in them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

_SMALL, _MEDIUM, _LARGE = 60, 100, 160
_WORD_START = re.compile(r"[._](?=\w)")


@dataclass(frozen=True, slots=True)
class Columns:
    """The widths of a row's columns in cells; 0 means that there is none."""

    number: int
    time: int
    since: int
    type: int
    size: int
    wave: int
    is_roomy: bool = False


def columns_for(width: int, *, last: int = 0) -> Columns:
    """The columns of rows of that width, for numbers up to `last`: what matters least goes first."""
    number = max(3 if width < _MEDIUM else 4, len(str(last)))
    if width < _SMALL:
        size = max(8, (width - number - 11) * 11 // 20)
        return Columns(number=number, time=6, since=0, type=size, size=0, wave=8)
    if width < _MEDIUM:
        return Columns(number=number, time=8, since=0, type=28 + (width - 80) // 4, size=5, wave=16)
    if width < _LARGE:
        return Columns(number=number, time=8, since=7, type=33 + (width - 120) // 6, size=5, wave=24)
    return Columns(number=number, time=8, since=7, type=46, size=5, wave=48, is_roomy=True)


def time_cell(at_s: float, *, size: int) -> str:
    """Seconds into the session, as exact as there is room for."""
    for digits in (3, 2, 1):
        text = f"{at_s:.{digits}f}"
        if len(text) <= size and digits <= (3 if size > 6 else 1):
            return text.rjust(size)
    return f"{at_s:.0f}".rjust(size)[:size]


def since_cell(at_s: float, above_s: float | None) -> str:
    """Time since the event above, in 7 cells; nothing where that one came later: runs go side by side."""
    if above_s is None or at_s < above_s:
        return " " * 7
    passed_s = at_s - above_s
    if passed_s < 0.9995:
        text = f"+{passed_s * 1000:.0f}ms"
    elif passed_s < 99.95:
        text = f"+{passed_s:.1f}s"
    else:
        minutes, seconds = divmod(round(passed_s), 60)
        text = f"+{minutes}m{seconds:02d}" if minutes < 1000 else "+long"
    return text.rjust(7)


def size_cell(size_bytes: int) -> str:
    """Bytes in 5 cells: `312`, `1.4k`, `334k`, `2.1M`."""
    if size_bytes < 1000:
        return f"{size_bytes:5d}"
    amount, unit = (size_bytes / 1e3, "k") if size_bytes < 999_500 else (size_bytes / 1e6, "M")
    return (f"{amount:.1f}" if amount < 99.95 else f"{amount:.0f}").rjust(4)[:4] + unit


def type_cell(type_: str, *, size: int) -> str:
    """An event's type in so many cells; one that is too long loses its beginning, at a word if possible."""
    if cell_len(type_) <= size:
        return set_cell_size(type_, size)
    end = type_
    while cell_len(end) > size - 1:
        end = end[1 + max(0, (len(end) - size) // 2) :]
    start = _WORD_START.search(end, 0, 3 + size // 5)
    return set_cell_size("…" + (end[start.end() :] if start else end), size)


def duration_cell(ms: float) -> str:
    """`20 ms`, `5.0 s`, `3:20`."""
    if ms < 999.5:
        return f"{ms:.0f} ms"
    if ms < 59_950:
        return f"{ms / 1000:.1f} s"
    minutes, seconds = divmod(round(ms / 1000), 60)
    return f"{minutes}:{seconds:02d} min"
