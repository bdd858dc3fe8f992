"""Makes no folder that nobody asked for: its name may be a slip."""

from __future__ import annotations

from pathlib import Path

from realtime_cli.errors import BadInput


def need_folders(*files: Path | str | None) -> None:
    """Raises `BadInput` for a file in a folder that is missing; all else is told by who opens it."""
    for path in (Path(file) for file in files if file is not None):
        try:
            path.parent.stat()
        except FileNotFoundError:
            raise BadInput(
                f"{path} cannot be written: there is no such folder",
                hint="make the folder first, or name another file",
            ) from None
        except (OSError, ValueError):
            continue
