"""Text to event and back. Reading never raises: what cannot be understood is kept, and says why."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, TypeAlias, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from .base import Event
from .client_events import KnownClientEvent
from .dialects import BETA_TO_GA_NAMES, Dialect, is_beta_session, to_beta, to_ga
from .server_events import KnownServerEvent, SessionCreated, SessionUpdated
from .session import OtherSession
from .translation import SessionClose, SessionInputAudioBufferAppend, TranslationOnlyServerEvent

Side: TypeAlias = Literal["client", "server"]


@dataclass(frozen=True, slots=True)
class UnknownEvent:
    """An event of a type that we do not know, as it came."""

    is_error: ClassVar[bool] = False
    type: str
    raw: str
    data: dict[str, Any] = field(repr=False, compare=False)

    @property
    def event_id(self) -> str | None:
        """The event's id, where it has one."""
        value = self.data.get("event_id")
        return value if isinstance(value, str) else None

    def to_json(self) -> str:
        """The frame's own text."""
        return self.raw

    def __str__(self) -> str:
        return self.raw


@dataclass(frozen=True, slots=True)
class MalformedEvent:
    """A frame that is no event (`type` is empty then), or that does not fit the type it names."""

    is_error: ClassVar[bool] = False
    type: str
    reason: str
    raw: str | bytes
    event_id: str | None = None

    def to_json(self) -> str:
        """The frame's own text; a binary frame as well as it can be read."""
        return self.raw if isinstance(self.raw, str) else self.raw.decode("utf-8", "replace")

    def __str__(self) -> str:
        return self.to_json()


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
    return None if translated is None else json.dumps(translated, ensure_ascii=False, separators=(",", ":"))


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
        return MalformedEvent("", f"a binary frame of {len(raw):,} bytes", raw)
    if dialect == "ga":
        try:
            return adapter.validate_json(raw)
        except ValidationError as error:
            return _misfit(raw, error)
    data = _json_object(raw)
    if isinstance(data, str):
        return MalformedEvent("", data, raw)
    try:
        return adapter.validate_python(to_ga(data))
    except ValidationError as error:
        return _misfit(raw, error)


def _misfit(raw: str, error: ValidationError) -> UnknownEvent | MalformedEvent:
    data = _json_object(raw)
    if isinstance(data, str):
        return MalformedEvent("", data, raw)
    name = data.get("type")
    if not isinstance(name, str):
        return MalformedEvent("", "an object without a `type`", raw)
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    if first["type"] == "union_tag_invalid":
        return UnknownEvent(name, raw, data)
    path = ".".join(str(step) for step in first["loc"][1:])
    event_id = data.get("event_id")
    return MalformedEvent(
        name, f"{path}: {first['msg']}", raw, event_id if isinstance(event_id, str) else None
    )


def _json_object(raw: str) -> dict[str, Any] | str:
    """The object in a text, or the reason why there is none."""
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError) as error:
        return f"not JSON: {error}"
    return value if isinstance(value, dict) else f"JSON, but {_kind(value)} and not an object"


def _kind(value: object) -> str:
    if value is None:
        return "null"
    return {bool: "a boolean", str: "a string", list: "an array"}.get(type(value), "a number")
