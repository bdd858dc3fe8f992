"""What a session is asked to be: the flags, and over them the user's own JSON."""

from __future__ import annotations

from typing import Any

from realtime_cli.core.differences import merged
from realtime_cli.errors import UsageError
from realtime_cli.settings import Settings

# Where a model of this name is sure to be there; elsewhere nothing is asked for unasked.
_TRANSCRIBER = {"openai": "gpt-4o-mini-transcribe", "local": "embedded"}
_SERVER_VAD = {
    "vad_threshold": "threshold",
    "prefix_ms": "prefix_padding_ms",
    "silence_ms": "silence_duration_ms",
    "idle_timeout_ms": "idle_timeout_ms",
}
_SEMANTIC_VAD = {"eagerness": "eagerness"}
_FLAGS = {
    "vad_threshold": "--vad-threshold",
    "prefix_ms": "--prefix-ms",
    "silence_ms": "--silence-ms",
    "idle_timeout_ms": "--idle-timeout-ms",
    "eagerness": "--eagerness",
}
_RATES_HZ = {"pcm": 24000}


def session_config(settings: Settings, *, provider: str = "", hears: bool, speaks: bool) -> dict[str, Any]:
    """The `session` to ask for. Empty: nothing to ask.

    `hears`: there is a microphone, so that words of the user's own speech are wanted. Not `speaks`: nothing
    could play speech, so that text is wanted. Raises `UsageError` for flags that contradict each other.
    """
    config: dict[str, Any] = {}
    if settings.instructions is not None:
        config["instructions"] = settings.instructions
    if settings.text or not speaks:
        config["output_modalities"] = ["text"]
    heard, spoken = _input(settings, provider=provider if hears else ""), _output(settings)
    audio = {name: part for name, part in (("input", heard), ("output", spoken)) if part}
    if audio:
        config["audio"] = audio
    config = merged(config, settings.session)
    return {"type": "realtime", **config} if config else {}


def _input(settings: Settings, *, provider: str) -> dict[str, Any]:
    heard = _format(settings)
    if settings.noise_reduction is not None:
        heard["noise_reduction"] = {"type": settings.noise_reduction}
    transcription = _transcription(settings, provider=provider)
    if transcription:
        heard["transcription"] = transcription
    elif settings.transcribe == "none":
        heard["transcription"] = None
    return heard | _turns(settings)


def _format(settings: Settings) -> dict[str, Any]:
    name = settings.audio_format
    if name is None:
        return {}
    rate = {"rate": _RATES_HZ[name]} if name in _RATES_HZ else {}
    return {"format": {"type": f"audio/{name}", **rate}}


def _transcription(settings: Settings, *, provider: str) -> dict[str, Any]:
    model = settings.transcribe or _TRANSCRIBER.get(provider)
    if model is None or model == "none":
        return {}
    language = {"language": settings.language} if settings.language else {}
    return {"model": model, **language}


def _turns(settings: Settings) -> dict[str, Any]:
    """The `turn_detection`, where anything was said about it."""
    kind = settings.vad or _implied(settings)
    if settings.ptt or kind == "none":
        return {"turn_detection": None}
    if kind is None:
        return {}
    names = _SEMANTIC_VAD if kind == "semantic" else _SERVER_VAD
    _refuse_others(settings, kind, names)
    chosen = {field: getattr(settings, name) for name, field in names.items()}
    given = {field: value for field, value in chosen.items() if value is not None}
    return {"turn_detection": {"type": f"{kind}_vad", **given}}


def _implied(settings: Settings) -> str | None:
    if settings.eagerness is not None:
        return "semantic"
    return "server" if any(getattr(settings, name) is not None for name in _SERVER_VAD) else None


def _refuse_others(settings: Settings, kind: str, names: dict[str, str]) -> None:
    for name, flag in _FLAGS.items():
        if name not in names and getattr(settings, name) is not None:
            other = "semantic" if name in _SEMANTIC_VAD else "server"
            raise UsageError(
                f"{flag} is a setting of --vad {other}, not of --vad {kind}", hint="leave out one"
            )


def _output(settings: Settings) -> dict[str, Any]:
    spoken = _format(settings)
    if settings.voice is not None:
        spoken["voice"] = settings.voice
    if settings.speed is not None:
        spoken["speed"] = settings.speed
    return spoken
