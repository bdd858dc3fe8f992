"""Writes settings into the config file, and leaves everything else in it as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import takewhile
from pathlib import Path

from realtime_cli.errors import UsageError
from realtime_cli.settings.files import read_text
from realtime_cli.settings.places import default_config_path


def config_path(environ: Mapping[str, str]) -> Path:
    """The config file that counts: the one that `REALTIME_CONFIG` names, else the platform's."""
    named = environ.get("REALTIME_CONFIG", "").strip()
    return Path(named).expanduser() if named else default_config_path()


def remember(values: Mapping[str, str], *, path: Path) -> None:
    """Sets top-level texts in a config file, which is made where it is missing. Raises `UsageError`."""
    before = read_text(path, UsageError) if path.exists() else ""
    after = _changed(before, values)
    _check(after, values, path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.new")
        draft.write_text(after, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from None


def _changed(text: str, values: Mapping[str, str]) -> str:
    lines = text.rstrip("\n").split("\n") if text else []
    for name, value in values.items():
        line = f"{name} = {json.dumps(value, ensure_ascii=False)}"
        place, is_known = _place(lines, name)
        lines[place : place + is_known] = [line]
    return "\n".join([*lines, ""])


def _place(lines: list[str], name: str) -> tuple[int, bool]:
    """The line of a top-level setting, or the one behind the last of them."""
    top = list(takewhile(lambda line: not line.lstrip().startswith("["), lines))
    own = re.compile(rf"\s*{name}\s*=")
    for number, line in enumerate(top):
        if own.match(line):
            return number, True
    while top and not top[-1].strip():
        top.pop()
    return len(top), False


def _check(text: str, values: Mapping[str, str], path: Path) -> None:
    """A file that somebody wrote in an unusual way is better left alone."""
    import tomllib  # noqa: PLC0415 - start-up

    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not valid TOML: {error}") from None
    if any(table.get(name) != value for name, value in values.items()):
        raise UsageError(f"cannot change {path} safely", hint=f"write {', '.join(values)} into it by hand")
