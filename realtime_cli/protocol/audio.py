"""Audio formats, voices, and what happens to audio on its way in."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from .base import Many, Model, Number, Spec, known, one_of

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

    type: Annotated[str | None, known("audio/pcm", "audio/pcmu", "audio/pcma", doc="the encoding")] = None
    rate: Annotated[
        int | None, Spec("samples a second; OpenAI takes 24000 only", 24000, ge=8000, le=96000)
    ] = None


class CustomVoice(Model):
    """A voice of one's own, by its id."""

    id: Annotated[str | None, Spec("id of the custom voice", "voice_1", required=True)] = None


Voice = Annotated[
    str | CustomVoice | None, known(*VOICES, doc="who speaks; fixed once the session has spoken")
]


class NoiseReduction(Model):
    """Filters input audio before voice activity detection and the model hear it."""

    type: Annotated[str | None, one_of("near_field", "far_field", doc="headset or room microphone")] = None
    strength: Annotated[Number | None, Spec("how strongly to filter")] = None


class Transcription(Model):
    """Turns input audio into text beside the conversation; the model hears the audio, not this text."""

    model: Annotated[str | None, known(*TRANSCRIPTION_MODELS, doc="who transcribes")] = None
    language: Annotated[str | None, Spec("ISO 639-1 code of the spoken language", "en")] = None
    languages: Annotated[Many[str] | None, Spec("languages to expect", min_length=1)] = None
    prompt: Annotated[str | None, Spec("text that guides the transcription")] = None
    keywords: Annotated[Many[str] | None, Spec("words to expect")] = None
    delay: Annotated[
        str | None,
        Spec("later is more exact", None, ("minimal", "low", "medium", "high", "xhigh"), closed=True),
    ] = None


class ServerVad(Model):
    """Finds turns by loudness: speech above `threshold`, then silence of `silence_duration_ms`."""

    type: Literal["server_vad"] = "server_vad"
    threshold: Annotated[Number | None, Spec("activation level; default 0.5", 0.5, ge=0, le=1)] = None
    prefix_padding_ms: Annotated[
        Number | None, Spec("audio kept from before speech; default 300", 300, ge=0, whole=True)
    ] = None
    silence_duration_ms: Annotated[Number | None, Spec("silence that ends a turn", 500, ge=0, whole=True)] = (
        None
    )
    idle_timeout_ms: Annotated[
        Number | None, Spec("answers by itself after this much silence", ge=5000, le=30000, whole=True)
    ] = None
    create_response: Annotated[bool | None, Spec("answer when a turn ends; default true", True)] = None
    interrupt_response: Annotated[
        bool | None, Spec("cancel the answer when speech starts; default true", True)
    ] = None


class SemanticVad(Model):
    """Finds turns by meaning: waits while the words suggest that the user will go on."""

    type: Literal["semantic_vad"] = "semantic_vad"
    eagerness: Annotated[
        str | None, one_of("auto", "low", "medium", "high", doc="how soon a pause ends the turn")
    ] = None
    create_response: Annotated[bool | None, Spec("answer when a turn ends; default true", True)] = None
    interrupt_response: Annotated[
        bool | None, Spec("cancel the answer when speech starts; default true", True)
    ] = None


class OtherTurnDetection(Model):
    """A kind of turn detection that OpenAI does not have, or one without its `type`."""

    type: Annotated[str | None, Spec("the kind of turn detection")] = None


TurnDetection = Annotated[
    Annotated[ServerVad | SemanticVad, Field(discriminator="type")] | OtherTurnDetection | None,
    Field(union_mode="left_to_right"),
    Spec("how turns are found; null: the client commits and asks for answers itself"),
]


class AudioInput(Model):
    """How the session hears: format, filter, transcription, turns."""

    format: AudioFormat | None = None
    noise_reduction: NoiseReduction | None = None
    transcription: Transcription | None = None
    turn_detection: TurnDetection = None


class AudioOutput(Model):
    """How the session speaks: format, voice, speed."""

    format: AudioFormat | None = None
    voice: Voice = None
    speed: Annotated[
        Number | None, Spec("speed of speech; changes between turns only", 1.0, ge=0.25, le=1.5)
    ] = None
    language: Annotated[str | None, Spec("translation sessions: language to speak")] = None


class Audio(Model):
    """Both directions of a session's audio."""

    input: AudioInput | None = None
    output: AudioOutput | None = None


class LogProb(Model):
    """How sure the transcription is of one token."""

    token: Annotated[str | None, Spec("the token's text", "Hel")] = None
    bytes: Annotated[Many[int] | None, Spec("its UTF-8 bytes", [72, 101, 108])] = None
    logprob: Annotated[Number | None, Spec("natural logarithm of its probability", -0.02)] = None


LogProbs = Annotated[Many[LogProb] | None, Spec("log probabilities, where the session includes them")]
JsonSchema = Annotated[Any, Spec("JSON Schema of the arguments", {"type": "object", "properties": {}})]
