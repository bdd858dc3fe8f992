"""The embedded server, where a session needs it: its brain, its ears and its voice."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from realtime_cli.errors import UsageError
from realtime_cli.providers import Endpoint
from realtime_cli.settings import Settings

from .contradictions import is_flag, refuse_together
from .rates import rate

if TYPE_CHECKING:
    from realtime_cli.server.config import BrainFactory
    from realtime_cli.server.voice.port import Voice

# Speech of the embedded server is sent so many times as fast as it sounds.
USUAL_AUDIO_PACE = 3.0
USUAL_AUDIO_DELTA_MS = 100.0
# Whose setting does nothing beside which choice.
_UNUSED_BY: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "stt_url": ("stt", ("none", "pocketsphinx", "whisper")),
    "stt_model": ("stt", ("none", "pocketsphinx")),
    "tts_url": ("tts", ("none", "espeak", "say", "sapi")),
    "tts_model": ("tts", ("none", "espeak", "say", "sapi")),
}
_FLAGS = (
    *("--brain", "--brain-url", "--brain-model"),
    *("--stt", "--stt-url", "--stt-model"),
    *("--tts", "--tts-url", "--tts-model"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """How the embedded server is to be, where it is needed.

    It writes as fast as people read where somebody watches, else as fast as it can. `audio_pace` is in times
    of real time, None as fast as it can. `on_speechless` hears, once, why its voice failed.
    """

    script: Path | None
    is_watched: bool = False
    speaks: bool = True
    audio_pace: float | None = None
    audio_delta_ms: float = USUAL_AUDIO_DELTA_MS
    on_speechless: Callable[[str], None] | None = None


@asynccontextmanager
async def reachable(
    endpoint: Endpoint, settings: Settings, embedded: Embedded, *, say: Callable[[str], None]
) -> AsyncGenerator[Endpoint]:
    """The endpoint with an address: as it is, or with the embedded server running behind it."""
    if not endpoint.is_embedded:
        yield endpoint
        return
    from realtime_cli.server.config import TYPING_WORDS_PER_S, ServerConfig  # noqa: PLC0415
    from realtime_cli.server.voice.port import SILENT  # noqa: PLC0415
    from realtime_cli.server.websocket import running_server  # noqa: PLC0415

    token = token_hex(16)  # other users of this machine have no business here
    # Who types may still send a sound, or ask for one: /say, /mode.
    voice = voice_for(settings) if embedded.speaks or embedded.is_watched else SILENT
    if voice.notice and embedded.speaks:
        say(voice.notice)
    config = ServerConfig(
        brain=brain_for(settings, script=embedded.script),
        token=token,
        pace_words_per_s=TYPING_WORDS_PER_S if embedded.is_watched else None,
        voice=voice,
        audio_pace=embedded.audio_pace,
        audio_delta_ms=embedded.audio_delta_ms,
        on_speechless=_once(embedded.on_speechless or say),
    )
    async with running_server(config) as server:
        yield replace(
            endpoint,
            url=server.url,
            headers={"Authorization": f"Bearer {token}"},
            secrets=endpoint.secrets | {token},
        )


def _once(say: Callable[[str], None]) -> Callable[[str], None]:
    """Says the first thing only: a server that lost its connection may fail again in the same way."""
    said: list[str] = []

    def say_first(words: str) -> None:
        if not said:
            said.append(words)
            say(words)

    return say_first


def voice_for(settings: Settings) -> Voice:
    """The ears and the voice of the embedded server. Raises `UsageError` for what cannot be had."""
    _check_voice(settings)
    from realtime_cli.server.voice.choose import choose_voice  # noqa: PLC0415
    from realtime_cli.server.voice.config import VoiceConfig  # noqa: PLC0415

    return choose_voice(
        VoiceConfig(
            recogniser=settings.stt,
            stt_url=settings.stt_url,
            stt_model=settings.stt_model,
            stt_key=settings.env.get("REALTIME_STT_KEY"),
            whisper_model=settings.stt_model,
            synthesiser=settings.tts,
            tts_url=settings.tts_url,
            tts_model=settings.tts_model,
            tts_key=settings.env.get("REALTIME_TTS_KEY"),
        )
    )


def audio_delta_ms(given: float | None) -> float:
    """How much speech is in one delta."""
    return USUAL_AUDIO_DELTA_MS if given is None else given


def audio_pace(text: str | None, *, default: float | None = USUAL_AUDIO_PACE) -> float | None:
    """Times real time; None is as fast as possible. Raises `UsageError`."""
    return default if text is None else rate(text, "--audio-pace", what="pace")


def brain_for(settings: Settings, *, script: Path | None) -> BrainFactory:
    """What answers in the embedded server. Raises `UsageError` for a script beside another brain."""
    from realtime_cli.server.brains import make_brain  # noqa: PLC0415

    return make_brain(
        _brain_kind(settings, script),
        script=script,
        url=settings.brain_url,
        model=settings.brain_model,
        api_key=settings.env.get("REALTIME_BRAIN_KEY"),
    )


def _brain_kind(settings: Settings, script: Path | None) -> str:
    """As the flags say, else as the settings do, else the rules."""
    wishes = {"--brain": settings.brain, "--brain-url": "chat", "--brain-model": "chat"}
    kinds = {flag: kind for flag, kind in wishes.items() if _is_given(settings, flag)}
    if script is not None:
        kinds["--script"] = "script"
    for (flag, kind), (other, another) in combinations(kinds.items(), 2):
        if kind != another:
            refuse_together((flag, kind), (other, another))
    return next(iter(kinds.values()), settings.brain) or "rules"


def _is_given(settings: Settings, flag: str) -> bool:
    return settings.origin(flag.removeprefix("--").replace("-", "_")) == flag


def check_brain(
    settings: Settings, endpoint: Endpoint, *, script: Path | None, flags: Mapping[str, object] | None = None
) -> None:
    """Refuses what would be ignored: what is for the embedded server beside another server, or two brains."""
    _brain_kind(settings, script)
    _check_voice(settings)
    given = {**_brain_flags(settings, script), **(flags or {})}
    wanted = [name for name, value in given.items() if value]
    if wanted and not endpoint.is_embedded:
        raise UsageError(
            f"{wanted[0]} is for the embedded server, but this session goes to {endpoint.reason}",
            hint="leave it out, or add --provider local",
        )


def _check_voice(settings: Settings) -> None:
    """Refuses a flag that says more of ears, or of a voice, which take no notice of it."""
    for name, (choice, others) in _UNUSED_BY.items():
        chosen = str(getattr(settings, choice))
        if is_flag(settings, name) and chosen in others:
            refuse_together((settings.origin(name), name), (f"{settings.origin(choice)} {chosen}", choice))
    if is_flag(settings, "tts_model") and not settings.tts_url:
        raise UsageError(
            "--tts-model is for a server that speaks, and none is named", hint="add --tts-url URL"
        )


def _brain_flags(settings: Settings, script: Path | None) -> Mapping[str, object]:
    return {"--script": script, **{flag: _is_given(settings, flag) for flag in _FLAGS}}
