from __future__ import annotations

import asyncio
import io
import os
import selectors
import sys
import threading
import time
import wave
from array import array
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from io import FileIO
from pathlib import Path
from typing import Any

import pytest

from realtime_cli.audio.combined import CombinedEngine
from realtime_cli.audio.files import FileConfig, FileEngine
from realtime_cli.core.effects import FinishAudio, PlayAudio
from realtime_cli.core.inputs import (
    AudioGap,
    AudioNotice,
    AudioReady,
    MicrophoneBlock,
    MicrophoneEnded,
    PlaybackProgress,
    PlaybackStopped,
)
from realtime_cli.errors import BadInput, UsageError
from realtime_cli.protocol.encoding import PCM_24K, Encoding
from realtime_cli.runtime.ports import Inbound
from realtime_cli.samples.g711 import pcm_to_ulaw
from realtime_cli.samples.wav import WavReader

ULAW = Encoding("audio/pcmu", 8000)
LIMIT_S = 100


def pcm(ms: float, *, first: int = 1) -> bytes:
    """So much audio in which every sample is another one, and none is 0."""
    return array("h", (1 + (first + n) % 30_000 for n in range(round(ms * 24)))).tobytes()


def wav(path: Path, audio: bytes, *, rate_hz: int = 24000) -> str:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate_hz, 0, "NONE", ""))
        file.writeframes(audio)
    return str(path)


class Inbox:
    """What an engine posted, and when."""

    def __init__(self) -> None:
        self.all: list[tuple[float, Inbound]] = []
        self._changed = asyncio.Event()

    def post(self, inbound: Inbound) -> None:
        self.all.append((asyncio.get_running_loop().time(), inbound))
        self._changed.set()

    def of(self, *kinds: type) -> list[Any]:
        return [inbound for _, inbound in self.all if isinstance(inbound, kinds)]

    def times(self, kind: type) -> list[float]:
        return [at for at, inbound in self.all if isinstance(inbound, kind)]

    @property
    def heard(self) -> bytes:
        return b"".join(block.audio for block in self.of(MicrophoneBlock))

    async def until(self, is_enough: Callable[[], bool]) -> None:
        async with asyncio.timeout(LIMIT_S):
            while not is_enough():
                self._changed.clear()
                await self._changed.wait()

    async def ended(self) -> None:
        await self.until(lambda: bool(self.of(MicrophoneEnded)))


@asynccontextmanager
async def running(engine: FileEngine | CombinedEngine) -> AsyncIterator[Inbox]:
    inbox = Inbox()
    task = asyncio.create_task(engine.run(inbox.post))
    try:
        await inbox.until(lambda: bool(inbox.of(AudioReady)) or task.done())
        yield inbox
    finally:
        engine.close()
        async with asyncio.timeout(LIMIT_S):
            await task


def delta(audio: bytes, *, item_id: str = "item_1", encoding: Encoding = PCM_24K) -> PlayAudio:
    return PlayAudio(item_id, 0, audio, encoding)


def done(item_id: str = "item_1") -> FinishAudio:
    return FinishAudio(item_id, 0)


def contents(path: str) -> bytes:
    return Path(path).read_bytes()


def audio_in(path: Path | str) -> bytes:
    with wave.open(str(path)) as file:
        return file.readframes(10**9)


class _Selector(selectors.SelectSelector):
    """Time jumps to what is due within a second; longer waits are for threads, and these are real."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        is_real = timeout is None or timeout > 1
        ready = super().select(timeout if is_real else 0)
        if not ready and timeout:
            self.now_s += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.clock = _Selector()
        super().__init__(self.clock)

    def time(self) -> float:
        return self.clock.now_s


def in_virtual_time(main: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(main)


# The microphone


def test_blocks_come_in_real_time_without_drift(tmp_path: Path) -> None:
    path = wav(tmp_path / "question.wav", audio := pcm(60_000))

    async def main() -> None:
        engine = FileEngine(FileConfig(input=path))
        async with running(engine) as inbox:
            started = asyncio.get_running_loop().time()
            engine.listen(PCM_24K)
            await inbox.ended()
            times = [at - started for at in inbox.times(MicrophoneBlock)]
            assert times == pytest.approx([number * 0.02 for number in range(3000)], abs=1e-6)
            assert inbox.heard == audio

    in_virtual_time(main())


def test_a_busy_loop_is_caught_up_with(tmp_path: Path) -> None:
    path = wav(tmp_path / "question.wav", pcm(2_000))

    async def main() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        engine = FileEngine(FileConfig(input=path))
        async with running(engine) as inbox:
            engine.listen(PCM_24K)
            await inbox.until(lambda: len(inbox.of(MicrophoneBlock)) == 10)
            loop.clock.now_s += 0.5
            await inbox.ended()
            times = inbox.times(MicrophoneBlock)
            assert times[-1] - times[0] == pytest.approx(99 * 0.02)
            assert sum(at == pytest.approx(times[10]) for at in times) == 25

    in_virtual_time(main())


def test_a_long_stop_is_not_caught_up_with(tmp_path: Path) -> None:
    path = wav(tmp_path / "question.wav", pcm(1_000))

    async def main() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        engine = FileEngine(FileConfig(input=path))
        async with running(engine) as inbox:
            engine.listen(PCM_24K)
            await inbox.until(lambda: len(inbox.of(MicrophoneBlock)) == 10)
            loop.clock.now_s += 60
            await inbox.ended()
            times = inbox.times(MicrophoneBlock)
            assert times[-1] - times[10] > 0.7

    in_virtual_time(main())


def test_silence_goes_on_in_real_time_after_the_end(tmp_path: Path) -> None:
    path = wav(tmp_path / "question.wav", audio := pcm(90))

    async def main() -> None:
        engine = FileEngine(FileConfig(input=path, repeat_silence=True))
        async with running(engine) as inbox:
            engine.listen(PCM_24K)
            await inbox.until(lambda: len(inbox.of(MicrophoneBlock)) == 105)
            assert len(inbox.of(MicrophoneEnded)) == 1
            assert inbox.heard == audio + bytes(960 * 100)
            times = inbox.times(MicrophoneBlock)
            assert times[-1] - times[0] == pytest.approx(0.09 + 99 * 0.02)

    in_virtual_time(main())


async def test_the_whole_file_comes_in_blocks_and_its_end_is_told_once(tmp_path: Path) -> None:
    path = wav(tmp_path / "question.wav", audio := pcm(250))
    engine = FileEngine(FileConfig(input=path, pace="max"))
    async with running(engine) as inbox:
        engine.listen(PCM_24K)
        await inbox.ended()
        assert inbox.of(AudioReady) == [AudioReady(microphone=path)]
        assert [len(block.audio) for block in inbox.of(MicrophoneBlock)] == [960] * 12 + [480]
        assert inbox.heard == audio
        assert inbox.all[-1][1] == MicrophoneEnded()


async def test_a_file_that_is_cut_off_is_played_and_told(tmp_path: Path) -> None:
    path = tmp_path / "question.wav"
    wav(path, pcm(1000))
    path.write_bytes(path.read_bytes()[:-24000])
    engine = FileEngine(FileConfig(input=str(path), pace="max"))
    async with running(engine) as inbox:
        engine.listen(PCM_24K)
        await inbox.ended()
    assert b"".join(block.audio for block in inbox.of(MicrophoneBlock)) == pcm(1000)[:24000]
    [notice] = inbox.of(AudioNotice)
    assert "is cut off: 0.5 s of its audio are not there" in notice.text


@pytest.mark.parametrize("encoding", [PCM_24K, ULAW], ids=["pcm", "pcmu"])
@pytest.mark.parametrize(("loudest", "notices"), [(0, 1), (20, 1), (3000, 0)])
async def test_a_file_in_which_nobody_speaks_is_told_at_its_end(
    tmp_path: Path, encoding: Encoding, loudest: int, notices: int
) -> None:
    sound = array("h", (loudest if number % 2 else -loudest for number in range(480))).tobytes()
    path = wav(tmp_path / "quiet.wav", bytes(24_000) + sound + bytes(24_000))
    engine = FileEngine(FileConfig(input=path, pace="max"))
    async with running(engine) as inbox:
        engine.listen(encoding)
        await inbox.ended()
    assert len(inbox.of(AudioNotice)) == notices
    for notice in inbox.of(AudioNotice):
        assert (notice.level, notice.side) == ("warning", "microphone")
        assert notice.text == f"{path} holds silence only: nothing in it is louder than -60 dBFS"


async def test_nothing_is_captured_before_somebody_listens(tmp_path: Path) -> None:
    engine = FileEngine(FileConfig(input=wav(tmp_path / "question.wav", pcm(20)), pace="max"))
    async with running(engine) as inbox:
        await asyncio.sleep(0)
        assert not inbox.of(MicrophoneBlock, MicrophoneEnded)


async def test_real_time_is_real(tmp_path: Path) -> None:
    engine = FileEngine(FileConfig(input=wav(tmp_path / "question.wav", pcm(300)), block_ms=10))
    async with running(engine) as inbox:
        started = time.monotonic()
        engine.listen(PCM_24K)
        await inbox.ended()
        assert 0.29 <= time.monotonic() - started < 2
        assert len(inbox.of(MicrophoneBlock)) == 30


async def test_blocks_are_in_the_encoding_that_was_asked_for(tmp_path: Path) -> None:
    path = wav(tmp_path / "question.wav", audio := pcm(200), rate_hz=8000)
    engine = FileEngine(FileConfig(input=path, pace="max"))
    async with running(engine) as inbox:
        engine.listen(ULAW)
        await inbox.ended()
        assert inbox.heard == pcm_to_ulaw(audio)
        assert {len(block.audio) for block in inbox.of(MicrophoneBlock)} == {160}


async def test_another_rate_is_converted(tmp_path: Path) -> None:
    path = wav(tmp_path / "question.wav", bytes(44100 * 2), rate_hz=44100)
    engine = FileEngine(FileConfig(input=path, pace="max"))
    async with running(engine) as inbox:
        engine.listen(PCM_24K)
        await inbox.ended()
        assert len(inbox.heard) == 48000


async def test_the_encoding_may_change_while_the_file_plays(tmp_path: Path) -> None:
    path = wav(tmp_path / "question.wav", bytes(16000), rate_hz=8000)
    engine = FileEngine(FileConfig(input=path, pace="max"))
    async with running(engine) as inbox:
        engine.listen(ULAW)
        await inbox.until(lambda: len(inbox.of(MicrophoneBlock)) == 10)
        engine.listen(PCM_24K)
        await inbox.ended()
        sizes = [len(block.audio) for block in inbox.of(MicrophoneBlock)]
        assert sizes == [160] * 10 + [960] * 40


async def test_at_full_pace_the_file_waits_for_the_connection(tmp_path: Path) -> None:
    path = wav(tmp_path / "question.wav", pcm(10_000))
    queued = [0]
    engine = FileEngine(FileConfig(input=path, pace="max"), queued_bytes=lambda: queued[0])
    async with running(engine) as inbox:
        engine.listen(PCM_24K)
        await inbox.until(lambda: len(inbox.of(MicrophoneBlock)) >= 10)
        queued[0] = 2**20
        for _ in range(50):
            await asyncio.sleep(0.001)
        assert len(inbox.of(MicrophoneBlock)) <= 11
        queued[0] = 0
        await inbox.ended()
        assert len(inbox.heard) == 480_000


async def test_at_full_pace_others_get_their_turn_between_blocks(tmp_path: Path) -> None:
    engine = FileEngine(FileConfig(input=wav(tmp_path / "question.wav", pcm(2_000)), pace="max"))
    turns = 0
    async with running(engine) as inbox:
        engine.listen(PCM_24K)
        while not inbox.of(MicrophoneEnded):
            turns += 1
            await asyncio.sleep(0)
    assert turns >= 100


async def test_levels_tell_how_loud_it_is(tmp_path: Path) -> None:
    loud = array("h", [16384, -16384] * 4000).tobytes()
    engine = FileEngine(FileConfig(input=wav(tmp_path / "question.wav", loud, rate_hz=8000)))
    async with running(engine) as inbox:
        assert engine.levels().microphone_dbfs == float("-inf")
        engine.listen(ULAW)
        await inbox.until(lambda: len(inbox.of(MicrophoneBlock)) == 3)
        assert engine.levels().microphone_dbfs == pytest.approx(-6, abs=0.3)


# Files that are none


async def refused(**config: Any) -> str:
    engine = FileEngine(FileConfig(**config))
    with pytest.raises((BadInput, UsageError)) as caught:
        await engine.open()
    engine.close()
    return str(caught.value)


async def test_bad_files_are_refused_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "question.mp3").write_bytes(b"ID3\x04" + bytes(100))
    (tmp_path / "empty.raw").touch()
    mp3, empty = str(tmp_path / "question.mp3"), str(tmp_path / "empty.raw")
    assert "question.mp3 is not a WAV file (it begins with 'ID3\\x04" in await refused(input=mp3)
    assert await refused(input=empty) == await refused(input=empty, raw_input=PCM_24K) == f"{empty} is empty"
    assert await refused(input=f"{tmp_path}/none.wav") == f"there is no file {tmp_path}/none.wav"
    assert await refused(input=str(tmp_path)) == f"{tmp_path} is a folder, not a sound"
    assert "cannot be read" in await refused(input="question\0.wav")


async def test_a_target_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    assert "cannot be written: " in await refused(output=f"{tmp_path}/none/answer.wav")
    assert "cannot be written: " in await refused(output=str(tmp_path))


async def test_the_microphone_is_not_overwritten(tmp_path: Path) -> None:
    path = wav(tmp_path / "question.wav", pcm(20))
    link = tmp_path / "link.wav"
    link.symlink_to(path)
    assert "is the microphone and the speaker" in await refused(input=path, output=str(link))
    assert audio_in(path) == pcm(20)


@pytest.mark.skipif(sys.platform == "win32", reason="Unix only")
async def test_audio_does_not_go_to_a_terminal() -> None:
    ours, theirs = os.openpty()
    try:
        assert "would go to the terminal" in await refused(output="-", stdout_fd=theirs)
    finally:
        os.close(ours)
        os.close(theirs)


# Pipes


async def heard_from_stdin(data: bytes, **config: Any) -> Inbox:
    source, sink = os.pipe()
    engine = FileEngine(FileConfig(input="-", stdin_fd=source, pace="max", **config))
    try:
        async with running(engine) as inbox:
            engine.listen(PCM_24K)
            os.write(sink, data[:3])
            await asyncio.sleep(0)
            os.write(sink, data[3:])
            os.close(sink)
            await inbox.ended()
    finally:
        os.close(source)
    return inbox


async def test_a_wav_file_in_stdin_is_known_by_its_header(tmp_path: Path) -> None:
    path = wav(tmp_path / "question.wav", pcm(100))
    inbox = await heard_from_stdin(contents(path))
    assert inbox.of(AudioReady) == [AudioReady(microphone="stdin")]
    assert inbox.heard == pcm(100)


async def test_anything_else_in_stdin_is_pcm_at_24_khz() -> None:
    assert (await heard_from_stdin(pcm(100))).heard == pcm(100)
    assert (await heard_from_stdin(pcm(100)[:-1])).heard == pcm(100)[:-2]


async def test_raw_stdin_is_what_the_user_says() -> None:
    inbox = await heard_from_stdin(bytes(8000), raw_input=ULAW)
    assert len(inbox.heard) == 48000
    assert all(abs(sample + 32124) < 50 for sample in array("h", inbox.heard)[1000:-1000])


async def test_an_empty_stdin_is_told_and_the_session_goes_on() -> None:
    source, sink = os.pipe()
    os.close(sink)
    engine = FileEngine(FileConfig(input="-", stdin_fd=source, repeat_silence=True))
    async with running(engine) as inbox:
        engine.listen(PCM_24K)
        await inbox.until(lambda: len(inbox.of(MicrophoneBlock)) == 2)
    os.close(source)
    assert [notice.text for notice in inbox.of(AudioNotice)] == ["stdin is empty"]
    assert len(inbox.of(MicrophoneEnded)) == 1


@pytest.fixture
def fifo(tmp_path: Path) -> str:
    if sys.platform == "win32":
        pytest.skip("Unix only")
    path = tmp_path / "question.fifo"
    os.mkfifo(path)
    return str(path)


def is_reading() -> bool:
    return "realtime-microphone" in {thread.name for thread in threading.enumerate()}


async def opened_for_writing(fifo: str) -> FileIO:
    """Waits for the reader."""
    return FileIO(await asyncio.to_thread(os.open, fifo, os.O_WRONLY), "w")


async def test_a_fifo_that_stalls_is_waited_for_and_told_once(fifo: str, tmp_path: Path) -> None:
    data = contents(wav(tmp_path / "question.wav", pcm(400)))
    engine = FileEngine(FileConfig(input=fifo))
    async with running(engine) as inbox:
        engine.listen(PCM_24K)
        with await opened_for_writing(fifo) as pipe:
            pipe.write(data[:-9600])
            await inbox.until(lambda: bool(inbox.of(AudioNotice)))
            assert inbox.heard == pcm(400)[:-9600]
            stalled_s = inbox.times(AudioNotice)[0] - inbox.times(MicrophoneBlock)[-1]
            assert 1.9 < stalled_s < 4
            pipe.write(data[-9600:])
        await inbox.ended()
        assert inbox.heard == pcm(400)
        assert len(inbox.of(AudioNotice)) == 1
        last = inbox.times(MicrophoneBlock)[-10:]
        assert last[-1] - last[0] > 0.17  # what comes after the stall is in real time as well
    assert "nothing comes from" in inbox.of(AudioNotice)[0].text


async def test_a_fifo_that_holds_something_else_is_told(fifo: str) -> None:
    engine = FileEngine(FileConfig(input=fifo))
    async with running(engine) as inbox:
        engine.listen(PCM_24K)
        with await opened_for_writing(fifo) as pipe:
            pipe.write(b"ID3\x04" + bytes(100))
            await inbox.ended()
    assert inbox.of(AudioNotice)[0].level == "error"
    assert "is not a WAV file" in inbox.of(AudioNotice)[0].text


async def test_a_fifo_that_nobody_opens_keeps_nobody_from_leaving(fifo: str) -> None:
    engine = FileEngine(FileConfig(input=fifo))
    started = time.monotonic()
    async with running(engine) as inbox:
        assert inbox.of(AudioReady) == [AudioReady(microphone=fifo)]
        engine.listen(PCM_24K)
        async with asyncio.timeout(LIMIT_S):
            while not is_reading():  # noqa: ASYNC110 (a thread tells nobody that it has begun)
                await asyncio.sleep(0.001)
    assert time.monotonic() - started < 5
    (await opened_for_writing(fifo)).close()  # lets the thread go


# The speaker


async def test_an_answer_is_written_as_a_timeline_with_its_pauses(tmp_path: Path) -> None:
    path = tmp_path / "answer.wav"
    engine = FileEngine(FileConfig(output=str(path)))
    async with running(engine) as inbox:
        engine.play(delta(first := pcm(100)))
        engine.finish(done())
        await inbox.until(lambda: PlaybackProgress("item_1", 0, 100, 20) in inbox.of(PlaybackProgress))
        await asyncio.sleep(0.15)
        engine.play(delta(second := pcm(100, first=5000), item_id="item_2"))
        engine.finish(done("item_2"))
        await inbox.until(lambda: PlaybackProgress("item_2", 0, 100, 20) in inbox.of(PlaybackProgress))
    sound = audio_in(path)
    assert sound.startswith(first)
    pause_ms = PCM_24K.ms(sound.index(second) - len(first))
    assert 130 < pause_ms < 1000
    assert not any(sound[len(first) : sound.index(second)])


async def test_a_hole_in_an_answer_is_told(tmp_path: Path) -> None:
    engine = FileEngine(FileConfig(output=str(tmp_path / "answer.wav")))
    async with running(engine) as inbox:
        engine.play(delta(pcm(100)))
        await inbox.until(lambda: PlaybackProgress("item_1", 0, 100, 20) in inbox.of(PlaybackProgress))
        await asyncio.sleep(0.05)
        engine.play(delta(pcm(300)))
        await inbox.until(lambda: bool(inbox.of(AudioGap)))
    (gap,) = inbox.of(AudioGap)
    assert gap.source == "network"
    assert gap.duration_ms >= 20


def test_progress_is_told_as_a_device_tells_it(tmp_path: Path) -> None:
    async def main() -> None:
        engine = FileEngine(FileConfig(output=str(tmp_path / "answer.wav")))
        async with running(engine) as inbox:
            engine.play(delta(pcm(1000)))
            engine.finish(done())
            await inbox.until(lambda: 1000 in [progress.heard_ms for progress in inbox.of(PlaybackProgress)])
            progress = inbox.of(PlaybackProgress)
            assert [round(told.heard_ms) for told in progress] == [20, *range(120, 1000, 100), 1000]
            times = inbox.times(PlaybackProgress)
            assert times[-2] - times[0] == pytest.approx(0.9)

    in_virtual_time(main())


def test_stopping_fades_out_and_tells_what_was_heard(tmp_path: Path) -> None:
    path = tmp_path / "answer.wav"

    async def main() -> None:
        engine = FileEngine(FileConfig(output=str(path)))
        async with running(engine) as inbox:
            engine.play(delta(pcm(5000)))
            await inbox.until(lambda: len(inbox.of(PlaybackProgress)) == 3)
            engine.stop()
            await inbox.until(lambda: bool(inbox.of(PlaybackStopped)))
            assert inbox.of(PlaybackStopped) == [PlaybackStopped("item_1", 0, 225)]
            engine.stop()
            await inbox.until(lambda: len(inbox.of(PlaybackStopped)) == 2)
            assert inbox.of(PlaybackStopped)[1] == PlaybackStopped()

    in_virtual_time(main())


async def test_stopping_before_anything_played_is_answered(tmp_path: Path) -> None:
    for config in (FileConfig(), FileConfig(output=str(tmp_path / "answer.wav"))):
        engine = FileEngine(config)
        async with running(engine) as inbox:
            engine.stop()
            assert inbox.of(PlaybackStopped) == [PlaybackStopped()]


async def test_at_full_pace_everything_is_heard_as_it_comes(tmp_path: Path) -> None:
    path = tmp_path / "answer.wav"
    engine = FileEngine(FileConfig(output=str(path), pace="max"))
    async with running(engine) as inbox:
        engine.play(delta(pcm(5000)))
        engine.play(delta(pcm(50)))
        engine.finish(done())
        engine.stop()
        assert [told.heard_ms for told in inbox.of(PlaybackProgress)] == [5000, 5050, 5050]
        assert inbox.of(PlaybackStopped) == [PlaybackStopped()]
    assert audio_in(path) == pcm(5000) + pcm(50)


@pytest.mark.parametrize("pace", ["real-time", "max"])
async def test_answers_of_other_rates_are_heard_to_their_exact_end(tmp_path: Path, pace: Any) -> None:
    path = tmp_path / "answer.wav"
    engine = FileEngine(FileConfig(output=str(path), pace=pace))
    async with running(engine) as inbox:
        for _ in range(3):
            engine.play(delta(b"\x80" * 333, encoding=ULAW))
        engine.finish(done())
        await inbox.until(lambda: 124.875 in [told.heard_ms for told in inbox.of(PlaybackProgress)])
        assert max(told.heard_ms for told in inbox.of(PlaybackProgress)) == 124.875
    loud = [sample for sample in array("h", audio_in(path)) if sample > 30_000]
    assert len(loud) == pytest.approx(999 * 3, abs=20)


async def test_deltas_of_odd_size_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "answer.wav"
    engine = FileEngine(FileConfig(output=str(path), pace="max"))
    async with running(engine):
        audio = pcm(100)
        for start in range(0, len(audio), 333):
            engine.play(delta(audio[start : start + 333]))
    assert audio_in(path) == audio


async def test_raw_output_has_no_header(tmp_path: Path) -> None:
    path = tmp_path / "answer.raw"
    engine = FileEngine(FileConfig(output=str(path), pace="max", raw_output=ULAW))
    async with running(engine):
        engine.play(delta(bytes(4800)))
        engine.finish(done())
    assert path.read_bytes() == b"\xff" * 800


async def test_stdout_gets_the_answer() -> None:
    source, sink = os.pipe()
    engine = FileEngine(FileConfig(output="-", stdout_fd=sink, pace="max"))
    async with running(engine) as inbox:
        assert inbox.of(AudioReady) == [AudioReady(speaker="stdout")]
        engine.play(delta(pcm(500)))
    os.close(sink)
    with FileIO(source) as pipe:
        assert WavReader(io.BytesIO(pipe.readall()), name="-").read(4800) == pcm(500)[:2]


async def told_of_failure(config: FileConfig) -> list[AudioNotice]:
    engine = FileEngine(config)
    async with running(engine) as inbox:
        for _ in range(20):
            engine.play(delta(pcm(100)))
            await asyncio.sleep(0.001)
        await inbox.until(lambda: bool(inbox.of(AudioNotice)))
        engine.play(delta(pcm(100)))
        assert inbox.of(PlaybackProgress)[-1].heard_ms == 2100
    return inbox.of(AudioNotice)


async def test_a_reader_that_leaves_does_not_end_the_conversation() -> None:
    source, sink = os.pipe()
    os.close(source)
    notices = await told_of_failure(FileConfig(output="-", stdout_fd=sink, pace="max"))
    os.close(sink)
    text = "the answer's audio is no longer written to stdout: "
    assert [notice.text.startswith(text) for notice in notices] == [True]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux only")
async def test_a_full_disk_does_not_end_the_conversation() -> None:
    notices = await told_of_failure(FileConfig(output="/dev/full", pace="max"))
    text = "the answer's audio is no longer written to /dev/full: "
    assert [notice.text.removeprefix(text) for notice in notices] == ["No space left on device"]


async def left_with(audio: bytes, **config: Any) -> list[AudioNotice]:
    """What is told to somebody who leaves as soon as the audio has come."""
    engine = FileEngine(FileConfig(pace="max", **config))
    async with running(engine) as inbox:
        engine.play(delta(audio))
    return inbox.of(AudioNotice)


async def test_a_slow_reader_gets_everything() -> None:
    source, sink = os.pipe()
    read = bytearray()
    reading = asyncio.create_task(asyncio.to_thread(read_slowly, source, into=read))
    notices = await left_with(audio := pcm(15_000), output="-", stdout_fd=sink)
    read_bytes = len(read)
    os.close(sink)
    await reading
    assert read_bytes > len(audio) - 2**17  # the rest was in the pipe
    assert read[44:] == audio
    assert not notices


def read_slowly(source: int, *, into: bytearray) -> None:
    """Reads everything, at some 240 kB a second."""
    while piece := os.read(source, 24_000):
        into += piece
        time.sleep(0.1)
    os.close(source)


async def test_what_nobody_reads_keeps_nobody_from_leaving_and_is_told(fifo: str) -> None:
    source, sink = os.pipe()
    started = time.monotonic()
    with_reader, without = await asyncio.gather(
        left_with(pcm(10_000), output="-", stdout_fd=sink), left_with(pcm(8_100), output=fifo)
    )
    assert 4 < time.monotonic() - started < 15
    os.close(source)
    os.close(sink)
    [half, whole] = [*with_reader, *without]
    text = "the answer's audio is no longer written to"
    assert (whole.level, whole.text) == ("error", f"{text} {fifo}: 8.1 s of it were not read")
    assert 8 < float(half.text.removeprefix(f"{text} stdout: ").split()[0]) < 10


async def test_whoever_does_not_wait_for_a_reader_leaves_at_once() -> None:
    source, sink = os.pipe()
    engine, inbox = FileEngine(FileConfig(output="-", stdout_fd=sink, pace="max")), Inbox()
    task = asyncio.create_task(engine.run(inbox.post))
    await inbox.until(lambda: bool(inbox.of(AudioReady)))
    engine.play(delta(pcm(10_000)))
    engine.close()
    await asyncio.sleep(0.1)
    assert not task.done()
    started = time.monotonic()
    engine.close()
    await task
    assert time.monotonic() - started < 2
    assert [notice.text.endswith(" s of it were not read") for notice in inbox.of(AudioNotice)] == [True]
    os.close(source)
    os.close(sink)


async def test_an_engine_that_never_ran_leaves_no_file_open(tmp_path: Path) -> None:
    path = wav(tmp_path / "question.wav", pcm(20))
    engine = FileEngine(FileConfig(input=path, output=str(tmp_path / "answer.wav")))
    assert await engine.open() == AudioReady(path, str(tmp_path / "answer.wav"))
    engine.close()
    await engine.run(lambda inbound: None)


# Both


async def test_a_microphone_and_a_speaker_of_two_engines_work_as_one(tmp_path: Path) -> None:
    question, answer = wav(tmp_path / "question.wav", pcm(60)), tmp_path / "answer.wav"
    engine = CombinedEngine(
        FileEngine(FileConfig(input=question, pace="max")),
        FileEngine(FileConfig(output=str(answer), pace="max")),
    )
    async with running(engine) as inbox:
        engine.listen(PCM_24K)
        engine.play(delta(pcm(40)))
        engine.finish(done())
        engine.stop()
        await inbox.ended()
        assert inbox.of(AudioReady) == [AudioReady(question, str(answer))]
        assert inbox.heard == pcm(60)
        assert inbox.of(PlaybackProgress)[-1].heard_ms == 40
        assert inbox.of(PlaybackStopped) == [PlaybackStopped()]
    assert audio_in(answer) == pcm(40)


class Changing:
    """A device whose other half is gone, and that changes when it is told to stop."""

    def __init__(self, before: AudioReady, after: AudioReady) -> None:
        self._before = before
        self._after = after
        self._inner = FileEngine(FileConfig())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def open(self) -> AudioReady:
        return self._before

    async def run(self, post: Callable[[Inbound], None]) -> None:
        post(self._before)
        self.listen = lambda encoding: post(self._after)
        self.stop = lambda: post(self._after)
        await self._inner.run(lambda inbound: None)


async def test_a_half_that_changes_is_told_together_with_the_other() -> None:
    microphone: Any = Changing(AudioReady("a", "x"), AudioReady("b", "x"))
    speaker: Any = Changing(AudioReady("y", "c"), AudioReady("z", "c"))
    engine = CombinedEngine(microphone, speaker)
    async with running(engine) as inbox:
        engine.stop()
        engine.listen(PCM_24K)
        assert inbox.of(AudioReady) == [AudioReady("a", "c"), AudioReady("b", "c")]


class Watched:
    """A half that tells whether it is open."""

    def __init__(self) -> None:
        self._inner = FileEngine(FileConfig())
        self.is_open = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def open(self) -> AudioReady:
        self.is_open = True
        return await self._inner.open()

    def close(self) -> None:
        self.is_open = False


async def test_a_half_does_not_stay_open_where_the_other_cannot_be_opened(tmp_path: Path) -> None:
    microphone: Any = Watched()
    engine = CombinedEngine(microphone, FileEngine(FileConfig(output=str(tmp_path / "no" / "answer.wav"))))
    with pytest.raises(BadInput):
        await engine.open()
    assert not microphone.is_open
