"""Turns exceptions into one line on stderr and an exit code, in one place."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from typing import TextIO, cast

import typer

from realtime_cli.errors import ExitStatus, RealtimeError
from realtime_cli.redaction import Redactor
from realtime_cli.visible import visible


def run(command: Callable[[], ExitStatus]) -> None:
    """Runs a command and leaves the process with its exit status."""
    raise typer.Exit(int(_status_of(command)))


def _status_of(command: Callable[[], ExitStatus]) -> ExitStatus:
    try:
        return command()
    except BaseExceptionGroup as group:
        return _status_for(_expected(group))
    except (RealtimeError, KeyboardInterrupt, BrokenPipeError) as error:
        return _status_for(error)


def _status_for(error: BaseException) -> ExitStatus:
    match error:
        case RealtimeError():
            print_error(sys.stderr, error)
            return error.status
        case KeyboardInterrupt():
            return ExitStatus.INTERRUPTED
        case BrokenPipeError():
            _silence_stdout()
            return ExitStatus.OK
        case _:
            raise error


def _expected(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The failure that the tasks of a group met; the group itself where one of them is a bug."""
    leaves = list(_leaves(group))
    if all(isinstance(leaf, RealtimeError | KeyboardInterrupt | BrokenPipeError) for leaf in leaves):
        return leaves[0]
    return group


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(cast("BaseExceptionGroup[BaseException]", error))
        else:
            yield error


def print_error(stream: TextIO, error: RealtimeError) -> None:
    """Prints what happened, and under it what to do; without secrets and control characters."""
    redact = Redactor(_environment_secrets()).text
    stream.write(f"realtime: {visible(redact(str(error)))}\n")
    if error.hint:
        stream.write(f"  {visible(redact(error.hint))}\n")
    stream.flush()


def _environment_secrets() -> list[str]:
    return [
        value for name, value in os.environ.items() if name.upper().endswith(("_KEY", "_TOKEN", "_SECRET"))
    ]


def _silence_stdout() -> None:
    """The reader of our pipe has gone; Python must not complain about it when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
