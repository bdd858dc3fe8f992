"""The weather, three ways."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from realtime_cli.tools import ToolSetup
from tests.tools.hosting import PYTHON, Hosted, error_of, hosting
from tests.tools.mcp_servers import free_port, listening

FOLDER = Path(__file__).parents[2] / "realtime_cli" / "examples"
MCP = "realtime_cli.examples.weather_mcp"


@pytest.mark.parametrize(
    "spec",
    [
        "realtime_cli.examples.weather",
        str(FOLDER / "weather.py"),
        f"mcp:{PYTHON} -m {MCP}",
        f"cmd:{PYTHON} weather_command.py",
    ],
)
async def test_the_three_ways_tell_the_same(spec: str) -> None:
    async with hosting(spec, setup=ToolSetup(cwd=FOLDER)) as hosted:
        await _tells_the_weather(hosted)


async def test_the_server_works_over_http_too() -> None:
    port = free_port()
    async with (
        listening(PYTHON, "-m", MCP, str(port), port=port),
        hosting(f"mcp:http://127.0.0.1:{port}/mcp") as hosted,
    ):
        await _tells_the_weather(hosted)


async def _tells_the_weather(hosted: Hosted) -> None:
    (tool,) = hosted.toolbox.tools.values()
    assert (tool.name, tool.description) == ("get_weather", "Tells how warm it is in a city.")
    done = await hosted.call("get_weather", city="Paris", unit="fahrenheit")
    assert json.loads(done.output) == {"city": "Paris", "degrees": 59, "unit": "fahrenheit"}
    assert "city is missing" in error_of(await hosted.call("get_weather", unit="celsius"))


def test_the_python_example_is_ten_lines() -> None:
    assert len((FOLDER / "weather.py").read_text(encoding="utf-8").splitlines()) <= 10
