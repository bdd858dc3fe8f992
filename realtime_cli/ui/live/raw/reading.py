"""What is in an event: its type, quickly, and its fields, without secrets."""

from __future__ import annotations

import re
from dataclasses import dataclass

from realtime_cli.protocol.jsontypes import Json, as_object, at, parse
from realtime_cli.redaction import Redactor

from .ring import Event, EventRing

# The type, where only plain members stand before it. Nothing is ever tried twice: frames can be hostile.
_TYPE = re.compile(
    r'\s*+\{(?:\s*+"[^"\\]*+"\s*+:\s*+(?>"[^"\\]*+"|[-+.\w]++)\s*+,)*?\s*+"type"\s*+:\s*+"([^"\\]*+)"'
)
# What a stream belongs to; a text that is quoted inside a text does not look like this.
_BELONGS = tuple(re.compile(rf'"{key}"\s*+:\s*+"([^"\\]*+)"') for key in ("item_id", "response_id"))
# Runs of these are one thing to a reader: they come by the dozen a second.
_STREAMS = frozenset({"input_audio_buffer.append", "session.input_audio_buffer.append", "playback.progress"})


@dataclass(frozen=True, slots=True)
class Frame:
    """An event that was read. `data` is None where it is no JSON object; `text` has no secrets in it."""

    event: Event
    type: str
    text: str
    data: Json | None


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the events of a ring."""

    ring: EventRing
    redactor: Redactor

    def frame(self, number: int) -> Frame | None:
        """The event of that number; None where it is not kept any more."""
        event = self.ring.event(number)
        if event is None:
            return None
        if isinstance(event.raw, bytes):
            return Frame(event, "", self.redactor.text(event.raw.decode("latin-1")), None)
        text = self.redactor.frame(event.raw)
        data = object_in(text)
        return Frame(event, "" if data is None else _word(data.get("type")), text, data)


def type_of(event: Event) -> str:
    """The event's type; empty where it has none."""
    if isinstance(event.raw, bytes):
        return ""
    if event.is_object and (found := _TYPE.match(event.raw)):
        return found[1]
    return _word((object_in(event.raw) or {}).get("type"))


def object_in(raw: str | bytes) -> Json | None:
    """The JSON object in a text frame; a binary frame is none, whatever it holds."""
    try:
        return as_object(parse(raw)) if isinstance(raw, str) else None
    except ValueError:
        return None


def is_stream(type_: str) -> bool:
    """Whether events of this type come in long runs."""
    return type_.endswith(".delta") or type_ in _STREAMS


def stream_of(event: Event) -> str:
    """The id of the item or the response that the event's run belongs to; empty where there is none."""
    if isinstance(event.raw, bytes):
        return ""
    raw = event.raw
    return next((found[1] for belongs in _BELONGS if (found := belongs.search(raw))), "")


def is_failure(type_: str, data: Json | None) -> bool:
    """Whether the event tells that something went wrong."""
    if type_ == "response.done":
        return at(data, "response", "status") in {"failed", "incomplete"}
    return type_ == "error" or type_.endswith(".failed")


def size_bytes(raw: str | bytes) -> int:
    """The frame's size on the wire."""
    if isinstance(raw, bytes) or raw.isascii():
        return len(raw)
    return len(raw.encode("utf-8", "surrogatepass"))


def mentions(event: Event, quoted: str) -> bool:
    """Whether an id, in its quotation marks, is in a text frame."""
    return isinstance(event.raw, str) and quoted in event.raw


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""
