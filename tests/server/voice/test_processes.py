"""A child that is asked again and again, by many, of whom some lose interest."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from realtime_cli.server.voice import processes
from realtime_cli.server.voice.processes import Child
from tests.support.patience import PATIENCE_S
from tests.support.serving import eventually

# Answers with the question and its own number; what is to be waited for, it waits for.
PROGRAM = """
import os, pathlib, sys, time
for line in sys.stdin:
    word, *files = line.split()
    if files:
        pathlib.Path(files[0]).touch()
        while not pathlib.Path(files[1]).exists():
            time.sleep(0.005)
    print(word, os.getpid(), flush=True)
"""


class Room:
    """A child, and a question that it answers once `go` is there."""

    def __init__(self, folder: Path) -> None:
        self.child = Child([sys.executable, "-c", PROGRAM], name="child")
        self.begun, self.go = folder / "begun", folder / "go"

    async def abandon_a_question(self) -> None:
        asking = asyncio.create_task(self.child.ask(f"unwanted {self.begun} {self.go}".encode()))
        await eventually(self.begun.exists)
        await cancel(asking)

    async def ask(self, word: str) -> list[str]:
        return (await self.child.ask(word.encode())).decode().split()


async def cancel(asking: asyncio.Task[bytes]) -> None:
    asking.cancel()
    await asyncio.wait([asking])
    assert asking.cancelled()


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    room = Room(tmp_path)
    async with asyncio.timeout(PATIENCE_S):
        yield room
        await room.child.close()


async def test_a_long_question_that_nobody_wants_any_more_keeps_nobody_waiting(room: Room) -> None:
    _, before = await room.ask("first")
    await room.abandon_a_question()
    async with asyncio.timeout(PATIENCE_S / 2):
        word, after = await room.ask("next")
    assert word == "next"
    assert after != before


async def test_a_question_that_is_almost_answered_costs_no_child(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "_LAST_CHANCE_S", PATIENCE_S)
    _, before = await room.ask("first")
    await room.abandon_a_question()
    room.go.touch()
    assert await room.ask("next") == ["next", before]


async def test_who_gives_up_waiting_behind_an_abandoned_question_disturbs_nobody(room: Room) -> None:
    await room.abandon_a_question()
    behind = asyncio.create_task(room.child.ask(b"behind"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await cancel(behind)
    room.go.touch()
    word, _ = await room.ask("next")
    assert word == "next"


async def test_it_closes_in_the_middle_of_an_abandoned_question(room: Room) -> None:
    await room.abandon_a_question()
    await room.child.close()
    assert (await room.ask("next"))[0] == "next"
