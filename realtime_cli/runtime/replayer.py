"""Gives a log to a session, so that it becomes again what it was."""

from __future__ import annotations

from typing import Protocol

from realtime_cli.core.effects import Effect, SendEvent
from realtime_cli.core.inputs import SessionInput, event_sent, from_json
from realtime_cli.core.sending import is_audio_frame
from realtime_cli.core.session import Session
from realtime_cli.protocol.codec import Codec

from .ports import Direction


class RecordedEntry(Protocol):
    """A line of a log."""

    @property
    def t_s(self) -> float: ...
    @property
    def direction(self) -> Direction: ...
    @property
    def raw(self) -> str | bytes: ...


class Replayer:
    """Gives the lines of a log to a session, one by one.

    With local inputs in the log, the session says again what it said then; only the microphone's blocks are
    missing, and the frames that they became stand for them. Without (a recording of another program), all
    that was sent is taken from the recording.
    """

    def __init__(self, session: Session, codec: Codec, *, has_inputs: bool) -> None:
        self._session = session
        self._codec = codec
        self._has_inputs = has_inputs
        self._said_again = 0

    def take(self, entry: RecordedEntry) -> list[Effect]:
        """Gives a line to the session, and what that wants done."""
        happened = self._happened(entry)
        if happened is None:
            return []
        effects = self._session.receive(happened, entry.t_s)
        # Audio that a user wrote by hand comes from the session itself, as it did then.
        self._said_again += sum(_is_audio(effect) for effect in effects)
        return effects

    def _happened(self, entry: RecordedEntry) -> SessionInput | None:
        if entry.direction == "in":
            return self._codec.decode(entry.raw)
        text = entry.raw if isinstance(entry.raw, str) else entry.raw.decode("utf-8", "replace")
        if entry.direction == "local":
            return from_json(text)
        return event_sent(text) if self._is_news(text) else None

    def _is_news(self, sent: str) -> bool:
        """Whether the session does not send this by itself."""
        if not self._has_inputs:
            return True
        if not is_audio_frame(sent):
            return False
        if not self._said_again:
            return True
        self._said_again -= 1
        return False


def _is_audio(effect: Effect) -> bool:
    return isinstance(effect, SendEvent) and effect.raw is not None and is_audio_frame(effect.raw)
