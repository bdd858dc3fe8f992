"""Merges the places, strongest last, into `Settings`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from realtime_cli.errors import UsageError
from realtime_cli.settings.model import Settings
from realtime_cli.settings.places import (
    Layer,
    config_layer,
    dotenv_layer,
    environment_layer,
    flags_layer,
    read_dotenv,
)

_ADDRESS = ("provider", "url")
_ONE_QUESTION = (_ADDRESS, ("log", "no_log"), ("api_key", "key_command", "key_env"))
_OF_THE_SERVER = frozenset(
    {
        "api_key",
        "dialect",
        "headers",
        "insecure",
        "key_command",
        "key_env",
        "model",
        "transcribe",
        "voice",
    }
)


def load_settings(
    flags: Mapping[str, object],
    *,
    environ: Mapping[str, str],
    cwd: Path,
    config_path: Path | None = None,
) -> Settings:
    """The settings of one run; a flag that is `None` was not given.

    `config_path` replaces the platform's place, and need not exist; the file that `REALTIME_CONFIG` names
    wins over it, and must. Raises `UsageError` for what makes no sense, and `BadInput` for a session file
    that cannot be read.
    """
    dotenv_path, dotenv = read_dotenv(cwd, hidden=environ)
    everything = (
        config_layer(environ, config_path=config_path),
        dotenv_layer(dotenv, path=dotenv_path, cwd=cwd),
        environment_layer(environ, cwd=cwd),
        flags_layer(flags),
    )
    layers = _about_one_server(everything)
    given, headers = _merged(layers), _merged_headers(layers)
    values = {name: each.value for name, each in given.items()}
    values["headers"] = tuple(pair for pair, _ in headers.values())
    for name in ("log", "prices"):
        if isinstance(path := values.get(name), Path):
            values[name] = cwd / path.expanduser()
    origins = dict.fromkeys(dotenv, ".env") | {name: each.origin for name, each in given.items()}
    origins |= {f"headers.{name}": origin for name, (_, origin) in headers.items()}
    # Each value has been checked against its field's type; type checkers cannot follow a table of checks.
    return Settings(**cast("dict[str, Any]", values), env={**dotenv, **environ}, origins=origins)


def _about_one_server(weakest_first: Sequence[Layer]) -> list[Layer]:
    """The layers, without the keys and models that were given beside another server than the one chosen."""
    addresses = [{name: layer[name].value for name in _ADDRESS if name in layer} for layer in weakest_first]
    chosen = next(filter(None, reversed(addresses)), addresses[-1])
    return [
        layer if address.items() <= chosen.items() else _without(layer, _OF_THE_SERVER)
        for layer, address in zip(weakest_first, addresses, strict=True)
    ]


def _without(layer: Layer, names: Collection[str]) -> Layer:
    return {name: given for name, given in layer.items() if name not in names}


def _merged(weakest_first: Sequence[Layer]) -> Layer:
    merged: Layer = {}
    for layer in weakest_first:
        merged |= layer
    for names in _ONE_QUESTION:
        _keep_strongest(merged, names)
    log, no_log = merged.get("log"), merged.get("no_log")
    if log and no_log and no_log.value:
        message = f"a log file and no log are both asked for ({log.origin}, {no_log.origin})"
        raise UsageError(message, hint="give one of the two")
    return merged


def _keep_strongest(merged: Layer, names: Sequence[str]) -> None:
    answers = [name for name in names if name in merged and merged[name].value]
    top = max((merged[name].rank for name in answers), default=0)
    for name in answers:
        if merged[name].rank < top:
            del merged[name]


def _merged_headers(weakest_first: Sequence[Layer]) -> dict[str, tuple[tuple[str, str], str]]:
    """Every header with its origin, by lower-case name: the headers of several places add up."""
    merged: dict[str, tuple[tuple[str, str], str]] = {}
    for layer in weakest_first:
        if given := layer.get("headers"):
            pairs = cast("tuple[tuple[str, str], ...]", given.value)
            merged |= {name.lower(): ((name, value), given.origin) for name, value in pairs}
    return merged
