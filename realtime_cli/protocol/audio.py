"""Audio formats, voices, and what happens to audio on its way in."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from .base import Model, Number, Spec, known, one_of

VOICES = ("alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar")
TRANSCRIPTION_MODELS = (
    "whisper-1",
    "gpt-transcribe",
    "gpt-live-transcribe",
    "gpt-4o-mini-transcribe",
    "gpt-4o-transcribe",
    "gpt-4o-transcribe-diarize",
    "gpt-realtime-whisper",
)


class AudioFormat(Model):
    """How audio is encoded: PCM is 16-bit little-endian mono; the two G.711 forms are 8 kHz mono."""

    type: Annotated[str | None, known("audio/pcm", "audio/pcmu", "audio/pcma")] = None
    rate: Annotated[
        int | None, Spec("samples a second; OpenAI takes 24000 only", 24000, ge=8000, le=96000)
    ] = None


class CustomVoice(Model):
    """A voice of one's own, by its id."""

    id: Annotated[str | None, Spec("id of the custom voice", "voice_1", required=True)] = None


Voice = Annotated[str | CustomVoice | None, known(*VOICES)]


class NoiseReduction(Model):
    """Filters input audio before voice activity detection and the model hear it."""

    type: Annotated[str | None, one_of("near_field", "far_field")] = None
    strength: Annotated[Number | None, Spec("how strongly to filter", 0.5)] = None


class Transcription(Model):
    """Turns input audio into text beside the conversation; the model itself hears the audio, not this text."""

    model: Annotated[str | None, known(*TRANSCRIPTION_MODELS)] = None
    language: Annotated[str | None, Spec("ISO 639-1 code of the spoken language", "en")] = None
    languages: Annotated[list[str] | None, Spec("languages to expect", ["en", "fr"], min_length=1)] = None
    prompt: Annotated[str | None, Spec("text that guides the transcription", "Names: Ada, Grace")] = None
    keywords: Annotated[list[str] | None, Spec("words to expect", ["realtime"])] = None
    delay: Annotated[str | None, one_of("minimal", "low", "medium", "high", "xhigh")] = None


class ServerVad(Model):
    """Finds turns by loudness: speech above `threshold`, then silence of `silence_duration_ms`."""

    type: Literal["server_vad"] = "server_vad"
    threshold: Annotated[Number | None, Spec("activation level; default 0.5", 0.5, ge=0, le=1)] = None
    prefix_padding_ms: Annotated[
        Number | None, Spec("audio kept from before speech; default 300", 300, ge=0)
    ] = None
    silence_duration_ms: Annotated[Number | None, Spec("silence that ends a turn", 500, ge=0)] = None
    idle_timeout_ms: Annotated[
        Number | None, Spec("answers by itself after this much silence", 6000, ge=5000, le=30000)
    ] = None
    create_response: Annotated[bool | None, Spec("answer when a turn ends; default true", True)] = None
    interrupt_response: Annotated[
        bool | None, Spec("cancel the answer when speech starts; default true", True)
    ] = None


class SemanticVad(Model):
    """Finds turns by meaning: waits while the words suggest that the user will go on."""

    type: Literal["semantic_vad"] = "semantic_vad"
    eagerness: Annotated[str | None, one_of("auto", "low", "medium", "high")] = None
    create_response: Annotated[bool | None, Spec("answer when a turn ends; default true", True)] = None
    interrupt_response: Annotated[
        bool | None, Spec("cancel the answer when speech starts; default true", True)
    ] = None


class OtherTurnDetection(Model):
    """A kind of turn detection that OpenAI does not have, or one without its `type`."""

    type: str | None = None


TurnDetection = Annotated[
    Annotated[ServerVad | SemanticVad, Field(discriminator="type")] | OtherTurnDetection | None,
    Field(union_mode="left_to_right"),
    Spec("how turns are found; null: the client commits and asks for answers itself"),
]


class AudioInput(Model):
    """The session's ear."""

    format: AudioFormat | None = None
    noise_reduction: NoiseReduction | None = None
    transcription: Transcription | None = None
    turn_detection: TurnDetection = None


class AudioOutput(Model):
    """The session's mouth."""

    format: AudioFormat | None = None
    voice: Voice = None
    speed: Annotated[
        Number | None, Spec("speed of speech; changes between turns only", 1.0, ge=0.25, le=1.5)
    ] = None
    language: Annotated[str | None, Spec("translation sessions: language to speak", "fr")] = None


class Audio(Model):
    """Both directions of a session's audio."""

    input: AudioInput | None = None
    output: AudioOutput | None = None


class LogProb(Model):
    """How sure the transcription is of one token."""

    token: str | None = None
    bytes: list[int] | None = None
    logprob: Number | None = None


LogProbs = Annotated[list[LogProb] | None, Spec("log probabilities, where the session includes them")]
JsonSchema = Annotated[Any, Spec("JSON Schema of the arguments", {"type": "object", "properties": {}})]
