from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from realtime_cli.core.session import Session
from realtime_cli.log import LogEntry
from realtime_cli.runtime.deck import FASTEST, SLOWEST, Deck
from realtime_cli.runtime.landmarks import Landmark, Landmarks, Place
from realtime_cli.runtime.memory import MemoryScreen
from realtime_cli.runtime.pace import Pace
from realtime_cli.runtime.playback import Playback, Source
from tests.support.echo_server import GREETING
from tests.support.virtual_time import in_virtual_time, now_s

ENTRIES = tuple(LogEntry(number, float(number), "in", GREETING) for number in range(1, 11))
TURNS = tuple(Landmark(Place(at_s, int(at_s) - 1), "turn") for at_s in (2.0, 5.0, 8.0))
MARK = Landmark(Place(6.0, 5), "mark", "here")
KNOWN = Landmarks(TURNS, (MARK,), entries=10, end_s=10.0, has_sound=True)


def played(act: Callable[[Deck], Awaitable[None]], *, speed: float | None = 1.0) -> None:
    """Somebody uses the deck of a recording of ten seconds, and leaves."""

    async def play() -> None:
        source = Source(entries=lambda: ENTRIES, make_session=Session, has_inputs=True)
        playback = Playback(source, pace=Pace(speed=speed, stays=True), clock=asyncio.get_running_loop().time)
        deck = Deck(playback, end_s=10.0, has_speaker=True)
        playing = asyncio.create_task(playback.run(MemoryScreen()))
        await asyncio.sleep(0.01)
        deck.know(KNOWN)
        await act(deck)
        deck.leave()
        await playing

    in_virtual_time(play())


async def _after(seconds: float) -> None:
    await asyncio.sleep(seconds)


async def _lands(deck: Deck, at_s: float) -> None:
    await _after(0.01)
    assert not deck.is_seeking
    assert round(deck.place.t_s, 1) == at_s


def test_turns_lie_one_behind_the_other() -> None:
    async def act(deck: Deck) -> None:
        deck.pause()
        for at_s in (2.0, 5.0, 8.0):
            deck.next_turn()
            await _lands(deck, at_s)
        deck.next_turn()  # there is none
        await _lands(deck, 8.0)
        for at_s in (5.0, 2.0, 0.0):
            deck.previous_turn()
            await _lands(deck, at_s)

    played(act)


def test_keys_in_haste_count_from_where_it_is_going() -> None:
    async def act(deck: Deck) -> None:
        deck.next_turn()
        deck.next_turn()
        await _lands(deck, 5.0)

    played(act)


def test_back_goes_to_the_start_of_this_turn_and_from_there_to_the_one_before() -> None:
    async def act(deck: Deck) -> None:
        await _after(7.0)
        deck.previous_turn()
        await _lands(deck, 5.0)
        await _after(0.5)
        deck.previous_turn()
        await _lands(deck, 2.0)

    played(act)


def test_markers_are_found_both_ways() -> None:
    async def act(deck: Deck) -> None:
        deck.pause()
        deck.next_marker()
        await _lands(deck, 6.0)
        deck.to_end()
        await _lands(deck, 10.0)
        deck.previous_marker()
        await _lands(deck, 6.0)

    played(act)


def test_without_a_step_to_undo_back_goes_to_the_turn() -> None:
    async def act(deck: Deck) -> None:
        deck.pause()
        deck.to_share(0.6)
        await _lands(deck, 6.0)
        deck.step_back()
        await _lands(deck, 5.0)
        assert deck.pace.is_paused

    played(act)


def test_at_the_end_space_begins_again() -> None:
    async def act(deck: Deck) -> None:
        deck.to_end()
        await _lands(deck, 10.0)
        assert deck.is_over
        deck.pause()
        await _lands(deck, 0.0)
        assert not deck.is_over
        assert not deck.pace.is_paused

    played(act)


def test_the_end_is_where_it_ended_whatever_was_thought_of_it() -> None:
    async def act(deck: Deck) -> None:
        deck.know(Landmarks(end_s=99.0))
        assert deck.end_s == 99.0
        deck.to_end()
        await _lands(deck, 10.0)
        assert deck.end_s == 10.0

    played(act)


def test_speed_has_its_limits() -> None:
    async def act(deck: Deck) -> None:
        for _ in range(12):
            deck.faster()
        assert deck.pace.speed == FASTEST
        for _ in range(12):
            deck.slower()
        assert deck.pace.speed == SLOWEST

    played(act)


def test_it_sounds_at_its_own_speed_only() -> None:
    async def act(deck: Deck) -> None:
        assert deck.is_audible
        assert not deck.is_silent
        deck.faster()
        assert deck.is_silent
        deck.slower()
        deck.mute()
        assert deck.is_silent
        deck.know(Landmarks())
        assert not deck.is_audible

    played(act)


def test_whoever_looks_is_told_of_every_key() -> None:
    async def act(deck: Deck) -> None:
        told = list[float]()
        deck.changed = lambda: told.append(now_s())
        for key in (deck.pause, deck.step, deck.next_turn, deck.faster, deck.mute, deck.to_end):
            before = len(told)
            key()
            assert len(told) > before

    played(act)
