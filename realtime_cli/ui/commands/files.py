"""Files that commands name: found, read within limits, offered while their names are typed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from realtime_cli.errors import BadInput, UsageError
from realtime_cli.protocol.base import MAX_APPEND_BYTES
from realtime_cli.visible import one_line

from .command import Offer

# The API takes no more than this at once, and reading it holds nobody up.
MAX_BYTES = MAX_APPEND_BYTES
_MOST_ENTRIES, _MOST_OFFERS = 2_000, 200


def path_of(text: str) -> Path:
    """The path that a word means; `~` is the user's folder. Raises `UsageError` for an empty one."""
    if not text:
        raise UsageError("a file is missing", hint="name one; Tab completes it")
    try:
        return Path(text).expanduser()
    except (RuntimeError, ValueError):  # somebody else's folder that nobody knows
        return Path(text)


def read(text: str) -> bytes:
    """The content of the file that a word means. Raises `BadInput`."""
    path, shown = path_of(text), one_line(text)
    try:
        if not path.is_file():
            raise BadInput(f"there is no file {shown}", hint="Tab completes names")
        size_bytes = path.stat().st_size
        if size_bytes > MAX_BYTES:
            raise BadInput(f"{shown} has {size(size_bytes)}", hint=f"at most {size(MAX_BYTES)} go in a turn")
        return path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        why = error.strerror if isinstance(error, OSError) else None
        raise BadInput(f"cannot read {shown}: {why or error}") from None


def exists(text: str) -> bool:
    """Whether a word names a file."""
    try:
        return path_of(text).is_file()
    except (OSError, ValueError):
        return False


def size(size_bytes: int) -> str:
    """A size in words: `320 kB`, `1.2 MB`."""
    if size_bytes < 1_000:
        return f"{size_bytes} bytes"
    if size_bytes < 1_000_000:
        return f"{size_bytes / 1_000:.0f} kB"
    return f"{size_bytes / 1_000_000:.1f} MB"


def file_offers(word: str, *suffixes: str) -> Iterator[Offer]:
    """Names that the word begins: folders first, then files of these kinds, then others; hidden ones only
    behind a dot."""
    head, tail = os.path.split(word)
    head = word[: len(word) - len(tail)]
    found = [
        entry
        for entry in _entries(path_of(head or "."))
        if entry.name.startswith(tail) and (tail.startswith(".") or not entry.name.startswith("."))
    ]
    ranked = sorted((_rank(entry, suffixes), entry.name) for entry in found)
    for (kind, _), name in ranked[:_MOST_OFFERS]:
        yield Offer(
            head + name + ("/" if kind == 0 else ""),
            goes_on=kind == 0,
            shown=name + ("/" if kind == 0 else ""),
        )


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """What the folder holds, as far as a person could want to type its name."""
    try:
        with os.scandir(folder) as entries:
            return [entry for entry in islice(entries, _MOST_ENTRIES) if entry.name.isprintable()]
    except (OSError, ValueError):
        return []


def _rank(entry: os.DirEntry[str], suffixes: tuple[str, ...]) -> tuple[int, str]:
    try:
        is_folder = entry.is_dir()
    except OSError:
        is_folder = False
    if is_folder:
        return 0, entry.name.lower()
    return (1 if entry.name.lower().endswith(suffixes) else 2), entry.name.lower()
