"""Reads the table of prices: ours, and the user's over it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, cast

from realtime_cli.core.cost import Rates, is_price
from realtime_cli.errors import UsageError

_OWN = Path(__file__).with_name("prices.toml")
_TEXTS = frozenset({"source", "dated", "provider"})
_SWITCH = "is_confirmed"
_PRICES = frozenset(each.name for each in fields(Rates)) - _TEXTS - {_SWITCH}


def load_prices(override: Path | None) -> Mapping[str, Rates]:
    """The prices by model, in USD; a model in the user's file replaces ours.

    Raises `UsageError` that names the file, the model and the field.
    """
    own = _read(_OWN)
    return own if override is None else {**own, **_read(override)}


def _read(path: Path) -> dict[str, Rates]:
    import tomllib  # noqa: PLC0415 - start-up

    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8 text", hint="save it as UTF-8") from None
    except ValueError as error:  # not TOML, or no file's name
        raise UsageError(f"{path} is not valid TOML: {error}") from None
    return {model: _rates(given, place=f"{path}: {model}") for model, given in table.items()}


def _rates(given: object, *, place: str) -> Rates:
    if not isinstance(given, dict):
        hint = 'write a table of prices: ["gpt-realtime"], and below it text_in = 4.00'
        raise UsageError(f"{place} is not a table", hint=hint)
    table = cast("dict[str, Any]", given)
    for name, value in table.items():
        _check(name, value, place=place)
    return Rates(**table)


def _check(name: str, value: object, *, place: str) -> None:
    if name in _PRICES:
        is_right, wanted = is_price(value), "a number of USD, from 0 on"
    elif name in _TEXTS:
        is_right, wanted = isinstance(value, str), "text"
    elif name == _SWITCH:
        is_right, wanted = isinstance(value, bool), "true or false"
    else:
        raise UsageError(f"{place}: unknown field {name[:60]!r}", hint=_known(name))
    if not is_right:
        seen = repr(value)[:60] if isinstance(value, str | int | float) else f"a {type(value).__name__}"
        raise UsageError(f"{place}: {name} is {seen}, but must be {wanted}")


def _known(name: str) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - start-up

    names = [each.name for each in fields(Rates)]
    near = get_close_matches(name, names, n=1)
    return f"did you mean {near[0]}?" if near else f"known are {', '.join(names)}"
