"""All tools of a session: which source a spec means, and names that collide."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from realtime_cli.errors import RealtimeError, UsageError
from realtime_cli.tools import Toolbox, ToolSetup, open_tools
from tests.tools.hosting import PYTHON, written

WEATHER = "realtime_cli.examples.weather"
EXAMPLES = Path(__file__).parents[2] / "realtime_cli" / "examples"


async def test_sources_mix() -> None:
    specs = [WEATHER, "ask", "ask:book"]
    async with open_tools(specs, ToolSetup()) as toolbox:
        assert [(tool.name, tool.source) for tool in toolbox.tools.values()] == [
            ("get_weather", WEATHER),
            ("book", "ask:book"),
        ]
        unknown = toolbox.find("unknown")
        assert unknown is not None
        assert unknown.source == "ask"


async def test_two_tools_of_one_name_are_an_error_that_names_both_sources() -> None:
    for other in (f"cmd:{PYTHON} weather_command.py", "ask:get_weather"):
        with pytest.raises(UsageError) as raised:
            async with open_tools([WEATHER, other], ToolSetup(cwd=EXAMPLES)):
                pass
        assert str(raised.value) == f"two tools are named get_weather: of {WEATHER} and {other}"
    with pytest.raises(UsageError, match=f"of {WEATHER}, twice"):
        async with open_tools([WEATHER, WEATHER], ToolSetup()):
            pass


@pytest.mark.parametrize("spec", ["", "what is this", "https://example.com/mcp", "my-weather.js", "a/b"])
async def test_a_spec_that_means_nothing_is_told_what_there_is(spec: str) -> None:
    with pytest.raises(UsageError, match="nobody knows what that is") as raised:
        async with open_tools([spec], ToolSetup()):
            pass
    assert "mcp:URL" in raised.value.hint


async def test_sources_come_and_go(tmp_path: Path) -> None:
    canned = str(written(tmp_path, "a.yaml", "[{name: a, result: 1}, {name: b, result: 2}]"))
    async with open_tools([WEATHER], ToolSetup()) as toolbox:
        assert [tool.name for tool in await toolbox.add(canned)] == ["a", "b"]
        await toolbox.remove("b")
        assert _names(toolbox) == ["get_weather", "a"]
        await toolbox.remove(canned)
        assert _names(toolbox) == ["get_weather"]
        await toolbox.remove(WEATHER)
        assert _names(toolbox) == []
        with pytest.raises(UsageError, match="there is no tool get_weather"):
            await toolbox.remove("get_weather")


async def test_a_tool_that_was_removed_stays_away_when_a_source_goes(tmp_path: Path) -> None:
    canned = str(written(tmp_path, "a.yaml", "[{name: a, result: 1}, {name: b, result: 2}]"))
    async with open_tools([WEATHER, canned], ToolSetup()) as toolbox:
        await toolbox.remove("a")
        await toolbox.add("ask:a")
        await toolbox.remove(WEATHER)
        assert [(tool.name, tool.source) for tool in toolbox.tools.values()] == [
            ("b", canned),
            ("a", "ask:a"),
        ]
        await toolbox.remove(canned)
        assert [(tool.name, tool.source) for tool in toolbox.tools.values()] == [("a", "ask:a")]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows guesses where somebody's folder would be")
@pytest.mark.parametrize("form", ["{}.py", "{}.yaml", "canned:{}.txt", "ask:{}.yaml", "{}.json"])
async def test_the_folder_of_a_user_whom_nobody_knows_is_an_error(form: str) -> None:
    with pytest.raises(UsageError, match="there is no such user"):
        async with open_tools([form.format("~nobody_of_this_name/x")], ToolSetup()):
            pass


async def test_of_several_sources_all_are_added_or_none() -> None:
    async with open_tools([], ToolSetup()) as toolbox:
        with pytest.raises(RealtimeError):
            await toolbox.add(WEATHER, "nothing.py")
        assert _names(toolbox) == []
        await toolbox.add(WEATHER)


def _names(toolbox: Toolbox) -> list[str]:
    return list(toolbox.tools)
