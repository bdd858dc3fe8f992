"""Finds the key, and reads it only when it is about to be used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING

from realtime_cli.errors import UsageError
from realtime_cli.providers.port import ConnectionSettings, place_of
from realtime_cli.providers.secrecy import sendable, without_secrets
from realtime_cli.providers.table import Provider

if TYPE_CHECKING:
    from subprocess import CompletedProcess

_COMMAND_LIMIT_S = 30.0


@dataclass(frozen=True, slots=True)
class KeySource:
    """Where a key can be had; one that the user gave for whatever server they connect to is explicit."""

    name: str
    origin: str
    is_explicit: bool
    read: Callable[[], str] = field(repr=False)


def key_sources(settings: ConnectionSettings, provider: Provider | None) -> list[KeySource]:
    """The sources of a key, best first: what was given explicitly, then the provider's own variables."""
    explicit = _explicit(settings)
    names = [name for name in (provider.key_env if provider else ()) if settings.env.get(name, "").strip()]
    variables = [KeySource(name, settings.origin(name), False, _variable(settings, name)) for name in names]
    return [explicit, *variables] if explicit else variables


def _explicit(settings: ConnectionSettings) -> KeySource | None:
    if settings.key_env:
        read = partial(_named, settings, settings.key_env, place=place_of(settings, "key_env"))
        return KeySource(settings.key_env, settings.origin("key_env"), True, read)
    if settings.key_command:
        place = place_of(settings, "key_command")
        read = partial(run_key_command, settings.key_command, place=place)
        return KeySource(place, settings.origin("key_command"), True, read)
    if settings.api_key:
        read = partial(sendable, settings.api_key, name="REALTIME_API_KEY")
        return KeySource("REALTIME_API_KEY", settings.origin("api_key"), True, read)
    return None


def _variable(settings: ConnectionSettings, name: str) -> Callable[[], str]:
    return partial(sendable, settings.env[name], name=name)


def _named(settings: ConnectionSettings, name: str, *, place: str) -> str:
    key = settings.env.get(name, "").strip()
    if key:
        return sendable(key, name=name)
    # The name is not shown: people put the key itself there.
    message = f"the variable that {place} names is not set"
    raise UsageError(message, hint="give a variable's name, for example --key-env OPENAI_API_KEY")


@cache
def run_key_command(command: str, *, place: str) -> str:
    """The first line that a shell command prints, asked once per process.

    It reads no input and has 30 s. Raises `UsageError` with the place and the command's last complaint.
    """
    done = _run(command, place=place)
    key = done.stdout.partition("\n")[0].strip()
    if done.returncode:
        complaint = _last_line(done.stderr, secrets=(key, *done.stdout.split()))
        raise UsageError(f"the command of {place} failed with exit code {done.returncode}{complaint}")
    if not key:
        raise UsageError(
            f"the command of {place} printed nothing", hint="its first line of output is the key"
        )
    return sendable(key, name=f"the output of {place}")


def _run(command: str, *, place: str) -> CompletedProcess[str]:
    import subprocess  # noqa: PLC0415 - start-up

    try:
        return subprocess.run(  # noqa: S602 - the user's own command line
            command,
            shell=True,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_COMMAND_LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UsageError(f"the command of {place} took more than {_COMMAND_LIMIT_S:g} s") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"the command of {place} cannot be run: {type(error).__name__}") from None


def _last_line(text: str, *, secrets: tuple[str, ...]) -> str:
    lines = text.strip().splitlines()
    if not lines:
        return ""
    plain = "".join(letter if letter.isprintable() else "?" for letter in lines[-1])
    return f": {without_secrets(plain, secrets)[:200]}"
