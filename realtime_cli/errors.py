"""What can go wrong, as exceptions, and what a shell is told about it, as exit codes.

::

    RealtimeError                 carries its ExitStatus and a hint (what to do)
    ├── UsageError                the command line or the settings do not make sense
    ├── BadInput                  a file, an event or a log that we were given is not what it should be
    ├── ConnectFailed             nobody answered, or the answer was not a WebSocket
    │   └── Unauthorized          the server refused the key
    ├── ConnectionClosed          the server went away while we still needed it
    ├── ServerError               the server answered with an `error` event
    └── TimedOut                  what was waited for did not come
"""

from __future__ import annotations

from enum import IntEnum


class ExitStatus(IntEnum):
    """The exit codes of every command (the README lists them)."""

    OK = 0
    FAILURE = 1
    USAGE = 2
    BAD_INPUT = 3
    CONNECT_FAILED = 4
    UNAUTHORIZED = 5
    CONNECTION_CLOSED = 6
    SERVER_ERROR = 7
    TIMED_OUT = 8
    INTERRUPTED = 130


class RealtimeError(Exception):
    """An expected failure: one line that says what happened and what we saw, one that says what to do."""

    status = ExitStatus.FAILURE

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(RealtimeError):
    """The command line or the settings do not make sense."""

    status = ExitStatus.USAGE


class BadInput(RealtimeError):
    """A file, an event or a log that we were given is not what it should be."""

    status = ExitStatus.BAD_INPUT


class ConnectFailed(RealtimeError):
    """Nobody answered, or the answer was not a WebSocket."""

    status = ExitStatus.CONNECT_FAILED


class Unauthorized(ConnectFailed):
    """The server refused the key."""

    status = ExitStatus.UNAUTHORIZED


class ConnectionClosed(RealtimeError):
    """The server went away while we still needed it."""

    status = ExitStatus.CONNECTION_CLOSED


class ServerError(RealtimeError):
    """The server answered with an `error` event."""

    status = ExitStatus.SERVER_ERROR


class TimedOut(RealtimeError):
    """What was waited for did not come."""

    status = ExitStatus.TIMED_OUT
