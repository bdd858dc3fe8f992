"""Which MCP servers are meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from realtime_cli.errors import BadInput, RealtimeError, UsageError
from realtime_cli.tools import ToolSetup
from realtime_cli.tools.mcp_spec import launches
from tests.tools.hosting import PYTHON, written

SECRET = "hunter2hunter2"


def setup_in(folder: Path, **environ: str) -> ToolSetup:
    return ToolSetup(cwd=folder, environ={"PATH": "/usr/bin:/bin", "HOME": "/home/me", **environ})


def test_a_command_gets_the_basics_of_the_environment_only(tmp_path: Path) -> None:
    (launch,) = launches(f"mcp:{PYTHON} -m 'my server' --token {SECRET}", setup_in(tmp_path, OTHER="x"))
    assert launch.command == (PYTHON, "-m", "my server", "--token", SECRET)
    assert launch.environment == {"PATH": "/usr/bin:/bin", "HOME": "/home/me"}
    assert launch.shown == f"mcp:{PYTHON} -m 'my server' --token [redacted]"
    assert SECRET not in repr(launch)


def test_an_address_is_shown_without_its_secrets(tmp_path: Path) -> None:
    (launch,) = launches(f"mcp:https://me:{SECRET}@example.com/mcp?api_key={SECRET}1", setup_in(tmp_path))
    assert launch.shown == "mcp:https://example.com/mcp?api_key=[redacted]"
    assert launch.url.endswith(f"?api_key={SECRET}1")
    assert set(launch.secrets) >= {SECRET, f"{SECRET}1"}
    assert SECRET not in repr(launch)


@pytest.mark.parametrize("spec", ["mcp.json", "mcp:mcp.json"])
def test_a_file_names_servers_with_variables_filled_in(tmp_path: Path, spec: str) -> None:
    local = {
        "command": PYTHON,
        "args": ["-m", "${MODULE:-server}", 3],
        "env": {"API_KEY": "${KEY}", "MODE": "x"},
    }
    remote = {"url": "https://${HOST}/mcp", "headers": {"Authorization": "Bearer ${KEY}"}, "type": "http"}
    written(tmp_path, "mcp.json", json.dumps({"mcpServers": {"here": local, "there": remote}}))
    here, there = launches(spec, setup_in(tmp_path, KEY=SECRET, HOST="example.com"))
    assert here.command == (PYTHON, "-m", "server", "3")
    assert here.environment["API_KEY"] == SECRET
    assert here.environment["MODE"] == "x"
    assert here.secrets == (SECRET, SECRET)
    assert there.url == "https://example.com/mcp"
    assert there.headers == {"Authorization": f"Bearer {SECRET}"}
    assert SECRET in there.secrets
    assert (here.shown, there.shown) == ("mcp:here", "mcp:there")
    assert SECRET not in repr([here, there])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "not JSON"),
        ("[]", "must be a JSON object"),
        ("{}", "names no servers"),
        ('{"mcpServers": {"a": 1}}', "server a must be an object"),
        ('{"mcpServers": {"a": {}}}', "server a needs a command with args, or a url"),
        ('{"mcpServers": {"a": {"command": "x", "args": "y"}}}', "server a needs a command with args"),
        ('{"mcpServers": {"a": {"command": "x", "env": 1}}}', "server a: env must be an object"),
        ('{"mcpServers": {"a": {"url": "http://${NOPE}/"}}}', "wants the variable NOPE, which is not set"),
        ('{"mcpServers": {"a": {"command": "no-such-program-x"}}}', "there is no program no-such-program-x"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(tmp_path: Path, content: str, words: str) -> None:
    written(tmp_path, "mcp.json", content)
    with pytest.raises(RealtimeError) as raised:
        launches("mcp.json", setup_in(tmp_path))
    assert words in str(raised.value)


def test_other_failures_are_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"none\.json: No such file"):
        launches("none.json", setup_in(tmp_path))
    with pytest.raises(UsageError, match="names no command"):
        launches("mcp:", setup_in(tmp_path))
    with pytest.raises(UsageError, match="there is no program no-such-program-x"):
        launches("mcp:no-such-program-x", setup_in(tmp_path))
