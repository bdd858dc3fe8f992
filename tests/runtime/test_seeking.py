from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from math import inf
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_cli.core.inputs import Marked, UserText, to_json
from realtime_cli.core.session import Session
from realtime_cli.core.view import SessionView
from realtime_cli.log import LogEntry
from realtime_cli.protocol.codec import Codec
from realtime_cli.runtime.landmarks import BEGINNING, Place
from realtime_cli.runtime.memory import MemoryScreen
from realtime_cli.runtime.pace import Pace
from realtime_cli.runtime.playback import Playback, Source
from realtime_cli.runtime.replayer import Replayer
from tests.support.echo_server import GREETING, frame
from tests.support.virtual_time import in_virtual_time, now_s

_T = TypeVar("_T")


def said(number: int, at_s: float) -> LogEntry:
    content = [{"type": "input_text", "text": f"message {number}"}]
    item = {"id": f"item_{number}", "type": "message", "role": "user", "content": content}
    return LogEntry(number, at_s, "in", frame("conversation.item.added", item=item))


def dull(number: int, at_s: float) -> LogEntry:
    place = {"response_id": "r", "item_id": "item_1", "output_index": 0, "content_index": 0}
    return LogEntry(number, at_s, "in", frame("response.output_audio.delta", delta="AAAA", **place))


EVERY_SECOND = tuple(said(number, float(number)) for number in range(1, 11))


@dataclass
class Person:
    """Somebody before a playback, who sees where it goes on after each seek."""

    playback: Playback
    jumps: list[tuple[float, int]] = field(default_factory=list[tuple[float, int]])
    screen: MemoryScreen = field(default_factory=MemoryScreen)

    @property
    def count(self) -> int:
        """How many messages there are to see."""
        return len(self.screen.views[-1].items)

    def saw_jump(self, view: SessionView) -> None:
        self.jumps.append((self.playback.position_s, len(view.items)))
        self.screen.update(view)

    async def at(self, at_s: float) -> None:
        """Waits until that time."""
        await asyncio.sleep(at_s - now_s())

    def leave(self) -> None:
        self.playback.pace.wants_to_leave = True
        self.playback.poke()


def watched(
    act: Callable[[Person], Awaitable[_T]],
    *,
    entries: tuple[LogEntry, ...] = EVERY_SECOND,
    speed: float | None = 1.0,
) -> _T:
    """What the person finds out, who leaves at the end."""

    async def play() -> _T:
        source = Source(entries=lambda: entries, make_session=Session, has_inputs=True)
        clock = asyncio.get_running_loop().time
        playback = Playback(source, pace=Pace(speed=speed, stays=True), clock=clock)
        person = Person(playback)
        playing = asyncio.create_task(playback.run(person.screen, on_jump=person.saw_jump))
        found = await act(person)
        person.leave()
        await playing
        return found

    return in_virtual_time(play())


def test_a_seek_takes_what_lies_before_without_waiting_and_the_next_wait_begins_there() -> None:
    async def act(person: Person) -> None:
        person.playback.seek(Place(6.5))
        await person.at(0.1)
        assert person.jumps == [(6.5, 6)]
        await person.at(0.45)
        assert person.count == 6
        await person.at(0.6)
        assert person.count == 7

    watched(act)


def test_a_seek_backwards_begins_again_from_the_start() -> None:
    async def act(person: Person) -> None:
        await person.at(8.5)
        assert person.count == 8
        person.playback.seek(Place(3.0))
        await person.at(8.51)
        assert person.jumps == [(3.0, 2)]
        await person.at(9.6)
        assert person.count == 4  # the third at once, the fourth a second later

    watched(act)


def test_a_place_with_a_number_is_between_entries_of_one_moment() -> None:
    at_once = tuple(said(number, 5.0) for number in range(1, 6))

    async def act(person: Person) -> None:
        person.playback.pace.is_paused = True
        for number in (3, 1, 4, 0):
            person.playback.seek(Place(5.0, number))
            await person.at(now_s() + 0.1)
        assert [count for _, count in person.jumps] == [3, 1, 4, 0]

    watched(act, entries=at_once)


def test_behind_the_last_entry_it_stays_and_one_can_go_back() -> None:
    async def act(person: Person) -> None:
        person.playback.seek(Place(inf))
        await person.at(60.0)
        assert person.playback.is_over
        assert person.jumps == [(10.0, 10)]
        person.playback.seek(BEGINNING)
        await person.at(62.5)
        assert not person.playback.is_over
        assert person.count == 2

    watched(act)


def test_it_stays_when_it_has_played_to_the_end() -> None:
    async def act(person: Person) -> None:
        await person.at(100.0)
        assert person.playback.is_over
        assert person.count == 10
        assert person.playback.now_s == pytest.approx(10.0, abs=0.5)

    watched(act)


def test_a_seek_takes_the_place_of_one_under_way() -> None:
    many = tuple(said(number, number / 100) for number in range(1, 1001))

    async def act(person: Person) -> None:
        person.playback.seek(Place(9.0))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert person.playback.target == Place(9.0)
        person.playback.seek(Place(2.0))
        await person.at(0.001)
        assert [round(at_s, 3) for at_s, _ in person.jumps] == [2.0]
        assert person.playback.target is None

    watched(act, entries=many)


def test_others_get_their_turn_during_a_seek() -> None:
    many = tuple(said(number, number / 100) for number in range(1, 5001))

    async def act(person: Person) -> int:
        person.playback.seek(Place(inf))
        turns = 0
        while not person.jumps:
            await asyncio.sleep(0)
            turns += 1
        return turns

    assert watched(act, entries=many) > 50


def test_one_can_leave_during_a_seek() -> None:
    def endless() -> Iterator[LogEntry]:
        number = 0
        while True:
            number += 1
            yield LogEntry(number, 0.0, "in", frame("rate_limits.updated"))

    async def play() -> None:
        source = Source(entries=endless, make_session=Session, has_inputs=True)
        playback = Playback(source, pace=Pace(stays=True))
        playback.seek(Place(1.0))
        playing = asyncio.create_task(playback.run(MemoryScreen()))
        await asyncio.sleep(0)
        playback.pace.wants_to_leave = True
        await playing

    in_virtual_time(play())


def test_a_step_goes_on_to_the_next_change() -> None:
    entries = (said(1, 1.0), *(dull(number, 2.0) for number in range(2, 60)), said(60, 3.0), said(61, 4.0))

    async def act(person: Person) -> None:
        person.playback.step()
        await person.at(0.1)
        assert person.playback.place == Place(1.0, 1)
        person.playback.step()
        await person.at(0.2)
        assert person.playback.place == Place(3.0, 60)
        assert person.count == 2

    watched(act, entries=entries)


def test_a_step_passes_over_what_is_sent_and_what_only_counts() -> None:
    audio = LogEntry(3, 1.0, "out", '{"type":"input_audio_buffer.append","audio":"AAAA"}')
    heard = LogEntry(
        4, 1.0, "local", '{"type":"playback.progress","item_id":"x","content_index":0,"heard_ms":1}'
    )
    limits = LogEntry(5, 1.0, "in", frame("rate_limits.updated", rate_limits=[]))
    mark = LogEntry(6, 2.0, "local", to_json(Marked("here")))
    entries = (LogEntry(1, 0.0, "in", GREETING), said(2, 1.0), audio, heard, limits, mark)

    async def act(person: Person) -> list[int | None]:
        person.playback.seek(Place(0.5))
        numbers = list[int | None]()
        for _ in range(2):
            person.playback.step()
            await person.at(now_s() + 0.1)
            numbers.append(person.playback.place.number)
        return numbers

    assert watched(act, entries=entries) == [2, 6]


def test_steps_can_be_undone_one_by_one() -> None:
    async def act(person: Person) -> list[int]:
        playback, counts = person.playback, list[int]()
        for act in (playback.step, playback.step, playback.step, playback.step_back, playback.step_back):
            act()
            await person.at(now_s() + 0.1)
            counts.append(person.count)
        playback.step_back()
        await person.at(now_s() + 0.1)
        assert not playback.step_back()
        return counts

    assert watched(act) == [1, 2, 3, 2, 1]


def recordings() -> st.SearchStrategy[list[tuple[float, str]]]:
    """Times in their order, and what happens then."""
    kinds = st.sampled_from(["said", "text", "mark", "speech", "error", "audio"])
    entry = st.tuples(st.floats(0, 5, allow_nan=False).map(lambda t: round(t, 2)), kinds)
    return st.lists(entry, max_size=40).map(sorted)


def entry_of(number: int, at_s: float, kind: str) -> LogEntry:
    match kind:
        case "text":
            return LogEntry(number, at_s, "local", to_json(UserText(f"words {number}")))
        case "mark":
            return LogEntry(number, at_s, "local", to_json(Marked(str(number))))
        case "speech":
            started = frame("input_audio_buffer.speech_started", item_id=f"i{number}", audio_start_ms=0)
            return LogEntry(number, at_s, "in", started)
        case "error":
            return LogEntry(number, at_s, "in", frame("error", error={"message": "no", "type": "x"}))
        case "audio":
            return dull(number, at_s)
        case _:
            return said(number, at_s)


@given(recordings(), st.lists(st.floats(0, 6, allow_nan=False), min_size=1, max_size=4))
def test_the_view_after_seeks_is_that_of_a_plain_replay_up_to_there(
    times: list[tuple[float, str]], targets: list[float]
) -> None:
    entries = tuple(entry_of(number, at_s, kind) for number, (at_s, kind) in enumerate(times, 1))

    def plainly(until_s: float) -> SessionView:
        session = Session()
        replayer = Replayer(session, Codec(), has_inputs=True)
        for entry in entries:
            if entry.t_s < until_s:
                replayer.take(entry)
        return session.view()

    async def act(person: Person) -> None:
        person.playback.pace.is_paused = True
        for target in targets:
            person.playback.seek(Place(target))
            await person.at(now_s() + 1)
            assert person.screen.views[-1] == plainly(target)

    watched(act, entries=entries)
