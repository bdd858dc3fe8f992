from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import pytest

from realtime_cli.core.inputs import ConnectionOpened, UserText, to_json
from realtime_cli.core.session import Session
from realtime_cli.core.view import SessionView
from realtime_cli.log import LogEntry, open_log
from realtime_cli.protocol.codec import Codec
from realtime_cli.runtime.memory import MemoryScreen
from realtime_cli.runtime.pace import Pace
from realtime_cli.runtime.playback import Playback, Source
from realtime_cli.runtime.replayer import RecordedEntry, Replayer
from tests.support.echo_server import GREETING, frame
from tests.support.recordings import FOREIGN, RECORDINGS
from tests.support.virtual_time import in_virtual_time, now_s


def said(number: int, at_s: float) -> LogEntry:
    """Something that everybody sees: a message of the user's."""
    content = [{"type": "input_text", "text": f"message {number}"}]
    item = {"id": f"item_{number}", "type": "message", "role": "user", "content": content}
    return LogEntry(number, at_s, "in", frame("conversation.item.added", item=item))


EVERY_SECOND = tuple(said(number, float(number)) for number in range(1, 11))


@dataclass
class TimedScreen:
    """Remembers when it was updated, and how many events there were by then."""

    shown: list[tuple[float, int]] = field(default_factory=list[tuple[float, int]])
    closed_at_s: float = -1.0

    def update(self, view: SessionView) -> None:
        self.shown.append((now_s(), view.counters.events_in))

    def close(self, view: SessionView) -> None:
        self.closed_at_s = now_s()


def source(entries: Callable[[], Iterable[RecordedEntry]]) -> Source:
    return Source(entries=entries, make_session=Session, has_inputs=True)


def make_playback(
    pace: Pace,
    entries: Callable[[], Iterable[RecordedEntry]] = lambda: EVERY_SECOND,
    *,
    refresh_s: float = 0.1,
) -> Playback:
    clock = asyncio.get_running_loop().time
    return Playback(source(entries), pace=pace, refresh_s=refresh_s, clock=clock)


def times_of(
    pace: Pace, *acts: tuple[float, Callable[[Pace], None]], entries: tuple[LogEntry, ...] = EVERY_SECOND
) -> list[float]:
    """When each entry is played, while a person does things to the pace at their times."""

    async def play() -> list[float]:
        played: list[float] = []

        def taken() -> Iterator[LogEntry]:
            for entry in entries:
                yield entry
                played.append(now_s())  # the playback comes back for the next one

        playback = make_playback(pace, taken)

        async def interfere() -> None:
            for at_s, act in acts:
                await asyncio.sleep(at_s - now_s())
                act(pace)
                playback.poke()

        person = asyncio.create_task(interfere())
        await playback.run(MemoryScreen())
        await person
        return played

    return [round(at, 4) for at in in_virtual_time(play())]


def pause(pace: Pace) -> None:
    pace.is_paused = not pace.is_paused


def step(pace: Pace) -> None:
    pace.is_paused = True
    pace.steps += 1


def leave(pace: Pace) -> None:
    pace.wants_to_leave = True


def set_speed(speed: float | None) -> Callable[[Pace], None]:
    def act(pace: Pace) -> None:
        pace.speed = speed

    return act


def test_it_plays_at_the_recorded_speed() -> None:
    assert times_of(Pace()) == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]


@pytest.mark.parametrize(("speed", "last"), [(2.0, 5.0), (0.5, 20.0), (64.0, 0.1562), (None, 0.0)])
def test_it_plays_at_any_other_speed(speed: float | None, last: float) -> None:
    assert times_of(Pace(speed=speed))[-1] == pytest.approx(last, abs=1e-3)


def test_pauses_are_shortened_to_the_idle_limit() -> None:
    entries = (*EVERY_SECOND[:2], LogEntry(3, 3600.0, "in", GREETING), LogEntry(4, 3600.2, "in", GREETING))
    assert times_of(Pace(idle_limit_s=0.5), entries=entries) == [0.5, 1.0, 1.5, 1.7]
    assert times_of(Pace(idle_limit_s=0.0), entries=entries) == [0, 0, 0, 0]
    assert times_of(Pace(speed=10.0, idle_limit_s=10.0), entries=entries) == [0.1, 0.2, 1.2, 1.22]


def test_a_pause_holds_it_and_takes_nothing_off_the_wait() -> None:
    assert times_of(Pace(), (2.25, pause), (12.25, pause))[:4] == [1, 2, 13, 14]


def test_a_step_plays_one_entry_and_pauses() -> None:
    times = times_of(Pace(), (1.5, step), (5.0, step), (6.0, step), (7.0, pause))
    assert times == [1, 1.5, 5, 6, 8, 9, 10, 11, 12, 13]


def test_steps_that_come_together_are_all_taken() -> None:
    def two_steps(pace: Pace) -> None:
        step(pace)
        step(pace)

    assert times_of(Pace(is_paused=True), (3.0, two_steps), (4.0, pause))[:3] == [3, 3, 5]


def test_entries_of_one_moment_wait_for_the_end_of_a_pause() -> None:
    at_once = tuple(LogEntry(number, 0.0, "in", GREETING) for number in range(1, 4))
    assert times_of(Pace(is_paused=True), (3.0, pause), entries=at_once) == [3, 3, 3]


def test_leaving_ends_it_at_once_while_it_waits_and_while_it_is_paused() -> None:
    assert times_of(Pace(), (2.5, leave)) == [1, 2]
    assert times_of(Pace(is_paused=True), (2.5, leave)) == []
    assert times_of(Pace(), (2.5, pause), (7.0, leave)) == [1, 2]


def test_a_change_of_speed_counts_for_the_rest_of_the_wait() -> None:
    assert times_of(Pace(), (0.5, set_speed(0.25)))[:2] == [2.5, 6.5]
    assert times_of(Pace(), (1.5, set_speed(4.0)))[:3] == [1, 1.625, 1.875]
    assert times_of(Pace(), (1.5, set_speed(None))) == [1, *[1.5] * 9]
    assert times_of(Pace(speed=0.01), (50.0, set_speed(1.0)))[:2] == [50.5, 51.5]


def test_a_poke_without_a_change_changes_nothing() -> None:
    def nothing(_: Pace) -> None:
        """Presses a key that means nothing."""

    pokes = [(number / 7, nothing) for number in range(1, 60)]
    assert times_of(Pace(), *pokes)[:9] == [1, 2, 3, 4, 5, 6, 7, 8, 9]


def test_what_a_busy_machine_lost_is_caught_up_with() -> None:
    """Each entry costs 0.2 s of work, as does each reading of a slow disk; the beat stays."""

    async def play() -> list[float]:
        extra, played = 0.0, list[float]()

        def clock() -> float:
            return now_s() + extra

        def worked() -> Iterator[LogEntry]:
            nonlocal extra
            for entry in EVERY_SECOND:
                extra += 0.2
                yield entry
                played.append(clock())

        await Playback(source(worked), pace=Pace(), clock=clock).run(MemoryScreen())
        return played

    assert in_virtual_time(play()) == [pytest.approx(float(number), abs=0.01) for number in range(1, 11)]


def test_a_long_stop_is_not_caught_up_with() -> None:
    async def play() -> list[float]:
        stopped_s, played = 0.0, list[float]()

        def clock() -> float:
            return now_s() + stopped_s

        def interrupted() -> Iterator[LogEntry]:
            nonlocal stopped_s
            for number, entry in enumerate(EVERY_SECOND):
                stopped_s += 3600.0 if number == 2 else 0.0
                yield entry
                played.append(clock())

        await Playback(source(interrupted), pace=Pace(), clock=clock).run(MemoryScreen())
        return played

    times = in_virtual_time(play())
    assert times[1:5] == [pytest.approx(at, abs=0.01) for at in (2.0, 3602.0, 3602.5, 3603.5)]


def test_the_screen_rests_between_updates_and_shows_what_is_new_in_every_wait() -> None:
    dense = tuple(LogEntry(n, n / 100, "in", GREETING) for n in range(1, 201))
    entries = (*dense, LogEntry(201, 60.0, "in", GREETING))

    async def play() -> TimedScreen:
        screen = TimedScreen()
        await make_playback(Pace(), lambda: entries).run(screen)
        return screen

    screen = in_virtual_time(play())
    times = [at for at, _ in screen.shown]
    assert all(later - earlier > 0.0999 for earlier, later in itertools.pairwise(times))
    assert len(times) >= 20
    assert screen.shown[-2][0] < 2.2
    assert screen.shown[-2][1] == 200
    assert screen.closed_at_s == pytest.approx(60.0)


def test_each_step_is_shown_at_once_while_it_is_paused() -> None:
    async def play() -> TimedScreen:
        screen, pace = TimedScreen(), Pace(is_paused=True)
        playback = make_playback(pace, refresh_s=60.0)
        playing = asyncio.create_task(playback.run(screen))
        for number in range(3):
            await asyncio.sleep(number - now_s() + 0.5)
            step(pace)
            playback.poke()
        await asyncio.sleep(0.01)
        leave(pace)
        playback.poke()
        await playing
        return screen

    shown = in_virtual_time(play()).shown
    assert [(round(at, 4), count) for at, count in shown] == [(0.5, 1), (1.5, 2), (2.5, 3)]


def test_a_person_gets_a_turn_even_at_full_speed() -> None:
    def endless() -> Iterator[LogEntry]:
        for number in itertools.count(1):
            yield LogEntry(number, 0.0, "in", frame("rate_limits.updated"))

    async def play() -> SessionView:
        pace = Pace(speed=None)
        playback = make_playback(pace, endless)
        asyncio.get_running_loop().call_later(0, leave, pace)
        return await playback.run(MemoryScreen())

    assert in_virtual_time(play()).counters.events_in <= 512


def test_an_empty_recording_closes_the_screen() -> None:
    async def play() -> list[SessionView]:
        screen = MemoryScreen()
        await make_playback(Pace(), tuple).run(screen)
        return screen.views

    assert in_virtual_time(play()) == [Session().view()]


def opened_session() -> Session:
    session = Session()
    session.receive(ConnectionOpened(), 0.0)
    return session


def fed_directly(name: str) -> SessionView:
    session = opened_session()
    replayer = Replayer(session, Codec(), has_inputs=False)
    for entry in open_log(FOREIGN / name).entries():
        replayer.take(entry)
    return session.view()


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_foreign_recording_plays_to_the_view_that_its_events_give(name: str) -> None:
    async def play() -> SessionView:
        recording = Source(
            entries=open_log(FOREIGN / name).entries, make_session=opened_session, has_inputs=False
        )
        return await Playback(recording, pace=Pace(speed=None)).run(MemoryScreen())

    view = in_virtual_time(play())
    assert view == fed_directly(name)
    assert view.counters.events_in + view.counters.events_out == sum(
        1 for _ in open_log(FOREIGN / name).entries()
    )


def replayed(*entries: RecordedEntry, has_inputs: bool) -> SessionView:
    session = Session()
    replayer = Replayer(session, Codec(), has_inputs=has_inputs)
    for entry in entries:
        replayer.take(entry)
    return session.view()


def test_what_was_sent_is_said_again_where_the_inputs_are_known() -> None:
    text = LogEntry(3, 0.0, "local", to_json(UserText("hello")))
    sent = LogEntry(4, 0.0, "out", '{"type":"response.create"}')
    opened = [LogEntry(1, 0.0, "local", to_json(ConnectionOpened())), LogEntry(2, 0.0, "in", GREETING)]
    assert replayed(*opened, text, sent, has_inputs=True).counters.events_out == 2
    assert replayed(*opened, sent, has_inputs=False).counters.events_out == 1


@pytest.mark.parametrize(
    "raw",
    [
        '{"type": "input.of.the.future", "x": 1}',
        '{"type": "user.text"}',
        '{"type": "user.text", "text": 5}',
        "{}",
        "[1]",
        "5",
        "not JSON",
        "[" * 100_000,
        b'{"type": "user.text"}',
    ],
)
def test_a_local_input_that_cannot_be_read_is_passed_over(raw: str | bytes) -> None:
    assert replayed(LogEntry(1, 0.0, "local", raw), has_inputs=True) == Session().view()


def test_binary_frames_are_replayed_as_they_were() -> None:
    view = replayed(
        LogEntry(1, 0.0, "in", b"\xff\x00"), LogEntry(2, 0.0, "out", b'{"type":"x"}'), has_inputs=False
    )
    assert (view.counters.malformed, view.counters.events_out) == (1, 1)
