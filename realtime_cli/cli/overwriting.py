"""Writes over nothing: a file that has something in it may be precious."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

from realtime_cli.errors import BadInput, UsageError

# A WAV file without a sample is what a session leaves that heard nothing.
_WAV_HEADER_BYTES = 44


def refuse_full(path: Path | str | None) -> None:
    """Raises `BadInput` for a file with something in it; a pipe, a device or `-` takes everything."""
    if path is not None and str(path) != "-" and _has_something(Path(path)):
        raise BadInput(f"{path} has something in it already", hint="name another file, or delete this one")


def refuse_same(**files: Path | str | None) -> None:
    """Raises `UsageError` where two flags name one file, under whatever names."""
    given = [(name, Path(file)) for name, file in files.items() if file is not None and str(file) != "-"]
    for (name, path), (other, another) in combinations(given, 2):
        if _is_same(path, another):
            raise UsageError(f"--{name} and --{other} both name {another}", hint="name two files")


def _has_something(path: Path) -> bool:
    try:
        size_bytes = path.stat().st_size if path.is_file() else 0
        if not 0 < size_bytes <= _WAV_HEADER_BYTES:
            return size_bytes > 0
        return not path.read_bytes().startswith(b"RIFF")
    except (OSError, ValueError):
        return False  # whoever opens it tells why that cannot be


def _is_same(path: Path, another: Path) -> bool:
    try:
        if path.exists() and another.exists():
            return path.is_file() and path.samefile(another)
        return path.resolve() == another.resolve()
    except (OSError, ValueError):
        return False
