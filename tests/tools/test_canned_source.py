"""Canned answers, from a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from realtime_cli.core.inputs import ToolStarted
from realtime_cli.errors import BadInput
from realtime_cli.tools import ToolSetup, open_tools
from tests.tools.hosting import error_of, hosting, written

CANNED = """
- name: get_weather
  description: The weather of a city.
  parameters: {type: object, properties: {city: {type: string}, days: {type: integer}}}
  arguments: {city: /^par/i}
  result: {celsius: 21}
- name: get_weather
  arguments: {city: London, days: 2}
  result: rain
- name: get_weather
  arguments: {city: Oslo}
  fail: the service is down
- name: sleep
  result: awake
  delay_ms: 600000
- name: anything
  result:
"""


async def test_the_first_entry_that_fits_answers(tmp_path: Path) -> None:
    async with hosting(str(written(tmp_path, "canned.yaml", CANNED))) as hosted:
        tool = hosted.toolbox.tools["get_weather"]
        assert (tool.description, tool.needs_approval) == ("The weather of a city.", False)
        assert (await hosted.call("get_weather", city="PARIS", days=9)).output == '{"celsius":21}'
        assert (await hosted.call("get_weather", city="London", days=2)).output == "rain"
        assert error_of(await hosted.call("get_weather", city="Oslo")) == "the service is down"
        assert "no canned answer fits" in error_of(await hosted.call("get_weather", city="London", days=3))
        assert "city must be string" in error_of(await hosted.call("get_weather", city=1))
        assert (await hosted.call("anything", what="ever")).output == "null"


async def test_an_answer_takes_its_time_and_can_be_cancelled(tmp_path: Path) -> None:
    path = written(tmp_path, "canned.yml", f"tools:{CANNED}")
    async with hosting(f"canned:{path}") as hosted:
        call_id = hosted.start("sleep")
        await hosted.until(lambda: hosted.of(ToolStarted))
        hosted.host.cancel(call_id)
        assert (await hosted.finished(call_id)).outcome == "cancelled"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- name: a", "entry 1: result or fail must be there"),
        ("- {name: a, result: 1, fail: x}", "entry 1: result or fail must be there, and not both"),
        ("- {name: a, result: 1}\n- {name: b, result: 1, dealy_ms: 3}", "entry 2: unknown field 'dealy_ms'"),
        ("- {name: a, result: 1, arguments: {x: /(/}}", "has a regex that is none, /(/"),
        ("- {name: a, result: 1, arguments: 3}", "arguments must be a mapping"),
        ("- {name: a, result: 1, delay_ms: soon}", "delay_ms must be a number"),
        ("- {result: 1}", "name must be 1 to 64 letters"),
        ("just text", "entry 1: this must be a mapping"),
    ],
)
async def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    path = written(tmp_path, "canned.yaml", text)
    with pytest.raises(BadInput) as raised:
        async with open_tools([str(path)], ToolSetup()):
            pass
    assert words in str(raised.value)
    with pytest.raises(BadInput, match=r"none\.yaml: No such file"):
        async with open_tools(["none.yaml"], ToolSetup(cwd=tmp_path)):
            pass
