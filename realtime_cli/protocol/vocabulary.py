"""Which events there are: by side, family and dialect, from the unions of models."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, TypeAlias, get_args

from .base import Event
from .beta import BetaResponseCreate, BetaSessionUpdate, BetaTranscriptionSessionUpdate
from .client_events import KnownClientEvent, TranscriptionSessionUpdate
from .dialects import BETA_TO_GA_NAMES, Dialect
from .server_events import KnownServerEvent
from .shapes import tag_of
from .translation import TranslationClientEvent, TranslationServerEvent

Family: TypeAlias = Literal["realtime", "translation"]
Events: TypeAlias = Mapping[str, type[Event]]
_BETA_FORMS = (BetaSessionUpdate, BetaTranscriptionSessionUpdate, BetaResponseCreate)


@cache
def client_events(dialect: Dialect = "ga", family: Family = "realtime") -> Events:
    """What a client may send, by type."""
    if family == "translation":
        return _by_type(get_args(TranslationClientEvent))
    events = _by_type(get_args(KnownClientEvent))
    if dialect == "beta":
        return {**events, **_by_type(_BETA_FORMS)}
    return {name: model for name, model in events.items() if model is not TranscriptionSessionUpdate}


@cache
def server_events(dialect: Dialect = "ga", family: Family = "realtime") -> Events:
    """What a server may send, by type; beta's own names stand for the GA model."""
    if family == "translation":
        return _by_type(get_args(TranslationServerEvent))
    events = _by_type(get_args(KnownServerEvent))
    if dialect == "ga":
        return {
            name: model for name, model in events.items() if not name.startswith("transcription_session.")
        }
    return {**events, **{beta: events[ga] for beta, ga in BETA_TO_GA_NAMES.items()}}


def _by_type(models: tuple[Any, ...]) -> Events:
    return {tag: model for model in models if (tag := tag_of(model))}
