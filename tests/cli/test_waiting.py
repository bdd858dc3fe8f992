from __future__ import annotations

import asyncio

import pytest

from realtime_cli.cli import waiting
from realtime_cli.cli.event_files import FileEvent
from realtime_cli.cli.waiting import Sender, Watcher, doubt
from realtime_cli.core.session import Session
from realtime_cli.protocol.codec import Codec
from realtime_cli.runtime.loop import Runtime
from realtime_cli.runtime.memory import MemoryScreen, MemoryTransport
from realtime_cli.runtime.ports import Post
from tests.cli.servers import GREETING
from tests.support.patience import PATIENCE_S


class _SlowTransport(MemoryTransport):
    """Its connection opens when the test says so."""

    def __init__(self) -> None:
        super().__init__(lambda _: (), greeting=[GREETING])
        self.may_open = asyncio.Event()

    async def run(self, post: Post) -> None:
        await self.may_open.wait()
        await super().run(post)


async def test_a_connection_that_takes_long_loses_no_event(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "GREETING_TIMEOUT_S", 0.001)
    transport, session, watcher = _SlowTransport(), Session(), Watcher()
    runtime = Runtime(
        session, codec=Codec("ga"), transport=transport, screen=MemoryScreen(), observers=[watcher]
    )
    sender = Sender(runtime, session, watcher, "none", 30.0)
    event = FileEvent("here", '{"type": "response.cancel"}', {"type": "response.cancel"})
    async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as tasks:
        tasks.create_task(runtime.run())
        sending = tasks.create_task(sender.run([event], in_turns=False))
        await asyncio.wait([sending], timeout=0.05)
        transport.may_open.set()
    assert transport.sent == [event.raw]


@pytest.mark.parametrize(
    "name", ["done", "none", "response.done", "error", "response.text.done", "session.output_audio.delta"]
)
def test_what_can_come_is_not_doubted(name: str) -> None:
    assert doubt(name) == ""


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("respons.done", "did you mean response.done?"),
        ("session.update", "did you mean session.updated?"),
        ("Done", "did you mean done?"),
        ("from.the.future", "`realtime describe` lists them"),
    ],
)
def test_what_nobody_knows_is_doubted(name: str, hint: str) -> None:
    assert doubt(name) == f"--wait-for {name}: we know of no such event from a server; {hint}"
