"""Where tools come from, and what all of those places are told."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from realtime_cli.errors import UsageError

from .asking import Asker
from .privacy import secret_values
from .tool import DEFAULT_TIMEOUT_S, Tool

# What programs need to run at all; everything else is the user's own business.
_BASICS = (
    *("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "USER", "LOGNAME", "SHELL"),
    *("SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "PATHEXT", "TEMP", "TMP", "USERPROFILE", "HOMEDRIVE"),
    *("HOMEPATH", "APPDATA", "LOCALAPPDATA", "PROGRAMFILES", "PROGRAMDATA"),
)


async def _nothing() -> None:
    return


@dataclass(frozen=True, slots=True)
class Source:
    """The tools of one `--tools`. `rest` makes a tool for a name that no other source has."""

    spec: str
    tools: tuple[Tool, ...]
    rest: Callable[[str], Tool] | None = None
    close: Callable[[], Awaitable[None]] = field(default=_nothing, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)


def _unheard(_: str) -> None:
    return


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSetup:
    """What tools need to know of the world.

    `passed` names the variables that commands and MCP servers get, besides the basics. `asker` is None where
    nobody is there to answer. `notice` hears of servers that have gone.
    """

    cwd: Path = field(default_factory=Path.cwd)
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)
    passed: tuple[str, ...] = ()
    timeout_s: float = DEFAULT_TIMEOUT_S
    asker: Asker | None = None
    notice: Callable[[str], None] = _unheard

    def path(self, text: str) -> Path:
        """The file that a spec names. Raises `UsageError` for the folder of a user whom nobody knows."""
        try:
            return self.cwd / Path(text).expanduser()
        except RuntimeError:
            raise UsageError(f"{text}: there is no such user's folder", hint="give the whole path") from None

    def environment(self) -> dict[str, str]:
        """The environment of a command. Raises `UsageError` for a variable that is not there."""
        for name in self.passed:
            if name not in self.environ:
                raise UsageError(f"--tool-env {name}: it is not set", hint=f"set {name}, or leave it out")
        names = (*_BASICS, *self.passed)
        return {name: self.environ[name] for name in names if name in self.environ}

    def passed_secrets(self) -> tuple[str, ...]:
        """The secrets among what `--tool-env` passes on."""
        return tuple(secret_values({name: self.environ.get(name, "") for name in self.passed}))
