"""A deadline that moves."""

from __future__ import annotations

import asyncio
import time

from realtime_cli.server.alarm import Alarm
from tests.support.serving import eventually


async def test_it_rings_at_its_time_and_once() -> None:
    rung: list[float] = []
    alarm = Alarm(lambda: rung.append(time.time()))
    deadline = time.time() + 0.02
    alarm.set(deadline)
    await eventually(lambda: bool(rung))
    assert rung[0] >= deadline
    await asyncio.sleep(0.03)
    assert len(rung) == 1


async def test_an_earlier_deadline_takes_over() -> None:
    rung: list[float] = []
    alarm = Alarm(lambda: rung.append(time.time()))
    alarm.set(time.time() + 3600)
    alarm.set(time.time() + 0.01)
    await eventually(lambda: bool(rung))


async def test_a_later_deadline_takes_over() -> None:
    rung: list[float] = []
    alarm = Alarm(lambda: rung.append(time.time()))
    alarm.set(time.time() + 0.01)
    later = time.time() + 0.06
    alarm.set(later)
    await eventually(lambda: bool(rung))
    assert rung == [max(rung[0], later)]


async def test_it_can_be_set_again_after_it_rang() -> None:
    rung: list[float] = []
    alarm = Alarm(lambda: rung.append(time.time()))
    past = time.time() - 1
    for count in (1, 2):
        alarm.set(past)
        await eventually(lambda count=count: len(rung) == count)  # type: ignore[misc]  # a bound default


async def test_stopped_it_is_silent() -> None:
    rung: list[float] = []
    alarm = Alarm(lambda: rung.append(time.time()))
    alarm.set(time.time() + 0.01)
    alarm.stop()
    await asyncio.sleep(0.03)
    assert not rung
