"""The translation session (`/v1/realtime/translations`): speech in, speech and two transcripts out."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from .base import MAX_APPEND_BYTES, Base64, Event, Number, Spec, TextDelta
from .server_events import Error
from .session import TranslationSession

_ElapsedMs = Annotated[Number | None, Spec("milliseconds into the session", 1200)]


class TranslationSessionUpdate(Event):
    """Changes the translation session: language, transcription, noise reduction."""

    type: Literal["session.update"] = "session.update"
    session: Annotated[
        TranslationSession,
        Spec("the fields to change", {"audio": {"output": {"language": "fr"}}}, required=True),
    ]


class SessionInputAudioBufferAppend(Event):
    """Adds speech, 24 kHz PCM16; keep sending, silence too. The engine works in steps of 200 ms."""

    type: Literal["session.input_audio_buffer.append"] = "session.input_audio_buffer.append"
    audio: Annotated[Base64, Spec(required=True, max_bytes=MAX_APPEND_BYTES)]


class SessionClose(Event):
    """Ends the session once everything was translated (`session.closed`)."""

    type: Literal["session.close"] = "session.close"


TranslationClientEvent: TypeAlias = TranslationSessionUpdate | SessionInputAudioBufferAppend | SessionClose


class TranslationSessionCreated(Event):
    """The first event of a translation session."""

    type: Literal["session.created"] = "session.created"
    session: TranslationSession | None = None


class TranslationSessionUpdated(Event):
    """A change of the translation session took effect."""

    type: Literal["session.updated"] = "session.updated"
    session: TranslationSession | None = None


class SessionClosed(Event):
    """Everything was translated; the server closes the connection."""

    type: Literal["session.closed"] = "session.closed"


class SessionInputTranscriptDelta(Event):
    """More of what the speaker said, in the language of the speaker."""

    type: Literal["session.input_transcript.delta"] = "session.input_transcript.delta"
    delta: TextDelta = None
    elapsed_ms: _ElapsedMs = None


class SessionOutputTranscriptDelta(Event):
    """More of the translation, as text."""

    type: Literal["session.output_transcript.delta"] = "session.output_transcript.delta"
    delta: TextDelta = None
    elapsed_ms: _ElapsedMs = None


class SessionOutputAudioDelta(Event):
    """More of the translation, as speech."""

    type: Literal["session.output_audio.delta"] = "session.output_audio.delta"
    delta: Base64 | None = None
    format: Annotated[str | None, Spec("how the audio is encoded", "pcm16")] = None
    sample_rate: Annotated[int | None, Spec("samples a second", 24000)] = None
    channels: Annotated[int | None, Spec("channels of sound", 1)] = None
    elapsed_ms: _ElapsedMs = None


# `session.created`, `session.updated` and `error` read the same in both vocabularies.
TranslationOnlyServerEvent: TypeAlias = (
    SessionClosed | SessionInputTranscriptDelta | SessionOutputTranscriptDelta | SessionOutputAudioDelta
)
TranslationServerEvent: TypeAlias = (
    TranslationOnlyServerEvent | TranslationSessionCreated | TranslationSessionUpdated | Error
)
