from __future__ import annotations

import asyncio
from collections.abc import Callable

from realtime_cli.core.effects import FinishAudio, PlayAudio
from realtime_cli.core.inputs import (
    AudioReady,
    ConnectionLost,
    ConnectionOpened,
    MicrophoneBlock,
    MicrophoneEnded,
    PlaybackProgress,
    PlaybackStopped,
)
from realtime_cli.core.session import Session
from realtime_cli.protocol.encoding import PCM_24K, Encoding
from realtime_cli.runtime.memory import MemoryAudio, MemoryObserver, MemoryScreen, MemoryTransport
from realtime_cli.runtime.ports import AudioEngine, Inbound, Levels
from tests.support.echo_server import GREETING
from tests.support.virtual_time import in_virtual_time
from tests.support.voice import pcm


def test_a_server_that_is_a_function_answers_each_frame_and_closes_behind_the_last() -> None:
    async def talk() -> list[Inbound]:
        posted: list[Inbound] = []
        transport = MemoryTransport(lambda frame: [frame.upper(), "and"], greeting=[GREETING])
        transport.send("early")
        running = asyncio.create_task(transport.run(posted.append))
        await asyncio.sleep(0)
        transport.send("late")
        transport.close()
        transport.send("too late")
        await running
        assert transport.sent == ["early", "late", "too late"]
        return posted

    assert in_virtual_time(talk()) == [
        ConnectionOpened(),
        GREETING,
        *("EARLY", "and", "LATE", "and"),
        ConnectionLost(1000, by_us=True),
    ]


def test_screens_and_observers_keep_everything() -> None:
    screen, observer, view = MemoryScreen(), MemoryObserver(), Session().view()
    screen.update(view)
    screen.close(view)
    observer.saw("in", b"x", now_s=1.0, is_object=False)
    assert screen.views == [view, view]
    assert observer.seen == [("in", b"x", 1.0, False)]


def sounded(audio: MemoryAudio, *acts: tuple[float, Callable[[], None]]) -> list[Inbound]:
    """What an engine posts while somebody does things at their times, for 2 s; but not what it is."""

    async def use() -> list[Inbound]:
        posted: list[Inbound] = []
        engine: AudioEngine = audio
        running = asyncio.create_task(engine.run(posted.append))
        for at_s, act in acts:
            await asyncio.sleep(at_s - asyncio.get_running_loop().time())
            act()
        await asyncio.sleep(2.0)
        engine.close()
        await running
        assert posted.pop(0) == AudioReady("memory", "memory")
        return posted

    return in_virtual_time(use())


def play(audio: MemoryAudio, ms: float, *, item_id: str = "a") -> Callable[[], None]:
    return lambda: audio.play(PlayAudio(item_id, 0, pcm(ms), PCM_24K))


def finish(audio: MemoryAudio, item_id: str = "a") -> Callable[[], None]:
    return lambda: audio.finish(FinishAudio(item_id, 0))


def test_a_speaker_of_memory_tells_of_the_first_block_then_every_100_ms_and_of_the_end() -> None:
    audio = MemoryAudio(delay_ms=5.0)
    told = sounded(audio, (0.01, play(audio, 250)), (0.01, finish(audio)))
    assert told == [PlaybackProgress("a", 0, ms, 5.0) for ms in (20.0, 120.0, 220.0, 250.0)]
    assert audio.heard == {("a", 0): pcm(250)}
    assert audio.levels() == Levels()


def test_parts_sound_one_after_the_other_and_a_part_without_an_end_keeps_nobody_waiting() -> None:
    audio = MemoryAudio()
    told = sounded(
        audio,
        (0.01, play(audio, 30)),
        (0.01, play(audio, 20, item_id="b")),
        (0.5, play(audio, 10)),
        (0.6, finish(audio)),
    )
    assert told == [
        PlaybackProgress("a", 0, 20.0),
        PlaybackProgress("a", 0, 30.0),
        PlaybackProgress("b", 0, 10.0),
        PlaybackProgress("b", 0, 20.0),
        PlaybackProgress("a", 0, 40.0),
    ]


def test_a_stop_fades_drops_the_rest_and_tells_where_it_was() -> None:
    audio = MemoryAudio()
    acts = [(0.01, play(audio, 500)), (0.01, play(audio, 500, item_id="b")), (0.05, audio.stop)]
    assert sounded(audio, *acts, (0.5, audio.stop))[1:] == [PlaybackStopped("a", 0, 48.0), PlaybackStopped()]
    assert audio.heard == {("a", 0): pcm(48)}


def test_an_engine_may_stop_without_a_word() -> None:
    audio = MemoryAudio(tells_stop=False)
    assert sounded(audio, (0.01, play(audio, 500)), (0.05, audio.stop)) == [PlaybackProgress("a", 0, 20.0)]


def test_a_microphone_of_memory_begins_when_it_is_asked_and_ends_once() -> None:
    audio = MemoryAudio([b"\1\1", b"", b"\2\2"])
    listen = Encoding("audio/pcmu", 8000)
    told = sounded(audio, (0.5, lambda: audio.listen(listen)))
    assert told == [MicrophoneBlock(b"\1\1"), MicrophoneBlock(b"\2\2"), MicrophoneEnded()]
    assert audio.encodings == [listen]
