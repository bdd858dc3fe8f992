"""Runs `realtime send-event`: checks the events, sends them, shows what comes back."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from realtime_cli.core.explain import close_text
from realtime_cli.core.inputs import QuitRequested, UserEvent
from realtime_cli.core.session import GREETING_TIMEOUT_S, Session
from realtime_cli.core.view import Cause, Notice, SessionView
from realtime_cli.errors import BadInput, ConnectionClosed, ExitStatus, TimedOut
from realtime_cli.protocol.codec import Codec
from realtime_cli.protocol.dialects import Dialect
from realtime_cli.protocol.jsontypes import as_object
from realtime_cli.protocol.lint import lint
from realtime_cli.protocol.vocabulary import Family
from realtime_cli.providers import Endpoint, endpoint_for
from realtime_cli.runtime.loop import Runtime
from realtime_cli.runtime.ports import Direction
from realtime_cli.settings import Settings, load_settings
from realtime_cli.ui.events import event_tree
from realtime_cli.ui.summary import count
from realtime_cli.visible import one_line

from .compose import check_brain, connect, reachable, recording
from .environment import Environment, is_terminal
from .event_files import FileEvent, assign, read_events

# With nothing left to wait for by name, a server that is silent for this long has said all it has to say.
QUIET_S = 1.0


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
    events, is_log = _events(plan, env)
    if not plan.force:
        _check(events, endpoint, env.err())
    return asyncio.run(_send(env, settings, endpoint, plan, events=events, in_turns=is_log, script=script))


def _events(plan: Plan, env: Environment) -> tuple[list[FileEvent], bool]:
    found = [read_events(name, env.stdin) for name in plan.files]
    events = assign([event for events, _ in found for event in events], plan.assignments)
    if not events:
        raise BadInput(
            f"there is no event to send in {', '.join(plan.files)}", hint="a log needs `out` entries"
        )
    if plan.force:
        return events, False
    return [event.named(f"event_cli_{number}") for number, event in enumerate(events, 1)], any(
        is_log for _, is_log in found
    )


def _check(events: Sequence[FileEvent], endpoint: Endpoint, words: Console) -> None:
    """Raises `BadInput` with every finding of the checks; warnings are only printed."""
    dialect: Dialect = "beta" if endpoint.dialect == "beta" else "ga"
    family: Family = "translation" if endpoint.url.partition("?")[0].endswith("/translations") else "realtime"
    wrong: list[str] = []
    for event in events:
        for finding in lint(event.value, dialect=dialect, family=family):
            where = f"{event.place}: {finding.path}: " if finding.path else f"{event.place}: "
            line = one_line(f"{where}{finding.reason}" + (f" ({finding.hint})" if finding.hint else ""))
            if finding.severity == "warning":
                words.print(f"warning: {line}", style="warning", soft_wrap=True)
            else:
                wrong.append(line)
    if wrong:
        raise BadInput("\n  ".join(wrong), hint="nothing was sent; --force sends anyway")


class _Printer:
    """Shows each frame as it goes by: as a tree to people, as it came to programs."""

    def __init__(self, env: Environment, *, as_json: bool) -> None:
        self._console = env.out()
        self._stream = env.stdout
        self._words = env.err()
        self._as_json = as_json or not is_terminal(env.stdout)
        self._held: tuple[str | bytes, float] | None = None
        self._errors_shown = 0

    def saw(self, direction: Direction, raw: str | bytes, *, now_s: float, is_object: bool) -> None:
        """Prints a frame; an error is held until the session has found its cause."""
        if direction == "local":
            return
        if self._as_json:
            if direction == "in":
                self._stream.write(_one_line_json(raw, is_object=is_object) + "\n")
                self._stream.flush()
        elif direction == "in" and is_object and _type_of(raw) == "error":
            self._held = (raw, now_s)
        else:
            self._console.print(event_tree(self._console, raw, direction=direction, at_s=now_s))

    def update(self, view: SessionView) -> None:
        """Prints the causes of errors."""
        errors = [notice for notice in view.notices if notice.cause is not None]
        for notice in errors[self._errors_shown :]:
            self._explain(notice)
        self._errors_shown = len(errors)
        if self._held is not None:
            self._print_held(None)

    def close(self, view: SessionView) -> None:
        """Prints the rest."""
        self.update(view)

    def _explain(self, notice: Notice) -> None:
        if self._as_json:
            cause = notice.cause
            words = f"{cause.type} {cause.event_id or ''}".strip() if cause else ""
            self._words.print(
                f"error: {one_line(notice.text)} (answers {one_line(words)})", style="error", soft_wrap=True
            )
        else:
            self._print_held(notice.cause)

    def _print_held(self, cause: Cause | None) -> None:
        if self._held is None:
            return
        raw, at_s = self._held
        self._held = None
        self._console.print(event_tree(self._console, raw, direction="in", at_s=at_s, cause=cause))


class _Watcher:
    """Knows which types of events came, and tells when the next frame goes by."""

    def __init__(self) -> None:
        self.types: list[str] = []
        self._moved = asyncio.Event()

    def saw(self, direction: Direction, raw: str | bytes, *, now_s: float, is_object: bool) -> None:
        """Notes a frame."""
        _ = now_s
        if direction == "in":
            self.types.append(_type_of(raw) if is_object else "")
        if direction != "local":
            self._moved.set()

    async def next_frame(self) -> None:
        """Returns as soon as another frame goes by."""
        self._moved.clear()
        await self._moved.wait()


@dataclass(slots=True)
class _Feed:
    """Posts the events, then waits for what the plan waits for."""

    runtime: Runtime
    session: Session
    watcher: _Watcher
    plan: Plan
    timed_out: bool = False

    async def run(self, events: Sequence[FileEvent], *, in_turns: bool) -> None:
        """Posts everything and leaves in the end; `in_turns` waits for an answer before it goes on."""
        try:
            async with asyncio.timeout(self.plan.timeout_s):
                await self._greeting()
                for event in events:
                    self.runtime.post(UserEvent(event.raw))
                    if in_turns and _type_of(event.raw) == "response.create":
                        await self.runtime.idle()
                await self._wait()
        except TimeoutError:
            self.timed_out = True
        self.runtime.post(QuitRequested())

    async def _greeting(self) -> None:
        try:
            async with asyncio.timeout(GREETING_TIMEOUT_S):
                while not self.watcher.types:
                    await self.watcher.next_frame()
        except TimeoutError:
            return  # some servers never greet

    async def _wait(self) -> None:
        match self.plan.wait_for:
            case "none":
                return
            case "done":
                await self._all_done()
            case name:
                while name not in self.watcher.types:
                    await self.watcher.next_frame()

    async def _all_done(self) -> None:
        while True:
            await self.runtime.idle()
            if not self.session.expects_answers:
                return
            try:
                async with asyncio.timeout(QUIET_S):
                    await self.watcher.next_frame()
            except TimeoutError:
                return


async def _send(
    env: Environment,
    settings: Settings,
    endpoint: Endpoint,
    plan: Plan,
    *,
    events: Sequence[FileEvent],
    in_turns: bool,
    script: Path | None,
) -> ExitStatus:
    words = env.err()
    words.print(f"sending {count(len(events), 'event')} to {endpoint.reason}", style="info", soft_wrap=True)
    printer, watcher, session = _Printer(env, as_json=plan.as_json), _Watcher(), Session()

    def log_failed(why: str) -> None:
        words.print(f"the log stopped: {why}", style="warning", soft_wrap=True)

    async with reachable(endpoint, settings, script=script) as there:
        with recording(there, settings, config={}, by_default=False, on_failure=log_failed) as log:
            runtime = Runtime(
                session,
                codec=Codec(there.dialect),
                transport=connect(there, settings),
                screen=printer,
                observers=[watcher, printer, *([log] if log else [])],
                refresh_s=0,
            )
            feed = _Feed(runtime, session, watcher, plan)
            async with asyncio.TaskGroup() as tasks:
                feeding = tasks.create_task(feed.run(events, in_turns=in_turns), name="feed")
                view = await runtime.run()
                feeding.cancel()
    return _status(view, watcher, feed)


def _status(view: SessionView, watcher: _Watcher, feed: _Feed) -> ExitStatus:
    """How the server took it. What is amiss has been shown; only waiting in vain has not."""
    if feed.timed_out:
        what = "the end of the answer" if feed.plan.wait_for == "done" else feed.plan.wait_for
        raise TimedOut(
            f"{what} did not come within {feed.plan.timeout_s:g} s", hint="wait longer with --timeout SECONDS"
        )
    if "error" in watcher.types:
        return ExitStatus.SERVER_ERROR
    if not view.closed_by_us:
        raise ConnectionClosed(close_text(view.close_code, view.close_reason))
    return ExitStatus.OK


def _type_of(raw: str | bytes) -> str:
    try:
        return str((as_object(json.loads(raw)) or {}).get("type", ""))
    except (ValueError, RecursionError):
        return ""


def _one_line_json(raw: str | bytes, *, is_object: bool) -> str:
    """The frame as one line of JSON: unchanged where it is that already."""
    if isinstance(raw, bytes):
        return json.dumps({"base64": b64encode(raw).decode()})
    if not is_object:
        return json.dumps({"text": raw})
    return raw if "\n" not in raw and "\r" not in raw else json.dumps(json.loads(raw), ensure_ascii=False)
