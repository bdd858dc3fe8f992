"""The README is true, word for word."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from realtime_cli.errors import ExitStatus
from realtime_cli.providers.prices import load_prices
from realtime_cli.server.brains import NAMES
from realtime_cli.server.brains.script_file import load_script
from realtime_cli.ui.commands.registry import by_name
from tests.cli.program import Program
from tests.cli.readme import README, Example, blocks, examples, files, table

TEXT = README.read_text(encoding="utf-8")
ROOT = README.parent
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the examples are for a POSIX shell")


@pytest.fixture
def sandbox(tmp_path: Path) -> Program:
    """A folder with the README's files and `realtime` on the path."""
    program = Program(tmp_path)
    for name, text in files().items():
        program.file(name, text)
    program.file("realtime", f'#!/bin/sh\nexec {shlex.join(program.command)} "$@"\n').chmod(0o755)
    return program


@pytest.mark.parametrize("block", examples(), ids=lambda block: block[0].command)
def test_the_examples_print_what_they_show(sandbox: Program, block: list[Example]) -> None:
    for example in block:
        _assert_fits(sandbox, example)


def _assert_fits(sandbox: Program, example: Example) -> None:
    if "jq " in example.command and not shutil.which("jq"):
        assert not os.environ.get("CI"), "CI installs jq, so that no example is left out"
        pytest.skip("jq is not installed")
    env = sandbox.environment()
    done = subprocess.run(
        ["sh", "-c", example.command],
        cwd=sandbox.home,
        env={**env, "PATH": f"{sandbox.home}:{env['PATH']}"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
        check=False,
    )
    assert example.fits(done.stdout.decode().splitlines()), done.stdout.decode()


def test_there_are_examples_to_check() -> None:
    assert sum(map(len, examples())) >= 12
    written = {"hello.json", "wrong.json", "support.yaml", "mcp-script.yaml", "prices.toml", "weather.py"}
    assert set(files()) == written
    assert json.loads(files()["hello.json"])


def _commands() -> list[str]:
    """The lines of the README's shell blocks that run the program."""
    lines = [line.partition("  #")[0] for block in blocks("sh") for line in block.text.splitlines()]
    return [line for line in lines if re.match(r"(\w+=\S+ )*realtime ", line)]


@pytest.mark.parametrize("command", ["chat", "serve"])
def test_every_flag_that_the_readme_names_exists(realtime: Program, command: str) -> None:
    used = [shlex.split(line) for line in _commands() if f"realtime {command}" in line]
    flags = {word for words in used for word in words if word.startswith("--")}
    assert flags
    assert flags <= set(re.findall(r"--[a-z-]+", realtime.run_now(command, "--help").out))


def test_every_flag_in_the_text_belongs_to_a_command(realtime: Program) -> None:
    commands = ["chat", "send-event", "replay", "devices", "describe", "serve", "tools list", "tools call"]
    known = {flag for each in commands for flag in _flags(realtime.run_now(*each.split(), "--help").out)}
    assert _flags("\n".join(re.findall(r"`([^`\n]+)`", TEXT))) <= known | {"--extra"}


def _flags(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))


def test_the_exit_statuses_are_those_of_the_program() -> None:
    assert [int(status) for status, _ in table("status")] == [int(status) for status in ExitStatus]


def test_the_brains_are_those_of_the_server() -> None:
    assert [name for name, _ in table("`--brain`")] == list(NAMES)


def test_every_file_and_variable_that_the_readme_names_exists() -> None:
    for path in (*re.findall(r"`(\.ci/\w+|tests/\w+)`", TEXT), *re.findall(r"\]\(([\w./]+)\)", TEXT)):
        assert (ROOT / path).exists(), path
    known = (ROOT / ".env.example").read_text(encoding="utf-8")
    for name in re.findall(r"`(REALTIME_\w+|OPENAI_\w+)`", TEXT):
        assert name in known or name in {"REALTIME_TOKEN", "REALTIME_MCP_TOKEN_DOCS"}


def test_its_weather_tool_is_the_one_in_the_package() -> None:
    example = (ROOT / "realtime_cli" / "examples" / "weather.py").read_text(encoding="utf-8")
    assert files()["weather.py"] == example.partition("\n\n")[2]


def test_its_scripts_and_prices_can_be_read(tmp_path: Path) -> None:
    for name, text in files().items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert load_script(tmp_path / "mcp-script.yaml").mcp.keys() == {"docs"}
    assert load_prices(tmp_path / "prices.toml")["my-model"].audio_out == 20


def test_the_slash_commands_that_it_names_exist() -> None:
    prose = [
        *re.findall(r"`(/[a-z]+)[ `]", TEXT),
        *re.findall(r"(?:^|, )(/[a-z]+)", _commands_block(), re.MULTILINE),
    ]
    assert len(prose) > 20
    assert {name[1:] for name in prose} <= {*by_name(), "weather", "look"}


def _commands_block() -> str:
    return next(block.text for block in blocks("text") if block.text.startswith("/"))


def test_the_rooms_that_the_readme_names_exist() -> None:
    rooms = re.findall(r"`(\w+)`", TEXT.partition("## How it is built")[2].partition("What the base")[0])
    assert len(rooms) >= 7
    assert all((ROOT / "realtime_cli" / room).is_dir() for room in rooms)


def test_what_the_base_install_needs_is_argued_for() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    needed = re.findall(
        r'^    "([\w-]+)>=', project.partition("dependencies = [")[2].partition("]")[0], re.MULTILINE
    )
    argued = TEXT.partition("What the base install needs")[2].partition("\n\n")[0]
    assert needed
    assert all(name in argued for name in needed)
