"""The words that a client speaks: GA, or beta once it shows."""

from __future__ import annotations

from realtime_cli.protocol.base import Event
from realtime_cli.protocol.client_events import ResponseCreate, SessionUpdate, TranscriptionSessionUpdate
from realtime_cli.protocol.codec import ClientEvent, decode_client, encode
from realtime_cli.protocol.dialects import Dialect, is_beta_session
from realtime_cli.protocol.jsontypes import Json, as_object, at, is_object
from realtime_cli.protocol.session import OtherSession

# Legal in beta; GA has nothing like them, and nothing here depends on them.
_BETA_ONLY = ("temperature", "client_secret")


class ClientCodec:
    """Reads a client's frames and writes the server's; the first `session.update` may turn out to be beta."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect: Dialect = dialect
        self._is_settled = dialect == "beta"

    def decode(self, frame: str | bytes) -> ClientEvent:
        """The client's event, in GA terms."""
        event = decode_client(frame, self.dialect)
        if not self._is_settled and isinstance(event, SessionUpdate | TranscriptionSessionUpdate):
            self._is_settled = True
            self.dialect = "beta" if _is_beta(event) else "ga"
            event = decode_client(frame, self.dialect)
        return _in_ga_terms(event) if self.dialect == "beta" else event

    def encode(self, event: Event) -> str | None:
        """The server's event; None where the client's dialect has no such event."""
        return encode(event, self.dialect)


def _is_beta(event: SessionUpdate | TranscriptionSessionUpdate) -> bool:
    if isinstance(event, TranscriptionSessionUpdate):
        return True
    return isinstance(event.session, OtherSession) and is_beta_session(event.session.to_wire())


def _in_ga_terms(event: ClientEvent) -> ClientEvent:
    """The event without what only beta knows, and with what only GA insists on."""
    if not isinstance(event, SessionUpdate | ResponseCreate):
        return event
    wire = event.to_wire()
    for settings in (as_object(wire.get("session")), as_object(wire.get("response"))):
        if settings is not None:
            _complete(settings)
    return type(event).model_validate(wire)


def _complete(settings: Json) -> None:
    for name in _BETA_ONLY:
        settings.pop(name, None)
    turn_detection = at(settings, "audio", "input", "turn_detection")
    if is_object(turn_detection):
        turn_detection.setdefault("type", "server_vad")
