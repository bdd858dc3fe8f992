"""What a call costs besides the tool: from `start` to its first line, and from its return to the post."""

from __future__ import annotations

import asyncio
import statistics
import time
from pathlib import Path

import pytest

from realtime_cli.core.effects import StartTool
from realtime_cli.core.inputs import ToolFinished
from realtime_cli.runtime.ports import Inbound
from realtime_cli.tools import Approvals, LocalTools, ToolSetup, open_tools

pytestmark = pytest.mark.benchmark

CALLS = 1000
LIMIT_MS = 2.0
TOOLS = '''
import time

def in_a_thread(city: str, days: int = 1) -> dict[str, float]:
    """Notes the time."""
    return {"began_s": time.perf_counter(), "returned_s": time.perf_counter()}

async def in_the_loop(city: str, days: int = 1) -> dict[str, float]:
    """Notes the time."""
    return {"began_s": time.perf_counter(), "returned_s": time.perf_counter()}
'''


async def times_ms(name: str, folder: Path) -> tuple[list[float], list[float]]:
    """Of many calls, one after the other: how late the function began, and how late its output was posted."""
    from realtime_cli.protocol.jsontypes import parse

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
            ended_s, output = time.perf_counter(), inbound.output
            has_ended.set()

    async with open_tools([str(path)], ToolSetup()) as toolbox, asyncio.TaskGroup() as tasks:
        host = LocalTools(toolbox, Approvals())
        tasks.create_task(host.run(post))
        await asyncio.sleep(0)
        for number in range(CALLS):
            has_ended.clear()
            began_s = time.perf_counter()
            host.start(StartTool(f"call_{number}", name, '{"city": "Paris", "days": 3}'))
            await has_ended.wait()
            told: dict[str, float] = parse(output)
            before.append((told["began_s"] - began_s) * 1000)
            after.append((ended_s - told["returned_s"]) * 1000)
            await asyncio.sleep(0.001)  # as in life, the loop sleeps between two calls
        host.close()
    return before, after


@pytest.mark.parametrize("name", ["in_a_thread", "in_the_loop"])
async def test_a_call_costs_little_besides_the_tool(name: str, tmp_path: Path) -> None:
    before, after = await times_ms(name, tmp_path)
    for words, taken in (("start to first line", before), ("return to post", after)):
        p99 = statistics.quantiles(taken, n=100)[98]
        print(f"\n{name:12} {words:20} median {statistics.median(taken):.3f} ms, p99 {p99:.3f} ms", end="")
        assert p99 <= LIMIT_MS
    print()
