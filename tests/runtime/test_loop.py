from __future__ import annotations

import asyncio
import itertools
import json
import os
from collections.abc import Callable, Iterable

import pytest

from realtime_cli.audio.files import FileConfig, FileEngine
from realtime_cli.core.effects import Effect
from realtime_cli.core.inputs import (
    AudioReady,
    Backpressure,
    CancelRequested,
    ConnectionLost,
    ConnectionOpened,
    DeadlineReached,
    MicrophoneBlock,
    QuitRequested,
    SessionInput,
    UserEvent,
    UserText,
    to_json,
)
from realtime_cli.core.patience import PATIENCE_S
from realtime_cli.core.session import GREETING_TIMEOUT_S, Session
from realtime_cli.core.view import SessionView
from realtime_cli.errors import ConnectFailed, Unauthorized
from realtime_cli.protocol.codec import Codec
from realtime_cli.runtime.loop import Runtime
from realtime_cli.runtime.memory import MemoryAudio, MemoryObserver, MemoryScreen, MemoryTransport
from realtime_cli.runtime.ports import AudioEngine, Direction, Inbound, Observer, Post, Screen, Transport
from tests.support.echo_server import GREETING, EchoServer, frame
from tests.support.speaking_server import SpeakingServer
from tests.support.transports import EndingTransport, TimedTransport
from tests.support.virtual_time import in_virtual_time, now_s
from tests.support.voice import pcm

LIMITS = frame("rate_limits.updated", rate_limits=[])
DEADLINE = to_json(DeadlineReached())
CANCEL = to_json(CancelRequested())


class AttentiveSession(Session):
    """Remembers what it was given, and when, and how often it was asked for its deadline."""

    def __init__(self) -> None:
        super().__init__()
        self.received: list[tuple[SessionInput, float]] = []
        self.deadlines_asked = 0

    def receive(self, happened: SessionInput, now: float) -> list[Effect]:
        self.received.append((happened, now))
        return super().receive(happened, now)

    def next_deadline(self) -> float | None:
        self.deadlines_asked += 1
        return super().next_deadline()


class TimedScreen:
    """Remembers when it was updated, and the last view."""

    def __init__(self) -> None:
        self.shown: list[tuple[float, SessionView]] = []

    def update(self, view: SessionView) -> None:
        self.shown.append((now_s(), view))

    def close(self, view: SessionView) -> None:
        """The last view is not of interest here."""


class BrokenScreen:
    def update(self, view: SessionView) -> None:
        raise ZeroDivisionError("a bug in the screen")

    def close(self, view: SessionView) -> None:
        """Never reached."""


def make_runtime(
    transport: Transport,
    *,
    session: Session | None = None,
    screen: Screen | None = None,
    audio: AudioEngine | None = None,
    observers: Iterable[Observer] = (),
    refresh_s: float = 0.1,
    clock: Callable[[], float] | None = None,
) -> Runtime:
    return Runtime(
        session or Session(),
        codec=Codec(),
        transport=transport,
        screen=screen or MemoryScreen(),
        audio=audio,
        observers=observers,
        refresh_s=refresh_s,
        clock=clock or asyncio.get_running_loop().time,
    )


def tasks_left() -> set[str]:
    return {task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task()}


def directions(observer: MemoryObserver) -> list[tuple[str, str | bytes]]:
    return [(direction, raw) for direction, raw, _, _ in observer.seen]


async def quit_at(runtime: Runtime, at_s: float) -> None:
    await asyncio.sleep(at_s - now_s())
    runtime.post(QuitRequested())


def test_a_typed_turn_is_answered_and_the_session_ends_on_request() -> None:
    async def talk() -> None:
        screen = MemoryScreen()
        runtime = make_runtime(MemoryTransport(EchoServer(), greeting=[GREETING]), screen=screen)
        running = asyncio.create_task(runtime.run())
        runtime.post(UserText("hello"))
        await runtime.idle()
        runtime.post(QuitRequested())
        view = await running
        assert [item.text for item in view.items] == ["hello", "You said: hello"]
        assert (view.connection, view.closed_by_us, view.is_busy) == ("closed", True, False)
        assert screen.views[-1] == view
        assert not tasks_left()

    in_virtual_time(talk())


@pytest.mark.parametrize("error", [ConnectFailed("nobody there"), Unauthorized("no key")], ids=type)
def test_a_failure_to_connect_comes_out_as_itself(error: ConnectFailed) -> None:
    async def fail() -> None:
        screen = MemoryScreen()
        runtime = make_runtime(EndingTransport(error=error), screen=screen)
        runtime.post(UserText("are you there?"))
        waiting = asyncio.create_task(runtime.idle())
        with pytest.raises(ConnectFailed) as caught:
            await runtime.run()
        assert caught.value is error
        assert len(screen.views) > 0
        await waiting
        assert not tasks_left()

    in_virtual_time(fail())


def test_idle_lasts_until_the_end_of_the_answer() -> None:
    answer = list(EchoServer()(frame("response.create")))

    async def ask() -> list[float]:
        slowly = [(0.0, GREETING), *((1.0 + number, text) for number, text in enumerate(answer))]
        runtime = make_runtime(TimedTransport(*slowly))
        running = asyncio.create_task(runtime.run())
        runtime.post(UserText("hello"))
        times = []
        for _ in range(2):
            await runtime.idle()
            times.append(now_s())
            assert not runtime.is_busy
        runtime.post(UserText("and again"))
        assert await waits(runtime)
        assert runtime.is_busy
        runtime.post(QuitRequested())
        await running
        return times

    assert in_virtual_time(ask()) == [pytest.approx(float(len(answer)))] * 2


async def waits(runtime: Runtime) -> bool:
    try:
        async with asyncio.timeout(60):
            await runtime.idle()
    except TimeoutError:
        return True
    return False


def test_idle_does_not_return_between_a_turn_and_its_answer_whatever_came_before_the_turn() -> None:
    async def ask() -> None:
        screen = MemoryScreen()
        runtime = make_runtime(MemoryTransport(EchoServer(), greeting=[GREETING]), screen=screen, refresh_s=0)
        running = asyncio.create_task(runtime.run())
        await runtime.idle()
        for turn in range(1, 4):
            for _ in range(200):
                runtime.post(LIMITS)
            runtime.post(UserText(f"turn {turn}"))
            await runtime.idle()
            assert screen.views[-1].turns == turn
        runtime.post(QuitRequested())
        await running

    in_virtual_time(ask())


@pytest.mark.parametrize("code", [1000, 1006, None])
def test_idle_returns_when_the_connection_is_lost_and_later_turns_change_nothing(code: int | None) -> None:
    async def ask() -> None:
        observer = MemoryObserver()
        transport = TimedTransport((0.0, GREETING), (2.0, ConnectionLost(code)))
        runtime = make_runtime(transport, observers=[observer])
        running = asyncio.create_task(runtime.run())
        runtime.post(UserText("hello"))
        await runtime.idle()
        assert now_s() == pytest.approx(2.0)
        runtime.post(UserText("is anybody there?"))
        assert not await waits(runtime)
        view = await running
        runtime.post(UserText("anybody?"))
        assert not await waits(runtime)
        assert (view.connection, view.close_code, view.closed_by_us) == ("closed", code, False)
        assert observer.seen[-1][:2] == ("local", to_json(ConnectionLost(code)))

    in_virtual_time(ask())


def test_a_server_that_never_greets_is_spoken_to_at_the_deadline() -> None:
    async def ask() -> None:
        observer = MemoryObserver()
        transport = TimedTransport()
        runtime = make_runtime(transport, observers=[observer])
        runtime.post(UserText("hello"))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(quit_at(runtime, 60.0))
            view = await runtime.run()
        assert len(transport.sent) == 2
        deadlines = [at for _, raw, at, _ in observer.seen if raw == DEADLINE]
        due = (GREETING_TIMEOUT_S, GREETING_TIMEOUT_S + PATIENCE_S)
        assert deadlines == [pytest.approx(at, abs=1e-4) for at in due]
        assert view.notices[0].at_s == deadlines[0]

    in_virtual_time(ask())


class Flood:
    """Posts another input for each one that it sees, so that the inbox is never empty."""

    def __init__(self, inputs: int) -> None:
        self._left = inputs
        self.runtime: Runtime | None = None

    def saw(self, direction: Direction, raw: str | bytes, *, now_s: float, is_object: bool) -> None:
        assert self.runtime is not None
        if self._left and raw == CANCEL:
            self._left -= 1
            self.runtime.post(CancelRequested() if self._left else QuitRequested())


def test_a_flood_puts_off_no_deadline_no_update_and_nobody_else() -> None:
    async def endure() -> None:
        ticks = itertools.count()
        flood, observer, screen = Flood(5000), MemoryObserver(), MemoryScreen()
        runtime = make_runtime(
            TimedTransport((0.0, CancelRequested())),
            screen=screen,
            observers=[observer, flood],
            clock=lambda: next(ticks) / 1000,
        )
        flood.runtime = runtime
        turns = 0

        async def take_turns() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        other = asyncio.create_task(take_turns())
        await runtime.run()
        other.cancel()
        deadlines = [at for _, raw, at, _ in observer.seen if raw == DEADLINE]
        assert len(deadlines) == 1
        assert deadlines[0] < GREETING_TIMEOUT_S + 0.1
        assert turns > 3
        assert len(screen.views) > 3

    in_virtual_time(endure())


def test_fifty_thousand_frames_at_once_arrive_in_order_and_let_others_work() -> None:
    frames = [frame("rate_limits.updated", number=number) for number in range(50_000)]

    async def endure() -> None:
        observer = MemoryObserver()
        runtime = make_runtime(
            MemoryTransport(EchoServer(), greeting=frames), observers=[observer], clock=lambda: 0.0
        )
        running = asyncio.create_task(runtime.run())
        turns = 0
        while len(observer.seen) < 50_000:
            turns += 1
            await asyncio.sleep(0)
        runtime.post(QuitRequested())
        view = await running
        assert [raw for direction, raw in directions(observer) if direction == "in"] == frames
        assert view.counters.events_in == 50_000
        assert turns > 500

    in_virtual_time(endure())


def test_observers_hear_everything_once_in_order_with_what_was_sent_behind_its_cause() -> None:
    async def talk() -> None:
        server, heard = EchoServer(), list[str]()

        def answer(text: str) -> list[str]:
            frames = list(server(text))
            heard.extend(frames)
            return frames

        session, observer, second = AttentiveSession(), MemoryObserver(), MemoryObserver()
        transport = MemoryTransport(answer, greeting=[GREETING])
        runtime = make_runtime(transport, session=session, observers=[observer, second])
        typed = [UserText("one"), UserEvent('{ "type": "response.create" }'), UserText("two")]
        running = asyncio.create_task(runtime.run())
        await runtime.idle()
        for each in typed:
            runtime.post(each)
            await runtime.idle()
        runtime.post(QuitRequested())
        await running
        seen = directions(observer)
        assert observer.seen == second.seen
        assert [raw for direction, raw in seen if direction == "in"] == [GREETING, *heard]
        assert [raw for direction, raw in seen if direction == "out"] == transport.sent
        local = [ConnectionOpened(), *typed, QuitRequested(), ConnectionLost(1000, by_us=True)]
        assert [raw for direction, raw in seen if direction == "local"] == [to_json(each) for each in local]
        assert [direction for direction, _ in seen[:7]] == ["local", "in", "local", "out", "out", "in", "in"]
        assert [at for direction, _, at, _ in observer.seen if direction != "out"] == [
            at for _, at in session.received
        ]

    in_virtual_time(talk())


def test_what_is_sent_carries_the_time_of_its_cause() -> None:
    async def talk() -> None:
        observer = MemoryObserver()
        transport = TimedTransport((1.5, GREETING))
        ticks = itertools.count()
        runtime = make_runtime(transport, observers=[observer], clock=lambda: now_s() + next(ticks) / 7000)
        runtime.post(UserText("hello"))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(quit_at(runtime, 2.0))
            await runtime.run()
        greeted = next(at for _, raw, at, _ in observer.seen if raw == GREETING)
        assert [at for direction, _, at, _ in observer.seen if direction == "out"] == [greeted, greeted]
        times = [at for _, _, at, _ in observer.seen]
        assert times == sorted(times)
        assert all(at == round(at, 6) for at in times)

    in_virtual_time(talk())


def test_a_frame_that_comes_in_the_moment_of_a_deadline_does_not_turn_back_the_time() -> None:
    async def talk() -> None:
        session, observer = AttentiveSession(), MemoryObserver()
        # Both timers fire in the same turn of the loop, this one first.
        transport = TimedTransport((GREETING_TIMEOUT_S - 5e-10, CancelRequested()), (4.0, GREETING))
        ticks = itertools.count()

        def clock() -> float:
            return now_s() if now_s() < 2.9 else now_s() + next(ticks) * 1e-5

        runtime = make_runtime(transport, session=session, observers=[observer], clock=clock)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(quit_at(runtime, 5.0))
            await runtime.run()
        times = [at for _, at in session.received]
        assert times == sorted(times)
        assert [at for direction, _, at, _ in observer.seen if direction != "out"] == times
        assert DEADLINE in [raw for _, raw, _, _ in observer.seen]

    in_virtual_time(talk())


def test_the_screen_rests_between_updates_and_still_shows_the_last_state() -> None:
    burst = [(0.01 * number, LIMITS) for number in range(1, 251)]

    async def watch() -> None:
        screen = TimedScreen()
        runtime = make_runtime(TimedTransport((0.0, GREETING), *burst), screen=screen, refresh_s=0.1)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(quit_at(runtime, 10.0))
            await runtime.run()
        before_the_end = [(at, view) for at, view in screen.shown if at < 9.0]
        times = [at for at, _ in before_the_end]
        assert all(later - earlier > 0.0999 for earlier, later in itertools.pairwise(times))
        assert len(times) >= 25
        assert times[-1] < 2.7
        assert before_the_end[-1][1].counters.events_in == 251

    in_virtual_time(watch())


def test_a_screen_that_wants_every_update_gets_it() -> None:
    async def watch() -> None:
        screen = MemoryScreen()
        inbound: list[Inbound] = [ConnectionOpened(), *[LIMITS] * 20, ConnectionLost(1000)]
        await make_runtime(EndingTransport(inbound), screen=screen, refresh_s=0).run()
        assert [view.counters.events_in for view in screen.views] == [*range(21), 20, 20]

    in_virtual_time(watch())


def test_a_transport_that_ends_without_a_word_ends_the_run() -> None:
    async def end() -> None:
        view = await make_runtime(EndingTransport([ConnectionOpened(), GREETING])).run()
        assert view.session_id == "sess_1"
        assert not tasks_left()

    in_virtual_time(end())


def test_a_bug_in_a_screen_comes_out_and_leaves_no_task_behind() -> None:
    async def break_down() -> None:
        transport = TimedTransport()
        runtime = make_runtime(transport, screen=BrokenScreen())
        waiting = asyncio.create_task(runtime.idle())
        with pytest.RaisesGroup(ZeroDivisionError):
            await runtime.run()
        assert transport.has_ended
        await waiting
        runtime.post(UserText("too late"))
        assert not await waits(runtime)
        assert not tasks_left()

    in_virtual_time(break_down())


def test_a_bug_in_a_transport_comes_out_once_and_leaves_no_task_behind() -> None:
    async def break_down() -> None:
        transport = EndingTransport([ConnectionOpened()], error=ZeroDivisionError("a bug"))
        with pytest.RaisesGroup(ZeroDivisionError):
            await make_runtime(transport).run()
        assert not tasks_left()

    in_virtual_time(break_down())


def test_a_run_that_is_cancelled_ends_its_transport() -> None:
    async def cancel() -> None:
        transport = TimedTransport((0.0, GREETING))
        running = asyncio.create_task(make_runtime(transport).run())
        await asyncio.sleep(1)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert transport.has_ended
        assert not tasks_left()

    in_virtual_time(cancel())


@pytest.mark.parametrize(
    ("raw", "is_object"),
    [
        (GREETING, True),
        ('{"type": "news", "from": "the future"}', True),
        ('{"type": "error", "error": 5}', True),
        ('{"no": "type"}', False),
        ("[]", False),
        ("\x1b[31mnot JSON", False),
        (b"\x00\x01", False),
    ],
)
def test_observers_get_each_frame_as_it_came_and_are_promised_only_what_is_sure(
    raw: str | bytes, is_object: bool
) -> None:
    async def listen() -> None:
        observer = MemoryObserver()
        inbound: list[Inbound] = [ConnectionOpened(), raw, ConnectionLost(1000)]
        await make_runtime(EndingTransport(inbound), observers=[observer]).run()
        assert [(seen, promise) for direction, seen, _, promise in observer.seen if direction == "in"] == [
            (raw, is_object)
        ]
        assert not is_object or isinstance(json.loads(raw), dict)

    in_virtual_time(listen())


@pytest.mark.parametrize(
    ("raw", "is_object"),
    [('{"type":\n"response.create" }', True), ('{"type": "x"}', True), ("rubbish", False)],
)
def test_a_hand_written_event_is_sent_byte_for_byte(raw: str, is_object: bool) -> None:
    async def send() -> None:
        observer, transport = MemoryObserver(), TimedTransport((0.0, GREETING))
        runtime = make_runtime(transport, observers=[observer])
        runtime.post(UserEvent(raw))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(quit_at(runtime, 1.0))
            await runtime.run()
        assert transport.sent == [raw]
        assert [(raw, promise) for direction, raw, _, promise in observer.seen if direction == "out"] == [
            (raw, is_object)
        ]

    in_virtual_time(send())


def test_idle_lasts_until_the_answer_was_heard() -> None:
    async def ask() -> None:
        server, audio = SpeakingServer(answer_ms=3000), MemoryAudio(microphone="")
        runtime = make_runtime(MemoryTransport(server, greeting=[server.greeting]), audio=audio)
        running = asyncio.create_task(runtime.run())
        await asyncio.sleep(1.0)
        runtime.post(UserText("hello"))
        await runtime.idle()
        assert now_s() == pytest.approx(4.0, abs=0.05)
        assert audio.heard == {("answer_1", 0): pcm(100) * 30}
        runtime.post(QuitRequested())
        view = await running
        assert view.items[-1].heard_ms == 3000
        assert not tasks_left()

    in_virtual_time(ask())


def test_idle_does_not_wait_for_a_microphone() -> None:
    async def listen() -> None:
        audio, transport = MemoryAudio(itertools.repeat(pcm(20))), TimedTransport((0.0, GREETING))
        runtime = make_runtime(transport, audio=audio)
        running = asyncio.create_task(runtime.run())
        await asyncio.sleep(5.0)
        runtime.post(MicrophoneBlock(pcm(20)))
        await runtime.idle()
        assert now_s() == pytest.approx(5.0)
        runtime.post(QuitRequested())
        await running

    in_virtual_time(listen())


def test_blocks_of_the_microphone_are_not_told_but_what_they_became_is() -> None:
    async def listen() -> None:
        observer, screen = MemoryObserver(), TimedScreen()
        audio, transport = MemoryAudio([pcm(20)] * 100), TimedTransport((0.0, GREETING))
        runtime = make_runtime(transport, audio=audio, observers=[observer], screen=screen)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(quit_at(runtime, 1.5))
            await runtime.run()
        sent = [raw for direction, raw in directions(observer) if direction == "out"]
        assert 70 <= len(sent) <= 75
        assert sent == transport.sent
        told = [json.loads(raw)["type"] for direction, raw in directions(observer) if direction == "local"]
        assert sorted(told) == ["audio.ready", "connection.lost", "connection.opened", "user.quit"]
        assert len(screen.shown) <= 4

    in_virtual_time(listen())


def test_blocks_of_the_microphone_put_off_no_deadline_and_ask_for_none() -> None:
    async def listen() -> None:
        observer, session = MemoryObserver(), AttentiveSession()
        runtime = make_runtime(
            TimedTransport((0.0, GREETING), (1.0, UserText("hello"))),
            session=session,
            audio=MemoryAudio(itertools.repeat(pcm(20))),
            observers=[observer],
        )
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(quit_at(runtime, 60.0))
            await runtime.run()
        blocks = [each for each, _ in session.received if isinstance(each, MicrophoneBlock)]
        deadlines = [at for _, raw, at, _ in observer.seen if raw == DEADLINE]
        assert deadlines == [pytest.approx(1.0 + PATIENCE_S, abs=1e-4)]
        assert len(blocks) > 2900
        assert session.deadlines_asked < 20

    in_virtual_time(listen())


def test_a_queue_that_grows_is_told_once_and_once_when_it_has_shrunk() -> None:
    async def press() -> None:
        observer, transport = MemoryObserver(), TimedTransport((0.0, GREETING))
        runtime = make_runtime(transport, audio=MemoryAudio([pcm(20)] * 500), observers=[observer])
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(quit_at(runtime, 4.0))
            tasks.create_task(runtime.run())
            for queued_bytes in (512 * 1024, 512 * 1024 + 1, 100_000, 64 * 1024, 64 * 1024 - 1, 100_000):
                transport.queued_bytes = queued_bytes
                await asyncio.sleep(0.5)
        told = [json.loads(raw) for direction, raw in directions(observer) if direction == "local"]
        pressures = [each for each in told if each["type"] == "backpressure"]
        assert [(each["queued_bytes"], each["is_congested"]) for each in pressures] == [
            (512 * 1024 + 1, True),
            (64 * 1024 - 1, False),
        ]
        assert 1460 <= pressures[1]["dropped_ms"] <= 1540

    in_virtual_time(press())


def test_without_sound_nobody_looks_at_the_queue() -> None:
    async def press() -> None:
        observer, transport = MemoryObserver(), TimedTransport((0.0, GREETING), (1.0, LIMITS))
        transport.queued_bytes = 10**9
        runtime = make_runtime(transport, observers=[observer])
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(quit_at(runtime, 2.0))
            await runtime.run()
        assert Backpressure.__name__.lower() not in str(observer.seen)

    in_virtual_time(press())


def test_sound_without_an_engine_is_nobodys_business() -> None:
    async def ask() -> None:
        server = SpeakingServer()
        runtime = make_runtime(MemoryTransport(server, greeting=[server.greeting]))
        running = asyncio.create_task(runtime.run())
        runtime.post(AudioReady("mic", "speaker"))
        runtime.post(UserText("hello"))
        await asyncio.sleep(1.0)
        runtime.post(QuitRequested())
        assert (await running).audio.is_playing

    in_virtual_time(ask())


class BrokenAudio(MemoryAudio):
    async def run(self, post: Post) -> None:
        raise ZeroDivisionError("a bug in the engine")


def test_a_bug_in_an_engine_comes_out_and_leaves_no_task_behind() -> None:
    async def break_down() -> None:
        transport = TimedTransport()
        with pytest.RaisesGroup(ZeroDivisionError):
            await make_runtime(transport, audio=BrokenAudio()).run()
        assert transport.has_ended
        assert not tasks_left()

    in_virtual_time(break_down())


def test_sound_ends_where_no_connection_comes_about() -> None:
    async def fail() -> None:
        with pytest.raises(ConnectFailed):
            await make_runtime(EndingTransport(error=ConnectFailed("nobody")), audio=MemoryAudio()).run()
        assert not tasks_left()

    in_virtual_time(fail())


async def test_what_an_engine_could_not_write_is_told_and_can_be_given_up() -> None:
    source, sink = os.pipe()
    server = SpeakingServer(answer_ms=10_000)
    engine = FileEngine(FileConfig(output="-", stdout_fd=sink, pace="max"))
    screen = MemoryScreen()
    transport = MemoryTransport(server, greeting=[server.greeting])
    runtime = make_runtime(transport, screen=screen, audio=engine)
    running = asyncio.create_task(runtime.run())
    runtime.post(UserText("hello"))
    await runtime.idle()
    runtime.post(QuitRequested())
    done, _ = await asyncio.wait([running], timeout=0.5)
    assert not done
    runtime.hurry()
    async with asyncio.timeout(3):
        view = await running
    assert [notice.level for notice in view.notices] == ["error"]
    assert "is no longer written to stdout: " in view.notices[0].text
    assert screen.views[-1] == view
    os.close(source)
    os.close(sink)
