"""An event's fields while they are typed as JSON: what may stand where the text ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from realtime_cli.protocol.checks import below
from realtime_cli.protocol.jsontypes import dump
from realtime_cli.protocol.shapes import Shape

from .command import Offer
from .fields import Paths, value_of, value_offers

_PART = re.compile(r'"(?:[^"\\]|\\.)*"?|[{}\[\],:]|[^\s{}\[\],:"]+')
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_Wanted: TypeAlias = Literal["name", "colon", "value", "comma"]


@dataclass(frozen=True, slots=True)
class Spot:
    """The end of a text: a name in the object at `path`, or its value, begins at `start`."""

    path: str
    is_name: bool
    start: int
    given: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Open:
    """An object or a list that is not closed; `name` is that of the field that is being written."""

    path: str
    is_list: bool
    given: set[str] = field(default_factory=set[str])
    name: str = ""

    @property
    def place(self) -> str:
        """The path of the value that comes next."""
        return f"{self.path}[0]" if self.is_list else below(self.path, self.name)


def spot_in(text: str) -> Spot | None:
    """Where the text ends; None where neither a name nor a value can go on there."""
    around = list[_Open]()
    wanted: _Wanted = "value"
    for part in _PART.finditer(text):
        if part.end() == len(text) and _is_half(part[0]):
            return _spot(around, wanted, part.start())
        wanted = _read(around, wanted, part[0])
        if not around:
            return None
    return _spot(around, wanted, len(text))


def json_offers(spot: Spot, shapes: Paths) -> Iterator[Offer]:
    """The names, or the values, that the models know for a spot."""
    if not spot.is_name:
        yield from _values(spot.path, shapes)
        return
    for path, shape in shapes.items():
        above, _, name = path.rpartition(".")
        if above == spot.path and name not in spot.given:
            words = ("needed; " if shape.spec.required else "") + shape.spec.doc
            yield Offer(f"{dump(name)}: ", words, is_raw=True, shown=name)


def _values(path: str, shapes: Paths) -> Iterator[Offer]:
    shape = _shape(path, shapes)
    if shape is None:
        return
    if shape.items or shape.models:
        yield Offer("[" if shape.items else "{", shape.spec.doc, is_raw=True)
        return
    for offer in value_offers(shape):
        yield Offer(dump(value_of(offer.text, shape)), offer.summary, is_raw=True)


def _shape(path: str, shapes: Paths) -> Shape | None:
    """The shape of a value; what is known of a list is known of its entries."""
    whole = shapes.get(path.removesuffix("[0]"))
    if path in shapes or whole is None or whole.items is None:
        return shapes.get(path)
    return replace(whole.items, spec=replace(whole.spec, required=True))


def _is_half(part: str) -> bool:
    """Whether what stands at the end of the text may go on."""
    return part not in "{}[],:" and not _STRING.fullmatch(part)


def _read(around: list[_Open], wanted: _Wanted, part: str) -> _Wanted:
    """Takes one part in, and tells what comes next."""
    if part in "{[":
        around.append(_Open(around[-1].place if around else "", is_list=part == "["))
    elif part in "}]":
        del around[-1:]
        return "comma"
    elif part == ":":
        return "value"
    elif part != "," and wanted == "name":
        around[-1].name = part.strip('"')
        around[-1].given.add(around[-1].name)
        return "colon"
    elif part != ",":
        return "comma"
    return "value" if around and around[-1].is_list else "name"


def _spot(around: list[_Open], wanted: _Wanted, start: int) -> Spot | None:
    if not around or wanted not in ("name", "value"):
        return None
    here = around[-1]
    if wanted == "name":
        return Spot(here.path, is_name=True, start=start, given=frozenset(here.given))
    return Spot(here.place, is_name=False, start=start)
