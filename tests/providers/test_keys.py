from __future__ import annotations

import sys
from pathlib import Path

import pytest

from realtime_cli.errors import UsageError
from realtime_cli.providers import PROVIDERS, keys
from realtime_cli.providers.keys import key_sources, run_key_command
from realtime_cli.settings import Settings

KEY = "sk-" + "x" * 20
OPENAI = PROVIDERS["openai"]


@pytest.fixture
def script(tmp_path: Path) -> ScriptMaker:
    return ScriptMaker(tmp_path)


class ScriptMaker:
    """Writes a Python script and gives the shell command that runs it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, code: str) -> str:
        path = self.folder / "key.py"
        path.write_text(code, encoding="utf-8")
        return f'"{sys.executable}" "{path}"'


def test_the_first_line_is_the_key(script: ScriptMaker) -> None:
    command = script(f"print(' {KEY} ')\nprint('second line')")
    assert run_key_command(command, place="--key-command") == KEY


def test_the_command_is_asked_once(script: ScriptMaker, tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    command = script(f"open({str(calls)!r}, 'a').write('x')\nprint('{KEY}')")
    assert [run_key_command(command, place="--key-command") for _ in range(3)] == [KEY] * 3
    assert calls.read_text() == "x"


def test_the_command_gets_no_input(script: ScriptMaker) -> None:
    command = script("import sys\nprint('read', repr(sys.stdin.read()))")
    assert run_key_command(command, place="--key-command") == "read ''"


def test_a_failing_command_is_quoted_without_its_secrets(script: ScriptMaker) -> None:
    other = "secret-of-an-unknown-shape"
    command = script(f"import sys\nprint('{other}')\nsys.exit('first\\n\\x1b[31mdenied: {KEY} {other}')")
    with pytest.raises(UsageError) as caught:
        run_key_command(command, place="--key-command")
    message = str(caught.value)
    assert message.startswith("the command of --key-command failed with exit code 1: ?[31mdenied: [redacted]")
    assert KEY not in message
    assert other not in message


def test_a_command_that_fails_silently_says_its_exit_code(script: ScriptMaker) -> None:
    with pytest.raises(UsageError, match=r"failed with exit code 9$"):
        run_key_command(script("raise SystemExit(9)"), place="--key-command")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("", "the command of --key-command printed nothing"),
        ("print()", "the command of --key-command printed nothing"),
        ("import sys; sys.stdout.buffer.write(b'\\xff')", "a character that an HTTP header cannot carry"),
        (f"print('{KEY}\\x01')", "a control character"),
    ],
)
def test_output_that_is_no_key_is_explained(script: ScriptMaker, code: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        run_key_command(script(code), place="--key-command")
    assert KEY not in str(caught.value)


def test_a_command_that_takes_too_long_is_stopped(
    script: ScriptMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "_COMMAND_LIMIT_S", 0.2)
    command = script("import time\ntime.sleep(3)")
    with pytest.raises(UsageError, match=r"took more than 0\.2 s"):
        run_key_command(command, place="--key-command")


def test_a_command_that_cannot_be_run_is_explained() -> None:
    with pytest.raises(UsageError, match="the command of --key-command cannot be run: ValueError"):
        run_key_command("echo a\0b", place="--key-command")


def test_a_named_variable_is_read_and_stripped() -> None:
    settings = Settings(key_env="MY_KEY", env={"MY_KEY": f" {KEY}\n"})
    assert [source.read() for source in key_sources(settings, None)] == [KEY]


@pytest.mark.parametrize("env", [{}, {KEY: ""}])
def test_a_key_in_the_place_of_a_variables_name_is_not_repeated(env: dict[str, str]) -> None:
    settings = Settings(key_env=KEY, env=env, origins={"key_env": "--key-env"})
    (source,) = key_sources(settings, None)
    with pytest.raises(UsageError, match="the variable that --key-env names is not set") as caught:
        source.read()
    assert KEY not in str(caught.value) + caught.value.hint


def test_what_was_given_explicitly_comes_before_the_providers_variable() -> None:
    env = {"OPENAI_API_KEY": KEY, "XAI_API_KEY": "other"}
    settings = Settings(api_key="explicit", env=env, origins={"api_key": "REALTIME_API_KEY"})
    sources = key_sources(settings, OPENAI)
    assert [(source.name, source.read()) for source in sources] == [
        ("REALTIME_API_KEY", "explicit"),
        ("OPENAI_API_KEY", KEY),
    ]
    assert KEY not in repr(sources)


def test_an_empty_variable_is_no_source() -> None:
    assert key_sources(Settings(env={"OPENAI_API_KEY": " \n"}), OPENAI) == []
