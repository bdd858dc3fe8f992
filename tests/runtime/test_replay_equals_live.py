"""A session that was run live and recorded gives, replayed, the same view and sends the same bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime_cli.core.effects import Effect, SendEvent
from realtime_cli.core.inputs import (
    CancelRequested,
    LocalInput,
    QuitRequested,
    SessionInput,
    ToolFinished,
    UserEvent,
    UserText,
)
from realtime_cli.core.session import Session
from realtime_cli.core.view import SessionView
from realtime_cli.log import LogEntry, LogHeader, LogWriter, open_log
from realtime_cli.protocol.codec import Codec
from realtime_cli.redaction import Redactor
from realtime_cli.runtime.loop import Runtime
from realtime_cli.runtime.memory import MemoryObserver, MemoryScreen, MemoryTransport
from realtime_cli.runtime.playback import Pace, Playback
from realtime_cli.runtime.ports import Direction, Observer
from tests.support.echo_server import GREETING, EchoServer
from tests.support.recordings import FOREIGN, RECORDINGS
from tests.support.virtual_time import in_virtual_time, now_s

CONFIG = {"type": "realtime", "instructions": "Be brief.", "output_modalities": ["text"]}


class AudibleSession(Session):
    """Keeps what it sends, as frames."""

    def __init__(self) -> None:
        super().__init__(CONFIG)
        self._codec = Codec()
        self.sent: list[str] = []

    def receive(self, happened: SessionInput, now: float) -> list[Effect]:
        effects = super().receive(happened, now)
        for effect in effects:
            if isinstance(effect, SendEvent):
                text = self._codec.encode(effect.event) if effect.raw is None else effect.raw
                assert text is not None
                self.sent.append(text)
        return effects


async def live(
    answer: Callable[[str], Iterable[str]],
    greeting: Iterable[str],
    inputs: Iterable[tuple[float, LocalInput]],
    observer: Observer,
) -> tuple[SessionView, list[str]]:
    """Runs a session: each input comes some seconds after the one before, and at last the user leaves."""
    transport = MemoryTransport(answer, greeting=greeting)
    runtime = Runtime(
        Session(CONFIG),
        codec=Codec(),
        transport=transport,
        screen=MemoryScreen(),
        observers=[observer],
        clock=asyncio.get_running_loop().time,
    )
    running = asyncio.create_task(runtime.run())
    for after_s, each in inputs:
        await asyncio.sleep(after_s)
        runtime.post(each)
    await asyncio.sleep(30.0)
    runtime.post(QuitRequested())
    view = await running
    assert now_s() < 1e6
    return view, transport.sent


async def replay(entries: Iterable[LogEntry]) -> tuple[SessionView, list[str]]:
    session = AudibleSession()
    playback = Playback(session, codec=Codec(), screen=MemoryScreen(), pace=Pace(speed=None), has_inputs=True)
    view = await playback.run(entries)
    return view, session.sent


def entries_of(observer: MemoryObserver) -> Iterator[LogEntry]:
    for number, (direction, raw, at_s, _) in enumerate(observer.seen):
        assert direction in {"in", "out", "local"}
        yield LogEntry(number, at_s, direction, raw)  # type: ignore[arg-type]  # just checked


def assert_the_same(
    answer: Callable[[str], Iterable[str]],
    greeting: Iterable[str],
    inputs: Iterable[tuple[float, LocalInput]],
) -> SessionView:
    observer = MemoryObserver()
    lived = in_virtual_time(live(answer, greeting, inputs, observer))
    assert in_virtual_time(replay(entries_of(observer))) == lived
    assert [raw for direction, raw, _, _ in observer.seen if direction == "out"] == lived[1]
    return lived[0]


def test_a_conversation_with_a_tool_call() -> None:
    inputs = [
        (0.0, UserText("too early, so it waits")),
        (1.0, ToolFinished("call_1", '{"echo": "…"}')),
        (1.0, ToolFinished("call_1", "a second time")),
        (2.0, UserText("lone surrogate \ud83d, \x1b[31m, \u202e")),
        (0.0, UserText("two at once")),
        (0.5, CancelRequested()),
        (0.1, UserEvent('{"type": "input_audio_buffer.clear" }')),
        (0.1, UserEvent("not JSON")),
    ]
    view = assert_the_same(EchoServer(tool="echo"), [GREETING], inputs)
    assert view.calls[0].output == '{"echo": "…"}'
    assert view.turns == 4
    assert view.notices


def test_a_server_that_never_greets() -> None:
    view = assert_the_same(EchoServer(), [], [(1.0, UserText("hello"))])
    assert view.turns == 1
    assert "did not greet" in view.notices[0].text


@dataclass(frozen=True)
class Recorder:
    """Writes a log of what goes by."""

    log: LogWriter

    def saw(self, direction: Direction, raw: str | bytes, *, now_s: float, is_object: bool) -> None:
        self.log.write(now_s, direction, raw, is_object=is_object)


class RecordedServer:
    """Says what a server once said: after each frame of ours, what came up to the next frame of then."""

    def __init__(self, path: Path) -> None:
        self._spoken: list[list[str]] = [[]]
        for entry in open_log(path).entries():
            assert isinstance(entry.raw, str)
            if entry.direction == "out":
                self._spoken.append([])
            else:
                self._spoken[-1].append(entry.raw)
        self.greeting = self._spoken.pop(0)

    def __call__(self, text: str) -> list[str]:
        return self._spoken.pop(0) if self._spoken else []


@pytest.mark.parametrize("name", RECORDINGS)
def test_what_recorded_servers_said(name: str) -> None:
    server = RecordedServer(FOREIGN / name)
    turns = [(1.0, UserText(f"turn {number}")) for number in range(20)]
    tools = [(1.0, UserEvent('{"type":"input_audio_buffer.commit"}'))] * 60
    view = assert_the_same(server, server.greeting, [*turns, *tools])
    assert view.counters.events_in == sum(
        1 for entry in open_log(FOREIGN / name).entries() if entry.direction == "in"
    )


_INPUTS = st.one_of(
    st.builds(UserText, st.text(max_size=20)),
    st.builds(
        UserEvent, st.sampled_from(['{"type":"response.create"}', '{"type":"response.cancel"}', "{}", ""])
    ),
    st.just(CancelRequested()),
    st.builds(ToolFinished, st.sampled_from(["call_1", "call_2", "unknown"]), st.text(max_size=5)),
)
_PAUSES_S = st.sampled_from([0.0, 0.001, 1.0, 2.9999995, 3.0, 5.0])


@settings(max_examples=60, deadline=None)
@given(
    inputs=st.lists(st.tuples(_PAUSES_S, _INPUTS), max_size=8),
    tool=st.sampled_from(["", "echo"]),
    greets=st.booleans(),
)
def test_anything_that_users_may_do(inputs: list[tuple[float, LocalInput]], tool: str, greets: bool) -> None:
    assert_the_same(EchoServer(tool=tool), [GREETING] if greets else [], inputs)


def test_the_written_log_gives_it_too(tmp_path: Path) -> None:
    path = tmp_path / "session.jsonl"
    header = LogHeader(program="realtime", url="wss://h", provider="p", dialect="ga", started="")
    failures: list[str] = []
    inputs = [
        (0.3, UserText("hello")),
        (0.3, UserEvent('{"type":\n"response.create"}')),
        (0.3, UserEvent("junk")),
    ]

    async def converse() -> tuple[SessionView, list[str]]:
        with LogWriter(path, header, redactor=Redactor([]), on_failure=failures.append) as log:
            return await live(EchoServer(), [GREETING], inputs, Recorder(log))

    lived = in_virtual_time(converse())
    assert in_virtual_time(replay(open_log(path).entries())) == lived
    assert not failures
