"""Runs `realtime send-event`: checks the events, sends them, shows what comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from realtime_cli.core.beginning import Beginning
from realtime_cli.core.explain import close_text
from realtime_cli.core.session import Session
from realtime_cli.core.view import SessionView
from realtime_cli.errors import BadInput, ConnectionClosed, ExitStatus, TimedOut
from realtime_cli.protocol.codec import Codec
from realtime_cli.protocol.dialects import Dialect
from realtime_cli.protocol.lint import lint, lint_events
from realtime_cli.protocol.vocabulary import Family
from realtime_cli.providers import Endpoint, endpoint_for
from realtime_cli.runtime.loop import Runtime
from realtime_cli.settings import Settings, load_settings
from realtime_cli.ui.summary import count
from realtime_cli.visible import one_line

from .assignments import assign
from .compose import connect, recording
from .embedded import Embedded, check_brain, reachable
from .environment import Environment, is_terminal
from .event_files import EventFile, FileEvent, read_events
from .folders import need_folders
from .frames import FramePrinter, TreePrinter
from .report import refused_key
from .signals import on_signals
from .waiting import Sender, UntilThen, Watcher, doubt


@dataclass(frozen=True, slots=True)
class Plan:
    """What `send-event` was asked to do."""

    files: tuple[str, ...]
    assignments: tuple[str, ...] = ()
    force: bool = False
    wait_for: str = "done"
    timeout_s: float = 30.0
    as_json: bool = False


def run_send(flags: Mapping[str, object], plan: Plan, *, script: Path | None) -> ExitStatus:
    """Sends the plan's events and tells how the server took them."""
    env = Environment.here()
    settings = load_settings(flags, environ=env.environ, cwd=env.cwd)
    endpoint = endpoint_for(settings)
    check_brain(settings, endpoint, script=script)
    need_folders(None if settings.no_log else settings.log)
    file = _events(env, plan)
    if not plan.force:
        _check(env, file.events, endpoint)
    if why := doubt(plan.wait_for):
        env.say(f"warning: {why}", "warning")
    try:
        return asyncio.run(_send(env, settings, endpoint, plan, file=file, script=script))
    except asyncio.CancelledError:
        return ExitStatus.INTERRUPTED


def _events(env: Environment, plan: Plan) -> EventFile:
    """All events of all files, in their order."""
    files = [read_events(name, env.stdin, as_is=plan.force) for name in plan.files]
    for file in files:
        if file.damage:
            env.say(f"warning: {file.damage}; the rest is lost", "warning")
    events = assign([event for file in files for event in file.events], plan.assignments)
    if not events:
        raise BadInput(
            f"there is no event to send in {', '.join(plan.files)}", hint="a log needs `out` entries"
        )
    if not plan.force:
        events = [event.named(f"event_cli_{number}") for number, event in enumerate(events, 1)]
    return EventFile(tuple(events), is_log=any(file.is_log for file in files))


def _check(env: Environment, events: Sequence[FileEvent], endpoint: Endpoint) -> None:
    """Raises `BadInput` with every finding of the checks; warnings are only printed."""
    dialect: Dialect = "beta" if endpoint.dialect == "beta" else "ga"
    family: Family = "translation" if endpoint.url.partition("?")[0].endswith("/translations") else "realtime"
    found = [(event, each) for event in events for each in lint(event.value, dialect=dialect, family=family)]
    found += [(events[index], each) for index, each in lint_events(event.value for event in events)]
    wrong: list[str] = []
    for event, finding in found:
        place = f"{event.place}: {finding.path}" if finding.path else event.place
        line = one_line(f"{place}: {finding.reason}" + (f" ({finding.hint})" if finding.hint else ""))
        if finding.severity == "warning":
            env.say(f"warning: {line}", "warning")
        else:
            wrong.append(line)
    if wrong:
        raise BadInput("\n  ".join(wrong), hint="nothing was sent; --force sends anyway")


async def _send(
    env: Environment,
    settings: Settings,
    endpoint: Endpoint,
    plan: Plan,
    *,
    file: EventFile,
    script: Path | None,
) -> ExitStatus:
    env.say(f"sending {count(len(file.events), 'event')} to {endpoint.reason}")
    watcher, session, loop = Watcher(), Session(), asyncio.get_running_loop()
    is_for_programs = plan.as_json or not is_terminal(env.stdout)
    printer = UntilThen(FramePrinter(env) if is_for_programs else TreePrinter(env), watcher)

    def log_failed(why: str) -> None:
        loop.call_soon_threadsafe(env.say, f"warning: {why}", "warning")

    async with reachable(endpoint, settings, Embedded(script=script), say=_quietly) as there:
        with recording(there, settings, Beginning(), by_default=False, on_failure=log_failed) as log:
            runtime = Runtime(
                session,
                codec=Codec(there.dialect),
                transport=connect(there, settings),
                screen=printer,
                observers=[printer, watcher, *([log] if log else [])],
                refresh_s=0,
            )
            sender = Sender(runtime, session, watcher, plan.wait_for, plan.timeout_s)
            with _ending_on_signals():
                async with asyncio.TaskGroup() as tasks:
                    sending = tasks.create_task(sender.run(file.events, in_turns=file.is_log), name="sender")
                    view = await runtime.run()
                    sending.cancel()
        await asyncio.sleep(0)  # the log's last words
    return _status(view, watcher, sender)


def _quietly(_: str) -> None:
    """What speaks does not matter here."""


def _ending_on_signals() -> AbstractContextManager[None]:
    task = asyncio.current_task()
    assert task is not None
    return on_signals(interrupt=task.cancel, terminate=task.cancel)


def _status(view: SessionView, watcher: Watcher, sender: Sender) -> ExitStatus:
    """How the server took it. What is amiss has been shown; only waiting in vain has not."""
    if refused_key(view):
        return ExitStatus.UNAUTHORIZED
    if sender.timed_out:
        what = "the end of the answer" if sender.wait_for == "done" else sender.wait_for
        raise TimedOut(
            f"{what} did not come within {sender.timeout_s:g} s", hint="wait longer with --timeout SECONDS"
        )
    if "error" in watcher.types:
        return ExitStatus.SERVER_ERROR
    if not view.closed_by_us and not sender.has_come(view):
        raise ConnectionClosed(close_text(view.close_code, view.close_reason))
    return ExitStatus.OK
