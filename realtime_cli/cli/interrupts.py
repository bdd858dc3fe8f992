"""Ctrl-C and other requests to end, and remarks about them."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from realtime_cli.core.inputs import CancelRequested, LocalInput, QuitRequested
from realtime_cli.core.session import Session
from realtime_cli.core.view import SessionView
from realtime_cli.runtime.loop import Runtime
from realtime_cli.runtime.ports import Screen
from realtime_cli.ui.live.controls import DOUBLE_PRESS_S

from .environment import Environment


@runtime_checkable
class _Remarks(Protocol):
    """A screen that can say something beside the session."""

    def remark(self, words: str) -> None: ...


def remark(env: Environment, screen: Screen, words: str) -> None:
    """Says something to whoever watches; on a terminal between the lines of the conversation."""
    if env.is_interactive and isinstance(screen, _Remarks):
        screen.remark(words)
    else:
        env.say(words, "warning")


@dataclass(slots=True)
class Interrupts:
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
            remark(self.env, self.screen, "Ctrl-C again leaves")
        self.runtime.post(CancelRequested())

    def take(self, wish: LocalInput) -> None:
        """A screen that reads the keyboard tells what its user wants."""
        if isinstance(wish, QuitRequested):
            self._leave()
        else:
            self.runtime.post(wish)

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
            self.runtime.hurry()

    @property
    def _is_connecting(self) -> bool:
        return self.session.view().connection == "connecting"
