"""`realtime tools`: tools without a session."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

import pytest

from tests.cli.program import Program, ended, side_by_side
from tests.support.serving import eventually

WEATHER = "realtime_cli.examples.weather"
MINE = '''
import sys, time, threading

def shout(word: str, times: int = 1) -> str:
    """Says it loudly."""
    print("shouting")
    return word.upper() * times

def crash() -> str:
    """Crashes."""
    raise ValueError("no such \\x1b[31mcity")

def slow() -> str:
    """Never ends."""
    open("began", "w").close()
    threading.Event().wait()
    return ""
'''


@pytest.fixture
def mine(realtime: Program) -> tuple[str, str]:
    realtime.file("mine.py", MINE)
    return ("--tools", "mine.py")


async def test_tools_are_listed_for_people_and_for_programs(realtime: Program, mine: tuple[str, str]) -> None:
    realtime.file("x.py", "")
    command = ("--tools", f"cmd:{Path(sys.executable).as_posix()} x.py")
    table, listed, schema = await side_by_side(
        realtime("tools", *words, *mine, *command)
        for words in (("list", "--approve", "shout=never"), ("list", "--json"), ("schema",))
    )
    assert (table.status, listed.status, schema.status) == (0, 0, 0)
    assert (table.err, listed.err, schema.err) == ("", "", "")
    rows = [line for line in table.lines[2:] if not line.startswith(" ")]
    assert [row.split()[0] for row in rows] == ["shout", "crash", "slow", "x"]
    assert "never" in table.lines[2]
    assert [(each["name"], each["approval"]) for each in listed.of_type("tool")] == [
        ("shout", "no"),
        ("crash", "no"),
        ("slow", "no"),
        ("x", "ask"),
    ]
    definitions = json.loads(schema.out)
    assert definitions[0]["type"] == "function"
    assert definitions[0]["parameters"]["required"] == ["word"]
    assert [sorted(each) for each in definitions] == [["description", "name", "parameters", "type"]] * 4


async def test_a_call_prints_its_result_and_beside_it_what_the_tool_says(
    realtime: Program, mine: tuple[str, str]
) -> None:
    given, piped, as_json = await side_by_side(
        realtime("tools", "call", "shout", *words, *mine, stdin='{"word": "a", "times": 2}')
        for words in (('{"word": "hi"}',), ("-",), ("-", "--json"))
    )
    assert (given.status, given.out, given.err) == (0, "HI\n", "shouting\n")
    assert (piped.status, piped.out) == (0, "AA\n")
    (told,) = as_json.of_type("tool.finished")
    assert told.pop("duration_ms") < 30_000
    assert told == {
        "type": "tool.finished",
        "name": "shout",
        "outcome": "done",
        "output": "AA",
        "detail": "shouting\n",
    }
    assert as_json.err == ""


async def test_failures_have_their_exit_codes(realtime: Program, mine: tuple[str, str]) -> None:
    calls = {
        ("crash",): (1, "crash: ValueError: no such ␛[31mcity"),
        ("shout", "{}"): (3, "shout: the arguments do not fit the schema: word is missing"),
        ("shout", "nonsense"): (3, "shout: the arguments are not JSON: "),
        ("unknown",): (2, "there is no tool unknown"),
        ("slow", "--tool-timeout", "0.2"): (8, "slow did not finish within 0.2 s"),
    }
    done = await side_by_side(realtime("tools", "call", *words, *mine) for words in calls)
    for result, (status, words) in zip(done, calls.values(), strict=True):
        complaint = [line for line in result.stderr.decode().splitlines() if line.startswith("realtime: ")]
        assert result.status == status
        assert words in complaint[0]
        assert result.out == ""
    assert "mine.py" in done[0].stderr.decode()


async def test_a_long_source_is_broken_behind_its_dots(realtime: Program) -> None:
    done = await realtime("tools", "list", "--tools", WEATHER, env={"COLUMNS": "80"})
    assert [line.split()[-1] for line in done.lines[2:4]] == ["realtime_cli.examples.", "weather"]


async def test_ask_alone_says_what_it_does(realtime: Program) -> None:
    done = await realtime("tools", "list", "--tools", "ask")
    assert done.out == ""
    assert "you answer it yourself" in done.err


async def test_specs_that_make_no_sense_are_told(realtime: Program) -> None:
    realtime.file("broken.py", "import json\nimport nothing_like_that\n")
    none, unknown, broken, twice, variable = await side_by_side(
        realtime("tools", "list", *words)
        for words in (
            (),
            ("--tools", "what is this"),
            ("--tools", "broken.py"),
            ("--tools", WEATHER, "--tools", WEATHER),
            ("--tools", "cmd:sh x.sh", "--tool-env", "NOPE"),
        )
    )
    assert [each.status for each in (none, unknown, broken, twice, variable)] == [2, 2, 3, 2, 2]
    assert none.complaint == "--tools says which tools there are, and is missing"
    assert "nobody knows what that is" in unknown.complaint
    assert "broken.py line 2: ModuleNotFoundError" in broken.complaint
    assert "two tools are named get_weather" in twice.complaint
    assert variable.complaint == "--tool-env NOPE: it is not set"


async def test_a_file_of_another_kind_is_no_module(realtime: Program) -> None:
    realtime.file("README.md", "# Tools\n")
    tools = ("--tools", "README.md")
    results = await side_by_side(
        realtime(*words, *tools) for words in (("tools", "list"), ("tools", "call", "x"), ("chat",))
    )
    for done in results:
        assert (done.status, done.out) == (2, "")
        assert done.complaint == "--tools README.md: a file of this kind holds no tools"


async def test_a_person_can_answer(realtime: Program) -> None:
    answered, silent = await side_by_side(
        realtime("tools", "call", "book", '{"seats": 2}', "--tools", "ask", stdin=text)
        for text in ("done\nmore\n", "")
    )
    assert (answered.status, answered.out) == (0, "done\n")
    assert 'book {"seats": 2}' in answered.err
    assert silent.status == 1
    assert silent.complaint == "book: there was no answer"


async def test_an_mcp_server_is_called(realtime: Program) -> None:
    server = f"mcp:{Path(sys.executable).as_posix()} -m realtime_cli.examples.weather_mcp"
    done = await realtime("tools", "call", "get_weather", '{"city": "Paris"}', "--tools", server)
    assert (done.status, json.loads(done.out)["degrees"], done.err) == (0, 15, "")


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
async def test_ctrl_c_ends_a_call(realtime: Program, mine: tuple[str, str]) -> None:
    async with realtime.running("tools", "call", "slow", *mine) as process:
        await eventually((realtime.home / "began").exists)
        process.send_signal(signal.SIGINT)
        done = await ended(process)
    assert done.status == 130
    assert done.out == ""


@pytest.mark.parametrize("words", [("tools",), ("tools", "--help"), ("tools", "call", "--help")])
def test_the_help_has_examples(realtime: Program, words: tuple[str, ...]) -> None:
    done = realtime.run_now(*words)
    assert "realtime tools call get_weather" in done.out + done.err
