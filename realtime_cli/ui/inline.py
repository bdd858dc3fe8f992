"""Markdown within one line: emphasis, code, links. Each decision looks ahead for a bounded distance only."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, deque
from dataclasses import dataclass, field

from rich.text import Text

# Farther apart, two marks do not belong together: what they enclose has to wait for its style.
_FAR = 1000
_DEEP = 3
_TOKEN = re.compile(
    r"\\[!-/:-@\[-`{-~]"
    r"|`+"
    r"|\*+|_+|~+"
    r"|!?\["
    r"|https?://[^\s<>`*\"]+"
    r"|<(?:https?://|mailto:)[^\s<>]+>"
    r"|&(?:amp|lt|gt|quot|nbsp|#39);"
)
_TICKS = re.compile("`+")
_ADDRESS = r"(?:[^\s<>()\[\]]|\([^\s()]{0,200}\))"
_LABEL = r"!?\[([^\[\]]{0,500})"
_LINK = re.compile(
    rf"{_LABEL}\]\(\s{{0,9}}<?({_ADDRESS}{{1,1000}})>?(?:\s{{1,9}}\"[^\"]{{0,200}}\")?\s{{0,9}}\)"
)
# The beginnings of a link, and of other tokens, where the text ends with one.
_HALF_LINK = re.compile(rf"{_LABEL}(?:\](?:\(\s{{0,9}}<?({_ADDRESS}{{0,1000}})[^)\n]{{0,200}})?)?$")
_HALF = re.compile(r"(?:!|<[^\s<>]{0,200}|&[a-z#0-9]{0,5})$")
_MARKS = frozenset("\\`*_~")
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&nbsp;": " ", "&#39;": "'"}
_STYLES = {"*": "emphasis", "_": "emphasis", "**": "strong", "__": "strong", "~~": "struck"}


@dataclass(frozen=True, slots=True)
class Inline:
    """A line in its styles; more text cannot change its first `decided` characters."""

    words: Text
    decided: int
    anchors: list[tuple[int, int, int]]

    def source_of(self, shown: int) -> tuple[int, int]:
        """Where in the source to go on behind so many characters, and how many to leave out from there."""
        index = bisect_right(self.anchors, (shown, 1 << 60, 0)) - 1
        if index < 0:
            return -1, shown
        at, source, size = self.anchors[index]
        taken = min(shown - at, size)
        return source + taken, shown - at - taken


@dataclass(slots=True)
class _Piece:
    """Characters of the source, and what is shown for them."""

    text: str
    source: int
    style: str = ""
    is_plain: bool = True


@dataclass(slots=True)
class _Run:
    """Marks of emphasis that have found no partner yet."""

    mark: str
    count: int
    source: int
    piece: int


@dataclass(slots=True)
class _Scan:
    """One pass over a line."""

    line: str
    is_complete: bool
    shows_ticks: bool
    pieces: list[_Piece] = field(default_factory=list[_Piece])
    open: deque[_Run] = field(default_factory=deque[_Run])
    spans: list[tuple[int, int, str]] = field(default_factory=list[tuple[int, int, str]])
    waiting: Counter[str] = field(default_factory=Counter[str])
    undecided: int | None = None

    def scan(self, at: int) -> None:
        """Cuts the line into pieces."""
        ticks = _tick_runs(self.line)
        while (token := _TOKEN.search(self.line, at)) is not None:
            self._plain(at, token.start())
            at = self._take(token, ticks)
        self._plain(at, len(self.line))

    def _take(self, token: re.Match[str], ticks: dict[int, list[int]]) -> int:
        """Adds a token; gives where to go on."""
        text, at = token.group(), token.start()
        match text[0]:
            case "\\" | "&":
                return self._add(_ENTITIES.get(text, text[1:]), token)
            case "`":
                return self._code(at, len(text), ticks)
            case "*" | "_" | "~":
                return self._emphasis(text, at)
            case "<":
                return self._add(text[1:-1], token, style="link")
            case "h":
                address = _without_punctuation(text)
                self._add(address, token, style="link")
                return at + len(address)
            case _:
                return self._link(text, at)

    def _add(self, shown: str, token: re.Match[str], *, style: str = "") -> int:
        self.pieces.append(_Piece(shown, token.start(), style, is_plain=False))
        return token.end()

    def _plain(self, start: int, end: int) -> None:
        if start < end:
            self.pieces.append(_Piece(self.line[start:end], start))

    def _code(self, at: int, count: int, ticks: dict[int, list[int]]) -> int:
        starts = ticks[count]
        index = bisect_right(starts, at)
        close = starts[index] if index < len(starts) and starts[index] - at <= _FAR else None
        tick = "`" if self.shows_ticks else ""
        if close is not None:
            code = _stripped_once(self.line[at + count : close])
            self.pieces.append(_Piece(f"{tick}{code}{tick}", at, "code", is_plain=False))
            return close + count
        if self._may_go_on(at):
            self._undecide()
            self.pieces.append(_Piece(tick + self.line[at + count :], at, "code", is_plain=False))
            return len(self.line)
        self._plain(at, at + count)
        return at + count

    def _link(self, text: str, at: int) -> int:
        found = _LINK.match(self.line, at)
        if found is not None:
            self._linked(found.group(1), found.group(2), at)
            return found.end()
        half = None if self.is_complete else _HALF_LINK.match(self.line, at)
        if half is not None:
            self._undecide()
        if half is not None and half.group(2) is not None:
            self._linked(half.group(1), half.group(2), at)
            return len(self.line)
        self._plain(at, at + len(text))
        return at + len(text)

    def _linked(self, label: str, address: str, at: int) -> None:
        label = re.sub(r"[*`]", "", label)
        if label == address or not address:
            self.pieces.append(_Piece(label, at, "link", is_plain=False))
            return
        self.pieces.append(_Piece(f"{label} (", at, is_plain=False))
        self.pieces.append(_Piece(address, at, "link", is_plain=False))
        self.pieces.append(_Piece(")", at, is_plain=False))

    def _emphasis(self, text: str, at: int) -> int:
        end, count = at + len(text), len(text)
        if count > _DEEP or (text[0] == "~" and count != 2):
            self._plain(at, end)
            return end
        opens, closes = _flanks(self.line, at, end)
        if closes:
            count = self._close(text[0], count, at)
        if count and opens:
            self.open.append(_Run(text[0], count, at, len(self.pieces)))
            self.waiting[text[0]] += 1
            self.pieces.append(_Piece(text[0] * count, end - count))
        elif count:
            self._plain(end - count, end)
        return end

    def _close(self, mark: str, count: int, at: int) -> int:
        """Pairs marks with open ones, the nearest first; gives how many are left."""
        while self.open and at - self.open[0].source > _FAR:
            self.waiting[self.open.popleft().mark] -= 1
        while count and self.waiting[mark]:
            while self.open[-1].mark != mark:
                self.waiting[self.open.pop().mark] -= 1
            run = self.open[-1]
            used = 2 if min(run.count, count) >= 2 else 1
            run.count, count = run.count - used, count - used
            self.pieces[run.piece].text = mark * run.count
            self.spans.append((run.piece, len(self.pieces), _STYLES[mark * used]))
            if run.count == 0:
                self.waiting[self.open.pop().mark] -= 1
        return count

    def _may_go_on(self, at: int) -> bool:
        """Whether more text may still bring what belongs to the mark."""
        return not self.is_complete and len(self.line) - at <= _FAR

    def _undecide(self) -> None:
        self.undecided = len(self.pieces) if self.undecided is None else self.undecided

    def hope(self) -> None:
        """Shows what is not closed as if it were about to be."""
        for run in self.open:
            if self._may_go_on(run.source):
                self.undecided = run.piece if self.undecided is None else min(run.piece, self.undecided)
                self.pieces[run.piece].text = ""
                self.spans.append((run.piece, len(self.pieces), _STYLES[run.mark * min(run.count, 2)]))


def inline(line: str, *, start: int = 0, is_complete: bool, shows_ticks: bool = False) -> Inline:
    """The line from `start`, in its styles; until it is complete, marks without a partner wait for one."""
    line = line if is_complete else _without_marks(line)
    scan = _Scan(line, is_complete, shows_ticks)
    scan.scan(start)
    scan.hope()
    words, starts = Text(), list[int]()
    for piece in scan.pieces:
        starts.append(len(words))
        words.append(piece.text, piece.style or None)
    starts.append(len(words))
    for first, last, style in scan.spans:
        words.stylize(style, starts[first], starts[last])
    decided = len(words) if scan.undecided is None else starts[scan.undecided]
    half = None if is_complete else _HALF.search(line, max(start, len(line) - 300))
    if half is not None:
        decided = min(decided, max(0, len(words) - len(half.group())))
    return Inline(words, decided, _anchors(scan, starts))


def _without_marks(line: str) -> str:
    """The line without marks at its end: what they mean depends on what follows."""
    return line.rstrip(line[-1]) if line[-1:] in _MARKS else line


def _anchors(scan: _Scan, starts: list[int]) -> list[tuple[int, int, int]]:
    """The pieces that are shown as they are, outside of spans: where they begin, here and in the source."""
    depth = [0] * (len(starts) + 1)
    for first, last, _ in scan.spans:
        depth[first] += 1
        depth[last] -= 1
    level, anchors = 0, list[tuple[int, int, int]]()
    for index, piece in enumerate(scan.pieces):
        level += depth[index]
        if level == 0 and piece.is_plain and piece.text:
            anchors.append((starts[index], piece.source, len(piece.text)))
    return anchors


def _tick_runs(line: str) -> dict[int, list[int]]:
    """Where runs of backticks begin, by their length."""
    runs: dict[int, list[int]] = {}
    for found in _TICKS.finditer(line):
        runs.setdefault(len(found.group()), []).append(found.start())
    return runs


def _flanks(line: str, start: int, end: int) -> tuple[bool, bool]:
    """Whether marks there can open, and whether they can close (CommonMark's rules of flanking)."""
    before, after = line[start - 1 : start] or " ", line[end : end + 1] or " "
    left = not after.isspace() and (after.isalnum() or before.isspace() or not before.isalnum())
    right = not before.isspace() and (before.isalnum() or after.isspace() or not after.isalnum())
    if line[start] != "_":
        return left, right
    return left and (not right or not before.isalnum()), right and (not left or not after.isalnum())


def _stripped_once(code: str) -> str:
    inside = code[1:-1]
    return inside if code[:1] == code[-1:] == " " and inside.strip() else code


def _without_punctuation(address: str) -> str:
    address = address.rstrip(".,;:!?'_~")
    while address.endswith(")") and address.count(")") > address.count("("):
        address = address[:-1].rstrip(".,;:!?'_~")
    return address
