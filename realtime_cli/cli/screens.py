"""Chooses how a conversation is shown: live, as lines, or as JSON."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from realtime_cli.core.inputs import LocalInput
from realtime_cli.core.view import SessionView
from realtime_cli.runtime.ports import Direction, Screen
from realtime_cli.ui.jsonl import JsonScreen
from realtime_cli.ui.live import live_screen
from realtime_cli.ui.live.surroundings import Surroundings
from realtime_cli.ui.plain import PlainScreen

from .environment import Environment
from .transcribing import TranscriptScreen

if TYPE_CHECKING:
    from realtime_cli.ui.plain_desk import PlainDesk


@runtime_checkable
class OwnsKeyboard(Protocol):
    """A screen that reads the keyboard itself, and wants to see every event."""

    async def run(self, post: Callable[[LocalInput], None]) -> None:
        """Posts what the user wants."""
        ...

    def saw(self, direction: Direction, raw: str | bytes, *, now_s: float, is_object: bool) -> None:
        """Keeps an event."""
        ...


def screen_for(
    env: Environment, around: Surroundings, *, as_json: bool, stdout_is_sound: bool, answers: bool
) -> Screen:
    """The screen for where stdin and stdout lead to. Not `answers`: a transcription session."""
    if not answers and (as_json or not env.is_interactive):
        answering = screen_for(env, around, as_json=as_json, stdout_is_sound=stdout_is_sound, answers=True)
        return TranscriptScreen(env.stdout, answering, as_json=as_json)
    if as_json:
        return JsonScreen(env.stdout)
    if not env.is_interactive:
        words = env.err() if stdout_is_sound else env.out()
        return PlainScreen(words, marks=False, shows_user=False, notices=env.err())
    live = live_screen(env.stdin, env.stdout, environ=env.environ, surroundings=around)
    if live is not None:
        return live
    console = env.out()
    return PlainScreen(console, marks=True, shows_user=True, notices=console, prompt="› ")


def can_answer(env: Environment, *, as_json: bool) -> bool:
    """Whether `screen_for` gives a screen on which a person types commands, and so can answer."""
    return env.is_interactive and not as_json


def plain_desk(
    env: Environment, screen: Screen, around: Surroundings, look: Callable[[], SessionView]
) -> PlainDesk | None:
    """What takes the commands that a person types on a plain screen; None on any other, and in a pipe."""
    if not (isinstance(screen, PlainScreen) and env.is_interactive):
        return None
    from realtime_cli.ui.live.controls import Controls  # noqa: PLC0415 (a pipe needs none of it)
    from realtime_cli.ui.plain_desk import PlainDesk  # noqa: PLC0415

    return PlainDesk(Controls(_drop, time.monotonic), around, screen, look)


def _drop(_: LocalInput) -> None:
    """The session has not begun."""
