"""Streams words into a column: a word never breaks at the edge, and a half word waits for its other half."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment, Segments

from realtime_cli.visible import visible

TAB = 4
# Where a line may end: spaces, but not the ones that are made to hold words together.
_SPACES = " \t\u1680\u2000-\u2006\u2008-\u200a\u205f\u3000"
# Chinese and Japanese have no spaces: each character is a word, together with its marks and punctuation.
_CJK = "\u2e80-\u2fff\u3001-\u30ff\u3400-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff9f\U00020000-\U0003ffff"
_OPENING = "（［｛〈《「『【〔"
_CLOSING = "、。，．：；！？）］｝〉》」』】〕・ー…\u3099\u309a\ufe00-\ufe0f\U000e0100-\U000e01ef"
_PIECES = re.compile(
    rf"\n|[{_SPACES}]+|[{_OPENING}]*[{_CJK}][{_CLOSING}]*|[^\n{_SPACES}{_CJK}]+[{_CLOSING}]*"
)
_SPACE = re.compile(rf"[{_SPACES}]")
_JOINER = "\u200d"
# Flags are made of two of these; hands and faces take one of those as their colour.
_FLAG_LETTERS, _SKINS = ("\U0001f1e6", "\U0001f1ff"), ("\U0001f3fb", "\U0001f3ff")


class Column:
    """Words broken into the lines of a column, as they come. `width` None means no breaking at all (a pipe).

    The caller has filled the first `indent` cells; the lines below are indented by as much.
    """

    def __init__(self, *, width: int | None, indent: int = 0) -> None:
        self._width = width
        self._indent = indent if width is None or indent + 2 <= width else 0
        self._column = indent
        self._is_fresh = indent == self._indent
        self._margin = ""
        self._gap = ""
        self._held = ""
        self._return = ""

    def add(self, text: str) -> str:
        """What the text adds; in a column the last word waits until it is whole, or wider than a line."""
        text = self._safe(text)
        return text if self._width is None else self._laid_out(text, self._width)

    def end(self) -> str:
        """The last word and the end of the line."""
        text, self._return = visible(self._return) + "\n", ""
        return text if self._width is None else self._laid_out(text, self._width)

    def _safe(self, text: str) -> str:
        """The text without controls; a carriage return waits for the line feed that may follow it."""
        text = self._return + text
        self._return = "\r" if text.endswith("\r") else ""
        return visible(text.removesuffix("\r"))

    def _laid_out(self, text: str, width: int) -> str:
        found = pieces(self._held + text)
        self._held = found.pop() if found and found[-1] != "\n" else ""
        out = [self._lay(piece, width) for piece in found]
        if not is_space(self._held):
            *parts, self._held = chopped(self._held, width - self._indent)
            out.extend(self._place(part, width) for part in parts)
        return "".join(out)

    def _lay(self, piece: str, width: int) -> str:
        if piece == "\n":
            return self._break()
        if is_space(piece):
            self._gap = piece
            return ""
        return "".join(self._place(part, width) for part in chopped(piece, width - self._indent))

    def _place(self, word: str, width: int) -> str:
        gap = self._expanded_gap()
        size = cell_len(gap) + cell_len(word)
        if self._column + size <= width:
            self._column += size
            return self._printed(gap + word)
        edge = "" if self._is_fresh else self._break()
        self._column += cell_len(word)
        return edge + self._printed(word)

    def _printed(self, text: str) -> str:
        text, self._margin, self._gap, self._is_fresh = self._margin + text, "", "", False
        return text

    def _expanded_gap(self) -> str:
        """The spaces before a word, tabs as far as their stops."""
        before = " " * (self._column - self._indent)
        return (before + self._gap).expandtabs(TAB)[len(before) :]

    def _break(self) -> str:
        self._column, self._is_fresh, self._gap = self._indent, True, ""
        self._margin = " " * self._indent
        return "\n"


class Flow:
    """One paragraph that grows on a console, in a `Column`."""

    def __init__(self, console: Console, *, width: int | None, indent: int = 0, style: str = "") -> None:
        self._console = console
        self._style = console.get_style(style)
        self._column = Column(width=width, indent=indent)

    def write(self, text: str) -> None:
        """Prints what the text adds."""
        self._put(self._column.add(text))

    def finish(self) -> None:
        """Prints the last word and ends the line."""
        self._put(self._column.end())

    def _put(self, text: str) -> None:
        if text:
            # Not a `Text`: Rich would expand its tabs, counted from the start of this piece.
            self._console.print(Segments([Segment(text, self._style)]), end="", soft_wrap=True)


def pieces(line: str) -> list[str]:
    """The words of a line and the spaces between them: it may break before each of the words."""
    return _PIECES.findall(line)


def is_space(piece: str) -> bool:
    """Whether a piece is the space between two words."""
    return _SPACE.match(piece) is not None


def chopped(word: str, room: int) -> list[str]:
    """The word in parts of at most `room` cells, the last perhaps not full; a character is never split."""
    if cell_len(word) <= room:
        return [word]
    parts, used = list[str](), room + 1
    for cluster in _clusters(word):
        size = cell_len(cluster)
        if used + size > room:
            parts.append("")
            used = 0
        parts[-1] += cluster
        used += size
    return parts


def _clusters(word: str) -> Iterator[str]:
    """The characters of a word, each with the marks and joined characters that belong to it."""
    cluster = ""
    for char in word:
        if cluster and not _belongs(char, cluster):
            yield cluster
            cluster = ""
        cluster += char
    yield cluster


def _belongs(char: str, cluster: str) -> bool:
    first, last = _FLAG_LETTERS
    is_flag = first <= char <= last and len(cluster) == 1 and first <= cluster <= last
    is_skin = _SKINS[0] <= char <= _SKINS[1]
    return cell_len(char) == 0 or cluster.endswith(_JOINER) or is_flag or is_skin
