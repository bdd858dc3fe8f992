"""A replay without the live screen: in a pipe, as raw events, as JSON, and on a simple terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import takewhile
from typing import Protocol

from rich.console import Console

from realtime_cli.core.view import SessionView
from realtime_cli.log import LogEntry, Recording, open_log
from realtime_cli.log.format import entry_line
from realtime_cli.log.parse import is_json_object
from realtime_cli.runtime.deck import Deck
from realtime_cli.runtime.playback import Playback
from realtime_cli.runtime.ports import Screen
from realtime_cli.runtime.replayer import RecordedEntry
from realtime_cli.ui.events import event_line
from realtime_cli.ui.jsonl import JsonScreen
from realtime_cli.ui.plain import PlainScreen

from .environment import Environment, is_terminal
from .keyboard import keys
from .replay_sound import MakeSpeaker

# In a pipe a paragraph is a line.
_UNWRAPPED = 1_000_000


class SkippingScreen(Screen, Protocol):
    """A screen that can leave out what was before."""

    def skip(self, view: SessionView) -> None:
        """Counts everything so far as shown."""
        ...


class InOrder:
    """Holds back what follows a turn whose words are still to come: a reader of a file can wait for them."""

    def __init__(self, screen: SkippingScreen) -> None:
        self._screen = screen

    def update(self, view: SessionView) -> None:
        """Shows the turns before the first one that waits."""
        known = takewhile(lambda item: item.role != "user" or not item.awaits_transcript, view.items)
        self._screen.update(replace(view, items=tuple(known)))

    def close(self, view: SessionView) -> None:
        """Shows the rest: there is nothing left to wait for."""
        self._screen.close(view)

    def skip(self, view: SessionView) -> None:
        """Counts everything so far as shown."""
        self._screen.skip(view)


class NoScreen:
    """Shows nothing: the raw events are all that is wanted."""

    def update(self, view: SessionView) -> None:
        """Nothing."""

    def close(self, view: SessionView) -> None:
        """Nothing."""

    def skip(self, view: SessionView) -> None:
        """Nothing."""


def plain_screen(env: Environment, *, raw_events: bool, as_json: bool) -> SkippingScreen:
    """The screen for what was asked for."""
    if raw_events:
        return NoScreen()
    if as_json:
        return JsonScreen(env.stdout)
    is_pipe = not is_terminal(env.stdout)
    console = env.out(width=_UNWRAPPED) if is_pipe else env.out()
    screen = PlainScreen(console, marks=True, shows_user=True, notices=console)
    return InOrder(screen) if is_pipe else screen


def raw_printer(env: Environment, *, as_json: bool) -> Callable[[RecordedEntry], None]:
    """What prints an entry: as a line for people, or as the log's own line."""
    console = env.out()

    def print_json(entry: RecordedEntry) -> None:
        if isinstance(entry, LogEntry):
            is_object = isinstance(entry.raw, str) and is_json_object(entry.raw)
            env.stdout.buffer.write(entry_line(entry, is_object=is_object))

    return print_json if as_json else lambda entry: _print_line(console, entry)


def _print_line(console: Console, entry: RecordedEntry) -> None:
    line = event_line(console, entry.raw, direction=entry.direction, at_s=entry.t_s)
    if console.is_terminal:
        line.truncate(console.width, overflow="ellipsis")
    console.print(line, soft_wrap=True)


async def play_plain(
    env: Environment,
    log: Recording,
    playback: Playback,
    screen: SkippingScreen,
    make_speaker: MakeSpeaker,
) -> SessionView:
    """Plays to the end, or until somebody leaves."""
    is_steered = env.is_interactive and playback.pace.speed is not None
    if is_steered:
        env.say("space pauses · . steps · + and - change the speed · q leaves")

    def everything(_: float) -> Iterator[LogEntry]:
        return open_log(log.path).entries()

    speaker = make_speaker(everything, warn=partial(env.say, style="warning"))
    async with asyncio.TaskGroup() as tasks:
        if is_steered and not playback.pace.is_muted:
            tasks.create_task(speaker.run(playback), name="sound")
        with _reading_keys(env, Deck(playback)):
            view = await playback.run(screen, on_jump=screen.skip)
        speaker.last_entry()
    return view


@contextmanager
def _reading_keys(env: Environment, deck: Deck) -> Generator[None]:
    """Listens to single keys, where there is somebody to press them."""
    if not env.is_interactive:
        yield
        return
    acts = {
        " ": deck.pause,
        ".": deck.step,
        "q": deck.leave,
        "+": deck.faster,
        "-": deck.slower,
    }
    loop = asyncio.get_running_loop()

    def pressed(key: str) -> None:
        if key in acts:
            loop.call_soon_threadsafe(acts[key])

    with keys(env.stdin, pressed):
        yield
