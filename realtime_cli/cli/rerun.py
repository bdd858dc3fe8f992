"""Runs `realtime replay`: a recording through the same core and screen."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Any, Literal

from rich.console import Console

from realtime_cli.audio.sound import Voices
from realtime_cli.core.inputs import ConnectionOpened
from realtime_cli.core.session import Session
from realtime_cli.core.view import SessionView
from realtime_cli.errors import ExitStatus, UsageError
from realtime_cli.log import LogEntry, Recording, default_folder, find_log, open_log
from realtime_cli.log.format import entry_line
from realtime_cli.log.parse import is_json_object
from realtime_cli.protocol.codec import Codec
from realtime_cli.protocol.dialects import Dialect
from realtime_cli.protocol.jsontypes import as_object
from realtime_cli.runtime.playback import Pace, Playback
from realtime_cli.settings import load_settings
from realtime_cli.ui.events import event_line
from realtime_cli.ui.jsonl import JsonScreen
from realtime_cli.ui.plain import PlainScreen
from realtime_cli.ui.summary import summary_json, summary_line

from .environment import Environment, is_terminal
from .keyboard import keys
from .replay_sound import Loudspeaker, Part, write_sound
from .signals import on_signals

_FASTEST, _SLOWEST = 64.0, 1 / 8
_REFRESH_S = 1 / 30
# In a pipe a paragraph is a line.
_UNWRAPPED = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How a recording is to be shown and heard."""

    speed: str = "1"
    idle_limit_s: float | None = None
    start_s: float | None = None
    end_s: float | None = None
    raw_events: bool = False
    as_json: bool = False
    is_mute: bool = False
    voices: str = "both"
    wav: Path | None = None

    @property
    def part(self) -> Part:
        """The part of it that is wanted. Raises `UsageError`."""
        part = Part(self.start_s or 0.0, float("inf") if self.end_s is None else self.end_s)
        if part.end_s < part.start_s:
            raise UsageError(f"--to {part.end_s:g} lies before --from {part.start_s:g}", hint="swap them")
        return part


def run_replay(name: str, flags: Mapping[str, object], wish: Wish) -> ExitStatus:
    """Plays a log to its end, or to its damage; or writes its sound."""
    env = Environment.here()
    pace, part, voices = (
        Pace(speed=_speed(wish.speed), idle_limit_s=wish.idle_limit_s),
        wish.part,
        _voices(wish),
    )
    settings = load_settings(flags, environ=env.environ, cwd=env.cwd)
    path = find_log(name, default_folder(settings.env))
    log = open_log(path)
    env.say(f"replay of {path}{_described(log)}")
    if wish.wav is not None and str(wish.wav) == "-":
        raise UsageError("--wav - is no file", hint="name one: --wav sound.wav")
    if wish.wav is not None:
        env.say(write_sound(log.entries(), wish.wav, voices=voices, part=part))
        return _told_damage(env, log, ExitStatus.OK)
    if env.is_interactive and pace.speed is not None:
        env.say("space pauses · . steps · + and - change the speed · q leaves")
    is_heard = env.is_interactive and pace.speed is not None and not wish.is_mute
    speaker = (
        Loudspeaker(
            open_log(path).entries(),
            pace,
            voices=voices,
            part=part,
            output_device=settings.output_device,
            warn=partial(env.say, style="warning"),
        )
        if is_heard
        else None
    )
    status = asyncio.run(_replay(env, log, pace, wish, speaker))
    return _told_damage(env, log, status)


def _told_damage(env: Environment, log: Recording, status: ExitStatus) -> ExitStatus:
    if log.damage is not None:
        env.say(f"warning: {log.damage}; the rest is lost", "warning")
        return status or ExitStatus.BAD_INPUT
    return status


def _voices(wish: Wish) -> Voices:
    match wish.voices:
        case "user" | "assistant" | "both":
            return wish.voices
        case _:
            raise UsageError(f"--audio {wish.voices!r} is nobody", hint="write user, assistant or both")


def _speed(text: str) -> float | None:
    """`max` is None: no waiting."""
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed < float("inf"):
        raise UsageError(f"--speed {text!r} is no speed", hint="write a number above 0, or max")
    return speed


def _described(log: Recording) -> str:
    header = log.header
    if header is None:
        return " (recorded by another program)"
    return f" ({header.provider}, {header.started})" if header.started else f" ({header.provider})"


async def _replay(
    env: Environment, log: Recording, pace: Pace, wish: Wish, speaker: Loudspeaker | None
) -> ExitStatus:
    raw_events, as_json = wish.raw_events, wish.as_json
    screen = _screen(env, raw_events=raw_events, as_json=as_json)
    session = Session(_asked_for(log), pcm_input_rate_hz=_pcm_input_rate_hz(log))
    if log.header is None:
        session.receive(ConnectionOpened(), 0.0)  # another program's recording begins with the open socket
    playback = Playback(
        session,
        codec=Codec(_dialect(log)),
        screen=screen,
        pace=pace,
        has_inputs=log.header is not None,
        # Programs get their objects in the same order as from the live session.
        refresh_s=0 if as_json and not raw_events else _REFRESH_S,
    )

    entries = _within(log.entries(), wish.part, skip=playback.skip, begin=lambda: screen.skip(session.view()))
    keyboard = _Keyboard(playback)
    with on_signals(interrupt=keyboard.stop, terminate=keyboard.stop), keyboard.reading(env):
        async with asyncio.TaskGroup() as tasks:
            if speaker is not None:
                tasks.create_task(speaker.run(playback), name="sound")
            view = await playback.run(_printed(entries, env, as_json=as_json) if raw_events else entries)
            if speaker is not None:
                speaker.last_entry(playback)
    if as_json and not raw_events:
        summary = summary_json(view, seconds=playback.position_s, log=None)
        env.stdout.write(json.dumps(summary) + "\n")
    env.say(summary_line(view, seconds=playback.position_s, log=None))
    return ExitStatus.INTERRUPTED if keyboard.is_stopped else ExitStatus.OK


def _dialect(log: Recording) -> Dialect | Literal["auto"]:
    match log.header.dialect if log.header else "auto":
        case "ga":
            return "ga"
        case "beta":
            return "beta"
        case _:
            return "auto"


class _NoScreen:
    """Shows nothing: the raw events are all that is wanted."""

    def update(self, view: SessionView) -> None:
        """Nothing."""

    def close(self, view: SessionView) -> None:
        """Nothing."""

    def skip(self, view: SessionView) -> None:
        """Nothing."""


def _screen(env: Environment, *, raw_events: bool, as_json: bool) -> PlainScreen | JsonScreen | _NoScreen:
    if raw_events:
        return _NoScreen()
    if as_json:
        return JsonScreen(env.stdout)
    console = env.out() if is_terminal(env.stdout) else env.out(width=_UNWRAPPED)
    return PlainScreen(console, marks=True, shows_user=True, notices=console)


def _asked_for(log: Recording) -> Mapping[str, Any]:
    """The session configuration that the live session asked for at its start."""
    return as_object(log.header.extra.get("session")) or {} if log.header else {}


def _pcm_input_rate_hz(log: Recording) -> int | None:
    rate_hz = log.header.extra.get("pcm_input_rate_hz") if log.header else None
    return rate_hz if isinstance(rate_hz, int) else None


def _within(
    entries: Iterator[LogEntry],
    part: Part,
    *,
    skip: Callable[[LogEntry], None],
    begin: Callable[[], None],
) -> Iterator[LogEntry]:
    """The entries to play: those before the part are skipped, those after it left out."""
    has_begun = False
    for entry in takewhile(lambda entry: entry.t_s <= part.end_s, entries):
        if entry.t_s < part.start_s:
            skip(entry)
            continue
        if not has_begun:
            has_begun = True
            begin()
        yield entry
    if not has_begun:
        begin()


def _printed(entries: Iterator[LogEntry], env: Environment, *, as_json: bool) -> Iterator[LogEntry]:
    console = env.out()
    for entry in entries:
        yield entry
        _print_entry(console, env, entry, as_json=as_json)


def _print_entry(console: Console, env: Environment, entry: LogEntry, *, as_json: bool) -> None:
    if as_json:
        is_object = isinstance(entry.raw, str) and is_json_object(entry.raw)
        env.stdout.buffer.write(entry_line(entry, is_object=is_object))
    else:
        line = event_line(console, entry.raw, direction=entry.direction, at_s=entry.t_s)
        if console.is_terminal:
            line.truncate(console.width, overflow="ellipsis")
        console.print(line, soft_wrap=True)


@dataclass(slots=True)
class _Keyboard:
    """What a person wants of the playback while it runs."""

    playback: Playback
    is_stopped: bool = False

    def reading(self, env: Environment) -> AbstractContextManager[None]:
        """Listens to single keys, where there is somebody to press them."""
        if not env.is_interactive:
            return nullcontext()
        loop = asyncio.get_running_loop()

        def pressed(key: str) -> None:
            loop.call_soon_threadsafe(self._press, key)

        return keys(env.stdin, pressed)

    def stop(self) -> None:
        """Somebody wants the process to end."""
        self.is_stopped = True
        self._press("q")

    def _press(self, key: str) -> None:
        act = _KEYS.get(key)
        if act is not None:
            act(self.playback.pace)
            self.playback.poke()


def _pause(pace: Pace) -> None:
    pace.is_paused = not pace.is_paused


def _step(pace: Pace) -> None:
    pace.is_paused = True
    pace.steps += 1


def _leave(pace: Pace) -> None:
    pace.wants_to_leave = True


def _faster(pace: Pace) -> None:
    pace.speed = min(_FASTEST, (pace.speed or _FASTEST) * 2)


def _slower(pace: Pace) -> None:
    pace.speed = max(_SLOWEST, (pace.speed or _FASTEST) / 2)


_KEYS: dict[str, Callable[[Pace], None]] = {
    " ": _pause,
    ".": _step,
    "q": _leave,
    "+": _faster,
    "-": _slower,
}
