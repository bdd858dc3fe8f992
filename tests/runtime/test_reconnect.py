"""The loop loses its connection, and runs its transport again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime_cli.core.effects import Effect, SendEvent
from realtime_cli.core.inputs import (
    CancelRequested,
    ConnectionLost,
    LocalInput,
    QuitRequested,
    RenewRequested,
    SessionInput,
    ToolFinished,
    UserEvent,
    UserText,
)
from realtime_cli.core.reconnect import DELAYS_S
from realtime_cli.core.session import Session
from realtime_cli.core.terms import Terms
from realtime_cli.core.view import SessionView
from realtime_cli.errors import ConnectFailed, Unauthorized
from realtime_cli.log import LogEntry
from realtime_cli.protocol.codec import Codec
from realtime_cli.runtime.loop import Runtime
from realtime_cli.runtime.memory import (
    MemoryAudio,
    MemoryObserver,
    MemoryScreen,
    MemoryTool,
    MemoryTools,
    MemoryTransport,
)
from realtime_cli.runtime.pace import Pace
from realtime_cli.runtime.playback import Playback, Source
from realtime_cli.runtime.ports import AudioEngine, Post, ToolHost
from tests.support.echo_server import GREETING, EchoServer
from tests.support.speaking_server import SpeakingServer
from tests.support.virtual_time import in_virtual_time, now_s
from tests.support.voice import pcm

CONFIG = {"type": "realtime", "output_modalities": ["text"]}
# How one run of a transport goes: it breaks after so many seconds, fails, hangs, or lasts.
Run = float | Exception | None
HANGS, LASTS = None, 1e5
BREAK_S = 2.0


class BreakingTransport(MemoryTransport):
    """Has another server in each run; after the last of the `runs` it lasts."""

    def __init__(self, *runs: Run, tool: str = "") -> None:
        super().__init__(EchoServer(), greeting=[GREETING])
        self._tool = tool
        self._runs = list(runs)
        self.told: list[list[str]] = []

    async def run(self, post: Post) -> None:
        run = self._runs.pop(0) if self._runs else LASTS
        if run is HANGS:
            await asyncio.Event().wait()
        if isinstance(run, Exception):
            raise run
        self.new_server()
        self.sent = []
        self.told.append(self.sent)
        try:
            async with asyncio.timeout(run):
                await super().run(post)
        except TimeoutError:
            self._is_over, self._frames = True, asyncio.Queue()
            post(ConnectionLost(None))

    def new_server(self) -> None:
        self._answer, self._tool = EchoServer(tool=self._tool), ""

    @property
    def gists(self) -> list[list[str]]:
        """What each server was told, in few words."""
        return [[_gist(json.loads(frame)) for frame in told] for told in self.told]


class BreakingSpeaker(BreakingTransport):
    """The same with servers that hear and speak."""

    def new_server(self) -> None:
        server = SpeakingServer(answer_ms=2000)
        self._answer, self._greeting = server, (server.greeting,)


def _gist(event: dict[str, Any]) -> str:
    item = event.get("item")
    if item is None:
        return str(event["type"])
    return f"{item['role']}: {item['content'][0]['text']}" if "role" in item else str(item["type"])


class AudibleSession(Session):
    """Keeps what it sends, as frames."""

    def __init__(self, *, has_tools: bool = False) -> None:
        super().__init__(CONFIG, reconnects=True, has_tools=has_tools)
        self._codec = Codec()
        self.said: list[str] = []

    def receive(self, happened: SessionInput, now: float) -> list[Effect]:
        effects = super().receive(happened, now)
        for effect in effects:
            if isinstance(effect, SendEvent):
                text = self._codec.encode(effect.event) if effect.raw is None else effect.raw
                assert text is not None
                self.said.append(text)
        return effects


async def _run(
    transport: MemoryTransport,
    inputs: Iterable[tuple[float, LocalInput]],
    *,
    observer: MemoryObserver | None = None,
    audio: AudioEngine | None = None,
    tools: ToolHost | None = None,
    session: Session | None = None,
) -> SessionView:
    """A session in which each input comes at its second, and which ends by itself or when the user leaves."""
    runtime = Runtime(
        session or AudibleSession(has_tools=tools is not None),
        codec=Codec(),
        transport=transport,
        screen=MemoryScreen(),
        audio=audio,
        tools=tools,
        observers=[observer] if observer else [],
        clock=asyncio.get_running_loop().time,
    )
    running = asyncio.create_task(runtime.run())
    for at_s, each in inputs:
        await asyncio.sleep(at_s - now_s())
        runtime.post(each)
    view = await running
    assert _tasks_left() == set()
    return view


def _tasks_left() -> set[str]:
    return {task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task()}


def _seen(observer: MemoryObserver, *names: str) -> list[tuple[str, float]]:
    found = [(json.loads(raw)["type"], at_s) for way, raw, at_s, _ in observer.seen if way == "local"]
    return [(name, at_s) for name, at_s in found if name in names]


def test_the_transport_runs_again_and_the_new_server_is_told_what_was_said() -> None:
    transport = BreakingTransport(BREAK_S)
    inputs = [(0.5, UserText("one")), (2.1, UserText("two")), (9.0, QuitRequested())]
    view = in_virtual_time(_run(transport, inputs))
    assert transport.gists == [
        ["session.update", "user: one", "response.create"],
        ["session.update", "user: one", "assistant: You said: one", "user: two", "response.create"],
    ]
    texts = [item.text for item in view.items]
    assert texts == ["one", "You said: one", "two", "You said: two"]
    assert (view.connection, view.closed_by_us, view.reconnects, view.turns) == ("closed", True, 1, 2)


def test_a_try_that_fails_is_an_input_and_the_next_one_comes_later() -> None:
    observer = MemoryObserver()
    failures = [ConnectFailed("nobody listens", hint="wait"), ConnectFailed("nobody listens")]
    transport = BreakingTransport(BREAK_S, *failures)
    view = in_virtual_time(_run(transport, [(9.0, QuitRequested())], observer=observer))
    first, second, third = DELAYS_S[:3]
    assert _seen(observer, "connection.lost", "connection.failed", "connection.opened")[:-1] == [
        ("connection.opened", 0.0),
        ("connection.lost", BREAK_S),
        ("connection.failed", BREAK_S + first),
        ("connection.failed", BREAK_S + first + second),
        ("connection.opened", BREAK_S + first + second + third),
    ]
    assert view.reconnects == 1


def test_a_refused_key_is_the_end_and_no_exception() -> None:
    transport = BreakingTransport(BREAK_S, Unauthorized("401: the key is wrong"))
    view = in_virtual_time(_run(transport, []))
    assert (view.connection, view.closed_by_us) == ("closed", False)
    assert view.notices[-1].text == "no connection after 1 try: 401: the key is wrong"


def test_the_tries_have_an_end() -> None:
    async def until_the_end() -> float:
        view = await _run(BreakingTransport(BREAK_S, *[ConnectFailed("no")] * len(DELAYS_S)), [])
        assert view.notices[-1].text == f"no connection after {len(DELAYS_S)} tries: no"
        return now_s()

    assert in_virtual_time(until_the_end()) == pytest.approx(BREAK_S + sum(DELAYS_S))


@pytest.mark.parametrize("runs", [[HANGS], [ConnectFailed("no")] * 5])
def test_who_leaves_in_the_middle_of_the_tries_leaves_at_once(runs: list[Run]) -> None:
    async def until_the_end() -> tuple[SessionView, float]:
        view = await _run(BreakingTransport(BREAK_S, *runs), [(4.0, QuitRequested())])
        return view, now_s()

    view, ended_s = in_virtual_time(until_the_end())
    assert ended_s == 4.0
    assert (view.connection, view.closed_by_us) == ("closed", True)


@pytest.mark.parametrize("runs", [[HANGS], [ConnectFailed("no")] * 5])
def test_a_limit_of_time_ends_the_tries(runs: list[Run]) -> None:
    async def until_the_end() -> tuple[SessionView, float]:
        session = Session(CONFIG, reconnects=True, terms=Terms(max_s=4.0))
        view = await _run(BreakingTransport(BREAK_S, *runs), [], session=session)
        return view, now_s()

    view, ended_s = in_virtual_time(until_the_end())
    assert ended_s == pytest.approx(4.0)
    assert (view.connection, view.closed_by_us) == ("closed", True)


def test_another_session_on_purpose() -> None:
    transport = BreakingTransport()
    inputs = [(0.5, UserText("one")), (1.0, RenewRequested()), (9.0, QuitRequested())]
    view = in_virtual_time(_run(transport, inputs))
    assert transport.gists[1] == ["session.update", "user: one", "assistant: You said: one"]
    assert view.reconnects == 1


def test_nobody_is_idle_while_an_answer_is_owed_to_what_was_typed() -> None:
    async def waits() -> float:
        session = AudibleSession()
        runtime = Runtime(
            session,
            codec=Codec(),
            transport=BreakingTransport(BREAK_S, ConnectFailed("no")),
            screen=MemoryScreen(),
            clock=asyncio.get_running_loop().time,
        )
        running = asyncio.create_task(runtime.run())
        await asyncio.sleep(2.1)
        runtime.post(UserText("hello?"))
        await runtime.idle()
        idle_s = now_s()
        assert session.view().items[-1].text == "You said: hello?"
        runtime.post(QuitRequested())
        await running
        return idle_s

    assert in_virtual_time(waits()) == pytest.approx(BREAK_S + sum(DELAYS_S[:2]))


def test_a_tool_works_on_and_its_output_reaches_the_new_server() -> None:
    transport = BreakingTransport(BREAK_S, tool="echo")
    tools = MemoryTools({"echo": MemoryTool(str.upper, delay_s=1.2)})
    inputs = [(1.0, UserText("one")), (9.0, QuitRequested())]
    view = in_virtual_time(_run(transport, inputs, tools=tools))
    assert len(tools.started) == 1
    assert transport.gists == [
        ["session.update", "user: one", "response.create"],
        ["session.update", "user: one", "function_call", "function_call_output", "response.create"],
    ]
    assert [call.state for call in view.calls] == ["done"]
    assert view.items[-1].text == 'You said: {"TEXT": "ONE"}'


def test_what_has_come_of_a_spoken_answer_is_heard_while_there_is_no_connection() -> None:
    speech = [pcm(20)] * 10 + [bytes(960)] * 10
    audio = MemoryAudio([*speech, *[bytes(960)] * 200, *speech], delay_ms=0)
    transport = BreakingSpeaker(1.0)
    view = in_virtual_time(_run(transport, [(20.0, QuitRequested())], audio=audio))
    answers = [item for item in view.items if item.role == "assistant"]
    assert [(item.heard_ms, item.truncated_ms) for item in answers] == [(2000, None)] * 2
    assert [len(heard) for heard in audio.heard.values()] == [2000 * 48] * 2
    assert "input_audio_buffer.append" in transport.gists[1]
    assert transport.gists[1][0] == "session.update"


def _again(observer: MemoryObserver) -> tuple[SessionView, list[str]]:
    """The recorded session, played."""
    entries = [
        LogEntry(number, at_s, direction, raw)  # type: ignore[arg-type]  # one of the three
        for number, (direction, raw, at_s, _) in enumerate(observer.seen)
    ]
    session = AudibleSession()
    recording = Source(entries=lambda: entries, make_session=lambda: session, has_inputs=True)
    view = in_virtual_time(Playback(recording, pace=Pace(speed=None)).run(MemoryScreen()))
    return view, session.said


_INPUTS = st.one_of(
    st.builds(UserText, st.text(max_size=5)),
    st.sampled_from([CancelRequested(), RenewRequested(), ToolFinished("call_1", "out")]),
    st.sampled_from([UserEvent('{"type":"response.create"}'), UserEvent("{}"), UserEvent("")]),
)
_RUNS = st.one_of(
    st.sampled_from([0.0, 0.3, 1.0, 31.0]), st.builds(ConnectFailed, st.just("no")), st.just(LASTS)
)


@settings(max_examples=80, deadline=None)
@given(
    runs=st.lists(_RUNS, max_size=5),
    inputs=st.lists(st.tuples(st.sampled_from([0.0, 0.001, 0.5, 2.0]), _INPUTS), max_size=8),
    tool=st.sampled_from(["", "echo"]),
)
def test_what_was_lost_and_found_plays_again_just_so(
    runs: list[Run], inputs: list[tuple[float, LocalInput]], tool: str
) -> None:
    observer, session = MemoryObserver(), AudibleSession()
    transport = BreakingTransport(0.5, *runs, tool=tool)
    at_s, timed = 0.0, list[tuple[float, LocalInput]]()
    for after_s, each in inputs:
        at_s += after_s
        timed.append((at_s, each))
    timed.append((at_s + 200.0, QuitRequested()))
    view = in_virtual_time(_run(transport, timed, observer=observer, session=session))
    again, said = _again(observer)
    assert again == view
    assert said == session.said
