"""`realtime chat` with tools, in a pipe: every way that a call can go, from the brain to the words."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

import pytest

from tests.cli.program import Json, Program, Result, ended, side_by_side, words_of
from tests.cli.servers import event, peer, saying
from tests.cli.sounds import wav
from tests.support.serving import eventually
from tests.support.speech import silence, spoken
from tests.tools.mcp_servers import ODD, free_port, listening, needs, npx

PYTHON = Path(sys.executable).as_posix()
MINE = '''
import asyncio, os, subprocess, sys, threading

def weather(city: str) -> str:
    """Tells the weather."""
    return f"fine in {city}"

def forecast(city: str) -> str:
    """Tells the weather to come."""
    return f"rain in {city}"

async def clock() -> str:
    """Tells the time, after somebody has asked for the weather."""
    while not os.path.exists("asked"):
        await asyncio.sleep(0.01)
    return "noon"

def prompt() -> str:
    """Is there at once."""
    open("asked", "w").close()
    return "now"

def crash() -> str:
    """Crashes."""
    raise ValueError("no such \\x1b[31mcity")

def big() -> str:
    """Gives 5 MB."""
    return "x" * 5_000_000

async def slow() -> str:
    """Never ends."""
    open("began", "w").close()
    try:
        await asyncio.Event().wait()
    finally:
        open("stopped", "w").close()
    return ""

def loud() -> str:
    """Prints, in every way there is."""
    print("LOUD print")
    print("LOUD stderr", file=sys.stderr)
    os.write(1, b"LOUD write\\n")
    subprocess.run([sys.executable, "-c", "print('LOUD child')"])
    return "quiet"

def greedy() -> str:
    """Starts something that reads."""
    return str(subprocess.run([sys.executable, "-c", "import sys; print(len(sys.stdin.read()))"],
                              stdout=subprocess.PIPE).stdout)

def secret() -> str:
    """Tells a variable."""
    return os.environ.get("API_TOKEN", "nothing")
'''
CALLED = (
    *("clock", "prompt", "crash", "big", "slow", "loud", "greedy"),
    *("here", "where", "show", "vanish", "nothing"),
)
CALL = "  - {{when: call {0}, call: {{name: {0}}}}}\n"
SCRIPT = """
mcp:
  docs: [search, {name: fetch, description: Reads a page, input_schema: {type: object}}]
turns:
  - when: both
    call: [{name: clock}, {name: prompt}]
  - when: chain
    say: "First the weather. "
    call: {name: forecast, arguments: {city: Rome}}
  - when: broken
    call: {name: weather, arguments: "{not json"}
  - when: misfit
    call: {name: weather, arguments: {city: 5}}
  - when: time
    call:
      name: convert_time
      arguments: {source_timezone: Europe/Paris, time: "12:00", target_timezone: Asia/Tokyo}
  - when: echo
    call: {name: echo, arguments: {message: hi}}
  - when: search
    mcp: {server: docs, name: search, arguments: {q: tomatoes}, output: 3 pages}
  - when: fail to search
    mcp: {server: docs, name: search, error: no index}
  - when: fetch
    mcp: {server: docs, name: fetch, output: the page}
  - after: prompt
    say: "It is {output}."
  - after: forecast
    call: {name: prompt}
  - after: [search, fetch]
    say: "Found {output}."
  - denied: [search, fetch]
    say: "Then not."
  - after: "*"
    say: "It is {output}."
  - otherwise: true
    say: "You said {text}."
""".replace("turns:\n", "turns:\n" + "".join(map(CALL.format, CALLED)))


@pytest.fixture
def talk(realtime: Program) -> tuple[str, ...]:
    """What starts a conversation with the tools."""
    realtime.file("mine.py", MINE)
    realtime.file("script.yaml", SCRIPT)
    return ("chat", "--text", "--script", "script.yaml", "--tools", "mine.py")


def frames(program: Program, direction: str) -> list[Json]:
    """The events of the log that went one way."""
    lines = [json.loads(line) for line in program.log().read_text(encoding="utf-8").splitlines()]
    return [line["event"] for line in lines if line.get("dir") == direction]


def sent(program: Program) -> list[str]:
    """The types of all events that were sent after the configuration."""
    return [each["type"] for each in frames(program, "out") if each["type"] != "session.update"]


def calls(done: Result) -> list[tuple[str, str, str]]:
    """All calls of all turns."""
    return [
        (call["name"], call["state"], call["output"])
        for turn in done.of_type("turn")
        for call in turn["calls"]
    ]


async def test_a_call_of_the_rules_brain_is_run_and_put_into_words(realtime: Program) -> None:
    tools = ("--tools", "realtime_cli.examples.weather")
    done = await realtime("chat", "--text", "--json", *tools, stdin="what is the weather in Paris?\n")
    first, second = done.of_type("turn")
    (call,) = first["calls"]
    assert (call["name"], call["state"], json.loads(call["arguments"])) == (
        "get_weather",
        "done",
        {"city": "Paris"},
    )
    assert json.loads(call["output"])["city"] == "Paris"
    assert 0 <= call["duration_ms"] < 30_000
    assert "Paris" in second["assistant"]
    assert done.status == 0


async def test_parallel_calls_run_side_by_side_and_are_answered_in_their_order_at_once(
    realtime: Program, talk: tuple[str, ...]
) -> None:
    done = await realtime(*talk, "--json", stdin="both\n")  # the clock waits for the other one
    assert calls(done) == [("clock", "done", "noon"), ("prompt", "done", "now")]
    assert len(done.of_type("turn")) == 2
    assert sent(realtime) == [
        "conversation.item.create",
        "response.create",
        "conversation.item.create",
        "conversation.item.create",
        "response.create",
    ]
    ids = [call["call_id"] for turn in done.of_type("turn") for call in turn["calls"]]
    standing: list[str] = []  # the outputs, as the server has put them into the conversation
    for told in frames(realtime, "in"):
        item = told.get("item", {})
        if told["type"] == "conversation.item.added" and item.get("type") == "function_call_output":
            before = told.get("previous_item_id")
            place = next((n + 1 for n, each in enumerate(standing) if each == before), 0)
            standing.insert(place, item["id"])
    outputs = {
        told["item"]["id"]: told["item"]["call_id"]
        for told in frames(realtime, "in")
        if told.get("item", {}).get("type") == "function_call_output"
    }
    assert [outputs[item] for item in standing] == ids


async def test_a_chain_of_calls_goes_on_to_its_end(realtime: Program, talk: tuple[str, ...]) -> None:
    done = await realtime(*talk, "--json", stdin="chain\n")
    assert calls(done) == [("forecast", "done", "rain in Rome"), ("prompt", "done", "now")]
    assert [turn["assistant"] for turn in done.of_type("turn")] == ["First the weather. ", "", "It is now."]


@pytest.mark.parametrize(
    ("said", "name", "why"),
    [
        ("broken", "weather", "the arguments are not JSON"),
        ("misfit", "weather", "city: Input should be a valid string"),
        ("call nothing", "nothing", "there is no tool nothing; there are: weather, forecast, clock"),
        ("call crash", "crash", "ValueError: no such \x1b[31mcity"),
        ("call slow", "slow", "slow did not finish within 0.2 s"),
    ],
)
async def test_what_goes_wrong_is_an_error_that_the_model_can_mend(
    realtime: Program, talk: tuple[str, ...], said: str, name: str, why: str
) -> None:
    limit = ("--tool-timeout", "0.2") if name == "slow" else ()
    done = await realtime(*talk, "--json", *limit, stdin=f"{said}\nstill there?\n")
    ((called, state, output),) = calls(done)
    assert (called, state) == (name, "failed")
    assert why in json.loads(output)["error"]
    assert done.of_type("turn")[-1]["assistant"] == "You said still there?."
    assert done.status == 0
    assert b"\x1b" not in done.stdout


async def test_a_traceback_is_in_the_log_and_nowhere_else(realtime: Program, talk: tuple[str, ...]) -> None:
    done = await realtime(*talk, stdin="call crash\n")
    assert "Traceback" not in done.out + done.err
    (told,) = (each for each in frames(realtime, "local") if each["type"] == "tool.finished")
    assert 'mine.py", line ' in told["detail"]
    assert "Traceback" in told["detail"]


async def test_five_megabytes_are_cut_and_say_so(realtime: Program, talk: tuple[str, ...]) -> None:
    done = await realtime(*talk, "--json", stdin="call big\n")
    ((_, state, output),) = calls(done)
    assert state == "done"
    assert len(output) < 70_000
    assert output.endswith("\n[cut: these are the first 65,536 of 5,000,000 bytes]")


async def test_whatever_a_tool_prints_is_no_answer(realtime: Program, talk: tuple[str, ...]) -> None:
    plain, as_json, alone = await side_by_side(
        (
            realtime(*talk, stdin="call loud\n"),
            realtime(*talk, "--json", stdin="call loud\n"),
            realtime("tools", "call", "loud", "--tools", "mine.py"),
        )
    )
    assert plain.out == "It is quiet.\n"
    assert [each["type"] for each in as_json.objects] == ["turn", "turn", "summary"]
    assert alone.out == "quiet\n"
    assert "LOUD child" in alone.err


async def test_what_a_tool_starts_does_not_read_the_turns(realtime: Program, talk: tuple[str, ...]) -> None:
    done = await realtime(*talk, stdin="call greedy\nstill there?\n")
    assert done.lines == ["It is b'0\\n'.", "You said still there?."]


async def test_a_call_goes_on_while_the_user_speaks(realtime: Program) -> None:
    realtime.file("mine.py", MINE)
    turns = [
        {"when": "*", "once": True, "call": {"name": "clock"}},  # waits for the second turn
        {"when": "*", "once": True, "call": {"name": "prompt"}},
        {"otherwise": True, "say": "Well."},
    ]
    realtime.file("script.yaml", {"turns": turns})
    # A pause in which the first words are understood and call: else the second ones cancel their answer.
    words = spoken("good morning") + silence(5000) + spoken("and good evening") + silence(1500)
    realtime.file("two.wav", wav(words))
    done = await realtime(
        *("chat", "--json", "--script", "script.yaml", "--tools", "mine.py"),
        *("--input", "two.wav", "--repeat-silence", "--output", "answer.wav"),
    )
    assert done.status == 0, done.err
    assert calls(done) == [("clock", "done", "noon"), ("prompt", "done", "now")]
    told = frames(realtime, "in")
    spoke = [n for n, each in enumerate(told) if each["type"] == "input_audio_buffer.speech_started"]
    outputs = [n for n, each in enumerate(told) if each.get("item", {}).get("type") == "function_call_output"]
    assert len(spoke) == 2
    assert max(spoke) < min(outputs)
    assert len(done.of_type("turn")) == 4  # each output is answered, though one came during an answer


async def test_a_session_that_ends_stops_its_tools(realtime: Program, talk: tuple[str, ...]) -> None:
    async with realtime.running(*talk, "--json") as process:
        assert process.stdin is not None
        process.stdin.write(b"call slow\n")
        await eventually((realtime.home / "began").exists)
        process.send_signal(signal.SIGTERM)
        done = await ended(process)
    assert done.status == 130
    assert (realtime.home / "stopped").exists()
    assert [(name, state) for name, state, _ in calls(done)] == [("slow", "cancelled")]


async def test_the_end_of_the_pipe_waits_for_the_tools(realtime: Program, talk: tuple[str, ...]) -> None:
    async with realtime.running(*talk) as process:
        assert process.stdin is not None
        process.stdin.write(b"call clock\n")
        process.stdin.close()
        await eventually(lambda: "tool.started" in _log(realtime))
        realtime.file("asked", "")
        assert await words_of(process, until=b"\n") == b"It is noon.\n"


def _log(program: Program) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in program.logs.glob("*.jsonl"))


async def test_in_a_pipe_asking_means_no_and_is_said(realtime: Program, talk: tuple[str, ...]) -> None:
    realtime.file("here.py", "print('here')")
    command = ("--tools", f"cmd:{PYTHON} here.py")
    asks, yes, no, own = await side_by_side(
        (
            realtime(*talk, *command, "--json", stdin="call here\n"),
            realtime(*talk, *command, "--json", "--approve", "here=always", stdin="call here\n"),
            realtime(*talk, "--json", "--approve", "prompt=never", stdin="call prompt\n"),
            realtime(*talk, "--json", "--approve", "ask", stdin="call prompt\n"),
        )
    )
    said = "needs approval, and nobody is there to give it: denied (--approve"
    assert f"here {said} here=always allows it)" in asks.err
    assert f"prompt {said} prompt=always allows it)" in own.err
    assert said not in yes.err + no.err
    refusal = '{"error": "this call needs the user\'s approval, and nobody is there to give it"}'
    assert calls(asks) == [("here", "denied", refusal)]
    assert calls(own) == [("prompt", "denied", refusal)]
    assert calls(yes) == [("here", "done", "here")]
    assert calls(no) == [("prompt", "denied", '{"error": "the user allows no calls of this tool"}')]


async def test_a_name_that_nothing_has_is_noticed(realtime: Program, talk: tuple[str, ...]) -> None:
    chat, listed, unknown = await side_by_side(
        (
            realtime(*talk, "--approve", "wether=never", stdin="hi\n"),
            realtime("tools", "list", "--tools", "mine.py", "--approve", "wether=never"),
            realtime("tools", "list", "--tools", "ask", "--tools", "mine.py", "--approve", "oracle=never"),
        )
    )
    assert (chat.status, listed.status, unknown.status) == (2, 2, 0)
    assert chat.complaint == listed.complaint == "--approve wether=never: there is no tool wether"
    assert "did you mean weather?" in chat.err
    assert chat.out == ""


async def test_names_that_two_sources_have_are_a_clear_error(
    realtime: Program, talk: tuple[str, ...]
) -> None:
    realtime.file("canned.yaml", "- {name: weather, result: rain}\n")
    done = await realtime(*talk, "--tools", "canned.yaml", stdin="hi\n")
    assert done.status == 2
    assert done.complaint.startswith("two tools are named weather: of ")
    assert "mine.py" in done.complaint
    assert "canned.yaml" in done.complaint
    assert not list(realtime.logs.glob("*"))


async def test_tools_are_found_from_any_folder(realtime: Program) -> None:
    folder = realtime.home / "far" / "away"
    folder.mkdir(parents=True)
    (folder / "helper.py").write_text("WORD = 'near'\n", encoding="utf-8")
    (folder / "far.py").write_text(
        'from helper import WORD\n\ndef where() -> str:\n    """Where."""\n    return WORD\n',
        encoding="utf-8",
    )
    realtime.file("script.yaml", SCRIPT)
    for tools in ("far/away/far.py", f"{folder}/far.py", "./far/away/../away/far.py"):
        done = await realtime(
            "chat", "--no-log", "--text", "--script", "script.yaml", "--tools", tools, stdin="call where\n"
        )
        assert done.out == "It is near.\n"


SERVER = ("chat", "--text", "--script", "script.yaml", "--mcp-server", "docs=https://docs.example/mcp")


@pytest.mark.parametrize(
    ("policies", "search", "fetch", "asks"),
    [
        ((), "Then not.", "Then not.", "always"),
        (("ask",), "Then not.", "Then not.", "always"),
        (("never",), "Then not.", "Then not.", "always"),
        (("always",), "Found 3 pages.", "Found the page.", "never"),
        (("docs=always",), "Found 3 pages.", "Found the page.", "never"),
        (("docs=always", "fetch=never"), "Found 3 pages.", "Then not.", "always"),
        (("search=always",), "Found 3 pages.", "Then not.", "always"),
    ],
)
async def test_calls_at_the_servers_mcp_follow_the_policy(
    realtime: Program, policies: tuple[str, ...], search: str, fetch: str, asks: str
) -> None:
    realtime.file("script.yaml", SCRIPT)
    approve = [word for policy in policies for word in ("--approve", policy)]
    done = await realtime(*SERVER, *approve, stdin="search\nfetch\n")
    assert done.lines == [search, fetch]
    updates = [each["session"] for each in frames(realtime, "out") if each["type"] == "session.update"]
    assert [tool["require_approval"] for tool in updates[0]["tools"]] == [asks]
    listings = [each for each in frames(realtime, "in") if each["type"] == "mcp_list_tools.completed"]
    assert len(listings) == 1
    nobody = "docs.fetch needs approval, and nobody is there to give it: denied"
    assert (nobody in done.err) == (fetch == "Then not." and "never" not in "".join(policies))


async def test_calls_that_the_server_makes_are_in_its_turns(realtime: Program) -> None:
    realtime.file("script.yaml", SCRIPT)
    done = await realtime(*SERVER, "--json", "--approve", "always", stdin="search\nfail to search\n")
    made = [call for turn in done.of_type("turn") for call in turn["calls"]]
    assert [(call["name"], call["state"], call["output"]) for call in made] == [
        ("search", "done", "3 pages"),
        ("search", "failed", "no index"),
    ]
    assert {call["server_label"] for call in made} == {"docs"}


async def test_what_a_server_is_let_in_with_is_nowhere_to_be_read(realtime: Program) -> None:
    token, password, key = "tk-0123456789abcdef", "pw-0123456789abcdef", "ky-0123456789abcdef"
    address = f"my-docs=https://me:{password}@docs.example/mcp?api_key={key}"
    env = {"REALTIME_MCP_TOKEN_MY_DOCS": token}
    async with peer(saying("Yes.")) as server:
        done = await realtime(
            "chat", "--json", "--mcp-server", address, "--url", server.url, stdin="hi\n", env=env
        )
    (tool,) = server.events[0]["session"]["tools"]
    assert tool["authorization"] == token
    assert password in tool["server_url"]
    told = done.out + done.err + realtime.log().read_text(encoding="utf-8")
    assert "my-docs" in told
    assert [secret for secret in (token, password, key) if secret in told] == []


async def test_a_refusal_that_repeats_the_token_does_not_show_it(realtime: Program) -> None:
    token = "tk-0123456789abcdef"
    refusal = event("error", error={"type": "invalid_request_error", "message": f"no entry with {token}"})
    async with peer(lambda _: [refusal]) as server:
        done = await realtime(
            *("chat", "--timeout", "2", "--mcp-server", "docs=https://docs.example", "--url", server.url),
            stdin="hi\n",
            env={"REALTIME_MCP_TOKEN_DOCS": token},
        )
    assert "no entry with" in done.err
    assert token not in done.out + done.err + realtime.log().read_text(encoding="utf-8")


@pytest.mark.parametrize("given", ["docs", "docs=", "=https://x.example", "docs=ftp://x.example"])
async def test_a_server_without_a_label_or_an_address_is_a_clear_error(realtime: Program, given: str) -> None:
    done = await realtime("chat", "--mcp-server", given, stdin="hi\n")
    assert done.status == 2
    assert done.complaint == f"--mcp-server {given!r} is not LABEL=URL"


async def test_a_command_gets_the_variables_that_are_passed_and_nobody_sees_them(realtime: Program) -> None:
    realtime.file("script.yaml", SCRIPT)
    realtime.file("show.py", "import os; print(os.environ.get('API_TOKEN'), os.environ.get('OTHER'))")
    env = {"API_TOKEN": "tk-0123456789abcdef", "OTHER": "other value"}
    start = ("chat", "--text", "--script", "script.yaml", "--approve", "always")
    command = ("--tools", f"cmd:{PYTHON} show.py")
    bare, passed, missing = await side_by_side(
        realtime(*start, *command, *words, stdin="call show\n", env=env)
        for words in ((), ("--tool-env", "API_TOKEN"), ("--tool-env", "NOT_THERE"))
    )
    assert bare.out == "It is None None.\n"
    assert passed.out == "It is [redacted] None.\n"
    assert env["API_TOKEN"] not in _log(realtime) + passed.err
    assert (missing.status, missing.complaint) == (2, "--tool-env NOT_THERE: it is not set")


@pytest.mark.parametrize("given", ["command", "file"])
async def test_a_reference_server_of_pypi_is_called_in_a_session(realtime: Program, given: str) -> None:
    needs("mcp_server_time")
    realtime.file("script.yaml", SCRIPT)
    arguments = ["-m", "mcp_server_time", "--local-timezone", "Europe/Paris"]
    realtime.file("mcp.json", {"mcpServers": {"time": {"command": PYTHON, "args": arguments}}})
    tools = "mcp.json" if given == "file" else " ".join([f"mcp:{PYTHON}", *arguments])
    done = await realtime(
        *("chat", "--text", "--json", "--script", "script.yaml", "--tools", tools),
        *("--approve", "convert_time=always"),
        stdin="time\n",
    )
    ((name, state, output),) = calls(done)
    assert (name, state) == ("convert_time", "done")
    assert json.loads(output)["target"]["timezone"] == "Asia/Tokyo"


async def test_a_reference_server_of_npm_is_called_over_http(realtime: Program) -> None:
    realtime.file("script.yaml", SCRIPT)
    port = free_port()
    command = (npx(), "-y", "@modelcontextprotocol/server-everything", "streamableHttp")
    async with listening(*command, port=port, PORT=str(port)):
        done = await realtime(
            *("chat", "--text", "--script", "script.yaml", "--tools", f"mcp:http://127.0.0.1:{port}/mcp"),
            *("--approve", "always"),
            stdin="echo\n",
        )
    assert done.out == "It is Echo: hi.\n"


async def test_a_server_that_dies_fails_its_calls_and_is_told_once(realtime: Program) -> None:
    realtime.file("script.yaml", SCRIPT)
    realtime.file("odd.py", ODD)
    done = await realtime(
        *("chat", "--text", "--json", "--script", "script.yaml", "--tools", f"mcp:{PYTHON} odd.py"),
        *("--approve", "always"),
        stdin="call vanish\ncall vanish\nstill there?\n",
    )
    assert [(name, state) for name, state, _ in calls(done)] == [("vanish", "failed")] * 2
    assert done.of_type("turn")[-1]["assistant"] == "You said still there?."
    (notice,) = (line for line in done.err.splitlines() if "its tools fail from now on" in line)
    assert notice.startswith("warning: mcp:")
    assert done.status == 0


async def test_a_replay_shows_all_calls_without_the_tools(realtime: Program, talk: tuple[str, ...]) -> None:
    said = "both\ncall crash\ncall loud\nsearch\n"
    server = ("--mcp-server", "docs=https://docs.example/mcp")
    done = await realtime(*talk, *server, "--json", "--approve", "loud=ask", stdin=said)
    made = calls(done)
    assert [state for _, state, _ in made] == ["done", "done", "failed", "denied", "denied"]
    (realtime.home / "mine.py").unlink()
    again = await realtime("replay", realtime.log(), "--json")
    assert again.of_type("turn") == done.of_type("turn")
