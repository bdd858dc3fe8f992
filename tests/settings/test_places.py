from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from dotenv import dotenv_values

from realtime_cli.errors import UsageError
from realtime_cli.settings import Settings, default_config_path, load_settings
from realtime_cli.settings.model import NAMES

Load = Callable[..., Settings]
KEY = "sk-" + "x" * 20
EXAMPLE = Path(__file__).parents[2] / ".env.example"


@pytest.mark.parametrize(
    ("config", "message", "hint"),
    [
        ('modle = "m"', r"config\.toml: unknown setting modle", "did you mean model?"),
        ("zzz = 1", r"unknown setting zzz", "known are approve, audio_format, "),
        ("[chat]\nmodel = 1", r"unknown setting chat", ""),
        ('api_key = "K"', r"config\.toml: api_key: keys do not belong in the config file", "key_command"),
        ('OPENAI_API_KEY = "K"', r"keys do not belong in the config file", "OPENAI_API_KEY"),
        ("model = \nvoice = 1", r"config\.toml is not valid TOML: .*line 1", ""),
        ('model = "a"\nmodel = "b"\n', r"is not valid TOML: .*line 2", ""),
        ("model = 5", r"config\.toml: model is 5, but must be text", ""),
        ('model = " "', r"model is ' ', but must be text that is not empty", ""),
        ('timeout_s = "10"', r"timeout_s is '10', but must be a number of seconds", ""),
        ("timeout_s = 0", r"timeout_s is 0, but must be a number of seconds above 0", ""),
        ("timeout_s = true", r"timeout_s is true or false, but must be", ""),
        ("timeout_s = inf", r"timeout_s is inf", ""),
        ("timeout_s = 1" + "0" * 400, r"timeout_s is 10{59}, but must be .* at most 86400", ""),
        ('text = "yes"', r"text is 'yes', but must be true or false", ""),
        ("instructions = 1", r"instructions is 1, but must be text", ""),
        ('dialect = "gamma"', r"dialect is 'gamma', but must be auto, ga or beta", ""),
        ("dialect = [1]", r"dialect is a list, but must be", ""),
        ("log = 1979-05-27", r"log is a date, but must be a file name", ""),
        ("latency = 3", r"latency is 3, but must be low, high, or a number of seconds up to 2", ""),
        ('block_ms = "x"', r"block_ms is 'x', but must be milliseconds from 5 to 200", ""),
        ("vad_threshold = 2", r"vad_threshold is 2, but must be a number from 0 to 1", ""),
        ('vad = "loud"', r"vad is 'loud', but must be server, semantic or none", ""),
        ("session = 1", r"session is 1, but must be a table", ""),
        ("headers = 1", r"headers is 1, but must be 'Name: value' lines", ""),
        ("headers = { A = 1 }", r"headers is a table, but must be", ""),
        ('headers = ["no colon"]', r"headers is a list, but must be", ""),
    ],
)
def test_a_config_file_that_makes_no_sense_is_explained(
    load: Load, config: str, message: str, hint: str
) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        load(config=config.replace('"K"', f'"{KEY}"'))
    assert hint in caught.value.hint
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("TIMEOUT_S", "soon", "REALTIME_TIMEOUT_S is 'soon', but must be a number of seconds above 0"),
        ("TIMEOUT_S", "nan", "REALTIME_TIMEOUT_S is nan"),
        ("TEXT", "maybe", "REALTIME_TEXT is 'maybe', but must be true or false"),
        ("DIALECT", "alpha", "REALTIME_DIALECT is 'alpha'"),
        ("HEADERS", KEY, "REALTIME_HEADERS is a list, but must be 'Name: value' lines"),
        ("DIALECT", KEY, r"REALTIME_DIALECT is '\[redacted\]'"),
    ],
)
def test_a_variable_that_makes_no_sense_is_explained(load: Load, name: str, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        load({}, {f"REALTIME_{name}": text})
    assert KEY not in str(caught.value)
    with pytest.raises(UsageError, match=rf"\.env: {message}"):
        load(dotenv=f"REALTIME_{name}={text}\n")


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"url": ""}, "--url is empty, but must be text that is not empty"),
        ({"key_env": " "}, "--key-env is text, but must be text that is not empty"),
        ({"timeout_s": -1}, "--connect-timeout is -1, but must be"),
        ({"brain_model": 5}, "--brain-model is 5, but must be"),
        ({"headers": [KEY]}, "--header is a list, but must be 'Name: value' lines"),
        ({"headers": [5]}, "--header is a list"),
        ({"log": ""}, "--log is empty, but must be a file name"),
        ({"voice": object()}, "--voice is a object, but must be"),
        ({"max_cost": 0.0}, "--max-cost is 0.0, but must be a number of US dollars above 0"),
        ({"max_cost": float("nan")}, "--max-cost is nan, but must be"),
        ({"max_cost": float("inf")}, "--max-cost is inf, but must be"),
        ({"max_minutes": -1.0}, "--max-minutes is -1.0, but must be a number of minutes above 0"),
        ({"prices": ""}, "--prices is empty, but must be a file name"),
        ({"theme": "pink"}, "--theme is 'pink', but must be auto, dark, light or none"),
        ({"approve": "maybe"}, "--approve is 'maybe', but must be always, never or ask"),
    ],
)
def test_a_flag_that_makes_no_sense_is_explained(load: Load, flags: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        load(flags)
    assert KEY not in str(caught.value)


def test_the_environment_names_another_config_file_which_must_exist(load: Load, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    with pytest.raises(UsageError, match=r"cannot read .*other\.toml"):
        load({}, {"REALTIME_CONFIG": str(other)}, config='model = "usual"')
    other.write_bytes(b'\xef\xbb\xbfmodel = "other"\n')
    assert load({}, {"REALTIME_CONFIG": str(other)}).model == "other"


def test_dotenv_does_not_name_the_config_file(load: Load, tmp_path: Path) -> None:
    (tmp_path / "evil.toml").write_text('key_command = "evil"', encoding="utf-8")
    assert load(dotenv=f"REALTIME_CONFIG='{(tmp_path / 'evil.toml').as_posix()}'\n").key_command is None


def test_a_config_file_that_is_not_utf8_is_explained(load: Load, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes('model = "é"'.encode("latin-1"))
    with pytest.raises(UsageError, match="is not UTF-8 text") as caught:
        load()
    assert caught.value.hint == "save it as UTF-8"


@pytest.mark.skipif(sys.platform != "linux", reason="other platforms have no variable for it")
def test_the_config_file_is_read_from_the_platforms_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "realtime").mkdir()
    (tmp_path / "realtime" / "config.toml").write_text('model = "m"', encoding="utf-8")
    assert default_config_path() == tmp_path / "realtime" / "config.toml"
    assert load_settings({}, environ={}, cwd=tmp_path).model == "m"


def test_the_example_lists_every_variable_and_changes_nothing(load: Load) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert dotenv_values(EXAMPLE) == {}
    for name in NAMES:
        assert f"REALTIME_{name.upper()}=" in text
    uncommented = "\n".join(
        line.removeprefix("#") for line in text.splitlines() if line.startswith(("#R", "#O"))
    )
    settings = load(dotenv=uncommented.replace("REALTIME_NO_LOG", "X").replace("REALTIME_SESSION", "Y"))
    assert settings.timeout_s == 10
    assert settings.headers == (("OpenAI-Project", "NAME"),)
