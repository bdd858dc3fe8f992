"""What the session costs, how fast it is, where it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from realtime_cli.core.inputs import Marked
from realtime_cli.errors import RealtimeError, UsageError
from realtime_cli.visible import one_line

from .command import Command, Group, Offer, Typed
from .desk import Desk
from .files import file_offers, path_of, size
from .layout import dotted, tell
from .words import Line, first

_LONGEST_LABEL = 200


def _usage(desk: Desk, _: Line) -> None:
    from realtime_cli.ui.usage import usage_rows  # noqa: PLC0415 (only who asks has to wait)

    desk.show(*usage_rows(desk.console, desk.view, desk.width, prices=desk.prices))


def _latency(desk: Desk, _: Line) -> None:
    from realtime_cli.ui.waterfall import latency_rows  # noqa: PLC0415

    desk.show(*latency_rows(desk.console, desk.view, desk.width, calm=desk.is_calm))


def _log(desk: Desk, _: Line) -> None:
    path = _log_path(desk)
    try:
        facts = size(path.stat().st_size)
    except OSError as error:
        facts = error.strerror or "not there"
    tell(desk, dotted(desk.console, (str(path), facts)))


def _save(desk: Desk, line: Line) -> None:
    log = _log_path(desk)
    name, more = first(line.rest)
    if more:
        raise UsageError("/save takes one file", hint="put a name with spaces into quotes")
    path = path_of(name)
    try:
        path = path / log.name if path.is_dir() else path
        if path.exists() and not line.insists:
            raise UsageError(f"{one_line(str(path))} is there already", hint="/save! FILE writes over it")
        tell(desk, desk.save(path))
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        why = error.strerror if isinstance(error, OSError) else None
        raise RealtimeError(f"cannot write {one_line(str(path))}: {why or error}") from None


def _log_path(desk: Desk) -> Path:
    if desk.log_path is None:
        raise UsageError("this session is not recorded", hint="start it without --no-log")
    return desk.log_path


def _mark(desk: Desk, line: Line) -> None:
    desk.post(Marked(one_line(line.rest, limit=_LONGEST_LABEL)))


def _clear(desk: Desk, _: Line) -> None:
    desk.clear()


def _files(typed: Typed) -> Iterator[Offer]:
    if not typed.count:
        yield from file_offers(typed.word, ".jsonl")


GROUP = Group(
    "Looking back",
    (
        Command("usage", "", "tokens and money", _usage),
        Command("latency", "", "the last turn, step by step", _latency),
        Command("log", "", "where the session is recorded", _log),
        Command(
            "save",
            "FILE",
            "a copy of the log",
            _save,
            _files,
            more=("/save! FILE writes over a file.",),
            can_insist=True,
        ),
        Command(
            "mark",
            "[LABEL]",
            "mark this moment, to find it again",
            _mark,
            more=("realtime replay finds it.",),
        ),
        Command("clear", "", "empty the screen", _clear),
    ),
)
