"""What to write instead of a field that the API does not have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from .base import Model
from .beta import BetaSession
from .checks import Advise, below
from .dialects import BETA_TO_GA_FIELDS, Dialect, value_to_beta, value_to_ga
from .jsontypes import at, is_object
from .shapes import Shape, fields_of
from .wording import nearest, shown

_CONFIGURATION = ("session", "response")
_DEEPEST = 5
_INDEX = re.compile(r"\[\d+\]")


def adviser(root: type[Model], dialect: Dialect) -> Advise:
    """Advice on the fields of an event of the model `root`."""
    translate = _from_beta if dialect == "ga" else _from_ga

    def advise(path: str, model: type[Model], name: str, value: object) -> str:
        translated = translate(path, name, value) if path in _CONFIGURATION else ""
        place = translated or _near(path, model, name) or _elsewhere(root, below(path, name), name)
        if place or dialect == "beta" or name not in fields_of(BetaSession):
            return place or f"leave it out; the fields are {', '.join(_writable(model))}"
        return "that was beta; GA has no such field, leave it out"

    return advise


def _from_beta(path: str, name: str, value: object) -> str:
    steps = BETA_TO_GA_FIELDS.get(name)
    return f"that was beta; write {_assignment(path, steps, value_to_ga(name, value))}" if steps else ""


def _from_ga(path: str, name: str, value: object) -> str:
    if name == "type":
        return "beta has no such field, leave it out"
    parts = {
        beta: value_to_beta(beta, found)
        for beta, steps in BETA_TO_GA_FIELDS.items()
        if (found := at({name: value}, *steps)) is not None
    }
    written = [_assignment(path, (beta,), part) for beta, part in parts.items()]
    return f"that is GA; beta: {', '.join(written)}" if written else ""


def _assignment(path: str, steps: tuple[str, ...], value: object) -> str:
    place = ".".join((path, *steps))
    return place if is_object(value) and len(value) > 2 else f"{place} = {shown(value)}"


def _near(path: str, model: type[Model], name: str) -> str:
    meant = nearest(name, _writable(model))
    if meant is not None:
        return f"write {below(path, meant)}"
    place = _places(model).get(name)
    return f"it belongs at {below(path, place)}" if place else ""


def _elsewhere(root: type[Model], path: str, name: str) -> str:
    place = _places(root).get(name)
    if place is None:
        return ""
    if place == _INDEX.sub("[]", path):
        return "an object of another type has it; change the type, or leave it out"
    here, there = _parent(path), _parent(place)
    beside = _parent(here) == _parent(there)
    return f"it belongs at {place}" if beside or f"{here}.".startswith(f"{there}.") or not there else ""


def _parent(path: str) -> str:
    return path.rpartition(".")[0]


def _writable(model: type[Model]) -> Mapping[str, Shape]:
    return {name: shape for name, shape in fields_of(model).items() if not shape.spec.from_server}


@cache
def _places(model: type[Model]) -> Mapping[str, str]:
    """The path of every field below the model, by the field's name; the nearest to the top counts."""
    places: dict[str, str] = {}
    for name, path in sorted(_paths(model, "", _DEEPEST), key=lambda place: place[1].count(".")):
        places.setdefault(name, path)
    return places


def _paths(model: type[Model], path: str, depth: int) -> Iterator[tuple[str, str]]:
    for name, shape in _writable(model).items():
        inner, here = shape.items or shape, below(path, name)
        yield name, here
        for part in inner.models if depth else ():
            yield from _paths(part, f"{here}[]" if shape.items else here, depth - 1)
