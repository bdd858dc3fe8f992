"""Runs `realtime chat`: a person or a pipe on one side, a server on the other."""

from __future__ import annotations

import asyncio
import gc
import json
import signal
import time
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from types import FrameType

from realtime_cli._version import __version__
from realtime_cli.core.inputs import CancelRequested, QuitRequested, UserText
from realtime_cli.core.session import Session
from realtime_cli.core.view import SessionView
from realtime_cli.errors import ExitStatus
from realtime_cli.protocol.codec import Codec
from realtime_cli.providers import Endpoint, endpoint_for
from realtime_cli.runtime.loop import Runtime
from realtime_cli.runtime.ports import Screen
from realtime_cli.settings import Settings, load_settings
from realtime_cli.ui.jsonl import JsonScreen
from realtime_cli.ui.plain import PlainScreen
from realtime_cli.ui.summary import summary_json, summary_line

from .compose import check_brain, connect, reachable, recording, session_config
from .environment import Environment
from .lines import read_lines

# A second Ctrl-C within this time leaves.
DOUBLE_PRESS_S = 2.0
_REFUSALS = frozenset({"invalid_api_key", "3000"})


def run_chat(flags: Mapping[str, object], *, script: Path | None, as_json: bool) -> ExitStatus:
    """Holds the conversation and tells how it ended."""
    env = Environment.here()
    settings = load_settings(flags, environ=env.environ, cwd=env.cwd)
    endpoint = endpoint_for(settings)
    check_brain(settings, endpoint, script=script)
    return asyncio.run(_chat(env, settings, endpoint, script=script, as_json=as_json))


async def _chat(
    env: Environment, settings: Settings, endpoint: Endpoint, *, script: Path | None, as_json: bool
) -> ExitStatus:
    words = env.err()
    words.print(f"realtime {__version__} · {endpoint.reason}", style="info")
    started, screen, config = time.monotonic(), _screen(env, as_json=as_json), session_config(settings)

    def log_failed(why: str) -> None:
        words.print(f"the log stopped: {why}; the conversation goes on", style="warning")

    async with reachable(endpoint, settings, script=script) as there:
        with recording(there, settings, config=config, by_default=True, on_failure=log_failed) as log:
            runtime = Runtime(
                Session(config),
                codec=Codec(there.dialect),
                transport=connect(there, settings),
                screen=screen,
                observers=[log] if log else [],
                refresh_s=1 / 30,
            )
            with _interrupts(runtime, screen, env):
                async with _typing(runtime, env):
                    view = await runtime.run()
    seconds, path = time.monotonic() - started, log.writer.path if log else None
    if as_json:
        env.stdout.write(json.dumps(summary_json(view, seconds=seconds, log=path)) + "\n")
    words.print(summary_line(view, seconds=seconds, log=path), style="info", soft_wrap=True)
    return _status(view, is_interactive=env.is_interactive)


def _screen(env: Environment, *, as_json: bool) -> Screen:
    if as_json:
        return JsonScreen(env.stdout)
    if not env.is_interactive:
        return PlainScreen(env.out(), marks=False, shows_user=False, notices=env.err())
    console = env.out()
    return PlainScreen(console, marks=True, shows_user=False, notices=console, prompt="› ")


@asynccontextmanager
async def _typing(runtime: Runtime, env: Environment) -> AsyncGenerator[None]:
    """Posts what is typed; in a pipe each line waits for the answer to the line before."""
    feeder = asyncio.create_task(_feed(runtime, env), name="typing")
    try:
        yield
    finally:
        feeder.cancel()
        await asyncio.gather(feeder, return_exceptions=True)


async def _feed(runtime: Runtime, env: Environment) -> None:
    async for line in read_lines(env.stdin):
        if not line.strip():
            continue
        runtime.post(UserText(line))
        if not env.is_interactive:
            await runtime.idle()
    runtime.post(QuitRequested())


@contextmanager
def _interrupts(runtime: Runtime, screen: Screen, env: Environment) -> Generator[None]:
    """Ctrl-C stops the answer, and leaves when it is pressed again; a termination request leaves at once."""
    loop = asyncio.get_running_loop()
    last_press_s = float("-inf")

    def pressed() -> None:
        nonlocal last_press_s
        now_s = time.monotonic()
        leaves = now_s - last_press_s < DOUBLE_PRESS_S
        last_press_s = now_s
        if not leaves and not runtime.is_busy and isinstance(screen, PlainScreen) and env.is_interactive:
            screen.remark("Ctrl-C again leaves")
        runtime.post(QuitRequested() if leaves else CancelRequested())

    def on_signal(number: int, frame: FrameType | None) -> None:
        _ = frame
        if number == signal.SIGINT:
            loop.call_soon_threadsafe(pressed)
        else:
            loop.call_soon_threadsafe(runtime.post, QuitRequested())

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    gc.freeze()  # what start-up made stays; collections look at the conversation only
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _status(view: SessionView, *, is_interactive: bool) -> ExitStatus:
    """How the session ended. A person has seen the errors in it; a script is told by the exit status."""
    codes = {notice.code for notice in view.notices}
    if not view.closed_by_us:
        return ExitStatus.UNAUTHORIZED if codes & _REFUSALS else ExitStatus.CONNECTION_CLOSED
    if not is_interactive and any(notice.level == "error" for notice in view.notices):
        return ExitStatus.SERVER_ERROR
    return ExitStatus.OK
