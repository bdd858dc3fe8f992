"""The session's configuration: its defaults, and updates that take effect as a whole or not at all."""

from __future__ import annotations

from typing import Literal, TypeAlias

from realtime_cli.protocol.audio import Audio, AudioFormat, AudioInput, AudioOutput, Transcription, Voice
from realtime_cli.protocol.encoding import Encoding, encoding_of
from realtime_cli.protocol.session import RealtimeSession, Session, TranscriptionSession

from .merging import AUDIO_INPUT, AUDIO_OUTPUT, PCM_RATE, merged
from .refusal import InvalidRequestError, not_one_of
from .turn_rules import TurnRules, turn_rules

SessionKind: TypeAlias = Literal["realtime", "transcription"]
OwnSession: TypeAlias = RealtimeSession | TranscriptionSession
_FORMATS = ("audio/pcm", "audio/pcmu", "audio/pcma")


def realtime_session(session_id: str, *, model: str, instructions: str) -> RealtimeSession:
    """A conversation's session with the API's defaults."""
    return RealtimeSession(
        object="realtime.session",
        id=session_id,
        model=model,
        output_modalities=["audio"],
        instructions=instructions,
        tools=[],
        tool_choice="auto",
        max_output_tokens="inf",
        tracing=None,
        truncation="auto",
        prompt=None,
        audio=Audio(input=AUDIO_INPUT, output=AUDIO_OUTPUT),
        include=None,
    )


def transcription_session(session_id: str) -> TranscriptionSession:
    """A transcription session with the API's defaults."""
    return TranscriptionSession(
        object="realtime.transcription_session",
        id=session_id,
        audio=Audio(input=AUDIO_INPUT),
        include=None,
    )


class Configuration:
    """The session that is in force."""

    def __init__(self, initial: OwnSession) -> None:
        self._initial = initial
        self.session = initial
        self._heard_voice: Voice = None

    @property
    def encoding(self) -> Encoding:
        """How the client's audio is encoded."""
        return encoding_of(self._input.format)

    @property
    def transcription(self) -> Transcription | None:
        """How the user's audio is to be turned into text for the client; None: not at all."""
        return self._input.transcription

    @property
    def turn_rules(self) -> TurnRules | None:
        """How turns are found; None: the client says where they are."""
        return turn_rules(self._input.turn_detection)

    @property
    def _input(self) -> AudioInput:
        audio = self.session.audio
        return (audio and audio.input) or AUDIO_INPUT

    def lock_voice(self, heard: Voice) -> None:
        """The assistant has been heard: from now on its voice is fixed."""
        self._heard_voice = heard

    def update(self, asked: Session) -> None:
        """Changes the session. Raises `InvalidRequestError`, and changes nothing, where the API would."""
        own = self.session.type
        if asked.type != own:
            message = f"Passing a {asked.type} session update event to a {own} session is not allowed."
            raise InvalidRequestError(message, param="session.type")
        self.check_audio(asked.audio, path="session.audio")
        self.session = merged(self.session, asked, default=self._initial)

    def shown(self, *, expires_at: int) -> OwnSession:
        """The session as the client sees it. `expires_at` is in Unix seconds."""
        return self.session.model_copy(update={"expires_at": expires_at})

    def check_audio(self, audio: Audio | None, *, path: str) -> None:
        """Refuses formats that nobody speaks, and another voice than the one that was already heard."""
        if audio and audio.input:
            _check_format(audio.input.format, path=f"{path}.input.format")
        if audio and audio.output:
            _check_format(audio.output.format, path=f"{path}.output.format")
            self._check_voice(audio.output)

    def _check_voice(self, asked: AudioOutput) -> None:
        audio = self.session.audio
        own = audio and audio.output and audio.output.voice
        if self._heard_voice is not None and asked.voice not in (None, own, self._heard_voice):
            raise InvalidRequestError(
                "Cannot update a conversation's voice if assistant audio is present.",
                code="cannot_update_voice",
            )


def _check_format(format_: AudioFormat | None, *, path: str) -> None:
    if format_ is None:
        return
    if format_.type not in _FORMATS:
        raise not_one_of(format_.type, _FORMATS, param=f"{path}.type")
    if format_.type == "audio/pcm" and format_.rate is not None:
        _check_rate(format_.rate, path=f"{path}.rate")


def _check_rate(rate: int, *, path: str) -> None:
    if rate == PCM_RATE:
        return
    word, code, bound = (
        ("below minimum", "integer_below_min_value", ">=")
        if rate < PCM_RATE
        else ("above maximum", "integer_above_max_value", "<=")
    )
    expected = f"Expected a value {bound} {PCM_RATE}, but got {rate} instead."
    message = f"Invalid '{path}': integer {word} value. {expected}"
    raise InvalidRequestError(message, code=code, param=path)
