"""Runs `realtime replay`: a recording through the same core and screen."""

from __future__ import annotations

import asyncio
import json
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Literal

from realtime_cli.audio.sound import Voices
from realtime_cli.core.beginning import beginning_from_json
from realtime_cli.core.inputs import ConnectionOpened
from realtime_cli.core.session import Session
from realtime_cli.errors import ExitStatus, UsageError
from realtime_cli.log import Damage, LogEntry, Recording, default_folder, find_log, open_log
from realtime_cli.log.index import end_s_of, find_landmarks
from realtime_cli.protocol.codec import Codec
from realtime_cli.protocol.dialects import Dialect
from realtime_cli.runtime.landmarks import Place
from realtime_cli.runtime.pace import Pace
from realtime_cli.runtime.playback import Playback, Source
from realtime_cli.runtime.replayer import RecordedEntry
from realtime_cli.settings import Settings, load_settings
from realtime_cli.ui.live import is_live_terminal
from realtime_cli.ui.summary import duration, summary_json, summary_line

from .environment import Environment
from .folders import need_folders
from .rates import rate
from .replay_live import LiveReplay
from .replay_plain import plain_screen, play_plain, raw_printer
from .replay_sound import Loudspeaker, Stretch, write_sound
from .signals import on_signals

_REFRESH_S = 1 / 30
# So many of the last entries can be looked at, wherever somebody went before.
_KEPT_ENTRIES = 5000


# Seconds, or minutes and seconds, or hours as well, as the bar of a replay writes them.
_SECONDS = re.compile(r"\d+(?:\.\d*)?|\.\d+", re.ASCII)
_CLOCK = re.compile(r"(?:(\d+):(?=[0-5]\d:))?(\d+):([0-5]\d(?:\.\d*)?)", re.ASCII)


def moment_s(text: str | None, option: str) -> float | None:
    """The session time that an option names: `90`, `1:30` or `0:01:30`. Raises `UsageError`."""
    if text is None:
        return None
    if _SECONDS.fullmatch(text):
        return float(text)
    clock = _CLOCK.fullmatch(text)
    if clock is None:
        raise UsageError(f"{option} {text!r} is no time", hint="write seconds, m:ss or h:mm:ss")
    hours, minutes, seconds = clock.groups()
    return float(hours or 0) * 3600 + float(minutes) * 60 + float(seconds)


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
    def part(self) -> Stretch:
        """The part of it that is wanted. Raises `UsageError`."""
        part = Stretch(self.start_s or 0.0, float("inf") if self.end_s is None else self.end_s)
        if part.end_s < part.start_s:
            raise UsageError(f"--to {part.end_s:g} lies before --from {part.start_s:g}", hint="swap them")
        return part

    @property
    def is_for_programs(self) -> bool:
        """Whether lines of events or of JSON are wanted."""
        return self.raw_events or self.as_json

    @property
    def pace(self) -> Pace:
        """How time passes at the start. Raises `UsageError`."""
        return Pace(
            speed=rate(self.speed, "--speed", what="speed"),
            idle_limit_s=self.idle_limit_s,
            is_muted=self.is_mute,
        )


@dataclass(slots=True)
class _Stop:
    """Somebody wants the process to end, not only the replay."""

    playback: Playback
    is_wanted: bool = False

    def want(self) -> None:
        """Ends the replay."""
        self.is_wanted = self.playback.pace.wants_to_leave = True
        self.playback.poke()


def run_replay(name: str, flags: Mapping[str, object], wish: Wish) -> ExitStatus:
    """Plays a log to its end, or to its damage; or writes its sound."""
    env = Environment.here()
    pace, part, voices = wish.pace, wish.part, _voices(wish)
    settings = load_settings(flags, environ=env.environ, cwd=env.cwd)
    path = find_log(name, default_folder(settings.env))
    log = open_log(path)
    if wish.wav is not None and str(wish.wav) == "-":
        raise UsageError("--wav - is no file", hint="name one: --wav sound.wav")
    need_folders(wish.wav)
    _check_start(log, part)
    env.say(f"replay of {path}{_described(log)}")
    if wish.wav is not None:
        env.say(write_sound(log.entries(), wish.wav, voices=voices, part=part))
        return _told_damage(env, log.damage, ExitStatus.OK)
    return asyncio.run(_replay(env, log, pace, wish, settings))


def _check_start(log: Recording, part: Stretch) -> None:
    """Raises `UsageError` where nothing of the log is wanted."""
    if not part.start_s:
        return
    told_s = end_s_of(log.path)
    end_s = find_landmarks(log).end_s if told_s is None else told_s
    if part.start_s > end_s:
        raise UsageError(
            f"--from {part.start_s:g} lies past the end: the recording lasts {duration(end_s)}",
            hint="begin earlier",
        )


async def _replay(env: Environment, log: Recording, pace: Pace, wish: Wish, settings: Settings) -> ExitStatus:
    tape, reached = deque[RecordedEntry](maxlen=_KEPT_ENTRIES), list[Damage]()
    playback = Playback(
        _source(log, wish.part, reached.append),
        pace=pace,
        on_entry=raw_printer(env, as_json=wish.as_json) if wish.raw_events else lambda _: None,
        on_take=tape.append,
        # Programs get their objects in the same order as from the live session.
        refresh_s=0 if wish.as_json and not wish.raw_events else _REFRESH_S,
    )
    playback.seek(Place(wish.part.start_s))
    stop = _Stop(playback)
    make_speaker = partial(
        Loudspeaker, pace, voices=_voices(wish), part=wish.part, output_device=settings.output_device
    )
    with on_signals(interrupt=stop.want, terminate=stop.want):
        if not wish.is_for_programs and is_live_terminal(env.stdin, env.stdout, environ=env.environ):
            live = LiveReplay(env, log, end_s=wish.part.end_s, tape=tape, settings=settings, stop=stop.want)
            view = await live.play(playback, make_speaker)
        else:
            screen = plain_screen(env, raw_events=wish.raw_events, as_json=wish.as_json)
            view = await play_plain(env, log, playback, screen, make_speaker)
    if wish.as_json and not wish.raw_events:
        summary = summary_json(view, seconds=playback.position_s, log=None)
        env.stdout.write(json.dumps(summary) + "\n")
    env.say(summary_line(view, seconds=playback.position_s, log=None))
    status = ExitStatus.INTERRUPTED if stop.is_wanted else ExitStatus.OK
    return _told_damage(env, reached[0] if reached else None, status)


def _source(log: Recording, part: Stretch, on_damage: Callable[[Damage], None]) -> Source:
    def entries() -> Iterator[LogEntry]:
        yield from takewhile(lambda entry: entry.t_s <= part.end_s, log.entries())
        if log.damage is not None:
            on_damage(log.damage)

    return Source(
        entries=entries,
        make_session=partial(_session, log),
        make_codec=lambda: Codec(_dialect(log)),
        has_inputs=log.header is not None,
    )


def _session(log: Recording) -> Session:
    """A session with everything that the live one was given at its start."""
    session = beginning_from_json(log.header.extra if log.header else {}).session()
    if log.header is None:
        session.receive(ConnectionOpened(), 0.0)  # another program's recording begins with the open socket
    return session


def _told_damage(env: Environment, damage: Damage | None, status: ExitStatus) -> ExitStatus:
    if damage is not None:
        env.say(f"warning: {damage}; the rest is lost", "warning")
        return status or ExitStatus.BAD_INPUT
    return status


def _voices(wish: Wish) -> Voices:
    match wish.voices:
        case "user" | "assistant" | "both":
            return wish.voices
        case _:
            raise UsageError(f"--audio {wish.voices!r} is nobody", hint="write user, assistant or both")


def _described(log: Recording) -> str:
    header = log.header
    if header is None:
        return " (recorded by another program)"
    return f" ({header.provider}, {header.started})" if header.started else f" ({header.provider})"


def _dialect(log: Recording) -> Dialect | Literal["auto"]:
    match log.header.dialect if log.header else "auto":
        case "ga":
            return "ga"
        case "beta":
            return "beta"
        case _:
            return "auto"
