"""What each setting must look like, and what is said when it does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import cast, get_args

from realtime_cli.errors import UsageError
from realtime_cli.settings.files import as_table, read_session_file
from realtime_cli.settings.model import Dialect

_DAY_S = 86_400
_SWITCHES = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}
_KINDS = {"bool": "true or false", "float": "a number", "int": "a number", "list": "a list", "str": "text"}
_MAY_BE_SECRET = frozenset({"api_key", "brain_url", "headers", "key_command", "key_env", "session", "url"})


def typed(name: str, text: str, *, cwd: Path) -> object:
    """An environment variable's text as the config file would type it, or unchanged where it does not fit."""
    if name in ("insecure", "no_log", "text"):
        return _SWITCHES.get(text.lower(), text)
    if name == "headers":
        return [line for line in text.splitlines() if line.strip()]
    if name == "session":
        return read_session_file(cwd / Path(text).expanduser())
    return _number(text) if name == "timeout_s" else text


def checked(name: str, raw: object, *, place: str) -> object:
    """The value of a setting in its field's type; raises `UsageError` that names the place."""
    try:
        return _CHECKS.get(name, _filled)(raw)
    except ValueError as error:
        raise UsageError(f"{place} is {_seen(name, raw)}, but must be {error}") from None


def means_off(raw: object) -> bool:
    """Whether text says no: `off`, `0`, `no`, `false`."""
    return isinstance(raw, str) and _SWITCHES.get(raw.strip().lower()) is False


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _filled(raw: object) -> str:
    if isinstance(raw, str) and raw.strip():
        return raw.strip()
    raise ValueError("text that is not empty")


def _any_text(raw: object) -> str:
    if isinstance(raw, str):
        return raw
    raise ValueError("text")


def _switch(raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    raise ValueError("true or false")


def _seconds(raw: object) -> float:
    if isinstance(raw, int | float) and not isinstance(raw, bool) and 0 < raw <= _DAY_S:
        return float(raw)
    raise ValueError(f"a number of seconds above 0, at most {_DAY_S}")


def _dialect(raw: object) -> str:
    if isinstance(raw, str) and raw in get_args(Dialect):
        return raw
    raise ValueError("auto, ga or beta")


def _path(raw: object) -> Path:
    if isinstance(raw, str | Path) and str(raw).strip():
        return Path(raw)
    raise ValueError("a file name")


def _table(raw: object) -> dict[str, object]:
    table = as_table(raw)
    if table is None:
        raise ValueError("a table")
    return table


def _headers(raw: object) -> tuple[tuple[str, str], ...]:
    table = as_table(raw)
    pairs = list(table.items()) if table is not None else [_split_header(line) for line in _lines(raw)]
    named = tuple(
        (name.strip(), value.strip()) for name, value in pairs if isinstance(value, str) and name.strip()
    )
    if len(named) == len(pairs):
        return named
    raise ValueError("'Name: value' lines, or in the config file a table of them")


def _lines(raw: object) -> Sequence[object]:
    return cast("Sequence[object]", raw) if isinstance(raw, list | tuple) else [raw]


def _split_header(line: object) -> tuple[str, str | None]:
    name, colon, value = line.partition(":") if isinstance(line, str) else ("", "", "")
    return name, value if colon else None


_CHECKS: Mapping[str, Callable[[object], object]] = {
    "dialect": _dialect,
    "headers": _headers,
    "insecure": _switch,
    "instructions": _any_text,
    "log": _path,
    "no_log": _switch,
    "session": _table,
    "text": _switch,
    "timeout_s": _seconds,
}


def _seen(name: str, raw: object) -> str:
    if raw == "":
        return "empty"
    if name not in _MAY_BE_SECRET and isinstance(raw, str):
        from realtime_cli.redaction import Redactor  # noqa: PLC0415 - start-up

        return repr(Redactor().text(raw)[:60])
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return str(raw)[:60]
    kind = type(raw).__name__
    return "a table" if isinstance(raw, Mapping) else _KINDS.get(kind, f"a {kind}")
