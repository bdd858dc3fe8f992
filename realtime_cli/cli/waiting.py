"""Sends events one after the other, and knows when there is nothing left to wait for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from realtime_cli.core.inputs import QuitRequested, UserEvent
from realtime_cli.core.session import GREETING_TIMEOUT_S, Session
from realtime_cli.core.view import SessionView
from realtime_cli.protocol.catalog import event_types
from realtime_cli.protocol.wording import nearest
from realtime_cli.runtime.loop import Runtime
from realtime_cli.runtime.ports import Direction, Observer, Screen

from .event_files import FileEvent
from .frames import type_of

# With nothing left to wait for by name, a server that is silent for this long has said all it has to say.
QUIET_S = 1.0
# What can be waited for besides events.
_ENDS = ("done", "none")


def doubt(wait_for: str) -> str:
    """Why an event may be waited for in vain: its type may be a slip, or newer than we are; else empty."""
    known = {name for info in event_types() if info.side == "server" for name in (info.name, info.beta_name)}
    names = [*_ENDS, *sorted(name for name in known if name)]
    if wait_for in names:
        return ""
    meant = nearest(wait_for.lower(), names)
    hint = f"did you mean {meant}?" if meant else "`realtime describe` lists them"
    return f"--wait-for {wait_for}: we know of no such event from a server; {hint}"


class Printer(Observer, Screen, Protocol):
    """Prints frames, and notices about them."""


class Watcher:
    """Knows which types of events came, and tells when the next frame goes by.

    What came until `over_at_s` was waited for, and is all that counts.
    """

    def __init__(self) -> None:
        self.is_open = False
        self.types: set[str] = set()
        self.over_at_s: float | None = None
        self._last_type: str | None = None
        self._moved = asyncio.Event()

    def saw(self, direction: Direction, raw: str | bytes, *, now_s: float, is_object: bool) -> None:
        """Notes a frame, and the opening of the connection."""
        if self.over_at_s is not None:
            return
        if direction == "in":
            type_ = type_of(raw) if is_object else ""
            self.types.add(type_)
            if type_ == self._last_type:
                self.over_at_s = now_s
        elif direction == "local" and type_of(raw) == "connection.opened":
            self.is_open = True
        elif direction == "local":
            return
        self._moved.set()

    def stop_at(self, type_: str, *, now_s: float) -> None:
        """Is over with the next event of the type, or at once where one came before."""
        self._last_type = type_
        if type_ in self.types:
            self.over_at_s = now_s

    async def next_frame(self) -> None:
        """Returns as soon as another frame goes by."""
        self._moved.clear()
        await self._moved.wait()


@dataclass(slots=True)
class Sender:
    """Posts events, then waits for `wait_for`: the type of an event, `done` or `none`; then leaves."""

    runtime: Runtime
    session: Session
    watcher: Watcher
    wait_for: str
    timeout_s: float
    timed_out: bool = False

    async def run(self, events: Sequence[FileEvent], *, in_turns: bool) -> None:
        """Posts everything and leaves in the end; `in_turns` waits for an answer before it goes on."""
        try:
            async with asyncio.timeout(self.timeout_s):
                await self._greeting()
                for event in events:
                    self.runtime.post(UserEvent(event.raw))
                    if in_turns and type_of(event.raw) == "response.create":
                        await self.runtime.idle()
                await self._wait()
        except TimeoutError:
            self.timed_out = True
        self.runtime.post(QuitRequested())

    def has_come(self, view: SessionView) -> bool:
        """Whether what was waited for is there, though the server has closed the connection by now."""
        match self.wait_for:
            case "none":
                return True
            case "done":
                in_mid_answer = any(notice.level == "error" for notice in view.notices)
                return not (self.session.expects_answers or in_mid_answer)
            case name:
                return name in self.watcher.types

    async def _greeting(self) -> None:
        while not self.watcher.is_open:
            await self.watcher.next_frame()
        try:
            async with asyncio.timeout(GREETING_TIMEOUT_S):
                while not self.watcher.types:
                    await self.watcher.next_frame()
        except TimeoutError:
            return  # some servers never greet

    async def _wait(self) -> None:
        match self.wait_for:
            case "none":
                return
            case "done":
                await self._all_done()
            case name:
                await self._event(name)

    async def _event(self, name: str) -> None:
        """Waits for an event; after an error only while answers come, since what was refused never will."""
        self.watcher.stop_at(name, now_s=self.runtime.now_s)
        while name not in self.watcher.types:
            if "error" in self.watcher.types:
                await self._all_done()
                return
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


class UntilThen:
    """A printer that says nothing of what comes after what was waited for."""

    def __init__(self, printer: Printer, watcher: Watcher) -> None:
        self._printer = printer
        self._watcher = watcher

    def saw(self, direction: Direction, raw: str | bytes, *, now_s: float, is_object: bool) -> None:
        """Prints a frame that counts."""
        if self._watcher.over_at_s is None:
            self._printer.saw(direction, raw, now_s=now_s, is_object=is_object)

    def update(self, view: SessionView) -> None:
        """Prints the notices that count."""
        self._printer.update(self._counting(view))

    def close(self, view: SessionView) -> None:
        """Prints the rest of them."""
        self._printer.close(self._counting(view))

    def _counting(self, view: SessionView) -> SessionView:
        until_s = self._watcher.over_at_s
        if until_s is None:
            return view
        return replace(view, notices=tuple(notice for notice in view.notices if notice.at_s <= until_s))
