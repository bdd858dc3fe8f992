"""Tools on the live screen: what is asked, answered, cancelled, added, and what becomes of it."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.cli.program import Json, Program
from tests.support.serving import eventually
from tests.terminal.screen import CTRL_C, CTRL_D, ENTER, Terminal, terminal
from tests.tools.mcp_servers import ODD, needs

CTRL_N, CTRL_Y = "\x0e", "\x19"
PYTHON = Path(sys.executable).as_posix()
MINE = '''
import asyncio, os, subprocess, sys, threading

def weather(city: str) -> str:
    """Tells the weather."""
    return f"fine in {city}"

async def slow() -> str:
    """Never ends."""
    open("began", "w").close()
    try:
        await asyncio.Event().wait()
    finally:
        open("stopped", "w").close()
    return ""

def crash() -> str:
    """Crashes."""
    raise ValueError("no such \\x1b[2Jcity")

def loud() -> str:
    """Prints, in every way there is."""
    print("LOUD print\\n" * 50)
    print("LOUD stderr", file=sys.stderr)
    os.write(1, b"LOUD write\\n\\x1b[2J")
    os.write(2, b"LOUD write\\n\\x1b[2J")
    threading.Thread(target=print, args=("LOUD thread",)).start()
    subprocess.run([sys.executable, "-c", "print('LOUD child')"])
    return "quiet"
'''
ORACLE = """
name: oracle
description: Knows.
parameters: {type: object, properties: {question: {type: string}}, required: [question]}
"""
SCRIPT = """
mcp:
  docs: [search, fetch]
turns:
  - when: rome
    call: {name: weather, arguments: {city: Rome}}
  - when: both
    call: [{name: weather, arguments: {city: Rome}}, {name: weather, arguments: {city: Oslo}}]
  - when: call slow
    call: {name: slow}
  - when: call crash
    call: {name: crash}
  - when: call loud
    call: {name: loud}
  - when: a trap
    call: {name: weather, arguments: {city: "TRAP"}}
  - when: call vanish
    call: {name: vanish}
  - when: why
    call: {name: oracle, arguments: {question: why}}
  - when: search
    mcp: {server: docs, name: search, arguments: {q: tomatoes}, output: 3 pages}
  - after: search
    say: "Found {output}."
  - denied: search
    say: "Then not."
  - after: "*"
    say: "It is {output}."
  - otherwise: true
    say: "You said {text}."
"""
TRAP = "echo filler && " * 200 + "rm -rf /home/me"


@asynccontextmanager
async def talking(program: Program, *more: str, **env: str) -> AsyncGenerator[Terminal]:
    """A conversation with tools, waiting for the first turn."""
    program.file("mine.py", MINE)
    program.file("oracle.yaml", ORACLE)
    program.file("script.yaml", SCRIPT.replace("TRAP", TRAP))
    start = ("chat", "--text", "--script", "script.yaml", "--tools", "mine.py")
    async with terminal(program, *start, *more, columns=100, **env) as screen:
        await screen.until(lambda: rests(screen))
        yield screen


def rests(screen: Terminal) -> bool:
    """Whether nothing is under way."""
    return screen.lines[-2:-1] == ["›"] and "ready" in screen.lines[-1]


def log(program: Program) -> list[Json]:
    """All lines of the log behind the header."""
    return [json.loads(line) for line in program.log().read_text(encoding="utf-8").splitlines()[1:]]


def offered(program: Program) -> list[list[str]]:
    """The names of the tools in each `session.update`."""
    sent = [line["event"] for line in log(program) if line["dir"] == "out"]
    tools = [event["session"].get("tools", []) for event in sent if event["type"] == "session.update"]
    return [[tool.get("name") or tool["server_label"] for tool in each] for each in tools]


@pytest.mark.parametrize("yes", [CTRL_Y, f"/approve{ENTER}", f"/approve weather{ENTER}"])
async def test_a_call_waits_until_it_is_allowed(realtime: Program, yes: str) -> None:
    async with talking(realtime, "--approve", "ask") as screen:
        screen.type(f"rome{ENTER}")
        await screen.shows('⚙ weather({"city": "Rome"}) ? waiting for approval: ^Y /approve, ^N /deny')
        assert "^Y allows" in screen.lines[-1]
        screen.type(yes)
        await screen.shows("● It is fine in Rome.")
        await screen.until(lambda: rests(screen))
        assert "✓ done in" in screen.text


async def test_the_end_of_a_long_command_is_seen_before_it_is_allowed(realtime: Program) -> None:
    asks = '⚙ weather ? waiting for approval: ^Y /approve, ^N /deny {"city": "echo filler'
    async with talking(realtime, "--approve", "ask") as screen:
        screen.resize(40)
        screen.type(f"a trap{ENTER}")
        await screen.shows("more characters: Ctrl-E")
        assert asks in screen.text
        screen.type("one\x1b\rtwo\x1b\rthree")
        await screen.until(lambda: screen.lines[-2].strip() == "three")
        assert asks in screen.text
        assert screen.lines[-5].endswith('/home/me"}')


@pytest.mark.parametrize("no", [CTRL_N, f"/deny{ENTER}", f"/deny weather{ENTER}"])
async def test_a_call_that_is_not_allowed_is_not_made(realtime: Program, no: str) -> None:
    async with talking(realtime, "--approve", "ask") as screen:
        screen.type(f"rome{ENTER}")
        await screen.shows("waiting for approval")
        screen.type(no)
        await screen.shows("✗ denied")
        await screen.shows('● It is {"error": "the user did not allow this call"}.')
        assert "fine in" not in screen.text


async def test_several_calls_are_allowed_one_by_one_or_all(realtime: Program) -> None:
    async with talking(realtime, "--approve", "ask") as screen:
        screen.type(f"both{ENTER}")
        await screen.until(lambda: screen.text.count("waiting for approval: ^Y /approve") == 2)
        screen.type(CTRL_Y)
        await screen.shows("↳ fine in Rome")
        assert "fine in Oslo" not in screen.text
        screen.type(CTRL_N)
        await screen.shows("✗ denied")
        await screen.until(lambda: rests(screen))
        screen.type(f"both{ENTER}")
        await screen.until(lambda: screen.text.count("waiting for approval: ^Y /approve") == 2)
        screen.type(f"/approve all{ENTER}")
        await screen.shows("↳ fine in Oslo")


async def test_a_call_that_nobody_allows_in_time_is_denied(realtime: Program) -> None:
    async with talking(realtime, "--approve", "ask", "--approval-timeout", "0.5") as screen:
        screen.type(f"rome{ENTER}")
        await screen.shows('● It is {"error": "nobody approved this call within 0.5 s"}.')
        assert "✗ denied" in screen.text


@pytest.mark.parametrize(
    ("key", "becomes", "answer"),
    [
        (CTRL_Y, "✓ approved", "Found 3 pages."),
        (CTRL_N, "✗ denied", "Then not."),
        (f"/approve{ENTER}", "✓ approved", "Found 3 pages."),
        (f"/deny search{ENTER}", "✗ denied", "Then not."),
        ("", "nobody approved docs.search within 0.5 s: denied", "Then not."),
    ],
)
async def test_a_request_of_the_server_is_answered(
    realtime: Program, key: str, becomes: str, answer: str
) -> None:
    server = ("--mcp-server", "docs=https://docs.example/mcp")
    patience = () if key else ("--approval-timeout", "0.5")
    async with talking(realtime, *server, *patience) as screen:
        await screen.shows("⚙ docs 2 tools: search, fetch")
        screen.type(f"search{ENTER}")
        if key:
            asks = 'docs.search({"q": "tomatoes"}) ? waiting for approval: ^Y /approve, ^N /deny'
            await screen.shows(asks)
            assert "collecting" not in screen.text
            assert "waiting for approval" in screen.lines[-1]
            screen.type(key)
        await screen.shows(becomes)
        await screen.shows(f"● {answer}")
        assert screen.text.count("docs.search(") == 1 + ("3 pages" in answer)


@pytest.mark.parametrize("declared", [True, False])
async def test_a_person_stands_in_for_a_tool(realtime: Program, declared: bool) -> None:
    async with talking(realtime, "--tools", "ask:oracle.yaml" if declared else "ask") as screen:
        screen.type(f"why{ENTER}")
        await screen.shows("oracle wants an answer: /answer oracle TEXT")
        assert ('"properties": {"question": {"type": "string"}}' in screen.text) == declared
        await screen.shows('oracle({"question": "why"}) ? waiting for your answer: /answer oracle')
        screen.type(f'/answer oracle {{"because": 42}}{ENTER}')
        await screen.shows('● It is {"because": 42}.')
        await screen.until(lambda: rests(screen))


async def test_ctrl_c_stops_a_tool(realtime: Program) -> None:
    async with talking(realtime) as screen:
        screen.type(f"call slow{ENTER}")
        await screen.shows("slow({}) ◌ running")
        await screen.until(lambda: "tokens" in screen.lines[-1])  # the answer with the call is over
        screen.type(CTRL_C)
        await screen.shows("– cancelled after")
        await eventually((realtime.home / "stopped").exists)


@pytest.mark.parametrize("stop", ["/cancel", "/cancel slow"])
async def test_a_tool_is_stopped_while_the_talk_goes_on(realtime: Program, stop: str) -> None:
    async with talking(realtime) as screen:
        screen.type(f"call slow{ENTER}")
        await screen.shows("slow({}) ◌ running")
        screen.type(f"are you there{ENTER}")
        await screen.shows("● You said are you there.")
        screen.type(f"{stop}{ENTER}")
        await screen.shows("– cancelled after")
        await screen.shows('● It is {"error": "this call was cancelled"}.')
        await eventually((realtime.home / "stopped").exists)


async def test_leaving_stops_a_tool(realtime: Program) -> None:
    async with talking(realtime) as screen:
        screen.type(f"call slow{ENTER}")
        await screen.shows("slow({}) ◌ running")
        await eventually((realtime.home / "began").exists)
        screen.type(CTRL_D)
        assert await screen.ends() == 0
        assert screen.is_as_before
        assert (realtime.home / "stopped").exists()
        assert "– cancelled" in screen.text


async def test_a_crash_is_a_line_and_its_traceback_is_in_the_raw_view(realtime: Program) -> None:
    async with talking(realtime) as screen:
        screen.type(f"call crash{ENTER}")
        await screen.shows("crash({}) ✗ failed after")
        await screen.until(lambda: rests(screen))
        assert "Traceback" not in screen.text
        screen.type(f"/events tool.finished{ENTER}")
        await screen.shows("1 of ")
        screen.type(ENTER)
        await screen.shows("Traceback")


async def test_whatever_a_tool_prints_stays_off_the_screen(realtime: Program) -> None:
    async with talking(realtime) as screen:
        screen.type(f"call loud{ENTER}")
        await screen.shows("● It is quiet.")
        await screen.until(lambda: rests(screen))
        screen.type(f"hello{ENTER}")
        await screen.shows("● You said hello.")
        assert b"LOUD" not in screen.raw
        assert "› call loud" in screen.lines
        screen.type(CTRL_D)
        assert await screen.ends() == 0
        assert b"LOUD" not in screen.raw


async def test_tools_come_and_go(realtime: Program) -> None:
    session = {"tools": [{"type": "function", "name": "own", "parameters": {"type": "object"}}]}
    realtime.file("session.json", session)
    token = "tk-0123456789abcdef"
    more = ("--session", "session.json", "--mcp-server", "docs=https://docs.example/mcp")
    async with talking(realtime, *more, REALTIME_MCP_TOKEN_DOCS=token) as screen:
        screen.type(f"/tools{ENTER}")
        await screen.shows("weather Tells the weather. (mine.py · runs without approval)")
        screen.type(f"/tools add ask:oracle.yaml{ENTER}")
        await screen.shows("added oracle")
        screen.type(f"/tools remove weather{ENTER}")
        await screen.shows("removed weather")
        screen.type(f"/tools add mine.py{ENTER}")
        await screen.shows("error: two tools are named slow")
        screen.type(f"/tools add nothing.py{ENTER}")
        await screen.shows("error: nothing.py: no such file")
        screen.type(f"/tools call crash{ENTER}")
        await screen.shows('crash: {"error": "ValueError: no such')
        screen.type(f'/tools call oracle {{"question": "why"}}{ENTER}')
        await screen.shows("whoever calls it by hand would have to answer it, too")
        screen.type(f"/tools remove nobody{ENTER}")
        await screen.shows("there is no tool nobody")
        screen.type(CTRL_D)
        assert await screen.ends() == 0
        assert token.encode() not in screen.raw
    assert offered(realtime) == [
        ["own", "weather", "slow", "crash", "loud", "docs"],
        ["own", "docs", "weather", "slow", "crash", "loud", "oracle"],
        ["own", "docs", "slow", "crash", "loud", "oracle"],
    ]
    updates = [each["event"] for each in log(realtime) if each["event"]["type"] == "session.update"]
    told = [tool for each in updates for tool in each["session"]["tools"] if tool["type"] == "mcp"]
    assert [tool["authorization"] for tool in told] == ["[redacted]"] * 3  # it is not lost on the way
    assert token not in realtime.log().read_text(encoding="utf-8")


async def test_a_misspelt_name_is_a_warning_where_tools_can_still_come(realtime: Program) -> None:
    async with talking(realtime, "--approve", "wether=never") as screen:
        await screen.shows("warning: --approve wether=never: there is no tool wether; did you mean weather?")


async def test_a_server_that_dies_fails_its_calls_and_is_told_once(realtime: Program) -> None:
    needs("mcp")
    realtime.file("odd.py", ODD)
    async with talking(realtime, "--tools", f"mcp:{PYTHON} odd.py", "--approve", "always") as screen:
        screen.type(f"call vanish{ENTER}")
        await screen.shows("✗ failed")
        await screen.until(lambda: rests(screen))
        screen.type(f"call vanish{ENTER}")
        await screen.until(lambda: screen.text.count("✗ failed") == 2)
        await screen.until(lambda: rests(screen))
        assert screen.text.count("its tools fail from now on") == 1
        assert "LOUD" not in screen.text


async def test_a_simple_terminal_tells_each_call_and_what_came_of_it(realtime: Program) -> None:
    realtime.file("mine.py", MINE)
    realtime.file("script.yaml", SCRIPT)
    start = ("chat", "--text", "--script", "script.yaml", "--tools", "mine.py", "--approve", "slow=ask")
    async with terminal(realtime, *start, columns=100, TERM="dumb") as screen:
        await screen.until(lambda: screen.lines[-1] == "›")
        screen.type(f"rome{ENTER}")
        await screen.shows("● It is fine in Rome. ›")
        assert '⚙ weather({"city": "Rome"})' in screen.lines
        assert "↳ fine in Rome (weather: done in" in screen.text
        screen.type(f"call loud{ENTER}")
        await screen.shows("● It is quiet. ›")
        assert "LOUD" not in screen.text
        screen.type(f"call slow{ENTER}")
        await screen.shows("⚙ slow({}) waits for approval: /approve or /deny ›")
        screen.type(f"/deny{ENTER}")
        await screen.shows("(slow: denied)")


async def test_a_replay_looks_the_same_without_the_tools(realtime: Program) -> None:
    async with talking(realtime, "--approve", "ask") as screen:
        screen.type(f"both{ENTER}")
        await screen.until(lambda: screen.text.count("waiting for approval: ^Y /approve") == 2)
        screen.type(f"/approve all{ENTER}")
        await screen.shows("● It is fine in Rome.")
        await screen.until(lambda: rests(screen))
        screen.type(f"call crash{ENTER}")
        await screen.shows("waiting for approval")
        screen.type(CTRL_N)
        await screen.shows("✗ denied")
        await screen.until(lambda: rests(screen))
        lines = [line for line in screen.lines if line.startswith(("⚙", "  ↳"))]
        screen.type(CTRL_D)
        assert await screen.ends() == 0
    assert len(lines) == 6
    (realtime.home / "mine.py").unlink()
    async with terminal(realtime, "replay", realtime.log(), "--speed", "max", columns=100) as screen:
        await screen.until(lambda: [line for line in screen.lines if line.startswith(("⚙", "  ↳"))] == lines)
