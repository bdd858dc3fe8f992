"""The files that a user hands in: session configuration and instructions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast

from realtime_cli.errors import BadInput, RealtimeError


def read_session_file(path: Path) -> dict[str, object]:
    """The session configuration in a JSON file, which may also be a whole `session.update` event.

    Raises `BadInput` with line and column, or with what the file holds instead.
    """
    import json  # noqa: PLC0415 - start-up

    text = read_text(path, BadInput)
    try:
        found: object = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInput(f"{path}:{error.lineno}:{error.colno}: not JSON: {error.msg}") from None
    except (RecursionError, ValueError):
        raise BadInput(f"{path}: the JSON is nested too deeply, or holds a number that is too long") from None
    return _session_of(found, path)


def read_instructions_file(path: Path) -> str:
    """The text of an instructions file (UTF-8); raises `BadInput` when it cannot be read."""
    return read_text(path, BadInput)


def read_text(path: Path, error_class: type[RealtimeError]) -> str:
    """The text of a UTF-8 file; whatever prevents reading it is raised as the given class."""
    try:
        # Notepad and PowerShell put a byte order mark before UTF-8.
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{path} is not UTF-8 text (byte {error.start})"
        raise error_class(message, hint="save it as UTF-8") from None
    except OSError as error:
        raise error_class(f"cannot read {path}: {error.strerror or error}") from None
    except ValueError:
        raise error_class(f"cannot read {str(path)!r}: not a file name") from None


def as_table(value: object) -> dict[str, object] | None:
    """The value as a dictionary, where it is one (JSON and TOML have text keys only)."""
    return dict(cast("Mapping[str, object]", value)) if isinstance(value, Mapping) else None


def _session_of(found: object, path: Path) -> dict[str, object]:
    table = as_table(found)
    if table is None:
        raise BadInput(
            f"{path} does not hold a JSON object", hint='write a session, like {"instructions": "..."}'
        )
    kind = table.get("type")
    # A session's own type is realtime, transcription or translation; the type of an event has a dot.
    if not isinstance(kind, str) or "." not in kind:
        return table
    session = as_table(table.get("session")) if kind == "session.update" else None
    if session is None:
        raise BadInput(
            f"{path} holds a {kind[:60]!r} event, not a session", hint="give it a session.update event"
        )
    return session
