"""A session that was run live and recorded gives, replayed, the same view and sends the same bytes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime_cli.core.effects import Effect, SendEvent
from realtime_cli.core.inputs import (
    AudioReady,
    Backpressure,
    CancelRequested,
    ListeningMode,
    LocalInput,
    MuteRequested,
    QuitRequested,
    SessionInput,
    TalkEnded,
    TalkStarted,
    ToolFinished,
    UserEvent,
    UserText,
)
from realtime_cli.core.sending import is_audio_frame
from realtime_cli.core.session import Session
from realtime_cli.core.view import SessionView
from realtime_cli.log import LogEntry, LogHeader, LogWriter, open_log
from realtime_cli.protocol.codec import Codec
from realtime_cli.redaction import Redactor
from realtime_cli.runtime.loop import Runtime
from realtime_cli.runtime.memory import MemoryAudio, MemoryObserver, MemoryScreen, MemoryTransport
from realtime_cli.runtime.pace import Pace
from realtime_cli.runtime.playback import Playback, Source
from realtime_cli.runtime.ports import Direction, Observer
from tests.support.echo_server import GREETING, EchoServer
from tests.support.recordings import FOREIGN, RECORDINGS
from tests.support.speaking_server import SpeakingServer
from tests.support.virtual_time import in_virtual_time, now_s
from tests.support.voice import pcm

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
    *,
    audio: MemoryAudio | None = None,
    transport_type: type[MemoryTransport] = MemoryTransport,
) -> tuple[SessionView, list[str]]:
    """Runs a session: each input comes some seconds after the one before, and at last the user leaves."""
    transport = transport_type(answer, greeting=greeting)
    runtime = Runtime(
        Session(CONFIG),
        codec=Codec(),
        transport=transport,
        screen=MemoryScreen(),
        audio=audio,
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
    recording = Source(entries=lambda: entries, make_session=lambda: session, has_inputs=True)
    view = await Playback(recording, pace=Pace(speed=None)).run(MemoryScreen())
    return view, session.sent


def entries_of(observer: MemoryObserver) -> Iterator[LogEntry]:
    for number, (direction, raw, at_s, _) in enumerate(observer.seen):
        assert direction in {"in", "out", "local"}
        yield LogEntry(number, at_s, direction, raw)  # type: ignore[arg-type]  # just checked


def without_audio(frames: Iterable[str]) -> list[str]:
    """All frames but those of the microphone, which a replay takes from the log."""
    return [text for text in frames if not is_audio_frame(text)]


def assert_the_same(
    answer: Callable[[str], Iterable[str]],
    greeting: Iterable[str],
    inputs: Iterable[tuple[float, LocalInput]],
    *,
    audio: MemoryAudio | None = None,
    transport_type: type[MemoryTransport] = MemoryTransport,
) -> SessionView:
    observer = MemoryObserver()
    view, sent = in_virtual_time(
        live(answer, greeting, inputs, observer, audio=audio, transport_type=transport_type)
    )
    again, said = in_virtual_time(replay(entries_of(observer)))
    assert again == view
    assert without_audio(said) == without_audio(sent)
    assert [raw for direction, raw, _, _ in observer.seen if direction == "out"] == sent
    return view


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
    assert view.turns == 3  # the answer to the tool's output goes on with its turn
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


SILENCE, SOUND = bytes(960), pcm(20)


def test_a_spoken_conversation_with_an_interruption() -> None:
    blocks = [*[SOUND] * 30, *[SILENCE] * 30, *[SOUND] * 30, *[SILENCE] * 30]
    server, audio = SpeakingServer(answer_ms=2000), MemoryAudio(blocks, delay_ms=40)
    view = assert_the_same(server, [server.greeting], [], audio=audio)
    assert server.heard == b"".join(blocks)
    assert [response.status for response in view.responses] == ["completed", "completed"]
    first, second = (item for item in view.items if item.role == "assistant")
    assert 0 < (first.heard_ms or 0) < 2000
    assert first.truncated_ms == first.heard_ms
    assert len(audio.heard["answer_1", 0]) == (first.heard_ms or 0) * 48
    assert (second.heard_ms, second.truncated_ms) == (2000, None)
    assert view.responses[0].marks.first_sound is not None


def test_push_to_talk_and_typing_in_between() -> None:
    server, audio = SpeakingServer(leaves_open=True), MemoryAudio([SOUND] * 400)
    inputs: list[tuple[float, LocalInput]] = [
        (0.0, ListeningMode(push_to_talk=True)),
        (1.0, TalkStarted()),
        (0.5, TalkEnded()),
        (0.3, TalkStarted()),
        (0.05, TalkEnded()),
        (0.1, UserText("wait")),
        (0.3, CancelRequested()),
        (0.1, MuteRequested(on=True)),
        (
            0.1,
            UserEvent(
                json.dumps({"type": "input_audio_buffer.append", "audio": "AAAA"}, separators=(",", ":"))
            ),
        ),
        (0.1, TalkStarted()),
        (0.5, ListeningMode()),
    ]
    view = assert_the_same(server, [server.greeting], inputs, audio=audio)
    assert [notice.text for notice in view.notices if "less than" in notice.text]
    assert view.audio.is_muted
    assert view.counters.audio_out_bytes == len(server.heard)


class SlowTransport(MemoryTransport):
    """Takes nothing from the 50th frame on, for half a second."""

    def send(self, text: str) -> None:
        super().send(text)
        if len(self.sent) == 50:
            self.queued_bytes = 600_000
            asyncio.get_running_loop().call_later(0.5, setattr, self, "queued_bytes", 0)


def test_a_network_that_does_not_keep_up() -> None:
    server, audio = SpeakingServer(), MemoryAudio([SOUND] * 200)
    view = assert_the_same(server, [server.greeting], [], audio=audio, transport_type=SlowTransport)
    lost_ms = 200 * 20 - len(server.heard) / 48
    assert 460 <= lost_ms <= 540
    assert f"; {lost_ms:.0f} ms of your speech were lost" in view.notices[-1].text


_VOICE = st.one_of(
    _INPUTS,
    st.just(ListeningMode(push_to_talk=True)),
    st.just(ListeningMode(half_duplex=True)),
    st.sampled_from([TalkStarted(), TalkEnded(), MuteRequested(on=True), MuteRequested(on=False)]),
    st.sampled_from([AudioReady("mic", ""), AudioReady("", ""), AudioReady("mic", "speaker")]),
    st.sampled_from([Backpressure(600_000, is_congested=True), Backpressure(1, is_congested=False)]),
)


@settings(max_examples=60, deadline=None)
@given(
    inputs=st.lists(st.tuples(st.sampled_from([0.0, 0.01, 0.3, 1.0]), _VOICE), max_size=10),
    blocks=st.lists(st.sampled_from([SOUND, SILENCE, b""]), max_size=20),
    leaves_open=st.booleans(),
    tells_stop=st.booleans(),
)
def test_anything_that_speakers_may_do(
    inputs: list[tuple[float, LocalInput]], blocks: list[bytes], leaves_open: bool, tells_stop: bool
) -> None:
    server = SpeakingServer(leaves_open=leaves_open)
    audio = MemoryAudio([block for block in blocks for _ in range(9)], tells_stop=tells_stop)
    assert_the_same(server, [server.greeting], inputs, audio=audio)


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
