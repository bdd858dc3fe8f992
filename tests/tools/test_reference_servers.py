"""MCP servers of other people, unmodified: from npm and from PyPI, over their pipes and over HTTP."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from realtime_cli.errors import UsageError
from realtime_cli.tools import ToolSetup, open_tools
from tests.tools.hosting import PYTHON, hosting, written
from tests.tools.mcp_servers import free_port, listening, needs, npx

EVERYTHING = ("-y", "@modelcontextprotocol/server-everything")


async def test_the_time_server_of_pypi_works_over_its_pipes() -> None:
    needs("mcp_server_time")
    async with hosting(f"mcp:{PYTHON} -m mcp_server_time --local-timezone Europe/Paris") as hosted:
        assert {"get_current_time", "convert_time"} <= hosted.toolbox.tools.keys()
        done = await hosted.call(
            "convert_time", source_timezone="Europe/Paris", time="12:00", target_timezone="Asia/Tokyo"
        )
        assert done.outcome == "done"
        assert json.loads(done.output)["target"]["timezone"] == "Asia/Tokyo"
        failure = await hosted.call("get_current_time", timezone="Mars/Base")
        assert failure.outcome == "failed"


async def test_the_everything_server_of_npm_works_over_its_pipes(tmp_path: Path) -> None:
    server = {"command": npx(), "args": [*EVERYTHING]}
    config = written(tmp_path, "mcp.json", json.dumps({"mcpServers": {"everything": server}}))
    async with hosting(str(config)) as hosted:
        assert (await hosted.call("echo", message="hi")).output == "Echo: hi"
        many = [hosted.start("echo", json.dumps({"message": f"m{number}"})) for number in range(20)]
        outputs = [(await hosted.finished(call_id)).output for call_id in many]
        assert outputs == [f"Echo: m{number}" for number in range(20)]


async def test_the_everything_server_of_npm_works_over_http() -> None:
    port = free_port()
    async with (
        listening(npx(), *EVERYTHING, "streamableHttp", port=port, PORT=str(port)),
        hosting(f"mcp:http://127.0.0.1:{port}/mcp") as hosted,
    ):
        assert (await hosted.call("echo", message="hi")).output == "Echo: hi"
        image = await hosted.call("get-tiny-image")
        assert "[image image/png, " in image.output


async def test_two_servers_with_the_same_names_are_a_clear_error(tmp_path: Path) -> None:
    needs("mcp_server_time")
    server = {"command": PYTHON, "args": ["-m", "mcp_server_time"]}
    config = written(tmp_path, "mcp.json", json.dumps({"mcpServers": {"one": server, "two": server}}))
    with pytest.raises(UsageError, match=r"two tools are named .* of mcp:one and mcp:two"):
        async with open_tools([str(config)], ToolSetup()):
            pass
