"""Text to event and back. Reading never raises: what cannot be understood is kept, and says why."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Literal, TypeAlias, TypeVar

from pydantic import Field, TypeAdapter

from .base import Event
from .client_events import KnownClientEvent
from .dialects import BETA_TO_GA_NAMES, Dialect, is_beta_session, to_beta, to_ga
from .jsontypes import dump, is_object, parse
from .misfits import MalformedEvent, UnknownEvent, binary_frame, misfit
from .server_events import KnownServerEvent, SessionCreated, SessionUpdated
from .session import OtherSession
from .translation import SessionClose, SessionInputAudioBufferAppend, TranslationOnlyServerEvent

__all__ = [
    "ClientEvent",
    "Codec",
    "MalformedEvent",
    "ServerEvent",
    "Side",
    "UnknownEvent",
    "decode",
    "decode_client",
    "encode",
]

Side: TypeAlias = Literal["client", "server"]
ServerEvent: TypeAlias = KnownServerEvent | TranslationOnlyServerEvent | UnknownEvent | MalformedEvent
ClientEvent: TypeAlias = (
    KnownClientEvent | SessionInputAudioBufferAppend | SessionClose | UnknownEvent | MalformedEvent
)
_KnownServer = Annotated[KnownServerEvent | TranslationOnlyServerEvent, Field(discriminator="type")]
_KnownClient = Annotated[
    KnownClientEvent | SessionInputAudioBufferAppend | SessionClose, Field(discriminator="type")
]
_Known = TypeVar("_Known")


@cache
def _server_adapter() -> TypeAdapter[KnownServerEvent | TranslationOnlyServerEvent]:
    return TypeAdapter(_KnownServer)


@cache
def _client_adapter() -> TypeAdapter[KnownClientEvent | SessionInputAudioBufferAppend | SessionClose]:
    return TypeAdapter(_KnownClient)


def prepare() -> None:
    """Builds what reading events takes, a tenth of a second that somebody else would wait for later."""
    _server_adapter()


def decode(raw: str | bytes, dialect: Dialect = "ga") -> ServerEvent:
    """The server's event in a frame. Never raises: see `UnknownEvent` and `MalformedEvent`."""
    return _decode(_server_adapter(), raw, dialect)


def decode_client(raw: str | bytes, dialect: Dialect = "ga") -> ClientEvent:
    """The client's event in a frame. Never raises: see `UnknownEvent` and `MalformedEvent`."""
    return _decode(_client_adapter(), raw, dialect)


def encode(event: ServerEvent | ClientEvent | Event, dialect: Dialect = "ga") -> str | None:
    """The event as a frame's text; None where the dialect has no such event.

    Unknown and malformed events are written as they came, in every dialect.
    """
    if dialect == "ga" or isinstance(event, UnknownEvent | MalformedEvent):
        return event.to_json()
    translated = to_beta(event.to_wire())
    return None if translated is None else dump(translated)


class Codec:
    """Reads and writes one connection's frames; in `auto` it learns the dialect from what the server says.

    Beta names are understood in every dialect, since some servers mix the two.
    """

    def __init__(self, dialect: Dialect | Literal["auto"] = "auto") -> None:
        self._learning = dialect == "auto"
        self.dialect: Dialect = "ga" if dialect == "auto" else dialect

    def decode(self, raw: str | bytes) -> ServerEvent:
        """The server's event in a frame, in GA terms."""
        event = decode(raw, self.dialect)
        if self.dialect == "beta":
            return event
        if isinstance(event, UnknownEvent) and event.type in BETA_TO_GA_NAMES:
            return decode(raw, "beta")
        if self._learning and _speaks_beta(event):
            self.dialect = "beta"
            return decode(raw, "beta")
        return event

    def encode(self, event: ClientEvent) -> str | None:
        """The client's event in the server's dialect."""
        return encode(event, self.dialect)


def _speaks_beta(event: ServerEvent) -> bool:
    if event.type in ("transcription_session.created", "transcription_session.updated"):
        return True
    if not isinstance(event, SessionCreated | SessionUpdated) or not isinstance(event.session, OtherSession):
        return False
    return is_beta_session(event.session.to_wire())


def _decode(
    adapter: TypeAdapter[_Known], raw: str | bytes, dialect: Dialect
) -> _Known | UnknownEvent | MalformedEvent:
    if isinstance(raw, bytes):
        return binary_frame(raw)
    try:
        if dialect == "ga":
            return adapter.validate_json(raw)
        return adapter.validate_python(_in_ga_terms(parse(raw)))
    except ValueError as error:  # pydantic's ValidationError is one
        return misfit(raw, error)


def _in_ga_terms(value: object) -> object:
    return to_ga(value) if is_object(value) else value
