"""Where one sees a character end: several code points may be one of them (Unicode's UAX #29)."""

from __future__ import annotations

from wcwidth import grapheme_boundary_before, iter_graphemes


def edge(text: str, at: int, *, ahead: bool) -> int:
    """The place itself, or, within what one sees as a character, its end (`ahead`) or its beginning."""
    if not 0 < at < len(text):
        return at
    start = grapheme_boundary_before(text, at + 1)
    return start + len(next(iter_graphemes(text, start))) if ahead and start < at else start
