"""What there is to look up: every event and every object inside one, from the models."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Literal, TypeAlias

from . import beta
from .base import Event, Model
from .client_events import TranscriptionSessionUpdate
from .codec import Side
from .dialects import GA_TO_BETA_NAMES, to_beta
from .examples import example_in, example_of
from .jsontypes import Json, as_object
from .objects import members, objects_in
from .rows import FieldRow, first_line, rows_of
from .server_events import TranscriptionSessionCreated, TranscriptionSessionUpdated
from .shapes import Shape, tag_of
from .vocabulary import client_events, server_events

__all__ = ["EventDescription", "EventInfo", "FieldRow", "describe", "event_types", "example", "nearest"]

EventFamily: TypeAlias = Literal["realtime", "beta", "translation"]
_MOST_NAMES = 5


@dataclass(frozen=True, slots=True)
class EventInfo:
    """One type of event: who sends it, what it means in a line, its name in beta if that is another."""

    name: str
    side: Side
    family: EventFamily
    model: type[Event]
    doc: str
    beta_name: str | None = None


@dataclass(frozen=True, slots=True)
class EventDescription:
    """An event or an object, laid out; `info` is None for an object."""

    name: str
    doc: str
    fields: tuple[FieldRow, ...]
    example: Json
    info: EventInfo | None = None


def event_types() -> list[EventInfo]:
    """Every type of event: the GA vocabulary, what only beta has, the translation session's."""
    return list(_events())


def describe(type_name: str) -> EventDescription | None:
    """An event by its name in either dialect or its class's name, or an object that is part of events."""
    info = _by_name().get(type_name)
    if info is not None:
        rows = tuple(rows_of({info.name: beta.FORMS.get(info.name, info.model)}))
        name = type_name if type_name == info.beta_name else info.name
        return EventDescription(name, _doc(info.model), rows, example(type_name), info)
    shape = _objects().get(type_name)
    if shape is None:
        return None
    models = members(shape)
    doc = f"One of: {', '.join(models)}." if len(models) > 1 else _doc(shape.models[0])
    return EventDescription(type_name, doc, tuple(rows_of(models)), example(type_name))


def example(type_name: str) -> Json:
    """A legal example of an event or an object. Raises KeyError for a name that `describe` does not know."""
    info = _by_name().get(type_name)
    if info is None:
        return as_object(example_in(_objects()[type_name])) or {}
    made = example_of(info.model)
    return to_beta(made) or made if type_name == info.beta_name else made


def nearest(type_name: str) -> list[str]:
    """Names that were probably meant, the likeliest first."""
    names = [*_by_name(), *_objects()]
    close = get_close_matches(type_name, names, n=_MOST_NAMES, cutoff=0.6)
    holding = [name for name in names if type_name and type_name in name]
    return list(dict.fromkeys([*close, *holding]))[:_MOST_NAMES]


@cache
def _events() -> tuple[EventInfo, ...]:
    return (
        *_infos(client_events("ga").values(), "client", "realtime"),
        *_infos(server_events("ga").values(), "server", "realtime"),
        *_infos([TranscriptionSessionUpdate], "client", "beta"),
        *_infos([TranscriptionSessionCreated, TranscriptionSessionUpdated], "server", "beta"),
        *_infos(client_events("ga", "translation").values(), "client", "translation"),
        *_infos(server_events("ga", "translation").values(), "server", "translation"),
    )


def _infos(models: Iterable[type[Event]], side: Side, family: EventFamily) -> Iterator[EventInfo]:
    for model in models:
        name = tag_of(model) or ""
        yield EventInfo(name, side, family, model, first_line(model), GA_TO_BETA_NAMES.get(name))


@cache
def _by_name() -> Mapping[str, EventInfo]:
    """Events by every name they have; a name that several have belongs to the first."""
    found: dict[str, EventInfo] = {}
    for names in (_own_name, _beta_name, _class_name):
        for info in _events():
            found.setdefault(names(info), info)
    found.pop("", None)
    return found


def _own_name(info: EventInfo) -> str:
    return info.name


def _beta_name(info: EventInfo) -> str:
    return info.beta_name or ""


def _class_name(info: EventInfo) -> str:
    return info.model.__name__


@cache
def _objects() -> Mapping[str, Shape]:
    forms = [beta.FORMS.get(info.name, info.model) for info in _events()]
    return objects_in([*forms, *client_events("beta").values()])


def _doc(model: type[Model]) -> str:
    return inspect.getdoc(model) or ""
