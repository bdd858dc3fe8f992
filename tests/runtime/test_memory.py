from __future__ import annotations

import asyncio

from realtime_cli.core.inputs import ConnectionLost, ConnectionOpened
from realtime_cli.core.session import Session
from realtime_cli.runtime.memory import MemoryObserver, MemoryScreen, MemoryTransport
from realtime_cli.runtime.ports import Inbound
from tests.support.echo_server import GREETING
from tests.support.virtual_time import in_virtual_time


def test_a_server_that_is_a_function_answers_each_frame_and_closes_behind_the_last() -> None:
    async def talk() -> list[Inbound]:
        posted: list[Inbound] = []
        transport = MemoryTransport(lambda frame: [frame.upper(), "and"], greeting=[GREETING])
        transport.send("early")
        running = asyncio.create_task(transport.run(posted.append))
        await asyncio.sleep(0)
        transport.send("late")
        transport.close()
        transport.send("too late")
        await running
        assert transport.sent == ["early", "late", "too late"]
        return posted

    assert in_virtual_time(talk()) == [
        ConnectionOpened(),
        GREETING,
        *("EARLY", "and", "LATE", "and"),
        ConnectionLost(1000, by_us=True),
    ]


def test_screens_and_observers_keep_everything() -> None:
    screen, observer, view = MemoryScreen(), MemoryObserver(), Session().view()
    screen.update(view)
    screen.close(view)
    observer.saw("in", b"x", now_s=1.0, is_object=False)
    assert screen.views == [view, view]
    assert observer.seen == [("in", b"x", 1.0, False)]
