"""The four places that settings come from, each read into a layer: flags, environment, `.env`, config."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from realtime_cli.errors import UsageError
from realtime_cli.settings.files import read_text
from realtime_cli.settings.model import FLAG_NAMES, NAMES
from realtime_cli.settings.values import checked, means_off, typed


@dataclass(frozen=True, slots=True)
class Given:
    """One value as its place gave it; a higher rank is a stronger place."""

    value: object
    origin: str
    rank: int


Layer = dict[str, Given]
Naming = Callable[[str], str]

# One flag gives one header; and a flag's unit stands in its help.
_FLAG_SPELLINGS = {"headers": "--header", "timeout_s": "--connect-timeout"}


def flags_layer(flags: Mapping[str, object]) -> Layer:
    """What was given on the command line; an unknown name is a mistake of the caller."""
    unknown = set(flags) - FLAG_NAMES
    if unknown:
        raise TypeError(f"load_settings() knows no flag {', '.join(sorted(unknown))}")
    given = {name: raw for name, raw in flags.items() if raw is not None}
    return _layer(given, rank=4, origin=_flag, place=_flag)


def environment_layer(environ: Mapping[str, str], *, cwd: Path) -> Layer:
    """What `REALTIME_*` variables say; an empty one says nothing."""
    return _layer(_typed(environ, cwd=cwd), rank=3, origin=_variable, place=_variable)


def dotenv_layer(variables: Mapping[str, str], *, path: Path | None, cwd: Path) -> Layer:
    """The same from a `.env` file, which may be a stranger's: whoever cloned a folder did not write it."""
    for name in ("insecure", "key_command", "key_env"):
        if _variable(name) in variables:
            # It would run commands, send our keys elsewhere, or send them in the clear.
            hint = "set it in the environment or in config.toml"
            raise UsageError(f"{path}: {_variable(name)} is not read from a .env file", hint=hint)
    given = _typed(variables, cwd=cwd)
    if given.get("approve") == "always":  # it would let a stranger's folder run tools unasked
        hint = "set it in the environment or in config.toml"
        raise UsageError(f"{path}: {_variable('approve')}=always is not read from a .env file", hint=hint)
    return _layer(given, rank=2, origin=lambda _: ".env", place=lambda name: f"{path}: {_variable(name)}")


def config_layer(environ: Mapping[str, str], *, config_path: Path | None) -> Layer:
    """The config file; only one that `REALTIME_CONFIG` names has to exist."""
    named = environ.get("REALTIME_CONFIG", "").strip()
    path = Path(named).expanduser() if named else config_path or default_config_path()
    if not named and not path.exists():
        return {}
    given = _read_toml(path)
    for key in given:
        _refuse_unknown(key, path)
    return _layer(given, rank=1, origin=lambda _: "config.toml", place=lambda name: f"{path}: {name}")


def default_config_path() -> Path:
    """The config file's place on this platform."""
    import platformdirs  # noqa: PLC0415 - start-up

    return platformdirs.user_config_path("realtime", appauthor=False) / "config.toml"


def read_dotenv(cwd: Path, *, hidden: Mapping[str, str]) -> tuple[Path | None, dict[str, str]]:
    """The nearest `.env` upward and its variables, without the `hidden` names (the real environment's)."""
    candidates = (folder / ".env" for folder in (cwd, *cwd.parents))
    path = next((path for path in candidates if _is_readable(path)), None)
    if path is None:
        return None, {}
    return path, {name: text for name, text in _parse_dotenv(path).items() if text and name not in hidden}


def _parse_dotenv(path: Path) -> Mapping[str, str | None]:
    import logging  # noqa: PLC0415 - start-up

    from dotenv import dotenv_values  # noqa: PLC0415 - start-up

    # Lines that only a shell understands are none of our business: dotenv would print a warning for each.
    logging.getLogger("dotenv.main").addHandler(logging.NullHandler())
    try:
        # Interpolation would let a cloned folder copy keys of the real environment into variables of its own.
        return dotenv_values(path, interpolate=False, encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8 text", hint="save it as UTF-8") from None
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from None


def _is_readable(path: Path) -> bool:
    try:
        # Password managers mount `.env` as a pipe.
        return path.is_file() or path.is_fifo()
    except OSError:
        return False


def _read_toml(path: Path) -> dict[str, object]:
    import tomllib  # noqa: PLC0415 - start-up

    try:
        return tomllib.loads(read_text(path, UsageError))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not valid TOML: {error}") from None


def _refuse_unknown(key: str, path: Path) -> None:
    if "api_key" in key.lower():
        hint = "set OPENAI_API_KEY or REALTIME_API_KEY in the environment or .env, or give key_command"
        raise UsageError(f"{path}: {key}: keys do not belong in the config file", hint=hint)
    if key in FLAG_NAMES:
        return
    from difflib import get_close_matches  # noqa: PLC0415 - start-up

    near = get_close_matches(key, FLAG_NAMES, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(FLAG_NAMES))}"
    raise UsageError(f"{path}: unknown setting {key}", hint=hint)


def _layer(given: Mapping[str, object], *, rank: int, origin: Naming, place: Naming) -> Layer:
    layer: Layer = {}
    for name, raw in given.items():
        # REALTIME_LOG=off is the other spelling of --no-log.
        key, value = ("no_log", True) if name == "log" and means_off(raw) else (name, raw)
        layer[key] = Given(checked(key, value, place=place(name)), origin(name), rank)
    return layer


def _typed(variables: Mapping[str, str], *, cwd: Path) -> dict[str, object]:
    texts = {name: variables.get(_variable(name), "").strip() for name in NAMES}
    return {name: typed(name, text, cwd=cwd) for name, text in texts.items() if text}


def _variable(name: str) -> str:
    return f"REALTIME_{name.upper()}"


def _flag(name: str) -> str:
    return _FLAG_SPELLINGS.get(name, "--" + name.replace("_", "-"))
