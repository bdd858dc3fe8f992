"""Runs `realtime chat`: a person or a pipe on one side, a server on the other."""

from __future__ import annotations

import asyncio
import gc
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from realtime_cli._version import __version__
from realtime_cli.core.inputs import CancelRequested, QuitRequested, UserText
from realtime_cli.core.session import Session
from realtime_cli.core.view import SessionView
from realtime_cli.errors import ExitStatus, TimedOut
from realtime_cli.protocol.codec import Codec
from realtime_cli.providers import Endpoint, endpoint_for
from realtime_cli.runtime.loop import Runtime
from realtime_cli.runtime.ports import Direction, Screen
from realtime_cli.settings import Settings, load_settings
from realtime_cli.ui.jsonl import JsonScreen
from realtime_cli.ui.plain import PlainScreen
from realtime_cli.ui.summary import summary_json, summary_line

from .compose import check_brain, connect, reachable, recording, session_config
from .environment import Environment
from .frames import type_of
from .lines import read_lines
from .report import refused_key
from .signals import on_signals

# People see words as they come; programs get their objects in the same order in every run.
_REFRESH_S = 1 / 30
# A second Ctrl-C within this time leaves.
DOUBLE_PRESS_S = 2.0


def run_chat(
    flags: Mapping[str, object], *, script: Path | None, as_json: bool, timeout_s: float
) -> ExitStatus:
    """Holds the conversation and tells how it ended."""
    env = Environment.here()
    settings = load_settings(flags, environ=env.environ, cwd=env.cwd)
    endpoint = endpoint_for(settings)
    check_brain(settings, endpoint, script=script)
    return asyncio.run(_chat(env, settings, endpoint, script=script, as_json=as_json, timeout_s=timeout_s))


async def _chat(
    env: Environment,
    settings: Settings,
    endpoint: Endpoint,
    *,
    script: Path | None,
    as_json: bool,
    timeout_s: float,
) -> ExitStatus:
    env.say(f"realtime {__version__} · {endpoint.reason}")
    screen, config = _screen(env, as_json=as_json), session_config(settings)
    started, loop = time.monotonic(), asyncio.get_running_loop()

    def log_failed(why: str) -> None:
        loop.call_soon_threadsafe(_remark, env, screen, f"warning: {why}; the conversation goes on")

    async with reachable(endpoint, settings, script=script, is_watched=env.is_interactive) as there:
        with recording(there, settings, config=config, by_default=True, on_failure=log_failed) as log:
            session = Session(config)
            runtime = Runtime(
                session,
                codec=Codec(there.dialect),
                transport=connect(there, settings),
                screen=screen,
                observers=[_EnterKey(screen), *([log] if log else [])],
                refresh_s=0 if as_json else _REFRESH_S,
            )
            keys = _Interrupts(env, runtime, session, screen)
            feed = _Feed(env, runtime, screen, timeout_s)
            view = await _talk(runtime, keys, feed)
        await asyncio.sleep(0)  # the log's last words
    seconds, path = time.monotonic() - started, log.path if log else None
    if as_json:
        env.stdout.write(json.dumps(summary_json(view, seconds=seconds, log=path)) + "\n")
    env.say(summary_line(view, seconds=seconds, log=path))
    if feed.timed_out:
        raise TimedOut(f"no answer came within {timeout_s:g} s", hint="wait longer with --timeout SECONDS")
    return ExitStatus.INTERRUPTED if keys.is_told_to_end else _status(view, is_interactive=env.is_interactive)


def _screen(env: Environment, *, as_json: bool) -> Screen:
    if as_json:
        return JsonScreen(env.stdout)
    if not env.is_interactive:
        return PlainScreen(env.out(), marks=False, shows_user=False, notices=env.err())
    console = env.out()
    return PlainScreen(console, marks=True, shows_user=False, notices=console, prompt="› ")


@dataclass(frozen=True, slots=True)
class _EnterKey:
    """Tells the screen of every typed turn; an answer can be over before the screen looks again."""

    screen: Screen

    def saw(self, direction: Direction, raw: str | bytes, *, now_s: float, is_object: bool) -> None:
        """Notes a typed turn."""
        _ = now_s, is_object
        if direction == "local" and type_of(raw) == "user.text" and isinstance(self.screen, PlainScreen):
            self.screen.line_entered()


def _remark(env: Environment, screen: Screen, words: str) -> None:
    """Says something to whoever watches; on a terminal between the lines of the conversation."""
    if isinstance(screen, PlainScreen) and env.is_interactive:
        screen.remark(words)
    else:
        env.say(words, "warning")


@dataclass(slots=True)
class _Interrupts:
    """Ctrl-C stops the answer, and leaves when it is pressed again; other requests to end leave at once."""

    env: Environment
    runtime: Runtime
    session: Session
    screen: Screen
    talk: asyncio.Task[SessionView] | None = None
    is_told_to_end: bool = False
    _pressed_at_s: float = float("-inf")

    def interrupt(self) -> None:
        """Ctrl-C was pressed."""
        now_s = time.monotonic()
        is_second, self._pressed_at_s = now_s - self._pressed_at_s < DOUBLE_PRESS_S, now_s
        if is_second or self._is_connecting or not (self.runtime.is_busy or self.env.is_interactive):
            self.is_told_to_end = not self.env.is_interactive  # a person just leaves
            self._leave()
            return
        if not self.runtime.is_busy:
            _remark(self.env, self.screen, "Ctrl-C again leaves")
        self.runtime.post(CancelRequested())

    def terminate(self) -> None:
        """Somebody wants the process to end."""
        self.is_told_to_end = True
        self._leave()

    def _leave(self) -> None:
        if self._is_connecting and self.talk is not None:
            self.is_told_to_end = True
            self.talk.cancel()
        else:
            self.runtime.post(QuitRequested())

    @property
    def _is_connecting(self) -> bool:
        return self.session.view().connection == "connecting"


async def _talk(runtime: Runtime, keys: _Interrupts, feed: _Feed) -> SessionView:
    """Runs the session beside the keyboard."""
    with on_signals(interrupt=keys.interrupt, terminate=keys.terminate):
        gc.freeze()  # what start-up made stays; collections look at the conversation only
        async with asyncio.TaskGroup() as tasks:
            feeder = tasks.create_task(feed.run(), name="typing")
            keys.talk = tasks.create_task(runtime.run(), name="session")
            await asyncio.wait([keys.talk])
            feeder.cancel()
    return keys.session.view() if keys.talk.cancelled() else keys.talk.result()


@dataclass(slots=True)
class _Feed:
    """Posts what is typed; in a pipe each line waits for the answer to the line before."""

    env: Environment
    runtime: Runtime
    screen: Screen
    timeout_s: float
    timed_out: bool = False

    async def run(self) -> None:
        """Posts every line, then the wish to leave."""
        try:
            async for line in read_lines(self.env.stdin):
                await self._take(line)
        except TimeoutError:
            self.timed_out = True
        self.runtime.post(QuitRequested())

    async def _take(self, line: str) -> None:
        if not line.strip():
            if isinstance(self.screen, PlainScreen):
                self.screen.line_left_empty()
            return
        self.runtime.post(UserText(line))
        if not self.env.is_interactive:
            async with asyncio.timeout(self.timeout_s):
                await self.runtime.idle()


def _status(view: SessionView, *, is_interactive: bool) -> ExitStatus:
    """How the session ended. A person has seen the errors in it; a script is told by the exit status."""
    if refused_key(view):
        return ExitStatus.UNAUTHORIZED
    if not view.closed_by_us:
        return ExitStatus.CONNECTION_CLOSED
    if not is_interactive and any(notice.level == "error" for notice in view.notices):
        return ExitStatus.SERVER_ERROR
    return ExitStatus.OK
