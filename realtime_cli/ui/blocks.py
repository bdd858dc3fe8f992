"""Markdown line by line: what kind a line is, given the lines before it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from rich.text import Text

from .code import highlighted
from .inline import Inline, inline

_CODE_INDENT, _DEEPEST = 4, 6
_QUOTES = re.compile(r"(?: {0,3}>(?: (?! {3}))?)+")
_FENCE = re.compile(r"(`{3,}(?=[^`]*$)|~{3,})[ ]*([^\s`]*)")
_HEADING = re.compile(r"#{1,6}(?: +|$)")
_CLOSING_HASHES = re.compile(r"(?:^| )#+ *$")
_ITEM = re.compile(r"([-*+•]|\d{1,9}[.)])( +|$)(\[[ xX]\](?= ))?")
# What may still become a rule, a heading, a fence or an item of a list.
_UNCLEAR = frozenset({"-", "*", "_", "#", "`", "~", "+", ">"})


@dataclass(frozen=True, slots=True)
class Look:
    """What the terminal can show."""

    bullet: str = "• "
    bar: str = "│ "
    rule: str = "─"
    boxes: tuple[str, str] = ("☐ ", "☑ ")
    shows_ticks: bool = False


@dataclass(frozen=True, slots=True)
class Fence:
    """A block of code that has begun."""

    marks: str
    indent: int
    language: str
    quotes: int


@dataclass(frozen=True, slots=True)
class Context:
    """What the lines before leave open: code, and lists by the column of their marks and their width."""

    fence: Fence | None = None
    lists: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is shown: what stands before its first row, and before the others, and its words."""

    words: Inline
    first: Text = field(default_factory=Text)
    below: Text = field(default_factory=Text)
    is_code: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A line as the model wrote it, of which `start` characters are told already."""

    text: str
    start: int
    is_complete: bool


_NOTHING = Inline(Text(), 0, [])


def shown_line(source: Source, context: Context, look: Look) -> tuple[Line | None, Context]:
    """How the line looks, None where it does not show, and what it leaves open."""
    quotes, at = _quotes(source.text, context)
    bar = Text.assemble((look.bar * min(quotes, _DEEPEST), "rule"))
    fence = context.fence
    if fence is not None and quotes >= fence.quotes:
        return _code(source, at, context, fence, bar)
    line, after = _block(source, at, replace(context, fence=None), look, quotes=quotes)
    if line is None or not quotes:
        return line, after
    line.words.words.stylize_before("quote")
    return replace(line, first=bar + line.first, below=bar + line.below), after


def _quotes(text: str, context: Context) -> tuple[int, int]:
    """How often the line is quoted, and where its own text begins."""
    if context.fence is not None and not context.fence.quotes:
        return 0, 0
    found = _QUOTES.match(text)
    return (found.group().count(">"), found.end()) if found else (0, 0)


def _code(source: Source, at: int, context: Context, fence: Fence, bar: Text) -> tuple[Line | None, Context]:
    text = source.text[at:]
    bare, mark = text.strip(" "), fence.marks[0]
    is_fence = bare == mark * len(bare) and (len(bare) >= len(fence.marks))
    if is_fence and source.is_complete:
        return None, replace(context, fence=None)
    if bare and bare == mark * len(bare) and not source.is_complete:
        return Line(_NOTHING), context
    at += min(fence.indent, len(text) - len(text.lstrip(" ")))
    margin = bar + Text(" " * (2 + sum(width for _, width in context.lists)))
    return Line(_verbatim(source, at, fence.language), margin, margin, is_code=True), context


def _verbatim(source: Source, at: int, language: str = "") -> Inline:
    at = max(at, source.start)
    words = highlighted(source.text[at:], language)
    return Inline(words, len(words), [(0, at, len(words))])


def _block(
    source: Source, at: int, context: Context, look: Look, *, quotes: int
) -> tuple[Line | None, Context]:
    text = source.text[at:]
    indent = len(text) - len(text.lstrip(" "))
    text, at = text[indent:], at + indent
    if not source.is_complete and text in {mark * len(text) for mark in _UNCLEAR}:
        return Line(_NOTHING), context
    if not context.lists and indent >= _CODE_INDENT:
        return Line(_verbatim(source, at - indent), is_code=True), context
    if (fence := _FENCE.match(text)) is not None:
        context = _within(context, indent)
        return None, replace(context, fence=Fence(fence.group(1), indent, fence.group(2), quotes))
    if _is_rule(text):
        return (_rule(look) if source.is_complete else Line(_NOTHING)), Context()
    if (item := _ITEM.match(text)) is not None:
        return _item(source, at, item, _among(context, indent), look, indent=indent, quotes=quotes)
    context = _within(context, indent)
    margin = Text(" " * sum(width for _, width in context.lists))
    heading = _HEADING.match(text)
    words = _inline(source, at + (heading.end() if heading else 0), look, is_heading=heading is not None)
    return Line(words, margin, margin), context


def _inline(source: Source, at: int, look: Look, *, is_heading: bool = False) -> Inline:
    text = source.text
    if is_heading and source.is_complete:
        text = text[:at] + _CLOSING_HASHES.sub("", text[at:])
    words = inline(
        text, start=max(at, source.start), is_complete=source.is_complete, shows_ticks=look.shows_ticks
    )
    if is_heading:
        words.words.stylize_before("heading")
    return words


def _is_rule(text: str) -> bool:
    marks = text.replace(" ", "")
    return len(marks) >= 3 and marks[0] in "-*_" and marks == marks[0] * len(marks)


def _rule(look: Look) -> Line:
    words = Text(look.rule * 3, "rule")
    return Line(Inline(words, len(words), []))


def _item(
    source: Source, at: int, item: re.Match[str], context: Context, look: Look, *, indent: int, quotes: int
) -> tuple[Line | None, Context]:
    """An item of a list; its text may begin a block of code."""
    outer = " " * sum(width for _, width in context.lists)
    mark = look.bullet if item.group(1) in "-*+•" else f"{item.group(1)} "
    if item.group(3):
        mark = look.boxes[item.group(3) != "[ ]"]
    at += item.end() + (1 if item.group(3) else 0)
    inner = Context(lists=(*context.lists, (indent, len(mark))))
    first, below = Text.assemble((outer + mark, "key")), Text(outer + " " * len(mark))
    fence = _FENCE.match(source.text, at)
    if fence is not None:
        inner = replace(inner, fence=Fence(fence.group(1), indent + item.end(), fence.group(2), quotes))
        return Line(_NOTHING, first, below), inner
    return Line(_inline(source, at, look), first, below), inner


def _among(context: Context, indent: int) -> Context:
    """The lists in which an item with its mark in this column stands."""
    lists = tuple(each for each in context.lists if each[0] <= indent - 2)
    return replace(context, lists=lists[:_DEEPEST])


def _within(context: Context, indent: int) -> Context:
    """The lists whose items go on with a line that is indented so much."""
    return replace(context, lists=tuple(each for each in context.lists if each[0] + 2 <= indent))
