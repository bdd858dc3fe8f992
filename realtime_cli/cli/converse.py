"""Runs `realtime chat`: a person, a file or a pipe on one side, a server on the other."""

from __future__ import annotations

import asyncio
import gc
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from realtime_cli._version import __version__
from realtime_cli.core.inputs import ListeningMode, LocalInput
from realtime_cli.core.session import Session
from realtime_cli.core.view import AUDIO_CODE, SessionView
from realtime_cli.errors import ExitStatus, UsageError
from realtime_cli.protocol.codec import Codec
from realtime_cli.protocol.jsontypes import at
from realtime_cli.providers import Endpoint, endpoint_for
from realtime_cli.runtime.loop import Runtime
from realtime_cli.runtime.ports import Direction, Levels, Observer, Screen, Transport
from realtime_cli.settings import Settings, load_settings
from realtime_cli.ui.jsonl import JsonScreen
from realtime_cli.ui.live import live_screen
from realtime_cli.ui.plain import PlainScreen
from realtime_cli.ui.summary import summary_json, summary_line

from .compose import connect, recorder, recording
from .embedded import USUAL_AUDIO_PACE, Embedded, audio_pace, check_brain, reachable
from .environment import Environment
from .feeding import Feed, MicrophoneWatch
from .frames import type_of
from .interrupts import Interrupts, remark
from .report import refused_key
from .session_config import session_config
from .signals import on_signals
from .sound import Files, Sound, open_sound, wants_sound

# People see words as they come; programs get their objects in the same order in every run.
_REFRESH_S = 1 / 30
# What a device was given sounds a little later.
_LINGERS_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How `chat` was asked to run, beside its settings."""

    script: Path | None = None
    as_json: bool = False
    timeout_s: float = 120.0
    files: Files = field(default_factory=Files)
    audio_pace: str | None = None

    def __post_init__(self) -> None:
        if self.as_json and self.files.speaker == "-":
            raise UsageError("--json and --output - both want stdout", hint="send the sound to a file")


def run_chat(flags: Mapping[str, object], how: How) -> ExitStatus:
    """Holds the conversation and tells how it ended."""
    env = Environment.here()
    settings = load_settings(flags, environ=env.environ, cwd=env.cwd)
    endpoint = endpoint_for(settings)
    check_brain(settings, endpoint, script=how.script)
    session_config(
        settings, provider=endpoint.provider, hears=False, speaks=True
    )  # before any file is touched
    return asyncio.run(_chat(env, settings, endpoint, how))


async def _chat(env: Environment, settings: Settings, endpoint: Endpoint, how: How) -> ExitStatus:
    env.say(f"realtime {__version__} · {endpoint.reason}")
    embedded = Embedded(
        script=how.script,
        is_watched=env.is_interactive,
        speaks=wants_sound(env, settings, how.files),
        audio_pace=audio_pace(how.audio_pace, default=None if how.files.pace == "max" else USUAL_AUDIO_PACE),
    )
    async with reachable(endpoint, settings, embedded, say=env.say) as there:
        transport = connect(there, settings)
        sound = await open_sound(env, settings, how.files, queued_bytes=lambda: transport.queued_bytes)
        if sound is None:
            return await _converse(env, settings, there, transport, None, how)
        env.say(sound.words)
        try:
            return await _converse(env, settings, there, transport, sound, how)
        finally:
            sound.engine.close()


async def _converse(
    env: Environment,
    settings: Settings,
    there: Endpoint,
    transport: Transport,
    sound: Sound | None,
    how: How,
) -> ExitStatus:
    config = session_config(
        settings,
        provider=there.provider,
        hears=bool(sound and sound.ready.microphone),
        speaks=bool(sound.ready.speaker) if sound else _asks_for_speech(settings),
    )
    if sound is not None and sound.ready.microphone and not at(config, "audio", "input", "transcription"):
        env.say("nobody writes down what you say: --transcribe MODEL asks the server to")
    screen = _screen(env, how, there, sound)
    started, loop = time.monotonic(), asyncio.get_running_loop()

    def failed(why: str) -> None:
        loop.call_soon_threadsafe(remark, env, screen, f"warning: {why}; the conversation goes on")

    with (
        recording(there, settings, config=config, by_default=True, on_failure=failed) as log,
        recorder(how.files.recording, on_failure=failed) as record,
    ):
        session = Session(config, pcm_input_rate_hz=there.pcm_input_rate_hz)
        watch = MicrophoneWatch() if how.files.microphone else None
        observers: list[Observer] = [each for each in (_EnterKey(screen), log, record, watch) if each]
        runtime = Runtime(
            session,
            codec=Codec(there.dialect),
            transport=transport,
            screen=screen,
            audio=sound.engine if sound else None,
            observers=observers,
            refresh_s=0 if how.as_json else _REFRESH_S,
        )
        _set_mode(env, runtime, settings, sound, how)
        keys = Interrupts(env, runtime, session, screen)
        feed = Feed(
            env,
            runtime,
            session,
            how.timeout_s,
            microphone=watch,
            lingers_s=_LINGERS_S if sound and not env.is_interactive else 0.0,
            reads_lines=how.files.microphone != "-" and not isinstance(screen, _OwnsKeyboard),
            on_empty_line=screen.line_left_empty if isinstance(screen, PlainScreen) else lambda: None,
        )
        view = await _talk(runtime, keys, feed, screen)
    await asyncio.sleep(0)  # the log's last words
    seconds, path = time.monotonic() - started, log.path if log else None
    if how.as_json:
        env.stdout.write(json.dumps(summary_json(view, seconds=seconds, log=path)) + "\n")
    env.say(summary_line(view, seconds=seconds, log=path))
    if feed.failure is not None:
        raise feed.failure
    return ExitStatus.INTERRUPTED if keys.is_told_to_end else _status(env, how, view)


def _asks_for_speech(settings: Settings) -> bool:
    """Whether speech is wanted that nobody hears: for a log, or to see what comes. It costs."""
    return any(settings.origin(name).startswith("--") for name in ("voice", "speed", "audio_format"))


def _set_mode(env: Environment, runtime: Runtime, settings: Settings, sound: Sound | None, how: How) -> None:
    if sound is None:
        return
    # Where nobody finds the turns, a person at the keyboard does.
    talks = settings.ptt or (env.is_interactive and settings.vad == "none" and not how.files.microphone)
    if talks or sound.is_half_duplex:
        runtime.post(ListeningMode(push_to_talk=talks, half_duplex=sound.is_half_duplex))


def _screen(env: Environment, how: How, there: Endpoint, sound: Sound | None) -> Screen:
    if how.as_json:
        return JsonScreen(env.stdout)
    if not env.is_interactive:
        words = env.err() if how.files.speaker == "-" else env.out()
        return PlainScreen(words, marks=False, shows_user=False, notices=env.err())
    levels = sound.engine.levels if sound else Levels
    live = live_screen(env.stdin, env.stdout, environ=env.environ, server=there.provider, levels=levels)
    if live is not None:
        return live
    console = env.out()
    return PlainScreen(console, marks=True, shows_user=sound is not None, notices=console, prompt="› ")


@dataclass(frozen=True, slots=True)
class _EnterKey:
    """Tells the screen of every typed turn; an answer can be over before the screen looks again."""

    screen: Screen

    def saw(self, direction: Direction, raw: str | bytes, *, now_s: float, is_object: bool) -> None:
        """Notes a typed turn."""
        _ = now_s, is_object
        if direction == "local" and type_of(raw) == "user.text" and isinstance(self.screen, PlainScreen):
            self.screen.line_entered()


@runtime_checkable
class _OwnsKeyboard(Protocol):
    """A screen that reads the keyboard itself."""

    async def run(self, post: Callable[[LocalInput], None]) -> None: ...


async def _talk(runtime: Runtime, keys: Interrupts, feed: Feed, screen: Screen) -> SessionView:
    """Runs the session beside the keyboard."""
    with on_signals(interrupt=keys.interrupt, terminate=keys.terminate):
        gc.freeze()  # what start-up made stays; collections look at the conversation only
        async with asyncio.TaskGroup() as tasks:
            feeding = tasks.create_task(feed.run(), name="feed") if feed.has_something else None
            watching = (
                tasks.create_task(screen.run(keys.take), name="screen")
                if isinstance(screen, _OwnsKeyboard)
                else None
            )
            keys.talk = tasks.create_task(runtime.run(), name="session")
            await asyncio.wait([keys.talk])
            if feeding is not None:
                feeding.cancel()
            if watching is not None and keys.talk.cancelled():  # nobody closed it
                watching.cancel()
    return keys.session.view() if keys.talk.cancelled() else keys.talk.result()


def _status(env: Environment, how: How, view: SessionView) -> ExitStatus:
    """How the session ended. A person has seen the errors in it; a script is told by the exit status."""
    if refused_key(view):
        return ExitStatus.UNAUTHORIZED
    if not view.closed_by_us:
        return ExitStatus.CONNECTION_CLOSED
    errors = {notice.code for notice in view.notices if notice.level == "error"}
    if env.is_interactive or not errors:
        return ExitStatus.OK
    if errors != {AUDIO_CODE}:
        return ExitStatus.SERVER_ERROR
    return ExitStatus.BAD_INPUT if how.files.microphone else ExitStatus.FAILURE
