"""Chooses how a conversation is shown: live, as lines, or as JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from realtime_cli.core.inputs import LocalInput
from realtime_cli.runtime.ports import Direction, Screen
from realtime_cli.ui.jsonl import JsonScreen
from realtime_cli.ui.live import is_live_terminal, live_screen
from realtime_cli.ui.live.surroundings import Surroundings
from realtime_cli.ui.plain import PlainScreen

from .environment import Environment
from .frames import type_of


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
    env: Environment, around: Surroundings, *, as_json: bool, shows_user: bool, stdout_is_sound: bool
) -> Screen:
    """The screen for where stdin and stdout lead to. `shows_user`: turns may be spoken, and are shown."""
    if as_json:
        return JsonScreen(env.stdout)
    if not env.is_interactive:
        words = env.err() if stdout_is_sound else env.out()
        return PlainScreen(words, marks=False, shows_user=False, notices=env.err())
    live = live_screen(env.stdin, env.stdout, environ=env.environ, surroundings=around)
    if live is not None:
        return live
    console = env.out()
    return PlainScreen(console, marks=True, shows_user=shows_user, notices=console, prompt="› ")


def has_live_screen(env: Environment, *, as_json: bool) -> bool:
    """Whether `screen_for` gives a screen on which a person can answer."""
    return not as_json and is_live_terminal(env.stdin, env.stdout, environ=env.environ)


class EnterKey:
    """Tells a plain screen of every typed turn; an answer can be over before the screen looks again."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    def saw(self, direction: Direction, raw: str | bytes, *, now_s: float, is_object: bool) -> None:
        """Notes a typed turn."""
        _ = now_s, is_object
        if direction == "local" and type_of(raw) == "user.text" and isinstance(self._screen, PlainScreen):
            self._screen.line_entered()
