"""What a session is asked to be: the flags, and over them the user's own JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from realtime_cli.core.differences import merged
from realtime_cli.errors import UsageError
from realtime_cli.protocol.jsontypes import as_object, at
from realtime_cli.settings import Settings

from .contradictions import is_flag

# Where a model of this name is sure to be there; elsewhere nothing is asked for unasked.
_TRANSCRIBER = {"openai": "gpt-4o-mini-transcribe", "local": "embedded"}
_SETTINGS_OF: Mapping[str, Mapping[str, str]] = {
    "semantic": {"eagerness": "eagerness"},
    "server": {
        "vad_threshold": "threshold",
        "prefix_ms": "prefix_padding_ms",
        "silence_ms": "silence_duration_ms",
        "idle_timeout_ms": "idle_timeout_ms",
    },
}
_KINDS = {f"{kind}_vad": kind for kind in _SETTINGS_OF}
_RATES_HZ = {"pcm": 24000}
_TURNS = "audio.input.turn_detection"
_TURN_KIND = f"{_TURNS}.type"
_PLACES: Mapping[str, tuple[str, ...]] = {
    "instructions": ("instructions",),
    "text": ("output_modalities",),
    "voice": ("audio.output.voice",),
    "speed": ("audio.output.speed",),
    "audio_format": ("audio.input.format.type", "audio.output.format.type"),
    "noise_reduction": ("audio.input.noise_reduction.type",),
    "transcribe": ("audio.input.transcription.model",),
    "language": ("audio.input.transcription.language",),
    "ptt": (_TURN_KIND,),
    "vad": (_TURN_KIND,),
    **{
        name: (_TURN_KIND, f"{_TURNS}.{field}")
        for names in _SETTINGS_OF.values()
        for name, field in names.items()
    },
}


def session_config(
    settings: Settings, *, provider: str = "", hears: bool, speaks: bool, answers: bool = True
) -> dict[str, Any]:
    """The `session` to ask for. Empty: nothing to ask.

    `hears`: there is a microphone, so that words of the user's own speech are wanted. Not `speaks`: nothing
    could play speech, so that text is wanted. Not `answers`: a transcription session. Raises `UsageError` for
    flags that contradict each other, or the user's own JSON.
    """
    heard = _input(settings, provider=provider if hears else None)
    asked = _answers(settings, speaks=speaks) if answers else {}
    if heard:
        asked = merged({"audio": {"input": heard}}, asked)
    config = merged(asked, settings.session)
    _refuse_outweighed(settings, asked, config)
    return {"type": "realtime" if answers else "transcription", **config} if config else {}


def _answers(settings: Settings, *, speaks: bool) -> dict[str, Any]:
    """How answers are wanted."""
    asked: dict[str, Any] = {}
    if settings.instructions is not None:
        asked["instructions"] = settings.instructions
    if settings.text or not speaks:
        asked["output_modalities"] = ["text"]
    spoken = _output(settings)
    return {**asked, "audio": {"output": spoken}} if spoken else asked


def _refuse_outweighed(settings: Settings, asked: Mapping[str, Any], config: Mapping[str, Any]) -> None:
    """Raises `UsageError` for a flag of which the user's own JSON leaves nothing."""
    for name, places in _PLACES.items():
        lost = [place for place in places if not _is_kept(asked, config, place)]
        if lost and is_flag(settings, name):
            raise UsageError(
                f"{settings.origin(name)} and {settings.origin('session')} contradict each other: {lost[0]}",
                hint="leave out one",
            )


def _is_kept(asked: object, config: object, place: str) -> bool:
    """Whether what was asked for at a place is there; null, on the way, declines all that is below it."""
    for step in place.split("."):
        if as_object(asked) is None:
            break
        asked, config = at(asked, step), at(config, step)
    return asked == config


def _input(settings: Settings, *, provider: str | None) -> dict[str, Any]:
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


def _transcription(settings: Settings, *, provider: str | None) -> dict[str, Any]:
    """Who writes down what is heard; `provider` is None where nothing is."""
    own = at(settings.session, "audio", "input", "transcription", "model")
    model = settings.transcribe or own or _TRANSCRIBER.get(provider or "")
    if model is None or model == "none":
        if provider is not None and is_flag(settings, "language"):
            raise UsageError(
                "--language is for the words of your speech, and nobody writes them down",
                hint="add --transcribe MODEL",
            )
        return {}
    language = {"language": settings.language} if settings.language else {}
    return {"model": model, **language}


def _turns(settings: Settings) -> dict[str, Any]:
    """The `turn_detection`, where anything was said about it."""
    _refuse_two_ways(settings)
    kind, by = next(_kinds(settings), (None, ""))
    if kind is None:
        return {}
    names = _SETTINGS_OF.get(kind, {})
    _refuse_others(settings, names, to=by)
    if kind == "none":
        return {"turn_detection": None}
    chosen = {field: getattr(settings, name) for name, field in names.items()}
    given = {field: value for field, value in chosen.items() if value is not None}
    own = _own_detection(settings)
    is_foreign = own and own not in _KINDS and not is_flag(settings, "vad")
    return {"turn_detection": {"type": own if is_foreign else f"{kind}_vad", **given}}


def _kinds(settings: Settings) -> Iterator[tuple[str, str]]:
    """The ways of finding turns that were chosen, and who chose them; first what outweighs the others."""
    own = _own_detection(settings)
    push, vad = ("none", "--ptt"), (settings.vad or "", f"--vad {settings.vad}")
    if settings.ptt and is_flag(settings, "ptt"):
        yield push
    if settings.vad and is_flag(settings, "vad"):
        yield vad
    if own in _KINDS:
        yield _KINDS[own], f"the {own} in {settings.origin('session')}"
    if settings.ptt:
        yield push
    if settings.vad:
        yield vad
    implied = _implied(settings)
    if implied:
        yield implied, f"--vad {implied}"


def _own_detection(settings: Settings) -> str:
    """The type of turn detection in the user's own JSON; empty where it names none."""
    return str(at(settings.session, *_TURN_KIND.split(".")) or "")


def _implied(settings: Settings) -> str | None:
    """The kind that the given settings are of, first of all those that are flags."""
    given = {
        kind: [name for name in names if getattr(settings, name) is not None]
        for kind, names in _SETTINGS_OF.items()
    }
    by_flag = [kind for kind, names in given.items() if any(is_flag(settings, name) for name in names)]
    return next(iter(by_flag or [kind for kind, names in given.items() if names]), None)


def _refuse_two_ways(settings: Settings) -> None:
    if settings.ptt and settings.vad not in (None, "none") and is_flag(settings, "vad"):
        raise UsageError(
            f"--vad {settings.vad} and push-to-talk ({settings.origin('ptt')}) both find the turns",
            hint="leave out one",
        )


def _refuse_others(settings: Settings, names: Mapping[str, str], *, to: str) -> None:
    """A flag that would do nothing is a mistake; what stands in a file may be for another day."""
    for kind, others in _SETTINGS_OF.items():
        for name in others:
            if name not in names and getattr(settings, name) is not None and is_flag(settings, name):
                raise UsageError(
                    f"{settings.origin(name)} is a setting of --vad {kind}, not of {to}", hint="leave out one"
                )


def _output(settings: Settings) -> dict[str, Any]:
    spoken = _format(settings)
    if settings.voice is not None:
        spoken["voice"] = settings.voice
    if settings.speed is not None:
        spoken["speed"] = settings.speed
    return spoken
