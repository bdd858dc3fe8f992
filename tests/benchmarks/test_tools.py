"""What a call costs besides the tool: in the tools alone, and on the whole way from the socket and back.

`pytest -m benchmark -s tests/benchmarks/test_tools.py`. The whole way is that of a real `Runtime`, with a
screen that shows nothing and a log, in front of a server in another process: from the arrival of
`response.function_call_arguments.done` at our socket to the function's first line, and from the function's
return to the frame that the socket is given.
"""

from __future__ import annotations

import asyncio
import gc
import json
import statistics
import sys
import time
from pathlib import Path

import pytest

from realtime_cli.cli.compose import LogObserver
from realtime_cli.cli.replay_plain import NoScreen
from realtime_cli.core.effects import StartTool
from realtime_cli.core.inputs import QuitRequested, ToolFinished
from realtime_cli.core.session import Session
from realtime_cli.core.terms import Terms
from realtime_cli.log import LogHeader, LogWriter
from realtime_cli.protocol.codec import Codec
from realtime_cli.protocol.jsontypes import parse
from realtime_cli.providers.prices import load_prices
from realtime_cli.redaction import Redactor
from realtime_cli.runtime.loop import Runtime
from realtime_cli.runtime.ports import Inbound, Post
from realtime_cli.tools import Approvals, LocalTools, ToolSetup, open_tools
from realtime_cli.transport.websocket import WebSocketTransport

pytestmark = pytest.mark.benchmark

CALLS = 1000
LIMIT_MS = 2.0
TOOLS = '''
import time

def in_a_thread(city: str, days: int = 1) -> dict[str, float]:
    """Notes the time."""
    return {"began_s": time.monotonic(), "returned_s": time.monotonic()}

async def in_the_loop(city: str, days: int = 1) -> dict[str, float]:
    """Notes the time."""
    return {"began_s": time.monotonic(), "returned_s": time.monotonic()}
'''


async def times_ms(name: str, folder: Path) -> tuple[list[float], list[float]]:
    """Of many calls, one after the other: how late the function began, and how late its output was posted."""
    path = folder / "clock.py"
    path.write_text(TOOLS, encoding="utf-8")
    before: list[float] = []
    after: list[float] = []
    has_ended = asyncio.Event()
    ended_s = 0.0
    output = ""

    def post(inbound: Inbound) -> None:
        nonlocal ended_s, output
        if isinstance(inbound, ToolFinished):
            ended_s, output = time.monotonic(), inbound.output
            has_ended.set()

    async with open_tools([str(path)], ToolSetup()) as toolbox, asyncio.TaskGroup() as tasks:
        host = LocalTools(toolbox, Approvals())
        tasks.create_task(host.run(post))
        await asyncio.sleep(0)
        for number in range(CALLS):
            has_ended.clear()
            began_s = time.monotonic()
            host.start(StartTool(f"call_{number}", name, '{"city": "Paris", "days": 3}'))
            await has_ended.wait()
            told: dict[str, float] = parse(output)
            before.append((told["began_s"] - began_s) * 1000)
            after.append((ended_s - told["returned_s"]) * 1000)
            await asyncio.sleep(0.001)  # as in life, the loop sleeps between two calls
        host.close()
    return before, after


class Watched(WebSocketTransport):
    """The real connection, which notes when frames come and go."""

    def __init__(self, url: str) -> None:
        super().__init__(url, headers={}, redact=str)
        self.arrived_s: list[float] = []
        self.sent_s: list[float] = []

    async def run(self, post: Post) -> None:
        """Notes when the arguments of a call are whole."""

        def noting(inbound: Inbound) -> None:
            if isinstance(inbound, str) and '"response.function_call_arguments.done"' in inbound:
                self.arrived_s.append(time.monotonic())
            post(inbound)

        await super().run(noting)

    def send(self, text: str) -> None:
        """Notes when an output goes out."""
        super().send(text)
        if '"function_call_output"' in text:
            self.sent_s.append(time.monotonic())


async def whole_way_ms(name: str, folder: Path) -> tuple[list[float], list[float], list[float]]:
    """Of many calls: arrival to first line, return to sent frame, and what the server saw of both."""
    tools = folder / "clock.py"
    tools.write_text(TOOLS, encoding="utf-8")
    command = (sys.executable, str(Path(__file__).with_name("tools_server.py")), name, str(CALLS))
    server = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, limit=2**24)
    assert server.stdout is not None
    transport = Watched((await server.stdout.readline()).decode().strip())
    header = LogHeader(program="benchmark", url="", provider="", dialect="ga", started="")
    path = folder / "log.jsonl"
    with LogWriter(path, header, redactor=Redactor(), on_failure=pytest.fail) as log:
        async with open_tools([str(tools)], ToolSetup()) as toolbox, asyncio.TaskGroup() as tasks:
            runtime = Runtime(
                Session(terms=Terms(prices=load_prices(None)), has_tools=True),
                codec=Codec("ga"),
                transport=transport,
                screen=NoScreen(),
                tools=LocalTools(toolbox, Approvals()),
                observers=[LogObserver(log)],
            )
            gc.freeze()  # as chat does
            running = tasks.create_task(runtime.run())
            seen = json.loads(await server.stdout.readline())
            runtime.post(QuitRequested())
            await running
    gc.unfreeze()
    await server.wait()
    told: list[dict[str, float]] = [json.loads(each["output"]) for each in seen]
    began_s, returned_s = [each["began_s"] for each in told], [each["returned_s"] for each in told]
    around_s = [
        (each["here_s"] - each["sent_s"]) - (end_s - start_s)
        for each, start_s, end_s in zip(seen, began_s, returned_s, strict=True)
    ]
    before_s = [at_s - came_s for at_s, came_s in zip(began_s, transport.arrived_s, strict=True)]
    after_s = [went_s - at_s for at_s, went_s in zip(returned_s, transport.sent_s, strict=True)]
    return in_ms(before_s), in_ms(after_s), in_ms(around_s)


def in_ms(seconds: list[float]) -> list[float]:
    """The times in milliseconds."""
    return [each * 1000 for each in seconds]


@pytest.mark.parametrize("name", ["in_a_thread", "in_the_loop"])
async def test_a_call_costs_little_besides_the_tool(name: str, tmp_path: Path) -> None:
    before, after = await times_ms(name, tmp_path)
    assert row(name, "start to first line", before) <= LIMIT_MS
    assert row(name, "return to post", after) <= LIMIT_MS


@pytest.mark.parametrize("name", ["in_a_thread", "in_the_loop"])
async def test_a_call_costs_little_from_socket_to_socket(name: str, tmp_path: Path) -> None:
    """Two processes and a thread on a busy machine wait for the processor: of p99 that is said only."""
    for words, taken in zip(
        ("arrival to first line", "return to sent frame", "both, as the server saw them"),
        await whole_way_ms(name, tmp_path),
        strict=True,
    ):
        row(name, words, taken)
        assert statistics.median(taken) <= LIMIT_MS


def row(name: str, words: str, taken_ms: list[float]) -> float:
    """One line of the table; gives the 99th percentile."""
    p99 = statistics.quantiles(taken_ms, n=100)[98]
    median = statistics.median(taken_ms)
    print(f"\n{name:12} {words:28} goal {LIMIT_MS:g} ms   median {median:.3f}   p99 {p99:.3f} ms", end="")
    return p99
