"""Which recogniser and which synthesiser the embedded server is to have."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

from realtime_cli.errors import UsageError

RecogniserChoice: TypeAlias = Literal["auto", "none", "url", "whisper", "pocketsphinx"]
SynthesiserChoice: TypeAlias = Literal["auto", "none", "url", "espeak", "say", "sapi"]


@dataclass(frozen=True, slots=True)
class VoiceConfig:
    """What is to listen and to speak; `auto` takes what is there. Raises `UsageError` for an unknown name.

    The URLs are those of OpenAI-compatible servers, with or without `/v1`. `whisper_model` is a name or a
    folder for faster-whisper. `tts_voice` is the voice of every answer, whatever the session asks for.
    """

    recogniser: str = "auto"
    stt_url: str | None = None
    stt_model: str | None = None
    stt_key: str | None = field(default=None, repr=False)
    whisper_model: str | None = None
    synthesiser: str = "auto"
    tts_url: str | None = None
    tts_model: str | None = None
    tts_key: str | None = field(default=None, repr=False)
    tts_voice: str | None = None

    def __post_init__(self) -> None:
        _check(self.recogniser, get_args(RecogniserChoice), what="recogniser")
        _check(self.synthesiser, get_args(SynthesiserChoice), what="synthesiser")


def _check(name: str, names: tuple[str, ...], *, what: str) -> None:
    if name not in names:
        raise UsageError(f'no {what} is called "{name}"', hint=f"there are: {', '.join(names)}")
