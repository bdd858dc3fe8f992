"""Pieces of answers, and the time between them."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_cli.core.answers import Call, Fail, Say
from realtime_cli.server.pacing import Pace, pieces
from tests.support.serving import eventually


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hi there!", ["Hi", " there!"]),
        (" a  b\n", [" a", "  b\n"]),
        ("", []),
        ("  ", ["  "]),
        ("x" * 20, ["x" * 16, "x" * 4]),
    ],
)
def test_texts_travel_word_by_word(text: str, words: list[str]) -> None:
    assert list(pieces(Say(text))) == [Say(word) for word in words]


@given(st.text())
def test_no_character_is_lost(text: str) -> None:
    assert "".join(piece.text for piece in pieces(Say(text)) if isinstance(piece, Say)) == text


@pytest.mark.parametrize("part", [Call("f", "{ }"), Fail("c", "a b")])
def test_other_parts_travel_whole(part: Call | Fail) -> None:
    assert list(pieces(part)) == [part]


async def test_a_pace_keeps_its_distance() -> None:
    loop = asyncio.get_running_loop()
    pace = Pace(50)
    begun_s = loop.time()
    for _ in range(6):
        await pace.turn()
    assert 0.09 <= loop.time() - begun_s < 1


async def test_a_slow_brain_is_not_slowed_down_further() -> None:
    loop = asyncio.get_running_loop()
    pace = Pace(2)
    begun_s = loop.time()
    await pace.turn()
    await eventually(lambda: loop.time() > begun_s + 0.6)
    late_s = loop.time()
    await pace.turn()
    assert loop.time() - late_s < 0.3


async def test_no_pace_never_waits() -> None:
    loop = asyncio.get_running_loop()
    pace = Pace(None)
    begun_s = loop.time()
    for _ in range(1000):
        await pace.turn()
    assert loop.time() - begun_s < 0.5
