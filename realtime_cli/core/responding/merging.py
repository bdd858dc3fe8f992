"""Updates of a session: what is left out stays, null clears."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from realtime_cli.protocol.audio import (
    Audio,
    AudioFormat,
    AudioInput,
    AudioOutput,
    SemanticVad,
    ServerVad,
    Transcription,
)
from realtime_cli.protocol.base import Model

PCM_RATE = 24000
PCM = AudioFormat(type="audio/pcm", rate=PCM_RATE)
# The API's defaults (recorded `session.created`, July 2026).
SERVER_VAD = ServerVad(
    threshold=0.5,
    prefix_padding_ms=300,
    silence_duration_ms=200,
    idle_timeout_ms=None,
    create_response=True,
    interrupt_response=True,
)
AUDIO_INPUT = AudioInput(format=PCM, transcription=None, noise_reduction=None, turn_detection=SERVER_VAD)
AUDIO_OUTPUT = AudioOutput(format=PCM, voice="alloy", speed=1.0)

# Objects that change field by field, as they are before anything was said about them.
_PLAIN: Mapping[type[Model], Model] = {
    Audio: Audio(input=AUDIO_INPUT, output=AUDIO_OUTPUT),
    AudioInput: AUDIO_INPUT,
    AudioOutput: AUDIO_OUTPUT,
    ServerVad: SERVER_VAD,
    SemanticVad: SemanticVad(eagerness="auto", create_response=True, interrupt_response=True),
    Transcription: Transcription(model=None, language=None, prompt=None),
}
# Here null has a meaning of its own; elsewhere it restores the default.
_NULL_MEANS_OFF = frozenset({"turn_detection"})

SomeModel = TypeVar("SomeModel", bound=Model)


def merged(old: SomeModel, update: Model, *, default: Model) -> SomeModel:
    """The old object with the fields that the update holds."""
    changes = {name: _value(name, old, update, default) for name in update.model_fields_set}
    return old.model_copy(update=changes)


def _value(name: str, old: Model, update: Model, default: Model) -> object:
    new: object = getattr(update, name)
    if new is None:
        return None if name in _NULL_MEANS_OFF else getattr(default, name, None)
    if isinstance(new, AudioFormat):
        return PCM if new.type == "audio/pcm" else new
    if not isinstance(new, Model) or type(new) not in _PLAIN:
        return new
    before: object = getattr(old, name, None)
    plain = _PLAIN[type(new)]
    start = before if isinstance(before, type(new)) else plain
    return merged(start, new, default=plain)
