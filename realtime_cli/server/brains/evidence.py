"""Finds what a sentence says that may be an argument: names, places, quoted words, codes, numbers. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from realtime_cli.server.brains.words import STOP_WORDS, Span, stem

_ENDS = (
    "in|for|at|to|from|of|on|with|about|by|using|named|called|saying|that|and|or|then|also|is|are"
    "|please|thanks|today|tonight|tomorrow|yesterday|now|right|instead|again"
)
_PHRASE = re.compile(
    r"\b(in|for|at|to|from|of|on|with|about|named|called)\s+(?:(?:the|a|an|my|your|our)\s+)?"
    rf"(\S.{{0,79}}?)(?=\s+(?:{_ENDS})\b|\s*[,.;:!?]+(?:\s|$)|\s*$)",
    re.IGNORECASE,
)
_SAYING = re.compile(r"\b(saying|that says|that)\s+([^.!?;]{1,200})", re.IGNORECASE)
_QUOTED = re.compile(r'"([^"]{1,200})"|“([^”]{1,200})”|«([^»]{1,200})»|(?<!\w)\'([^\']{1,200})\'(?!\w)')
_DAYS = "monday|tuesday|wednesday|thursday|friday|saturday|sunday|week|weekend|month|year"
_DAY = re.compile(
    rf"\b(?:today|tonight|tomorrow|yesterday|(?:(?:next|this|last)\s+)?(?:{_DAYS}))\b", re.IGNORECASE
)
_CODE = re.compile(r"\b[A-Za-z]{0,20}[-_#]?\d[\w:-]{0,40}(?:\s?[ap]m\b)?", re.IGNORECASE)
_TOKEN = re.compile(r"[^\W\d_][\w'’-]*")
_NAME_JOINTS = ("de", "da", "do", "del", "di", "la", "le", "el", "van", "von", "der", "den")
_SENTENCE_END = (".", "!", "?")
_LOOSE_ENDS = " \"'“”«»"

_ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = (
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_VALUES = {
    **{word: value for value, word in enumerate(("zero", *_ONES, *_TEENS))},
    **{word: 10 * tens for tens, word in enumerate(_TENS, 2)},
}
_NUMBER = re.compile(
    r"(?<![\w.,:-])(?P<digits>-?\d{1,15}(?:\.\d{1,15})?)(?!:?\d)"
    rf"|\b(?P<tens>{'|'.join(_TENS)})(?:[\s-](?P<more>{'|'.join(_ONES)}))?\b"
    rf"|\b(?P<small>zero|{'|'.join((*_ONES, *_TEENS))})\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Clue:
    """A text that may be an argument, where it stands, and its kind: `quoted`, `in`, `called`, `day`, ..."""

    kind: str
    text: str
    span: Span


def strings(text: str) -> Iterator[Clue]:
    """The texts that may be arguments, kind by kind; they overlap."""
    for found in _QUOTED.finditer(text):
        yield Clue("quoted", next(filter(None, found.groups())), found.span())
    for found in _SAYING.finditer(text):
        yield Clue("saying", found.group(2).strip(_LOOSE_ENDS), found.span(2))
    for found in _PHRASE.finditer(text):
        yield from _phrase(found.group(1).lower(), found.group(2), found.start(2))
    for found in _DAY.finditer(text):
        yield Clue("day", found.group(), found.span())
    yield from _capitalised(text)
    for found in _CODE.finditer(text):
        yield Clue("code", found.group(), found.span())


def _phrase(kind: str, phrase: str, start: int) -> Iterator[Clue]:
    if kind not in {"called", "named", "about"} and (end := _end_of_name(phrase)):
        phrase = phrase[:end]
    told = phrase.strip(_LOOSE_ENDS)
    # "for 10 minutes" gives a number, "for today" a day, "to do" nothing.
    if told and not told[0].isdigit() and stem(told) not in STOP_WORDS and not _DAY.fullmatch(told):
        yield Clue(kind, told, (start, start + len(phrase)))


def _end_of_name(phrase: str) -> int:
    """Where the name ends that the phrase begins with ("Rio de Janeiro tomorrow"); 0 without one."""
    end = 0
    for token in re.finditer(r"\S+", phrase):
        if token.group()[0].isupper():
            end = token.end()
        elif not end or token.group() not in _NAME_JOINTS:
            break
    return end


def _capitalised(text: str) -> Iterator[Clue]:
    run: list[Span] = []
    for token in _TOKEN.finditer(text):
        capital = token.group()[0].isupper() and token.group().lower() not in STOP_WORDS
        if run and not (capital and text[run[-1][1] : token.start()] == " "):
            yield _name(text, run)
            run = []
        if capital:
            run.append(token.span())
    if run:
        yield _name(text, run)


def _name(text: str, run: Sequence[Span]) -> Clue:
    start, end = run[0][0], run[-1][1]
    before = text[:start].rstrip(_LOOSE_ENDS)
    kind = "start" if not before or before.endswith(_SENTENCE_END) else "capital"
    return Clue(kind, text[start:end], (start, end))


def rest(text: str, spans: Sequence[Span]) -> Iterator[Clue]:
    """What stands behind the function's own words ("echo hello world"), or the whole text if nothing does."""
    start = max((end for _, end in spans), default=0)
    behind = text[start:].strip(_LOOSE_ENDS + ".,:;!?")
    if behind:
        start = text.index(behind, start)
        yield Clue("rest", behind, (start, start + len(behind)))


def numbers(text: str) -> Iterator[tuple[float, Span]]:
    """The numbers in digits or in words up to ninety-nine, and where they stand."""
    for found in _NUMBER.finditer(text):
        yield _value(found), found.span()


def _value(found: re.Match[str]) -> float:
    if digits := found["digits"]:
        return float(digits) if "." in digits else int(digits)
    told = [found[group] for group in ("tens", "more", "small") if found[group]]
    return sum(_VALUES[word.lower()] for word in told)
