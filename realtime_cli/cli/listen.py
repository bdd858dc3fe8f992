"""Runs `realtime serve`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe

from realtime_cli.errors import ExitStatus, UsageError
from realtime_cli.log import default_folder
from realtime_cli.server.config import SPEECH_WORDS_PER_S, ServerConfig, TlsFiles
from realtime_cli.server.websocket import running_server
from realtime_cli.settings import Settings, load_settings

from .embedded import audio_delta_ms, audio_pace, brain_for, voice_for
from .environment import Environment
from .rates import rate
from .signals import on_signals

TOKEN_VARIABLE = "REALTIME_TOKEN"  # noqa: S105  (the name of a variable)


@dataclass(frozen=True, slots=True)
class Listening:
    """How `serve` was asked to listen."""

    host: str
    port: int
    wants_token: bool
    pace: str
    quiet: bool
    audio_pace: str | None = None
    audio_delta_ms: float | None = None
    tls: bool = False
    tls_cert: Path | None = None
    tls_key: Path | None = None


def run_serve(how: Listening, flags: Mapping[str, object], *, script: Path | None) -> ExitStatus:
    """Serves until somebody stops it. The address is stdout's only line; words go to stderr."""
    env = Environment.here()
    settings = load_settings(flags, environ=env.environ, cwd=env.cwd)

    def tell(line: str) -> None:
        if not how.quiet:
            env.say(line)

    brain = brain_for(settings, script=script)
    given = settings.env.get(TOKEN_VARIABLE)
    token = given or (token_urlsafe(24) if how.wants_token else None)
    if token and not given:
        env.say(f"clients need this key: {token}", "none")
    voice = voice_for(settings)
    tell(voice.notice)
    config = ServerConfig(
        brain=brain,
        host=how.host,
        port=how.port,
        token=token,
        tls=_tls(env, how, settings),
        pace_words_per_s=_pace(how.pace),
        voice=voice,
        audio_pace=audio_pace(how.audio_pace),
        audio_delta_ms=audio_delta_ms(how.audio_delta_ms),
        on_event=tell,
    )
    asyncio.run(_serve(env, config))
    return ExitStatus.OK


def _tls(env: Environment, how: Listening, settings: Settings) -> TlsFiles | None:
    if how.tls_cert or how.tls_key:
        if how.tls_cert is None or how.tls_key is None:
            raise UsageError("a certificate needs its key, and a key its certificate", hint="give both")
        return TlsFiles(how.tls_cert, how.tls_key)
    if not how.tls:
        return None
    from realtime_cli.server.tls import self_signed  # noqa: PLC0415  (needs the extra `tls`)

    files = self_signed(default_folder(settings.env).parent / "tls", host=how.host)
    env.say(f"clients may trust {files.certificate}")
    return files


def _pace(text: str) -> float | None:
    """Words a second; None is as fast as possible."""
    if text == "speech":
        return SPEECH_WORDS_PER_S
    return rate(text, "--pace", what="pace", hint="write words a second, speech, or max")


async def _serve(env: Environment, config: ServerConfig) -> None:
    stop = asyncio.Event()
    with on_signals(interrupt=stop.set, terminate=stop.set):
        async with running_server(config) as server:
            env.stdout.write(f"{server.url}\n")
            env.stdout.flush()
            env.say("Ctrl-C stops")
            await stop.wait()
