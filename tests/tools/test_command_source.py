"""Commands as tools: real processes, killed with everything that they have started."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from realtime_cli.core.inputs import ToolStarted
from realtime_cli.errors import BadInput, RealtimeError, UsageError
from realtime_cli.tools import ToolSetup, open_tools
from tests.support.serving import eventually
from tests.tools.hosting import PYTHON, error_of, hosting, written

ECHO = "import os, sys\nprint(sys.stdin.read(), sorted(os.environ), sep='|')\n"
YAML = """
name: get_weather
description: Weather of a city.
timeout_s: 0.3
parameters:
  type: object
  properties: {city: {type: string}}
  required: [city]
"""
# Its child holds nothing of ours open, and outlives it unless the whole group is ended.
FAMILY = """
import pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], stdout=-3, stderr=-3)
pathlib.Path("child.pid").write_text(str(child.pid))
time.sleep(600)
"""


def setup_in(folder: Path, **more: object) -> ToolSetup:
    return ToolSetup(cwd=folder, **more)  # type: ignore[arg-type]  # each caller's are right


async def test_arguments_come_on_stdin_and_the_answer_goes_to_stdout(tmp_path: Path) -> None:
    written(tmp_path, "echo.py", ECHO)
    environ = {**os.environ, "MY_TOKEN": "hunter2", "OTHER": "x"}
    async with hosting(f"cmd:{PYTHON} echo.py", setup=setup_in(tmp_path, environ=environ)) as hosted:
        (tool,) = hosted.toolbox.tools.values()
        assert (tool.name, tool.needs_approval) == ("echo", True)
        done = await hosted.call("echo", city="Zürich")
        given, names = done.output.split("|")
        assert json.loads(given) == {"city": "Zürich"}
        assert "'PATH'" in names
        assert "OTHER" not in names
        assert "MY_TOKEN" not in names


async def test_only_named_variables_are_passed_on(tmp_path: Path) -> None:
    written(tmp_path, "echo.py", "import os\nprint(os.environ['MY_TOKEN'][::-1])\n")
    setup = setup_in(tmp_path, environ={**os.environ, "MY_TOKEN": "hunter2hunter2"}, passed=("MY_TOKEN",))
    async with hosting(f"cmd:{PYTHON} echo.py", setup=setup) as hosted:
        assert (await hosted.call("echo")).output == "2retnuh2retnuh"
    with pytest.raises(UsageError, match="--tool-env NOT_THERE: it is not set"):
        async with open_tools([f"cmd:{PYTHON} echo.py"], setup_in(tmp_path, passed=("NOT_THERE",))):
            pass


async def test_a_failing_command_tells_its_status_and_its_last_words(tmp_path: Path) -> None:
    written(tmp_path, "fail.py", "import sys\nprint('out')\nsys.exit('x' * 9000 + 'no such city')\n")
    async with hosting(f"cmd:{PYTHON} fail.py", setup=setup_in(tmp_path)) as hosted:
        failure = await hosted.call("fail")
        assert failure.outcome == "failed"
        assert error_of(failure).startswith("the command ended with status 1: x")
        assert len(error_of(failure)) <= 2000
        assert failure.detail.endswith("no such city")


async def test_what_a_command_says_beside_its_answer_is_for_its_author(tmp_path: Path) -> None:
    written(tmp_path, "chatty.py", "import sys\nprint('answer')\nprint('words', file=sys.stderr)\n")
    async with hosting(f"cmd:{PYTHON} chatty.py", setup=setup_in(tmp_path)) as hosted:
        done = await hosted.call("chatty")
        assert (done.output, done.detail) == ("answer", "words\n")


@pytest.mark.parametrize("name", ["weather.yaml", "weather.tool.yaml"])
async def test_a_yaml_beside_it_describes_it(tmp_path: Path, name: str) -> None:
    written(tmp_path, "weather.py", "import time\ntime.sleep(600)\n")
    written(tmp_path, name, YAML)
    async with hosting(f"cmd:{PYTHON} weather.py", setup=setup_in(tmp_path)) as hosted:
        (tool,) = hosted.toolbox.tools.values()
        assert (tool.name, tool.description) == ("get_weather", "Weather of a city.")
        assert error_of(await hosted.call("get_weather")).endswith("city is missing")
        late = await hosted.call("get_weather", city="Paris")
        assert error_of(late) == "get_weather did not finish within 0.3 s"


async def test_much_output_is_harmless(tmp_path: Path) -> None:
    written(tmp_path, "much.py", "import sys\nfor _ in range(1000): sys.stdout.write('x' * 20_000)\n")
    async with hosting(f"cmd:{PYTHON} much.py", setup=setup_in(tmp_path)) as hosted:
        done = await hosted.call("much")
        assert done.outcome == "done"
        assert len(done.output) < 66_000
        assert "[cut: " in done.output


async def test_a_command_that_does_not_read_is_no_failure(tmp_path: Path) -> None:
    written(tmp_path, "deaf.py", "print('here')\n")
    async with hosting(f"cmd:{PYTHON} deaf.py", setup=setup_in(tmp_path)) as hosted:
        assert (await hosted.call("deaf", text="x" * 1_000_000)).output == "here"


@pytest.mark.skipif(sys.platform == "win32", reason="asks for process groups")
async def test_a_cancelled_command_is_ended_with_its_children(tmp_path: Path) -> None:
    written(tmp_path, "family.py", FAMILY)
    async with hosting(f"cmd:{PYTHON} family.py", setup=setup_in(tmp_path)) as hosted:
        call_id = hosted.start("family")
        await hosted.until(lambda: hosted.of(ToolStarted))
        pid_file = tmp_path / "child.pid"
        await eventually(lambda: pid_file.exists() and bool(pid_file.read_text()))
        pid = int(pid_file.read_text())
        assert _is_alive(pid)
        hosted.host.cancel(call_id)
        assert (await hosted.finished(call_id)).outcome == "cancelled"
        await eventually(lambda: not _is_alive(pid))


def _is_alive(pid: int) -> bool:
    """Whether it runs; one that has ended, and that nobody has asked about yet, does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.skipif(sys.platform == "win32", reason="a script with #!")
async def test_a_script_is_run_as_it_is_and_never_through_a_shell(tmp_path: Path) -> None:
    script = written(tmp_path, "my weather.sh", '#!/bin/sh\necho "$1"\n')
    spec = "cmd:'./my weather.sh' '$(id); `id` | x'"
    with pytest.raises(UsageError, match="there is no program") as raised:
        async with open_tools([spec], setup_in(tmp_path)):
            pass
    assert "chmod +x" in raised.value.hint
    script.chmod(0o755)
    async with hosting(spec, setup=setup_in(tmp_path)) as hosted:
        assert list(hosted.toolbox.tools) == ["my_weather"]
        assert (await hosted.call("my_weather")).output == "$(id); `id` | x"


@pytest.mark.parametrize(
    ("spec", "words"),
    [("cmd:", "names no command"), ("cmd:no-such-program-x", "there is no program"), ("cmd:'x", "closing")],
)
async def test_a_command_that_makes_no_sense_is_told(tmp_path: Path, spec: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        async with open_tools([spec], setup_in(tmp_path)):
            pass


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- 1", "must be a mapping"),
        ("nam: x", "unknown field 'nam'"),
        ("name: a b", "name must be 1 to 64 letters"),
        ("timeout_s: -1", "timeout_s must be a number"),
        ("parameters: {type: string}", "parameters must be a JSON Schema"),
        ("name: [", "line 1"),
    ],
)
async def test_a_yaml_that_makes_no_sense_is_told(tmp_path: Path, text: str, words: str) -> None:
    written(tmp_path, "weather.py", "")
    written(tmp_path, "weather.yaml", text)
    with pytest.raises(BadInput, match=r"weather\.yaml") as raised:
        async with open_tools([f"cmd:{PYTHON} weather.py"], setup_in(tmp_path)):
            pass
    assert words in str(raised.value)


async def test_a_secret_on_the_command_line_is_not_shown(tmp_path: Path) -> None:
    written(tmp_path, "x.py", "")
    spec = f"cmd:{PYTHON} x.py --api-key hunter2 --token=hunter2"
    async with open_tools([spec], setup_in(tmp_path)) as toolbox:
        (tool,) = toolbox.tools.values()
        assert "hunter2" not in repr(tool)
        assert tool.source.endswith("x.py --api-key [redacted] --token=[redacted]")
    with pytest.raises(RealtimeError) as raised:
        async with open_tools([spec, spec], setup_in(tmp_path)):
            pass
    assert "hunter2" not in str(raised.value)
