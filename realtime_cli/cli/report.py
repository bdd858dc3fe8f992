"""Turns exceptions into one line on stderr and an exit code, in one place."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO, cast

import typer

from realtime_cli.errors import ExitStatus, RealtimeError
from realtime_cli.redaction import Redactor
from realtime_cli.visible import visible

from .environment import fitted

if TYPE_CHECKING:
    from realtime_cli.core.view import SessionView

# An `OSError` that gets this far comes from stdout: files and sockets have errors of their own.
_EXPECTED = (RealtimeError, KeyboardInterrupt, OSError)
# The reader of our pipe has gone; the second is Windows' number for it.
_GONE = (errno.EPIPE, errno.EINVAL)
# An error's code, and a close code.
_REFUSALS = frozenset({"invalid_api_key", "3000"})


def run(command: Callable[[], ExitStatus]) -> None:
    """Runs a command and leaves the process with its exit status."""
    status = _status_of(command)
    written = _status_of(_write_out)  # now, while a failure can still be told
    raise typer.Exit(int(status or written))


def refused_key(view: SessionView) -> bool:
    """Whether the server took the connection, and then did not like the key."""
    return any(notice.code in _REFUSALS for notice in view.notices)


def _status_of(command: Callable[[], ExitStatus]) -> ExitStatus:
    try:
        return command()
    except BaseExceptionGroup as group:
        return _status_for(_expected(group))
    except _EXPECTED as error:
        return _status_for(error)
    except Exception as bug:  # the terminal is as before, and what was recorded stays recorded
        return _status_for(bug)


def _write_out() -> ExitStatus:
    stdout = cast("TextIO | None", sys.stdout)  # None where it was closed
    if stdout is not None:
        stdout.flush()
    return ExitStatus.OK


def _status_for(error: BaseException) -> ExitStatus:
    match error:
        case RealtimeError():
            print_error(error)
            return error.status
        case KeyboardInterrupt():
            return ExitStatus.INTERRUPTED
        case OSError():
            _silence_stdout()
            if error.errno in _GONE:
                return ExitStatus.OK
            print_error(RealtimeError(_system_words(error)))
            return ExitStatus.FAILURE
        case _:
            _print_bug(error)
            return ExitStatus.FAILURE


def _system_words(error: OSError) -> str:
    where = error.filename or "the output"
    return f"{where}: {error.strerror or error}"


def _expected(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The failure that the tasks of a group met; the group itself where one of them is a bug."""
    leaves = list(_leaves(group))
    if all(isinstance(leaf, _EXPECTED) for leaf in leaves):
        return leaves[0]
    return group


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(cast("BaseExceptionGroup[BaseException]", error))
        else:
            yield error


def print_error(error: RealtimeError) -> None:
    """Prints what happened, and under it what to do, to stderr; without secrets and control characters."""
    redact = Redactor(_environment_secrets()).text
    lines = [f"realtime: {error}", *([f"  {error.hint}"] if error.hint else [])]
    typer.echo(fitted(visible(redact("\n".join(lines))), sys.stderr), err=True)


def _print_bug(bug: BaseException) -> None:
    """Prints where it happened, for whoever mends it."""
    lines = "".join(traceback.format_exception(bug))
    typer.echo(visible(Redactor(_environment_secrets()).text(lines)).rstrip("\n"), err=True)
    hint = "please report it, with the lines above"
    print_error(RealtimeError("this is a bug in the program, not in what you did", hint=hint))


def _environment_secrets() -> list[str]:
    return [
        value for name, value in os.environ.items() if name.upper().endswith(("_KEY", "_TOKEN", "_SECRET"))
    ]


def _silence_stdout() -> None:
    """Nobody takes our output any more; Python must not complain about it when it flushes at exit."""
    with suppress(OSError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
