"""Functions of Python files and modules become tools."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from realtime_cli.errors import BadInput
from realtime_cli.tools import Tool, ToolSetup, open_tools
from tests.tools.hosting import hosting, written

SHOP = '''
from __future__ import annotations
from dataclasses import dataclass
from enum import Enum
from os.path import join
from typing import Annotated, Literal, Optional
from pydantic import BaseModel, Field
from realtime_cli.tools import Context

@dataclass
class Place:
    city: str
    country: str = "FR"

class Options(BaseModel):
    title: str = "none"
    days: int = Field(1, ge=1, le=7, description="how many days")

def find(
    place: Place,
    context: Context,
    options: Optional[Options] = None,
    unit: Literal["c", "f"] = "c",
    count: Annotated[int, "how many"] = 3,
    schema: str = "x",
) -> object:
    """Finds something.

    In more words.

    Args:
        place: where it is,
            or was
        unit (str): of the answer
        count: not this
    """
    return [type(place).__name__, place.country, options and options.days, unit, count, schema]

async def sphinx(text: str, **more: int) -> object:
    """Short.

    :param text: what to say
    :returns: nothing
    """
    return [text, more]

def helper(anything):
    return anything

def _private(x: int) -> int:
    """Not for the model."""
    return x

def awaitable(x: int) -> object:
    """A plain function that gives something to wait for."""
    return sphinx(str(x))
'''


async def tools_of(folder: Path, text: str, name: str = "shop.py") -> dict[str, Tool]:
    path = written(folder, name, text)
    async with open_tools([str(path)], ToolSetup()) as toolbox:
        return dict(toolbox.tools)


async def test_public_functions_with_a_docstring_are_tools(tmp_path: Path) -> None:
    tools = await tools_of(tmp_path, SHOP)
    assert list(tools) == ["find", "sphinx", "awaitable"]
    assert tools["find"].description == "Finds something.\n\nIn more words."
    assert tools["sphinx"].description == "Short."
    assert not tools["find"].needs_approval


async def test_the_schema_comes_from_the_signature_and_the_docstring(tmp_path: Path) -> None:
    schema: Any = (await tools_of(tmp_path, SHOP))["find"].parameters
    properties = schema["properties"]
    assert list(properties) == ["place", "options", "unit", "count", "schema"]
    assert schema["required"] == ["place"]
    assert schema["additionalProperties"] is False
    assert properties["unit"] == {
        "type": "string",
        "enum": ["c", "f"],
        "default": "c",
        "description": "of the answer",
    }
    assert properties["count"]["description"] == "how many"
    assert properties["place"]["description"] == "where it is, or was"
    options = schema["$defs"]["Options"]["properties"]
    assert options["title"] == {"default": "none", "type": "string"}
    assert options["days"]["maximum"] == 7


async def test_arguments_arrive_in_their_types(tmp_path: Path) -> None:
    path = written(tmp_path, "shop.py", SHOP)
    async with hosting(str(path)) as hosted:
        done = await hosted.call("find", place={"city": "Paris"}, options={"days": 2})
        assert done.output == '["Place","FR",2,"c",3,"x"]'
        assert (await hosted.call("sphinx", text="a", extra=1)).output == '["a",{"extra":1}]'
        assert (await hosted.call("awaitable", x=1)).output == '["1",{}]'
        wrong = await hosted.call("find", place={"city": "Paris"}, options={"days": 9})
        assert "options.days: Input should be less than or equal to 7" in wrong.output


async def test_the_modules_own_list_chooses(tmp_path: Path) -> None:
    text = '__all__ = ["b"]\ndef a() -> None:\n    """A."""\ndef b() -> None:\n    """B."""\n'
    assert list(await tools_of(tmp_path, text)) == ["b"]


async def test_a_file_may_be_named_like_a_module_and_import_its_neighbours(tmp_path: Path) -> None:
    written(tmp_path, "neighbour_of_json.py", "WORD = 'hi'")
    text = 'from neighbour_of_json import WORD\ndef say() -> str:\n    """Says."""\n    return WORD\n'
    async with hosting(str(written(tmp_path, "json.py", text))) as hosted:
        assert (await hosted.call("say")).output == "hi"


async def test_a_module_is_named_with_dots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "market").mkdir()
    written(tmp_path / "market", "stall.py", 'def sell() -> str:\n    """Sells."""\n    return "sold"\n')
    monkeypatch.setattr("sys.path", [*__import__("sys").path])
    async with hosting("market.stall", setup=ToolSetup(cwd=tmp_path)) as hosted:
        assert (await hosted.call("sell")).output == "sold"


async def test_what_a_file_prints_at_its_import_is_no_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await tools_of(tmp_path, 'print("loaded")\ndef a() -> None:\n    """A."""\n')
    assert capsys.readouterr() == ("", "loaded\n")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import json\n\nimport no_such_module_x", "shop.py line 3: ModuleNotFoundError: No module named"),
        ("def f(:\n", "shop.py line 1: SyntaxError: "),
        ("import sys\nsys.exit(4)", "shop.py line 2: SystemExit: 4"),
        ('import json\njson.loads("{")', "shop.py line 2: JSONDecodeError: "),
        ('def f(x):\n    """F."""\n', "shop.py line 1: f cannot be a tool: its parameter x has no type hint"),
        ('def f(x: int, /) -> None:\n    """F."""\n', "f cannot be a tool: a model passes arguments by name"),
        ('def f(*x: int) -> None:\n    """F."""\n', "f cannot be a tool: a model passes arguments by name"),
        ('def f(x: "Nope") -> None:\n    """F."""\n', "f cannot be a tool: its type hints cannot be read"),
        ('def f(x: type(open)) -> None:\n    """F."""\n', "f cannot be a tool: no JSON Schema"),
        ('def grüß() -> None:\n    """F."""\n', "grüß cannot be a tool: its name has other characters"),
        ("def f() -> None: ...\n", "has no tools"),
    ],
)
async def test_what_is_wrong_with_a_file_is_told_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(BadInput) as raised:
        await tools_of(tmp_path, text)
    assert words in str(raised.value)


async def test_a_missing_file_and_a_missing_module_are_told(tmp_path: Path) -> None:
    for spec, words in (
        ("no.py", "no.py: no such file"),
        ("no_such_package.x", "no_such_package.x: ModuleNot"),
    ):
        with pytest.raises(BadInput, match=words):
            async with open_tools([spec], ToolSetup(cwd=tmp_path)):
                pass
