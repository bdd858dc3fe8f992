"""Where logs live: the folder, the name of a new log, the last one; all of it for its owner's eyes only."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from io import FileIO
from itertools import chain, count
from pathlib import Path

from realtime_cli.errors import BadInput

FOLDER_VARIABLE = "REALTIME_LOG_FOLDER"


def default_folder(environ: Mapping[str, str] | None = None) -> Path:
    """The folder for logs: `REALTIME_LOG_FOLDER` where that is set, else the platform's place for state."""
    named = (environ or {}).get(FOLDER_VARIABLE)
    if named:
        return Path(named).expanduser()
    from platformdirs import user_state_path  # noqa: PLC0415 (20 ms that only who asks has to wait)

    return user_state_path("realtime", appauthor=False) / "logs"


def new_log_path(folder: Path, started: datetime) -> Path:
    """Claims a name that sorts by time by an empty file: no two sessions share it; raises `BadInput`."""
    try:
        make_private_folder(folder)
        return next(path for path in _names(folder, started) if _claim(path))
    except OSError as error:
        raise unwritable(folder, error) from error


def find_log(argument: str, folder: Path) -> Path:
    """The newest log of the folder for `last`, else the path as given; raises `BadInput` where none is."""
    if argument == "last":
        return _last_log(folder)
    path = Path(argument)
    if not _is_there(path):
        raise BadInput(
            f"there is no log {argument}", hint=f"name a file, or `last` for the newest in {folder}"
        )
    return path


def make_private_folder(folder: Path) -> None:
    """Creates what is missing of the folder's path, for its owner only."""
    for missing in reversed([path for path in (folder, *folder.parents) if not path.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)


def open_private(path: Path, mode: str) -> FileIO:
    """Opens a file unbuffered; where that creates it, only its owner may read it."""
    return FileIO(path, mode, opener=lambda name, flags: os.open(name, flags, 0o600))


def unwritable(path: Path, error: OSError) -> BadInput:
    """The error for a place where no log can be written."""
    return BadInput(
        f"the log cannot be written to {path}: {error.strerror}",
        hint="name another place with --log FILE, or go without: --no-log",
    )


def _names(folder: Path, started: datetime) -> Iterator[Path]:
    name = f"{started.astimezone(UTC):%Y-%m-%dT%H-%M-%S}_chat"
    return (folder / f"{name}{suffix}.jsonl" for suffix in chain([""], (f"_{number}" for number in count(2))))


def _claim(path: Path) -> bool:
    try:
        open_private(path, "x").close()
    except FileExistsError:
        return False
    return True


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name that no file can have
        return False


def _last_log(folder: Path) -> Path:
    # A session that wrote nothing leaves an empty file, which is nothing to replay.
    stats = [(path.stat(), path) for path in folder.glob("*.jsonl") if path.is_file()]
    logs = [(stat.st_mtime_ns, path) for stat, path in stats if stat.st_size]
    if not logs:
        raise BadInput(f"there is no log in {folder}", hint="`realtime chat` records one")
    return max(logs)[1]
