from __future__ import annotations

import itertools
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from realtime_cli.errors import BadInput, UsageError
from realtime_cli.settings import Settings, load_settings

Load = Callable[..., Settings]

PLACES = ("flag", "environment", "dotenv", "config")
ORIGINS = {
    "flag": "--model",
    "environment": "REALTIME_MODEL",
    "dotenv": ".env",
    "config": "config.toml",
    None: "default",
}
KEY = "sk-" + "x" * 20


def test_without_any_place_the_defaults_hold(load: Load) -> None:
    assert load() == Settings()


@pytest.mark.parametrize(
    "places", [each for size in range(5) for each in itertools.combinations(PLACES, size)], ids="+".join
)
def test_the_strongest_place_wins_and_is_remembered(load: Load, places: tuple[str, ...]) -> None:
    settings = load(
        {"model": "flag" if "flag" in places else None},
        {"REALTIME_MODEL": "environment"} if "environment" in places else {},
        dotenv="REALTIME_MODEL=dotenv\n" if "dotenv" in places else None,
        config='model = "config"\n' if "config" in places else None,
    )
    strongest = next(iter(places), None)
    assert settings.model == strongest
    assert settings.origin("model") == ORIGINS[strongest]


@pytest.mark.parametrize(
    ("name", "text", "toml", "value"),
    [
        ("provider", "xai", '"xai"', "xai"),
        ("url", " ws://host/x ", '"ws://host/x"', "ws://host/x"),
        ("model", "m", '"m"', "m"),
        ("voice", "marin", '"marin"', "marin"),
        ("instructions", "Be kind.", '"Be kind."', "Be kind."),
        ("text", "YES", "true", True),
        ("key_env", "MY_KEY", '"MY_KEY"', "MY_KEY"),
        ("key_command", "pass show key", '"pass show key"', "pass show key"),
        ("headers", "A: b\nC: d:e", '{ A = "b", C = "d:e" }', (("A", "b"), ("C", "d:e"))),
        ("insecure", "1", "true", True),
        ("dialect", "beta", '"beta"', "beta"),
        ("no_log", "on", "true", True),
        ("timeout_s", "2.5", "2.5", 2.5),
        ("brain", "rules", '"rules"', "rules"),
        (
            "brain_url",
            "http://localhost:11434/v1",
            '"http://localhost:11434/v1"',
            "http://localhost:11434/v1",
        ),
        ("brain_model", "llama", '"llama"', "llama"),
        ("input_device", "3", '"3"', "3"),
        ("block_ms", "10", "10", 10.0),
        ("latency", "0.1", '"0.1"', "0.1"),
        ("echo", "half-duplex", '"half-duplex"', "half-duplex"),
        ("ptt", "on", "true", True),
        ("vad", "semantic", '"semantic"', "semantic"),
        ("vad_threshold", "0.25", "0.25", 0.25),
        ("silence_ms", "700", "700", 700),
        ("speed", "1", "1", 1.0),
        ("audio_format", "pcmu", '"pcmu"', "pcmu"),
        ("max_cost", "0.5", "0.5", 0.5),
        ("max_minutes", "10", "10", 10.0),
        ("theme", "light", '"light"', "light"),
        ("calm", "yes", "true", True),
        ("approve", "always", '"always"', "always"),
    ],
)
def test_environment_and_config_file_mean_the_same(
    load: Load, name: str, text: str, toml: str, value: object
) -> None:
    from_environment = load({}, {f"REALTIME_{name.upper()}": text})
    from_config = load(config=f"{name} = {toml}\n")
    assert getattr(from_environment, name) == getattr(from_config, name) == value
    assert from_config.origin(name) == "config.toml"
    assert from_environment.origin(name) == f"REALTIME_{name.upper()}"


def test_a_price_file_lies_where_the_command_was_given(load: Load, tmp_path: Path) -> None:
    at = tmp_path / "work" / "prices.toml"
    assert load({"prices": Path("prices.toml")}).prices == at
    assert load({}, {"REALTIME_PRICES": "prices.toml"}).prices == at
    assert load(config='prices = "/my/prices.toml"\n').prices == Path("/my/prices.toml")


def test_dotenv_may_limit_a_session_but_not_let_tools_run_unasked(load: Load) -> None:
    settings = load(dotenv="REALTIME_MAX_COST=0.5\nREALTIME_APPROVE=never\n")
    assert (settings.max_cost, settings.approve) == (0.5, "never")
    with pytest.raises(UsageError, match=r"REALTIME_APPROVE=always is not read from a \.env file"):
        load(dotenv="REALTIME_APPROVE=always\n")


def test_an_empty_variable_says_nothing_but_hides_the_one_in_dotenv(load: Load) -> None:
    dotenv = f"REALTIME_MODEL=dotenv\nOPENAI_API_KEY={KEY}\n"
    settings = load(
        {}, {"REALTIME_MODEL": " ", "OPENAI_API_KEY": ""}, dotenv=dotenv, config='model = "config"\n'
    )
    assert settings.model == "config"
    assert settings.env["OPENAI_API_KEY"] == ""


def test_dotenv_is_found_upward_and_never_touches_the_process(load: Load, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"OPENAI_API_KEY={KEY}\n", encoding="utf-8")
    settings = load({}, {"HOME": "here"})
    assert settings.env == {"HOME": "here", "OPENAI_API_KEY": KEY}
    assert settings.origin("OPENAI_API_KEY") == ".env"
    assert settings.origin("HOME") == "default"
    assert os.environ.get("OPENAI_API_KEY") != KEY


def test_a_folder_named_dotenv_is_passed_over(load: Load, tmp_path: Path) -> None:
    (tmp_path / "work" / ".env").mkdir(parents=True)
    (tmp_path / ".env").write_text("REALTIME_VOICE=marin\n", encoding="utf-8")
    assert load().voice == "marin"


def test_dotenv_with_a_byte_order_mark_and_shell_code_is_read_quietly(
    load: Load, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    settings = load(dotenv="\ufeffREALTIME_VOICE=marin\nif [ -f x ]; then\nexport REALTIME_MODEL='m'\n")
    assert (settings.voice, settings.model) == ("marin", "m")
    assert capfd.readouterr() == ("", "")
    assert all(record.levelno < logging.ERROR for record in caplog.records)


def test_dotenv_cannot_copy_keys_of_the_environment(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    settings = load({}, dict(os.environ), dotenv="REALTIME_API_KEY=${OPENAI_API_KEY}\n")
    assert settings.api_key == "${OPENAI_API_KEY}"


@pytest.mark.parametrize("name", ["REALTIME_KEY_COMMAND", "REALTIME_KEY_ENV", "REALTIME_INSECURE"])
def test_dotenv_cannot_run_commands_or_choose_keys(load: Load, name: str) -> None:
    with pytest.raises(UsageError, match=rf"\.env: {name} is not read from a \.env file"):
        load(dotenv=f"{name}=1\n")


def test_dotenv_that_is_not_utf8_is_a_clear_error(load: Load, tmp_path: Path) -> None:
    load()
    (tmp_path / "work" / ".env").write_bytes(b"A=\xff\xfe\n")
    with pytest.raises(UsageError, match="not UTF-8"):
        load()


def test_a_folder_that_cannot_be_looked_into_has_no_dotenv(tmp_path: Path) -> None:
    folder = tmp_path / ("a" * 5_000)
    assert load_settings({}, environ={}, cwd=folder, config_path=tmp_path / "none.toml") == Settings()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
def test_dotenv_may_be_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".env")
    script = "import pathlib, sys; pathlib.Path(sys.argv[1]).write_text('REALTIME_VOICE=marin')"
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path / ".env")]):
        settings = load_settings({}, environ={}, cwd=tmp_path, config_path=tmp_path / "none.toml")
    assert settings.voice == "marin"


# --- one question, one place ---


@pytest.mark.parametrize(
    ("flags", "environ", "config", "expected"),
    [
        ({"provider": "openai"}, {"REALTIME_URL": "ws://dev"}, None, ("openai", None)),
        ({"url": "ws://flag"}, {"REALTIME_PROVIDER": "xai"}, None, (None, "ws://flag")),
        ({}, {"REALTIME_URL": "ws://dev"}, 'provider = "azure"', (None, "ws://dev")),
        ({"url": "ws://flag", "provider": "xai"}, {}, None, ("xai", "ws://flag")),
        ({}, {}, 'provider = "azure"\nurl = "wss://a"', ("azure", "wss://a")),
    ],
)
def test_the_strongest_place_that_names_a_server_decides(
    load: Load,
    flags: dict[str, object],
    environ: dict[str, str],
    config: str | None,
    expected: tuple[str, str],
) -> None:
    settings = load(flags, environ, config=config)
    assert (settings.provider, settings.url) == expected


def test_what_stood_beside_another_server_goes_with_it(load: Load) -> None:
    dotenv = (
        f"REALTIME_URL=wss://dev.example\nREALTIME_MODEL=dev\nREALTIME_API_KEY={KEY}\n"
        "REALTIME_HEADERS='Cookie: a'\nREALTIME_INSTRUCTIONS=Be kind.\n"
    )
    settings = load({"provider": "openai"}, dotenv=dotenv)
    assert settings.url is settings.model is settings.api_key is None
    assert settings.headers == ()
    assert settings.instructions == "Be kind."


def test_a_model_without_a_server_beside_it_is_for_any_server(load: Load) -> None:
    settings = load(
        {"provider": "openai"}, {"REALTIME_MODEL": "m"}, config='provider = "openai"\nvoice = "marin"'
    )
    assert (settings.model, settings.voice) == ("m", "marin")


@pytest.mark.parametrize(
    ("flags", "environ", "expected"),
    [
        ({"log": Path("a.jsonl")}, {"REALTIME_LOG": "off"}, ("a.jsonl", False)),
        ({"no_log": True}, {"REALTIME_LOG": "a.jsonl"}, (None, True)),
        ({"no_log": False}, {"REALTIME_LOG": "a.jsonl"}, ("a.jsonl", False)),
        ({}, {"REALTIME_LOG": "0"}, (None, True)),
        ({}, {"REALTIME_LOG": "OFF"}, (None, True)),
    ],
)
def test_where_to_log_is_one_question(
    load: Load,
    flags: dict[str, object],
    environ: dict[str, str],
    expected: tuple[str | None, bool],
    tmp_path: Path,
) -> None:
    settings = load(flags, environ)
    assert (settings.log and settings.log.name, settings.no_log) == expected
    assert settings.log is None or settings.log.parent == tmp_path / "work"


def test_log_and_no_log_from_one_place_contradict(load: Load) -> None:
    with pytest.raises(UsageError, match=r"both asked for \(--log, --no-log\)"):
        load({"log": Path("a"), "no_log": True})


def test_a_key_from_the_environment_silences_the_config_files_key_command(load: Load) -> None:
    settings = load({}, {"REALTIME_API_KEY": KEY}, config='key_command = "pass show key"')
    assert settings.api_key == KEY
    assert settings.key_command is None
    assert load({"key_env": "A"}, {"REALTIME_API_KEY": KEY}).api_key is None


def test_headers_of_all_places_add_up_and_the_strongest_wins(load: Load) -> None:
    settings = load(
        {"headers": ["x-b: flag"]},
        {"REALTIME_HEADERS": "X-B: environment\nX-C: environment"},
        config='[headers]\nX-A = "config"\nX-C = "config"',
    )
    assert dict(settings.headers) == {"X-A": "config", "x-b": "flag", "X-C": "environment"}
    assert settings.origin("headers.x-a") == "config.toml"
    assert settings.origin("headers.x-b") == "--header"
    assert settings.origin("headers.x-c") == "REALTIME_HEADERS"


def test_the_session_comes_from_a_mapping_a_table_or_a_file(load: Load, tmp_path: Path) -> None:
    load()
    (tmp_path / "work" / "s.json").write_text(json.dumps({"voice": "file"}), encoding="utf-8")
    assert load({"session": {"voice": "flag"}}).session == {"voice": "flag"}
    assert load(config='[session]\nvoice = "table"').session == {"voice": "table"}
    assert load({}, {"REALTIME_SESSION": "s.json"}).session == {"voice": "file"}


def test_a_session_file_that_is_not_there_is_bad_input(load: Load) -> None:
    with pytest.raises(BadInput, match=r"cannot read .*none\.json"):
        load({}, {"REALTIME_SESSION": "none.json"})


@pytest.mark.parametrize("flag", ["api_key", "env", "json"])
def test_a_flag_that_settings_do_not_have_is_a_programming_error(load: Load, flag: str) -> None:
    with pytest.raises(TypeError, match=flag):
        load({flag: KEY})


def test_repr_shows_no_secret(load: Load) -> None:
    settings = load(
        {"url": f"wss://host/?api_key={KEY}", "session": {"tools": [{"authorization": KEY}]}},
        {"OPENAI_API_KEY": KEY, "REALTIME_API_KEY": KEY, "REALTIME_BRAIN_URL": f"http://h/?key={KEY}"},
        config=f'key_command = "echo {KEY}"\n[headers]\nCookie = "{KEY}"',
    )
    assert settings.api_key == KEY
    assert KEY not in repr(settings)
    assert KEY not in repr(load({"key_env": KEY, "key_command": f"echo {KEY}"}))


def test_settings_do_not_change(load: Load) -> None:
    with pytest.raises(AttributeError):
        load().model = "other"  # type: ignore[misc]  # the point of the test


def test_importing_settings_and_providers_loads_nothing_heavy() -> None:
    heavy = {"pydantic", "httpx2", "websockets", "rich", "typer", "numpy", "asyncio"}
    heavy |= {"dotenv", "platformdirs", "tomllib", "json", "logging", "difflib", "subprocess"}
    code = "import sys, realtime_cli.settings, realtime_cli.providers; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert heavy.isdisjoint(done.stdout.split())
