"""Runs `realtime chat`: a person, a file or a pipe on one side, a server on the other."""

from __future__ import annotations

import asyncio
import gc
import json
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from realtime_cli._version import __version__
from realtime_cli.core.beginning import Beginning
from realtime_cli.core.inputs import ListeningMode
from realtime_cli.core.session import Session
from realtime_cli.core.terms import Terms
from realtime_cli.core.view import AUDIO_CODE, MICROPHONE_CODE, SPEAKER_CODE, SessionView
from realtime_cli.errors import ExitStatus, UsageError
from realtime_cli.protocol.codec import Codec
from realtime_cli.protocol.jsontypes import at
from realtime_cli.providers import Endpoint, endpoint_for
from realtime_cli.providers.table import PROVIDERS
from realtime_cli.providers.terms import terms_for
from realtime_cli.redaction import Redactor
from realtime_cli.runtime.loop import Runtime
from realtime_cli.runtime.ports import Levels, Observer, Screen, Transport
from realtime_cli.settings import Settings, load_settings
from realtime_cli.ui.live.surroundings import Surroundings
from realtime_cli.ui.summary import summary_json, summary_line

from .apart import kept_apart
from .compose import LogObserver, connect, recorder, recording
from .contradictions import is_flag
from .echo_watch import EchoWatch
from .embedded import USUAL_AUDIO_PACE, Embedded, audio_delta_ms, audio_pace, check_brain, reachable
from .environment import Environment
from .feeding import Feed, MicrophoneWatch
from .folders import need_folders
from .interrupts import Interrupts, remark
from .overwriting import refuse_full, refuse_same
from .report import refused_key
from .screens import OwnsKeyboard, can_answer, plain_desk, screen_for
from .server_mcp import ServerApprovals, mcp_tokens, offered
from .session_config import session_config
from .signals import on_signals
from .sound import Files, Sound, open_sound, wants_microphone, wants_sound
from .transcribing import refuse_answers, transcribes, transcribing
from .workbench import Wanted, Workbench, workbench

if TYPE_CHECKING:
    from realtime_cli.ui.plain_desk import PlainDesk

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
    audio_delta_ms: float | None = None
    tools: Wanted = field(default_factory=Wanted)

    def __post_init__(self) -> None:
        if self.as_json and self.files.speaker == "-":
            raise UsageError("--json and --output - both want stdout", hint="send the sound to a file")


def run_chat(flags: Mapping[str, object], how: How) -> ExitStatus:
    """Holds the conversation and tells how it ended."""
    env = Environment.here()
    settings = load_settings(flags, environ=env.environ, cwd=env.cwd)
    endpoint = endpoint_for(settings)
    paces = {"--audio-pace": how.audio_pace, "--audio-delta-ms": how.audio_delta_ms}
    check_brain(settings, endpoint, script=how.script, flags=paces)
    answers = not transcribes(settings, endpoint)
    if not answers:
        _check_transcription(env, settings, how)
    # Before any file is touched.
    session_config(settings, provider=endpoint.provider, hears=False, speaks=True, answers=answers)
    log, record, output = None if settings.no_log else settings.log, how.files.recording, how.files.speaker
    need_folders(log, record, output)
    refuse_same(input=how.files.microphone, log=log, record=record, output=output)
    refuse_full(output)
    return asyncio.run(_Chat(env, settings, endpoint, how, answers=answers).run())


def _check_transcription(env: Environment, settings: Settings, how: How) -> None:
    """Raises `UsageError` for what a session in which nobody answers cannot do."""
    tools = how.tools
    refuse_answers(settings, output=how.files.speaker, tools=tools.specs, mcp_server=tools.mcp_servers)
    if not (env.is_interactive or wants_microphone(env, settings, how.files)):
        raise UsageError(
            "a transcription session writes down what it hears, and here is nothing to hear",
            hint="add --input FILE or --input-device NAME",
        )


@dataclass(slots=True)
class _Chat:
    """One conversation, and what was opened for it. Not `answers`: a transcription session."""

    env: Environment
    settings: Settings
    endpoint: Endpoint
    how: How
    answers: bool
    screen: Screen | None = None
    around: Surroundings = field(default_factory=lambda: Surroundings(server=""))
    warn: Callable[[str], None] = field(default=lambda _: None)
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def run(self) -> ExitStatus:
        """Opens what is needed, talks, and closes it again."""
        env, settings, how = self.env, self.settings, self.how
        self.warn = self._warner()
        env.say(f"realtime {__version__} · {self.endpoint.reason}")
        async with self.stack as stack:
            record = stack.enter_context(recorder(how.files.recording, on_failure=self.warn))
            can_ask = can_answer(env, as_json=how.as_json)
            if can_ask or how.tools.specs:
                self.env = env = stack.enter_context(kept_apart(env, is_silent=env.is_interactive))
            bench = await stack.enter_async_context(
                workbench(env, settings, how.tools, say=self.say, can_ask=can_ask)
            )
            there = await self._reachable()
            transport = connect(there, settings)
            sound = await open_sound(
                env,
                settings,
                how.files,
                queued_bytes=lambda: transport.queued_bytes,
                unspoken=self._unspoken if self.answers else "",
            )
            if sound is not None:
                stack.callback(sound.engine.close)
                if sound.words:
                    env.say(sound.words)
            return await self._converse(there, transport, sound, bench, [record] if record else [])

    async def _reachable(self) -> Endpoint:
        how, settings = self.how, self.settings
        pace = None if how.files.pace == "max" else USUAL_AUDIO_PACE
        embedded = Embedded(
            script=how.script,
            is_watched=self.env.is_interactive,
            speaks=wants_sound(self.env, settings, how.files),
            audio_pace=audio_pace(how.audio_pace, default=pace),
            audio_delta_ms=audio_delta_ms(how.audio_delta_ms),
            on_speechless=lambda why: self.say(f"warning: {why}"),
        )
        there = await self.stack.enter_async_context(
            reachable(self.endpoint, settings, embedded, say=self.env.say)
        )
        there = there if self.answers else transcribing(there, settings)
        return replace(there, secrets=there.secrets | mcp_tokens(how.tools, settings.env))

    async def _converse(
        self,
        there: Endpoint,
        transport: Transport,
        sound: Sound | None,
        bench: Workbench,
        observers: list[Observer],
    ) -> ExitStatus:
        beginning = self._beginning(there, sound, bench)
        log = self._log(there, beginning)
        session, codec = beginning.session(), Codec(there.dialect)
        self._surround(there, sound, bench, log, beginning, codec)
        self.screen = screen = self._open_screen()
        desk = plain_desk(self.env, screen, self.around, session.view)
        watch = MicrophoneWatch() if self.how.files.microphone else None
        echo = EchoWatch(sound.headset, bench) if sound and sound.headset else None
        watchers = [each for each in (log, watch, echo) if each]
        ears = [screen] if isinstance(screen, OwnsKeyboard) else [desk] if desk else []
        runtime = Runtime(
            session,
            codec=codec,
            transport=transport,
            screen=screen,
            audio=sound.engine if sound else None,
            tools=bench.host() if bench.has_tools else None,
            observers=[*ears, *observers, *watchers, ServerApprovals(bench)],
            refresh_s=0 if self.how.as_json else _REFRESH_S,
        )
        bench.look, bench.dialect, bench.post = session.view, lambda: codec.dialect, runtime.post
        self.around.session_time = lambda: runtime.now_s
        self._set_mode(runtime, sound, beginning)
        keys = Interrupts(self.env, runtime, session, screen)
        if desk is not None:
            desk.serve(keys.take)
        feed = self._feed(runtime, session, screen, watch, desk, lingers=sound is not None)
        started = time.monotonic()
        view = await _talk(runtime, keys, feed, screen, bench)
        await asyncio.sleep(0)  # the log's last words
        self._sum_up(view, seconds=time.monotonic() - started, log=log.path if log else None)
        if feed.failure is not None:
            raise feed.failure
        return ExitStatus.INTERRUPTED if keys.is_told_to_end else self._status(view)

    def _beginning(self, there: Endpoint, sound: Sound | None, bench: Workbench) -> Beginning:
        # Where a person is there, it goes on in a new session; a script is told that the old one is gone.
        reconnects = self.settings.reconnect
        return Beginning(
            config=self._config(there, sound, bench),
            pcm_input_rate_hz=there.pcm_input_rate_hz,
            terms=self._terms(there),
            has_tools=bench.has_tools,
            reconnects=self.env.is_interactive if reconnects is None else reconnects,
        )

    def _log(self, there: Endpoint, beginning: Beginning) -> LogObserver | None:
        return self.stack.enter_context(
            recording(there, self.settings, beginning, by_default=True, on_failure=self._log_failed)
        )

    def _open_screen(self) -> Screen:
        is_sound = self.how.files.speaker == "-"
        return screen_for(
            self.env, self.around, as_json=self.how.as_json, stdout_is_sound=is_sound, answers=self.answers
        )

    def _feed(
        self,
        runtime: Runtime,
        session: Session,
        screen: Screen,
        watch: MicrophoneWatch | None,
        desk: PlainDesk | None,
        *,
        lingers: bool,
    ) -> Feed:
        is_all_sound = watch is not None and not (self.answers or self.env.is_interactive)
        takes_stdin = self.how.files.microphone == "-" or isinstance(screen, OwnsKeyboard)
        return Feed(
            self.env,
            runtime,
            session,
            self.how.timeout_s,
            answers=self.answers,
            microphone=watch,
            lingers_s=_LINGERS_S if lingers and not self.env.is_interactive else 0.0,
            reads_lines=not (is_all_sound or takes_stdin),
            desk=desk,
        )

    def say(self, words: str) -> None:
        """Says something to whoever watches."""
        if self.screen is None:
            self.env.say(words)
        else:
            remark(self.env, self.screen, words)

    def _warner(self) -> Callable[[str], None]:
        """A warning that any thread may give."""
        loop = asyncio.get_running_loop()

        def warn(why: str) -> None:
            loop.call_soon_threadsafe(self.say, f"warning: {why}; the conversation goes on")

        return warn

    def _log_failed(self, why: str) -> None:
        self.around.log_state = "failed"
        self.warn(why)

    def _config(self, there: Endpoint, sound: Sound | None, bench: Workbench) -> dict[str, object]:
        """The `session` to ask for."""
        config = session_config(
            self.settings,
            provider=there.provider,
            hears=bool(sound and sound.ready.microphone),
            speaks=bool(sound and sound.ready.speaker) or self._asks_for_speech,
            answers=self.answers,
        )
        is_heard = sound is not None and sound.ready.microphone and self.settings.transcribe != "none"
        if is_heard and not at(config, "audio", "input", "transcription"):
            self.env.say("nobody writes down what you say: --transcribe MODEL asks the server to")
        tools = offered(bench, self.how.tools, asked_for=config, variables=self.settings.env)
        return {"type": "realtime", **config, "tools": tools} if tools else config

    @property
    def _asks_for_speech(self) -> bool:
        """Whether speech is wanted that nobody hears: for a log, or to see what comes. It costs."""
        settings, is_pipe = self.settings, not self.env.is_interactive
        return is_pipe and not settings.text and (is_flag(settings, "voice") or is_flag(settings, "speed"))

    @property
    def _unspoken(self) -> str:
        """What becomes of the answers where there is no speaker."""
        return "nobody hears the answers" if self._asks_for_speech else "answers are text"

    def _terms(self, there: Endpoint) -> Terms:
        limit_min = PROVIDERS[there.provider].session_limit_min if there.provider in PROVIDERS else None
        return terms_for(
            self.settings,
            provider=there.provider,
            provider_limit_s=None if limit_min is None else limit_min * 60.0,
            started_unix_s=time.time(),
        )

    def _surround(
        self,
        there: Endpoint,
        sound: Sound | None,
        bench: Workbench,
        log: LogObserver | None,
        beginning: Beginning,
        codec: Codec,
    ) -> None:
        around, settings, terms = self.around, self.settings, beginning.terms or Terms()
        around.server, around.dialect, around.tools = there.provider, lambda: codec.dialect, bench
        around.levels = sound.engine.levels if sound else Levels
        around.theme, around.calm, around.keeps_history = settings.theme, settings.calm, True
        around.redactor = Redactor(there.secrets)
        around.prices, around.max_usd, around.max_s = terms.prices, terms.max_usd, terms.max_s
        if log is not None:
            around.log, around.log_state = log.file, "recording"

    def _set_mode(self, runtime: Runtime, sound: Sound | None, beginning: Beginning) -> None:
        if sound is None:
            return
        settings, has_file = self.settings, bool(self.how.files.microphone)
        # Where nobody finds the turns, a person at the keyboard does.
        is_found = bool(at(beginning.config, "audio", "input", "turn_detection"))
        talks = settings.ptt or (self.env.is_interactive and settings.vad == "none" and not has_file)
        talks = talks and not is_found
        if talks or sound.is_half_duplex:
            runtime.post(ListeningMode(push_to_talk=talks, half_duplex=sound.is_half_duplex))

    def _sum_up(self, view: SessionView, *, seconds: float, log: Path | None) -> None:
        if self.how.as_json:
            self.env.stdout.write(json.dumps(summary_json(view, seconds=seconds, log=log)) + "\n")
        self.env.say(summary_line(view, seconds=seconds, log=log))

    def _status(self, view: SessionView) -> ExitStatus:
        """How the session ended. A person has seen the errors in it; a script is told by the exit status."""
        if refused_key(view):
            return ExitStatus.UNAUTHORIZED
        if not view.closed_by_us:
            return ExitStatus.CONNECTION_CLOSED
        errors = {notice.code for notice in view.notices if notice.level == "error"}
        if self.env.is_interactive or not errors:
            return ExitStatus.OK
        if errors - {AUDIO_CODE, MICROPHONE_CODE, SPEAKER_CODE}:
            return ExitStatus.SERVER_ERROR
        is_file = MICROPHONE_CODE in errors and bool(self.how.files.microphone)
        return ExitStatus.BAD_INPUT if is_file else ExitStatus.FAILURE


@contextmanager
def _startup_frozen() -> Generator[None]:
    """What start-up made stays: collections look at the conversation only."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()  # what is still there when the interpreter ends counts as a leak


async def _talk(
    runtime: Runtime, keys: Interrupts, feed: Feed, screen: Screen, bench: Workbench
) -> SessionView:
    """Runs the session beside the keyboard."""
    with on_signals(interrupt=keys.interrupt, terminate=keys.terminate), _startup_frozen():
        async with asyncio.TaskGroup() as tasks:
            bench.tasks = tasks
            feeding = tasks.create_task(feed.run(), name="feed") if feed.has_something else None
            watching = (
                tasks.create_task(screen.run(keys.take), name="screen")
                if isinstance(screen, OwnsKeyboard)
                else None
            )
            keys.talk = tasks.create_task(runtime.run(), name="session")
            await asyncio.wait([keys.talk])
            bench.stop()
            if feeding is not None:
                feeding.cancel()
            if watching is not None and keys.talk.cancelled():  # nobody closed it
                watching.cancel()
    return keys.session.view() if keys.talk.cancelled() else keys.talk.result()
