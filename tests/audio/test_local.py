"""The engine in this process, on a sound card in memory."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from array import array
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import pytest

from realtime_cli.audio import portaudio
from realtime_cli.audio.config import AudioConfig
from realtime_cli.audio.local import LocalEngine
from realtime_cli.core.effects import FinishAudio, PlayAudio
from realtime_cli.core.inputs import (
    AudioGap,
    AudioNotice,
    AudioReady,
    MicrophoneBlock,
    PlaybackProgress,
    PlaybackStopped,
)
from realtime_cli.errors import UsageError
from realtime_cli.protocol.encoding import PCM_24K, Encoding
from realtime_cli.runtime.ports import Inbound
from realtime_cli.samples.conversion import Converter
from tests.support.listening import without_holes
from tests.support.patience import PATIENCE_S
from tests.support.rig import Rig, rig, wait_until

__all__ = ["rig"]
# What is measured again where the machine stood still: with the latency that the program then takes itself.
CONFIGS = (AudioConfig(), AudioConfig(latency=0.1), AudioConfig(latency=0.1))
ULAW = Encoding("audio/pcmu", 8000)
T = TypeVar("T")


def square(duration_ms: int) -> bytes:
    return array("h", [8000] * 30 + [-8000] * 30).tobytes() * (24 * duration_ms // 60)


class Session:
    """A running engine and what it posted."""

    def __init__(self, engine: LocalEngine) -> None:
        self.engine = engine
        self.posted: list[Inbound] = []
        self._has_news = asyncio.Event()

    def post(self, happened: Inbound) -> None:
        self.posted.append(happened)
        self._has_news.set()

    def of(self, kind: type[T]) -> list[T]:
        return [happened for happened in self.posted if isinstance(happened, kind)]

    @property
    def captured(self) -> bytes:
        return b"".join(block.audio for block in self.of(MicrophoneBlock))

    @property
    def was_disturbed(self) -> bool:
        """Whether it counted a gap, or a device stood still."""
        gaps = [gap for gap in self.of(AudioGap) if gap.source != "network"]
        return bool(gaps or [each for each in self.of(AudioNotice) if "opened again" in each.text])

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self._has_news.clear()
                await self._has_news.wait()


@asynccontextmanager
async def running_engine(config: AudioConfig | None = None) -> AsyncIterator[Session]:
    portaudio.refresh()
    session = Session(LocalEngine(config or AudioConfig()))
    async with asyncio.timeout(4 * PATIENCE_S), asyncio.TaskGroup() as group:
        group.create_task(session.engine.run(session.post))
        try:
            await session.until(lambda: session.of(AudioReady))
            yield session
        finally:
            session.engine.close()


async def test_the_session_learns_what_there_is_before_anything_else(rig: Rig):
    async with running_engine() as session:
        assert session.posted[0] == AudioReady("default", "default")
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("audio")]
    wait_until(lambda: threading.active_count() < 10, "the end of other tests' threads")


async def test_a_part_in_another_encoding_is_heard_and_ends_in_its_own_milliseconds(rig: Rig):
    speech = Converter(PCM_24K, ULAW).convert(square(1000), is_last=True)[:7999]
    for config in CONFIGS:
        session, heard = await spoken_in_ulaw(rig, config, speech)
        if not session.was_disturbed:
            break
    # The square's zeros are single ones; a hole of the machine has a block of them.
    sounded = without_holes(heard, shortest=48) if session.was_disturbed else heard
    assert len(sounded) / 48 == pytest.approx(1000, abs=5)


async def spoken_in_ulaw(rig: Rig, config: AudioConfig, speech: bytes) -> tuple[Session, bytes]:
    async with running_engine(config) as session:
        recording = await asyncio.to_thread(rig.record)
        for start in range(0, len(speech), 800):
            session.engine.play(PlayAudio("item_1", 0, speech[start : start + 800], ULAW))
        session.engine.finish(FinishAudio("item_1", 0))
        await session.until(
            lambda: session.of(PlaybackProgress) and session.of(PlaybackProgress)[-1].heard_ms == 7999 / 8
        )
        heard = await asyncio.to_thread(recording.wait_for_silence)
        assert session.engine.levels().speaker_dbfs < 0
        recording.stop()
        return session, heard


async def test_the_microphone_comes_in_the_encoding_that_is_asked_for(rig: Rig):
    async with running_engine() as session:
        session.engine.listen(ULAW)
        await session.until(lambda: len(session.of(MicrophoneBlock)) > 10)
        assert {len(block.audio) for block in session.of(MicrophoneBlock)[5:]} == {160}
        session.engine.listen(PCM_24K)
        for _ in range(3):  # the mouth or the machine may stumble
            mouth = rig.speak(square(500))
            assert await asyncio.to_thread(mouth.wait, PATIENCE_S) == 0
            until = len(session.of(MicrophoneBlock)) + 25
            await session.until(lambda until=until: len(session.of(MicrophoneBlock)) > until)
            if square(500) in session.captured:
                break
        assert square(500) in session.captured
        assert session.engine.levels().microphone_dbfs <= 0


async def test_stopping_tells_how_much_was_heard(rig: Rig):
    async with running_engine() as session:
        session.engine.play(PlayAudio("item_1", 2, square(10_000), PCM_24K))
        await session.until(lambda: session.of(PlaybackProgress))
        session.engine.stop()
        await session.until(lambda: session.of(PlaybackStopped))
        (stopped,) = session.of(PlaybackStopped)
        assert (stopped.item_id, stopped.content_index) == ("item_1", 2)
        assert session.of(PlaybackProgress)[-1].heard_ms < stopped.heard_ms < 10_000
        session.engine.stop()
        await session.until(lambda: len(session.of(PlaybackStopped)) == 2)
        assert session.of(PlaybackStopped)[1] == PlaybackStopped()


async def test_speech_that_comes_late_is_counted(rig: Rig):
    async with running_engine() as session:
        session.engine.play(PlayAudio("item_1", 0, square(100), PCM_24K))
        await session.until(lambda: [at for at in session.of(PlaybackProgress) if at.heard_ms == 100])
        session.engine.play(PlayAudio("item_1", 0, square(300), PCM_24K))
        await session.until(lambda: "network" in [gap.source for gap in session.of(AudioGap)])


async def test_devices_that_are_gone_are_gone_for_the_session_too(rig: Rig):
    async with running_engine() as session:
        rig.remove_sink("speaker")
        rig.remove_sink("mic")
        await session.until(lambda: session.of(AudioReady)[-1].speaker == "")
        await session.until(lambda: any("No speaker" in notice.text for notice in session.of(AudioNotice)))


async def test_a_speaker_that_hears_itself_is_an_echo(rig: Rig):
    rig.loopback()
    async with running_engine() as session:
        session.engine.listen(PCM_24K)
        await session.until(lambda: session.of(MicrophoneBlock))
        session.engine.play(PlayAudio("item_1", 0, square(1000), PCM_24K))
        await session.until(lambda: any(b"".join(block.audio for block in session.of(MicrophoneBlock)[-10:])))


async def test_a_name_that_fits_no_device_is_refused_before_the_session(rig: Rig):
    portaudio.refresh()
    engine = LocalEngine(AudioConfig(input_device="piano"))
    with pytest.raises(UsageError, match="no input device matches 'piano'"):
        await engine.open()
    engine.close()


async def test_an_engine_that_is_opened_and_never_run_can_be_closed(rig: Rig):
    portaudio.refresh()
    engine = LocalEngine(AudioConfig())
    assert await engine.open() == AudioReady("default", "default")
    engine.close()


def test_without_portaudio_the_session_goes_on_without_sound(tmp_path):
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')")
    program = """
import asyncio
from realtime_cli.audio.config import AudioConfig
from realtime_cli.audio.local import LocalEngine
from realtime_cli.core.inputs import AudioNotice

async def main():
    engine = LocalEngine(AudioConfig())

    def post(happened):
        print(happened)
        if isinstance(happened, AudioNotice):
            engine.close()

    await engine.run(post)

asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{program}"],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    ready, notice = done.stdout.splitlines()
    assert ready == "AudioReady(microphone='', speaker='')"
    assert "PortAudio library not found" in notice
    assert "install" in notice
    assert done.stderr == ""
