"""What was typed, from one session to the next: a JSON string a line, for its owner's eyes only.

Nothing that is wrong with the file disturbs anybody; then there is less to remember.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from prompt_toolkit.history import History, InMemoryHistory

from realtime_cli.redaction import Redactor

_MOST_ENTRIES = 2_000
_MOST_CHARACTERS = 20_000
_MOST_BYTES = 4_000_000
# A file may grow to this many times what is kept before it is made short again.
_SLACK = 2


class FileHistory(History):
    """Entries of a file that several sessions add to; what looks like a secret is forgotten at once."""

    def __init__(self, path: Path, *, redactor: Redactor | None = None) -> None:
        super().__init__()
        self._path = path
        self._redactor = redactor or Redactor()

    def append_string(self, string: str) -> None:
        """Keeps an entry, unless it is the last one again or tells a secret."""
        if self._is_worth_keeping(string):
            super().append_string(string)

    def load_history_strings(self) -> Iterable[str]:
        """The last entries, newest first."""
        lines = _lines(self._path)
        entries = [entry for line in lines[-_MOST_ENTRIES:] if (entry := _entry(line)) is not None]
        if len(lines) > _MOST_ENTRIES * _SLACK:
            _shorten(self._path, entries)
        return reversed(entries)

    def store_string(self, string: str) -> None:
        """Adds an entry in one write, so that sessions side by side do not mix theirs."""
        with suppress(OSError, ValueError):
            _make_private_folder(self._path.parent)
            _append(self._path, _line(string))

    def _is_worth_keeping(self, string: str) -> bool:
        if not string.strip() or len(string) > _MOST_CHARACTERS or self._loaded_strings[:1] == [string]:
            return False
        return self._redactor.frame(string) == string


def history(path: Path | None, *, redactor: Redactor | None = None) -> History:
    """The history that a file keeps; None: this session's only."""
    return InMemoryHistory() if path is None else FileHistory(path, redactor=redactor)


def history_path() -> Path:
    """Where the history is on this platform."""
    from platformdirs import user_state_path  # noqa: PLC0415 (20 ms that only who asks has to wait)

    return user_state_path("realtime", appauthor=False) / "history.jsonl"


def _line(entry: str) -> bytes:
    return b"\n" + json.dumps(entry).encode("ascii")  # behind half a line it is still one of its own


def _entry(line: bytes) -> str | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, str) and entry else None


def _lines(path: Path) -> list[bytes]:
    """The lines at the end of the file; none where it cannot be read."""
    try:
        if not path.is_file():  # a pipe would wait for ever
            return []
        with path.open("rb") as file:
            start = max(0, os.fstat(file.fileno()).st_size - _MOST_BYTES)
            file.seek(start)
            lines = list(filter(None, file.read(_MOST_BYTES).split(b"\n")))
    except (OSError, ValueError):
        return []
    return lines[1:] if start else lines


def _append(path: Path, line: bytes) -> None:
    if path.exists() and not path.is_file():
        return
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        if sys.platform != "win32":
            os.fchmod(file, 0o600)
        os.write(file, line)
    finally:
        os.close(file)


def _shorten(path: Path, entries: list[str]) -> None:
    """Writes the file anew, in one step: who reads meanwhile has the old one."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with suppress(OSError, ValueError):
        draft.unlink(missing_ok=True)
        file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "wb") as new:
            new.write(b"".join(map(_line, entries)))
        draft.replace(path)


def _make_private_folder(folder: Path) -> None:
    for missing in reversed([path for path in (folder, *folder.parents) if not path.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)
