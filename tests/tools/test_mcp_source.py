"""MCP servers: real ones, over their pipes and over HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from realtime_cli.core.inputs import ToolFinished, ToolProgress, ToolStarted
from realtime_cli.errors import ConnectFailed, UsageError
from realtime_cli.tools import ToolSetup, mcp_source, open_tools
from tests.support.serving import eventually
from tests.tools.hosting import PYTHON, error_of, hosting, written
from tests.tools.mcp_servers import ODD, free_port, listening

SECRET = "hunter2hunter2"


@pytest.fixture
def odd(tmp_path: Path) -> str:
    server = {"command": PYTHON, "args": [str(written(tmp_path, "odd.py", ODD))], "env": {"API_KEY": SECRET}}
    return str(written(tmp_path, "mcp.json", json.dumps({"mcpServers": {"odd": server}})))


async def test_a_servers_tools_run_side_by_side_over_one_connection(
    odd: str, capfd: pytest.CaptureFixture[str]
) -> None:
    async with hosting(odd) as hosted:
        tool = hosted.toolbox.tools["say_word_s"]
        assert (tool.description, tool.needs_approval, tool.source) == ("Says it.", True, "mcp:odd")
        first, second = hosted.start("meet", '{"word": "first"}'), hosted.start("meet", '{"word": "second"}')
        assert (await hosted.finished(second)).output == "second"
        assert (await hosted.finished(first)).output == "first"
        assert (await hosted.call("say_word_s", word="hi")).output == "hi"
        assert "word must be string" in error_of(await hosted.call("say_word_s", word=1))
        assert (await hosted.call("steps")).output == "all"
        assert ToolProgress("call_5", "half") in hosted.posted
    assert capfd.readouterr() == ("", "")


async def test_a_server_gets_no_secrets_but_its_own_and_none_is_shown(odd: str) -> None:
    environ = {**os.environ, "OTHER_SECRET": "x"}
    async with hosting(odd, setup=ToolSetup(environ=environ)) as hosted:
        variables = json.loads((await hosted.call("environment")).output)
        assert "OTHER_SECRET" not in variables
        assert variables["API_KEY"] == "[redacted]"
        failure = await hosted.call("fail")
        assert failure.outcome == "failed"
        assert "no such city [redacted]" in error_of(failure)
        assert "LOUD on stderr [redacted]" in failure.detail
        assert SECRET not in repr(hosted.toolbox.tools) + repr(hosted.posted)


async def test_a_server_that_dies_fails_its_calls_and_is_told_of_once(odd: str) -> None:
    notices: list[str] = []
    async with hosting(odd, setup=ToolSetup(notice=notices.append)) as hosted:
        others = [hosted.start("forever"), hosted.start("vanish")]
        ends = [await hosted.finished(call_id) for call_id in others]
        assert [end.outcome for end in ends] == ["failed", "failed"]
        later = await hosted.call("say_word_s", word="hi")
        assert (later.outcome, error_of(later)) == ("failed", "mcp:odd has gone")
        assert notices == ["mcp:odd has gone; its tools fail from now on"]


async def test_a_call_can_be_cancelled_and_the_server_stays(odd: str) -> None:
    async with hosting(odd) as hosted:
        call_id = hosted.start("forever")
        await hosted.until(lambda: hosted.of(ToolStarted))
        await asyncio.sleep(0)
        hosted.host.cancel(call_id)
        assert (await hosted.finished(call_id)).outcome == "cancelled"
        assert (await hosted.call("say_word_s", word="hi")).output == "hi"


async def test_a_call_that_takes_too_long_fails_and_the_server_stays(odd: str) -> None:
    async with hosting(odd, setup=ToolSetup(timeout_s=2)) as hosted:
        assert error_of(await hosted.call("forever")) == "forever did not finish within 2 s"
        assert (await hosted.call("say_word_s", word="hi")).output == "hi"


async def test_the_end_of_the_session_ends_the_server(odd: str) -> None:
    async with hosting(odd) as hosted:
        hosted.start("forever")
        await hosted.until(lambda: hosted.of(ToolStarted))
    assert [each.outcome for each in hosted.of(ToolFinished)] == ["cancelled"]
    names = [task.get_name() for task in asyncio.all_tasks()]
    assert not [name for name in names if name.startswith("mcp:")]


async def test_a_source_can_be_removed_while_the_session_runs(odd: str) -> None:
    async with hosting(odd) as hosted:
        await hosted.toolbox.remove("mcp:odd")
        assert "there is no tool steps" in error_of(await hosted.call("steps"))


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("import sys; sys.exit('I need a key: ' + 'hunter2hunter2')", "it said: I need a key: [redacted]"),
        ("print('this is no JSON')", "mcp:odd: "),
    ],
)
async def test_a_program_that_is_no_server_is_told_with_its_last_words(
    tmp_path: Path, program: str, words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    server = {"command": PYTHON, "args": ["-c", program], "env": {"API_KEY": SECRET}}
    config = written(tmp_path, "mcp.json", json.dumps({"mcpServers": {"odd": server}}))
    with pytest.raises(ConnectFailed) as raised:
        async with open_tools([str(config)], ToolSetup()):
            pass
    assert words in str(raised.value)
    assert SECRET not in str(raised.value)
    assert capfd.readouterr() == ("", "")


async def test_a_program_that_is_no_server_leaves_no_thread_behind(tmp_path: Path) -> None:
    server = {"command": PYTHON, "args": ["-c", ""]}
    config = written(tmp_path, "mcp.json", json.dumps({"mcpServers": {"none": server}}))
    async with open_tools([], ToolSetup()) as toolbox:
        with pytest.raises(ConnectFailed):
            await toolbox.add(str(config))
        await eventually(lambda: "mcp-stderr" not in {thread.name for thread in threading.enumerate()})


async def test_of_several_servers_one_that_fails_ends_the_others(tmp_path: Path) -> None:
    good = {"command": PYTHON, "args": ["-m", "realtime_cli.examples.weather_mcp"]}
    bad = {"command": PYTHON, "args": ["-c", ""]}
    config = written(tmp_path, "mcp.json", json.dumps({"mcpServers": {"good": good, "bad": bad}}))
    with pytest.raises(ConnectFailed, match="mcp:bad"):
        async with open_tools([str(config)], ToolSetup()):
            pass
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("mcp:")]


async def test_over_http_headers_are_sent_and_a_server_that_goes_fails_its_calls(tmp_path: Path) -> None:
    port = free_port()
    guarded = written(tmp_path, "guarded.py", GUARDED)
    remote: dict[str, Any] = {"url": f"http://127.0.0.1:{port}/mcp"}
    notices: list[str] = []
    async with listening(PYTHON, str(guarded), str(port), port=port) as process:
        bare = written(tmp_path, "bare.json", json.dumps({"mcpServers": {"shop": remote}}))
        with pytest.raises(ConnectFailed, match="mcp:shop"):
            async with open_tools([str(bare)], ToolSetup()):
                pass
        remote["headers"] = {"Authorization": f"Bearer {SECRET}"}
        config = written(tmp_path, "mcp.json", json.dumps({"mcpServers": {"shop": remote}}))
        async with hosting(str(config), setup=ToolSetup(notice=notices.append)) as hosted:
            done = await hosted.call("get_weather", city="Paris")
            assert json.loads(done.output)["degrees"] == 15
            process.kill()
            await process.wait()
            for _ in range(2):
                failure = await hosted.call("get_weather", city="Paris")
                assert failure.outcome == "failed"
                assert SECRET not in failure.output + failure.detail
            await eventually(lambda: bool(notices))
            assert error_of(await hosted.call("get_weather", city="Paris")) == "mcp:shop has gone"
    assert notices == ["mcp:shop has gone; its tools fail from now on"]


GUARDED = f"""
import sys
import uvicorn
from realtime_cli.examples.weather_mcp import server

app = server.streamable_http_app()

async def guarded(scope, receive, send):
    if scope["type"] == "http" and (b"authorization", b"Bearer {SECRET}") not in scope["headers"]:
        await send({{"type": "http.response.start", "status": 401, "headers": []}})
        await send({{"type": "http.response.body", "body": b""}})
    else:
        await app(scope, receive, send)

uvicorn.run(guarded, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
"""


async def test_an_address_where_nobody_is_is_told() -> None:
    with pytest.raises(ConnectFailed, match=r"mcp:http://127\.0\.0\.1:\d+/mcp: "):
        async with open_tools([f"mcp:http://127.0.0.1:{free_port()}/mcp"], ToolSetup()):
            pass


async def test_a_server_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mcp_source, "_OPENING_S", 0.5)
    with pytest.raises(Exception, match=r"did not answer within 0\.5 s"):
        async with open_tools([f'mcp:{PYTHON} -c "import time; time.sleep(600)"'], ToolSetup()):
            pass


async def test_without_the_package_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mcp", None)
    with pytest.raises(UsageError, match="need the mcp package") as raised:
        async with open_tools(["mcp:x"], ToolSetup()):
            pass
    assert "pip install '.[mcp]'" in raised.value.hint
