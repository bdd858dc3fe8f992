"""Tools in the loop: run, approved, stopped; and a log of that is replayed without them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest

from realtime_cli.core.inputs import (
    ApprovalGiven,
    LocalInput,
    QuitRequested,
    ToolCancelRequested,
    UserText,
)
from realtime_cli.core.session import Session
from realtime_cli.core.view import SessionView
from realtime_cli.log import LogEntry
from realtime_cli.protocol.codec import Codec
from realtime_cli.runtime.loop import Runtime
from realtime_cli.runtime.memory import (
    MemoryObserver,
    MemoryScreen,
    MemoryTool,
    MemoryTools,
    MemoryTransport,
)
from realtime_cli.runtime.replayer import Replayer
from tests.support.echo_server import GREETING, EchoServer, frame, parsed
from tests.support.virtual_time import in_virtual_time


class CallingServer(EchoServer):
    """Makes all of these calls in its first answer, side by side."""

    def __init__(self, *names: str) -> None:
        super().__init__()
        self._names = names

    def __call__(self, text: str) -> Iterator[str]:
        if parsed(text).get("type") == "response.create" and self._names:
            names, self._names = self._names, ()
            return self._calls(names)
        return super().__call__(text)

    def _calls(self, names: tuple[str, ...]) -> Iterator[str]:
        items = [
            {
                "id": f"fc_{number}",
                "type": "function_call",
                "status": "completed",
                "name": name,
                "call_id": f"call_{number}",
                "arguments": json.dumps({"number": number}),
            }
            for number, name in enumerate(names)
        ]
        yield frame("response.created", response={"id": "resp_0", "conversation_id": "conv_1"})
        for item in items:
            yield frame("response.output_item.done", response_id="resp_0", item=item)
        done = {"id": "resp_0", "status": "completed", "conversation_id": "conv_1", "output": items}
        yield frame("response.done", response=done)


def weather(arguments: str) -> str:
    return f"fine, {arguments}"


def broken(arguments: str) -> str:
    raise ValueError(arguments)


TOOLS = {
    "weather": MemoryTool(weather),
    "slow": MemoryTool(weather, delay_s=5.0),
    "endless": MemoryTool(weather, delay_s=1e6),
    "broken": MemoryTool(broken),
    "careful": MemoryTool(weather, asks=True),
}


async def live(
    server: EchoServer,
    inputs: Iterable[tuple[float, LocalInput]],
    observer: MemoryObserver,
    tools: MemoryTools,
) -> tuple[SessionView, list[dict[str, Any]]]:
    """Runs a session: each input comes some seconds after the one before, and at last the user leaves."""
    transport = MemoryTransport(server, greeting=[GREETING])
    runtime = Runtime(
        Session(has_tools=True),
        codec=Codec(),
        transport=transport,
        screen=MemoryScreen(),
        tools=tools,
        observers=[observer],
        clock=asyncio.get_running_loop().time,
    )
    running = asyncio.create_task(runtime.run())
    runtime.post(UserText("go"))
    for after_s, each in inputs:
        await asyncio.sleep(after_s)
        runtime.post(each)
    await asyncio.sleep(30.0)
    runtime.post(QuitRequested())
    view = await running
    assert {task.get_name() for task in asyncio.all_tasks()} == {asyncio.current_task().get_name()}  # type: ignore[union-attr]  # we are in one
    return view, [parsed(text) for text in transport.sent]


def replayed(observer: MemoryObserver) -> SessionView:
    session = Session(has_tools=True)
    replayer = Replayer(session, Codec(), has_inputs=True)
    for number, (direction, raw, at_s, _) in enumerate(observer.seen):
        replayer.take(LogEntry(number, at_s, direction, raw))  # type: ignore[arg-type]  # a direction
    return session.view()


def run(
    *names: str, inputs: Iterable[tuple[float, LocalInput]] = ()
) -> tuple[SessionView, list[dict[str, Any]]]:
    """A session in which the model makes these calls; what was sent. Its replay is the same."""
    observer, tools = MemoryObserver(), MemoryTools(TOOLS)
    view, sent = in_virtual_time(live(CallingServer(*names), inputs, observer, tools))
    assert [call.call_id for call in tools.started] == [f"call_{number}" for number in range(len(names))]
    assert replayed(observer) == view
    return view, sent


def outputs(sent: Iterable[Mapping[str, Any]]) -> list[str]:
    items = [each["item"] for each in sent if each["type"] == "conversation.item.create"]
    return [item["output"] for item in items if item["type"] == "function_call_output"]


def asked(sent: Iterable[Mapping[str, Any]]) -> int:
    return sum(each["type"] == "response.create" for each in sent)


def test_a_call_is_run_and_answered() -> None:
    view, sent = run("weather")
    assert outputs(sent) == ['fine, {"number": 0}']
    assert asked(sent) == 2
    (call,) = view.calls
    assert (call.state, call.output) == ("done", 'fine, {"number": 0}')
    assert call.began_s is not None
    assert view.turns == 1  # the answer to the output goes on with it


def test_parallel_calls_run_side_by_side_and_get_one_answer() -> None:
    view, sent = run("slow", "weather", "slow")
    assert outputs(sent) == [f'fine, {{"number": {number}}}' for number in (0, 1, 2)]
    assert asked(sent) == 2
    begun = [call.began_s for call in view.calls]
    assert begun[0] == begun[1] == begun[2]
    ended = [call.ended_s for call in view.calls]
    assert ended[1] < ended[0] == ended[2]  # type: ignore[operator]  # all of them have ended
    items = [item.call_id for item in view.items if item.kind == "function_call_output"]
    assert items == ["call_0", "call_1", "call_2"]


def test_who_talks_meanwhile_is_told_what_the_fast_one_has_found() -> None:
    _, sent = run("slow", "weather", inputs=[(1.0, UserText("meanwhile"))])
    assert outputs(sent) == [f'fine, {{"number": {number}}}' for number in (1, 0)]
    made = [each["item"]["type"] for each in sent if each["type"] == "conversation.item.create"]
    assert made == ["message", "function_call_output", "message", "function_call_output"]
    assert asked(sent) == 3


def test_the_user_may_talk_while_a_tool_runs() -> None:
    view, sent = run("slow", inputs=[(1.0, UserText("meanwhile"))])
    assert asked(sent) == 3
    words = [item.text for item in view.items if item.role == "assistant" and item.kind == "message"]
    assert words == ["You said: meanwhile", 'You said: fine, {"number": 0}']


@pytest.mark.parametrize(
    ("name", "state", "output"),
    [
        ("broken", "failed", '{"error": "failed"}'),
        ("nothing", "failed", '{"error": "no tool is called nothing"}'),
    ],
)
def test_a_failure_is_an_output_and_never_the_end(name: str, state: str, output: str) -> None:
    view, sent = run(name)
    assert (view.calls[0].state, outputs(sent), asked(sent)) == (state, [output], 2)
    assert view.closed_by_us


@pytest.mark.parametrize(("approves", "state"), [(True, "done"), (False, "denied")])
def test_a_call_waits_for_approval(approves: bool, state: str) -> None:
    view, sent = run("careful", inputs=[(9.0, ApprovalGiven("call_0", approves))])
    (call,) = view.calls
    assert call.state == state
    assert (call.began_s is not None) == approves
    assert (len(outputs(sent)), asked(sent)) == (1, 2)


def test_a_tool_is_stopped_on_request_and_the_model_is_told() -> None:
    view, sent = run("endless", inputs=[(2.0, ToolCancelRequested())])
    assert view.calls[0].state == "cancelled"
    assert (outputs(sent), asked(sent)) == (['{"error": "cancelled"}'], 2)


@pytest.mark.parametrize("name", ["endless", "careful"])
def test_leaving_stops_what_still_runs_or_waits(name: str) -> None:
    view, sent = run(name)
    assert view.calls[0].state == "cancelled"
    assert (outputs(sent), view.is_busy, view.closed_by_us) == ([], False, True)


def test_a_session_with_a_tool_at_work_is_busy() -> None:
    async def wait() -> float:
        transport = MemoryTransport(CallingServer("slow"), greeting=[GREETING])
        runtime = Runtime(
            Session(has_tools=True),
            codec=Codec(),
            transport=transport,
            screen=MemoryScreen(),
            tools=MemoryTools(TOOLS),
            clock=asyncio.get_running_loop().time,
        )
        running = asyncio.create_task(runtime.run())
        runtime.post(UserText("go"))
        await runtime.idle()
        at_s = runtime.now_s
        runtime.post(QuitRequested())
        await running
        return at_s

    assert in_virtual_time(wait()) >= 5.0
