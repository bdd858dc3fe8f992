"""What each setting must look like, and what is said when it does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast, get_args

from realtime_cli.errors import UsageError
from realtime_cli.settings.files import as_table, read_session_file
from realtime_cli.settings.model import (
    Approval,
    AudioFormatName,
    Dialect,
    Eagerness,
    EchoPolicy,
    NoiseReduction,
    Theme,
    Vad,
)

_DAY_S = 86_400
_MAX_LATENCY_S = 2.0
_MOST_USD = 1_000_000
_MOST_MINUTES = 7 * 1440
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
_MAY_BE_SECRET = frozenset(
    {
        "api_key",
        "brain_url",
        "headers",
        "key_command",
        "key_env",
        "session",
        "stt_url",
        "tts_url",
        "url",
    }
)
_SWITCH_NAMES = frozenset({"calm", "insecure", "no_log", "ptt", "reconnect", "text"})


def typed(name: str, text: str, *, cwd: Path) -> object:
    """An environment variable's text as the config file would type it, or unchanged where it does not fit."""
    if name in _SWITCH_NAMES:
        return _SWITCHES.get(text.lower(), text)
    if name == "headers":
        return [line for line in text.splitlines() if line.strip()]
    if name == "session":
        return read_session_file(cwd / Path(text).expanduser())
    return _number(text) if name in _NUMBERS else text


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
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
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


def _up_to(most: int, *, of: str) -> Callable[[object], float]:
    def check(raw: object) -> float:
        if isinstance(raw, int | float) and not isinstance(raw, bool) and 0 < raw <= most:
            return float(raw)
        raise ValueError(f"{of} above 0, at most {most}")

    return check


def _within(low: float, high: float, *, of: str = "a number") -> Callable[[object], float]:
    def check(raw: object) -> float:
        if isinstance(raw, int | float) and not isinstance(raw, bool) and low <= raw <= high:
            return float(raw)
        raise ValueError(f"{of} from {low:g} to {high:g}")

    return check


def _whole_ms(low: int, high: int) -> Callable[[object], int]:
    check = _within(low, high, of="milliseconds")

    def whole(raw: object) -> int:
        return round(check(raw))

    return whole


def _one_of(names: Any) -> Callable[[object], str]:
    known = get_args(names)

    def check(raw: object) -> str:
        if isinstance(raw, str) and raw in known:
            return raw
        raise ValueError(f"{', '.join(known[:-1])} or {known[-1]}")

    return check


def _latency(raw: object) -> str:
    text = str(raw).strip() if isinstance(raw, str | float | int) and not isinstance(raw, bool) else ""
    seconds = _number(text)
    if text in ("low", "high") or (isinstance(seconds, int | float) and 0 < seconds <= _MAX_LATENCY_S):
        return text
    raise ValueError(f"low, high, or a number of seconds up to {_MAX_LATENCY_S:g}")


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


_NUMBERS: Mapping[str, Callable[[object], object]] = {
    "block_ms": _within(5, 200, of="milliseconds"),
    "idle_timeout_ms": _whole_ms(5000, 30000),
    "max_cost": _up_to(_MOST_USD, of="a number of US dollars"),
    "max_minutes": _up_to(_MOST_MINUTES, of="a number of minutes"),
    "prefix_ms": _whole_ms(0, 10_000),
    "silence_ms": _whole_ms(0, 60_000),
    "speed": _within(0.25, 1.5),
    "timeout_s": _up_to(_DAY_S, of="a number of seconds"),
    "vad_threshold": _within(0, 1),
}
_CHECKS: Mapping[str, Callable[[object], object]] = {
    **_NUMBERS,
    "approve": _one_of(Approval),
    "audio_format": _one_of(AudioFormatName),
    "calm": _switch,
    "reconnect": _switch,
    "dialect": _one_of(Dialect),
    "eagerness": _one_of(Eagerness),
    "echo": _one_of(EchoPolicy),
    "headers": _headers,
    "input_device": _any_text,
    "insecure": _switch,
    "instructions": _any_text,
    "latency": _latency,
    "log": _path,
    "no_log": _switch,
    "noise_reduction": _one_of(NoiseReduction),
    "output_device": _any_text,
    "prices": _path,
    "ptt": _switch,
    "session": _table,
    "text": _switch,
    "theme": _one_of(Theme),
    "vad": _one_of(Vad),
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
