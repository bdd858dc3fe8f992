from __future__ import annotations

import asyncio
import ctypes
import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from array import array
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from statistics import median
from typing import TypeVar

import pytest

from realtime_cli.audio import portaudio
from realtime_cli.audio.child import ChildEngine
from realtime_cli.audio.config import AudioConfig
from realtime_cli.audio.device_engine import DeviceEngine
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
from realtime_cli.samples.level import dbfs
from tests.support.listening import without_holes
from tests.support.patience import PATIENCE_S
from tests.support.rig import RATE_HZ, Rig, longest_hole_ms, rig, wait_until
from tests.support.speech import need

__all__ = ["rig"]
if sys.platform != "linux":
    pytest.skip("the rig is PulseAudio's", allow_module_level=True)
_T = TypeVar("_T")
_DEFAULTS = AudioConfig()
# What is measured again where the machine stood still: with the latency that the program then takes itself.
_CONFIGS = (_DEFAULTS, AudioConfig(latency=0.1), AudioConfig(latency=0.1))


def _noise(seconds: float, *, seed: int = 1) -> bytes:
    """Samples that are never 0: a hole is one that is."""
    source = random.Random(seed)
    return array("h", (source.randint(1, 3000) for _ in range(round(seconds * RATE_HZ)))).tobytes()


def _share(wanted: bytes, found: bytes, *, piece_bytes: int = 960) -> float:
    """How much of it was found; on a busy machine the rig's own programs leave holes."""
    pieces, sounding = range(0, len(wanted), piece_bytes), without_holes(found)
    return sum(wanted[at : at + piece_bytes] in sounding for at in pieces) / len(pieces)


async def _until(condition: Callable[[], bool], what: str) -> None:
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():  # noqa: ASYNC110 - what is waited for has no event
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise AssertionError(f"waited {PATIENCE_S} s for {what}") from None


class _Session:
    """A running engine, and what it posted."""

    def __init__(self, engine: ChildEngine) -> None:
        self.engine = engine
        self.posted: list[Inbound] = []

    def of(self, kind: type[_T]) -> list[_T]:
        return [happened for happened in self.posted if isinstance(happened, kind)]

    @property
    def captured(self) -> bytes:
        return b"".join(block.audio for block in self.of(MicrophoneBlock))

    @property
    def heard_ms(self) -> float:
        return max((progress.heard_ms for progress in self.of(PlaybackProgress)), default=0.0)

    @property
    def ends(self) -> list[str]:
        """What was said of sound processes that ended."""
        return [notice.text for notice in self.of(AudioNotice) if "sound process" in notice.text]

    @property
    def was_disturbed(self) -> bool:
        """Whether the child counted a gap, or a device stood still."""
        gaps = [gap for gap in self.of(AudioGap) if gap.source != "network"]
        return bool(gaps or [each for each in self.of(AudioNotice) if "opened again" in each.text])

    def play(self, pcm: bytes, *, item_id: str = "item_1", encoding: Encoding = PCM_24K) -> None:
        self.engine.play(PlayAudio(item_id, 0, pcm, encoding))

    def say(self, pcm: bytes, *, item_id: str = "item_1", encoding: Encoding = PCM_24K) -> None:
        self.play(pcm, item_id=item_id, encoding=encoding)
        self.engine.finish(FinishAudio(item_id, 0))


@asynccontextmanager
async def _session(
    config: AudioConfig = _DEFAULTS, *, environment: Mapping[str, str] | None = None
) -> AsyncGenerator[_Session]:
    engine = ChildEngine(config, environment=environment)
    await engine.open()
    session = _Session(engine)
    running = asyncio.create_task(engine.run(session.posted.append))
    try:
        yield session
    finally:
        engine.close()
        await asyncio.wait_for(running, PATIENCE_S)
        assert not _children(os.getpid())


async def _in_peace(
    measure: Callable[[AudioConfig], Awaitable[tuple[_Session, bytes]]],
) -> tuple[_Session, bytes]:
    """What is measured where no gap comes between, which may take three attempts."""
    for config in _CONFIGS[:-1]:
        session, heard = await measure(config)
        if not session.was_disturbed:
            return session, heard
    return await measure(_CONFIGS[-1])


def _children(parent: int) -> list[int]:
    """Audio children, dead ones that nobody has collected included."""
    found: list[int] = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().rpartition(")")
            words = (stat.parent / "cmdline").read_bytes()
        except OSError:
            continue
        state, ppid = rest.split()[:2]
        is_ours = b"realtime_cli.audio.worker" in words or (state == "Z" and "(python" in name)
        if int(ppid) == parent and is_ours:
            found.append(int(name.split()[0]))
    return found


def _child() -> int:
    (pid,) = _children(os.getpid())
    return pid


async def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    await _until(lambda: pid not in _children(os.getpid()), "its end")


async def _stand_still(pid: int, seconds: float) -> None:
    os.kill(pid, signal.SIGSTOP)
    await asyncio.sleep(seconds)
    os.kill(pid, signal.SIGCONT)


async def _hear_on(session: _Session, duration_ms: float) -> None:
    until_ms = session.heard_ms + duration_ms
    await _until(lambda: session.heard_ms > until_ms, "more of the answer")


def _may_go_first() -> bool:
    """Whether this user may have a realtime priority; tried by a thread that ends with it."""

    def go_first() -> bool:
        try:
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
        except PermissionError:
            return False
        return True

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(go_first).result()


def _policies(process: int) -> set[int]:
    """How its threads are scheduled."""
    policies: set[int] = set()
    for thread in Path(f"/proc/{process}/task").iterdir():
        with suppress(ProcessLookupError):  # it has ended
            policies.add(os.sched_getscheduler(int(thread.name)))
    return policies


async def test_all_threads_of_the_child_go_before_other_programs_where_they_may(rig: Rig) -> None:
    async with _session(environment=rig.environment):
        assert _policies(_child()) == {os.SCHED_RR if _may_go_first() else os.SCHED_OTHER}


async def test_sound_goes_through_unchanged_both_ways(rig: Rig) -> None:
    spoken, answer = _noise(1, seed=2), _noise(1, seed=3)
    session, heard = await _in_peace(lambda config: _spoken_and_answered(rig, config, spoken, answer))
    is_exact = (without_holes(heard) if session.was_disturbed else heard) == answer
    assert is_exact
    assert _share(spoken, session.captured) > 0.9
    assert session.of(PlaybackProgress)[0].heard_ms <= 40
    assert session.was_disturbed or not session.of(AudioNotice)
    assert not session.ends


async def _spoken_and_answered(
    rig: Rig, config: AudioConfig, spoken: bytes, answer: bytes
) -> tuple[_Session, bytes]:
    """Both at the same time; gives the session that it was, and what was heard."""
    recording = rig.record()
    async with _session(config) as session:
        assert session.posted[:1] == []
        session.engine.listen(PCM_24K)
        await _until(lambda: len(session.captured) > 0, "the microphone")
        assert session.posted[0] == AudioReady("default", "default")
        mouth = rig.speak(spoken)
        session.say(answer)
        await _until(lambda: session.heard_ms == 1000, "the end of the answer")
        await asyncio.to_thread(mouth.wait, PATIENCE_S)
        until = len(session.of(MicrophoneBlock)) + 25
        await _until(lambda: len(session.of(MicrophoneBlock)) > until, "the end of what was spoken")
        heard = await asyncio.to_thread(recording.wait_for_silence)
    recording.stop()
    return session, heard


async def test_sound_in_telephone_encoding_is_converted(rig: Rig) -> None:
    ulaw = Encoding("audio/pcmu", 8000)
    async with _session() as session:
        session.engine.listen(ulaw)
        for _ in range(5):
            session.play(bytes(800), encoding=ulaw)
        session.engine.finish(FinishAudio("item_1", 0))
        await _until(lambda: session.heard_ms == 500, "half a second of it")
        await _until(lambda: bool(session.captured), "the microphone")
    assert set(session.captured) == {0xFF}
    assert rig.folder.exists()


async def test_what_a_killed_child_did_not_play_the_next_one_plays(rig: Rig) -> None:
    answer = _noise(3)
    session, pcm = await _in_peace(lambda config: _killed_in_between(rig, config, answer))
    positions = [progress.heard_ms for progress in session.of(PlaybackProgress)]
    assert positions == sorted(positions)
    assert session.ends == ["the sound process ended (Killed); it is started again"]
    is_whole = _has_one_cut(answer, without_holes(pcm))  # what the device had died with the child
    assert is_whole or (session.was_disturbed and _share(answer, pcm) > 0.8)
    print(f"killed: {longest_hole_ms(pcm):.0f} ms of silence")


def _has_one_cut(whole: bytes, found: bytes) -> bool:
    """Whether it is the whole, but for one place where less than 300 ms are missing, or are there twice."""
    pairs = enumerate(zip(whole, found, strict=False))
    before = next((place for place, (said, heard) in pairs if said != heard), len(found))
    return whole.endswith(found[before:]) and abs(len(whole) - len(found)) < 0.3 * RATE_HZ * 2


async def _killed_in_between(rig: Rig, config: AudioConfig, answer: bytes) -> tuple[_Session, bytes]:
    recording = rig.record()
    async with _session(config) as session:
        session.engine.listen(PCM_24K)
        session.say(answer)
        await _until(lambda: session.heard_ms >= 1000, "a second of the answer")
        os.kill(_child(), signal.SIGKILL)
        await _until(lambda: session.heard_ms == 3000, "the rest of the answer")
        captured_bytes = len(session.captured)
        await _until(lambda: len(session.captured) > captured_bytes, "the microphone")
        await asyncio.to_thread(recording.wait_for_silence)
    return session, recording.stop()


async def test_a_program_that_stands_still_does_not_make_holes(rig: Rig) -> None:
    """The reason for the child: C code that keeps the interpreter for 100 ms at a time."""
    answer = _noise(4)
    session, heard = await _in_peace(lambda config: _heard_beside_a_hog(rig, config, answer))
    silent_ms = (len(heard) - len(answer)) / 48
    print(f"holes: {silent_ms:.1f} ms in 4 s, the longest {longest_hole_ms(heard):.1f} ms")
    # None on a machine of its own; an engine in this process does not even come to the end.
    assert silent_ms <= (1000 if session.was_disturbed else 40)
    assert _share(answer, heard) > 0.98


async def _heard_beside_a_hog(rig: Rig, config: AudioConfig, answer: bytes) -> tuple[_Session, bytes]:
    recording = rig.record()
    stop = threading.Event()
    hog = ctypes.PyDLL(None)  # PyDLL: the interpreter lock is held during the call

    def hold_the_interpreter() -> None:
        while not stop.is_set():
            hog.usleep(100_000)

    async with _session(config) as session:
        session.engine.listen(PCM_24K)
        session.say(answer)
        await _until(lambda: session.heard_ms > 0, "the first block")
        thread = threading.Thread(target=hold_the_interpreter)
        thread.start()
        try:
            await _until(lambda: session.heard_ms == 4000, "the end of the answer")
        finally:
            stop.set()
            thread.join()
        heard = await asyncio.to_thread(recording.wait_for_silence)
    recording.stop()
    return session, heard


async def test_the_echo_is_cancelled_in_the_child(rig: Rig) -> None:
    need("livekit")
    rig.loopback(60)
    answer = b"".join(_noise(0.2, seed=seed) + bytes(4800) for seed in range(20))

    async def echo_dbfs() -> float:
        async with _session(AudioConfig(echo="aec")) as session:
            session.engine.listen(PCM_24K)
            session.say(answer)
            await _until(lambda: session.heard_ms >= 5900, "the end of the answer")
            return dbfs(session.captured[-96_000:])

    # Both sides are out of step for a while where one of them stands still.
    attempts = 1
    while (echo := await echo_dbfs()) >= dbfs(answer) - 20 and attempts < 3:
        attempts += 1
    print(f"echo of an answer of {dbfs(answer):.1f} dBFS: {echo:.1f} dBFS")
    assert echo < dbfs(answer) - 20


async def test_a_microphone_that_nobody_reads_keeps_the_newest(rig: Rig) -> None:
    async with _session() as session:
        session.engine.listen(PCM_24K)
        await _until(lambda: len(session.captured) > 0, "the microphone")
        spoken = _noise(3.5)
        rig.speak(spoken).wait(PATIENCE_S)  # the loop stands still meanwhile
        await _until(lambda: _share(spoken[-48_000:], session.captured) > 0.9, "the newest second")
    assert _share(spoken[:48_000], session.captured) == 0
    assert any("of the microphone are lost" in notice.text for notice in session.of(AudioNotice))


async def test_five_minutes_are_queued_and_dropped_at_once(rig: Rig) -> None:
    answer = _noise(1) * 300
    attempts = 1
    while (dropped := await _queued_and_dropped(rig, answer))[0] >= 0.3 and attempts < 3:
        attempts += 1
    took_s, stopped, heard = dropped
    assert took_s < 0.3
    assert stopped.item_id == "item_1"
    sounded_ms = len(without_holes(heard)) / 48
    assert abs(sounded_ms - stopped.heard_ms) < 2  # the fade ends in zeros
    print(f"stopped after {took_s * 1000:.0f} ms: told {stopped.heard_ms}, heard {sounded_ms:.1f} ms")


async def _queued_and_dropped(rig: Rig, answer: bytes) -> tuple[float, PlaybackStopped, bytes]:
    """How long the stop took, what came of it, and what was heard."""
    recording = rig.record()
    async with _session() as session:
        for at in range(0, len(answer), 4800):
            session.play(answer[at : at + 4800])
        await _until(lambda: session.heard_ms > 300, "the first of it")
        asked_s = asyncio.get_running_loop().time()
        session.engine.stop()
        await _until(lambda: bool(session.of(PlaybackStopped)), "the stop")
        took_s = asyncio.get_running_loop().time() - asked_s
        heard = await asyncio.to_thread(recording.wait_for_silence)
    recording.stop()
    (stopped,) = session.of(PlaybackStopped)
    return took_s, stopped, heard


async def test_a_child_that_dies_before_it_stopped_is_answered_for(rig: Rig) -> None:
    async with _session() as session:
        session.say(_noise(3))
        await _until(lambda: session.heard_ms >= 200, "the first of it")
        os.kill(_child(), signal.SIGSTOP)
        session.engine.stop()
        os.kill(_child(), signal.SIGKILL)
        await _until(lambda: bool(session.of(PlaybackStopped)), "the answer")
        (stopped,) = session.of(PlaybackStopped)
        assert stopped == PlaybackStopped("item_1", 0, session.heard_ms)
        session.say(_noise(0.2), item_id="item_2")
        await _until(lambda: session.of(PlaybackProgress)[-1].item_id == "item_2", "the next answer")
    assert rig.folder.exists()


async def test_children_that_keep_dying_are_given_up(rig: Rig) -> None:
    async with _session() as session:
        for _ in range(5):
            await _until(lambda: len(_children(os.getpid())) == 1, "a child")
            await _kill(_child())
        await _until(lambda: session.of(AudioNotice)[-1].level == "error", "the last notice")
        assert session.posted.count(AudioReady()) == 1
        session.say(_noise(0.1))
        session.engine.stop()
        await _until(lambda: session.of(PlaybackStopped) == [PlaybackStopped()], "an answer all the same")
    assert rig.folder.exists()


async def test_what_libraries_print_stays_off_the_screen_and_explains_no_death(
    rig: Rig, capfd: pytest.CaptureFixture[str]
) -> None:
    async with _session() as session:
        rig.control("exit")  # PortAudio prints about it
        await _until(lambda: AudioReady() in session.posted, "the loss")
        os.kill(_child(), signal.SIGKILL)
        await _until(lambda: bool(session.ends), "the death")
    assert capfd.readouterr() == ("", "")
    assert session.ends[0] == "the sound process ended (Killed); it is started again"


async def test_a_child_that_hangs_does_not_keep_us(rig: Rig) -> None:
    async with _session():
        os.kill(_child(), signal.SIGSTOP)
    assert rig.folder.exists()


async def test_a_child_that_stands_still_is_replaced(rig: Rig) -> None:
    async with _session() as session:
        session.say(_noise(3))
        await _until(lambda: session.heard_ms >= 200, "the first of it")
        os.kill(_child(), signal.SIGSTOP)
        await _until(lambda: session.heard_ms == 3000, "the rest of it")
    assert session.ends == ["the sound process ended (it stood still); it is started again"]
    assert rig.folder.exists()


_BROKEN_CANCELLER = """
class AudioFrame:
    def __init__(self, data, rate_hz, channels, samples): self.data = memoryview(data)
class AudioProcessingModule:
    def __init__(self, **settings): pass
    def set_stream_delay_ms(self, delay_ms): pass
    def process_reverse_stream(self, frame): raise RuntimeError("the canceller broke")
"""


async def test_a_child_of_which_a_thread_breaks_is_replaced_with_its_last_words(
    rig: Rig, tmp_path: Path
) -> None:
    (tmp_path / "livekit").mkdir()
    (tmp_path / "livekit" / "__init__.py").touch()
    (tmp_path / "livekit" / "rtc.py").write_text(_BROKEN_CANCELLER)
    environment = {"PYTHONPATH": str(tmp_path)}
    async with _session(AudioConfig(echo="aec"), environment=environment) as session:
        session.engine.listen(PCM_24K)
        await _until(lambda: bool(session.ends), "a word about it")
    assert session.ends[0] == (
        "the sound process ended (exit status 0x46): RuntimeError: the canceller broke; it is started again"
    )
    assert rig.folder.exists()


# Ends its process, as often as the file has bytes to spare.
_CRASH = """
import os
left = os.stat({file!r}).st_size
if left:
    os.truncate({file!r}, left - 1)
    os.write(2, b"free(): invalid pointer\\nALSA lib pcm.c:8570:(snd_pcm_recover) underrun occurred\\n")
    os.kill(os.getpid(), {number})
"""


def _crashing(folder: Path, number: signal.Signals, *, times: int) -> dict[str, str]:
    """What makes so many children crash before their first report."""
    file = folder / "crashes"
    file.write_bytes(bytes(times))
    (folder / "sitecustomize.py").write_text(_CRASH.format(file=str(file), number=number.value))
    return {"PYTHONPATH": str(folder)}


@pytest.mark.parametrize(
    ("number", "words"),
    [(signal.SIGABRT, "(Aborted): free(): invalid pointer"), (signal.SIGSEGV, "(Segmentation fault)")],
)
async def test_a_child_that_crashes_at_its_start_is_replaced_once(
    rig: Rig, tmp_path: Path, number: signal.Signals, words: str
) -> None:
    async with _session(environment=_crashing(tmp_path, number, times=1)) as session:
        session.say(_noise(0.3))
        await _until(lambda: session.heard_ms == 300, "the answer")
    assert session.ends == [f"the sound process ended {words}; it is started again"]
    async with _session(environment=_crashing(tmp_path, number, times=9)) as session:
        await _until(lambda: len(session.of(AudioNotice)) == 2, "the last word about it")
        first, last = session.of(AudioNotice)
    assert first.level == "warning"
    assert (last.level, last.text) == ("error", f"no sound from here on: the sound process ended {words}")
    assert rig.folder.exists()


async def test_the_next_child_knows_what_latency_the_speaker_needs(rig: Rig) -> None:
    """The first one finds out when it is stopped for a moment, twice."""
    async with _session() as session:
        session.say(_noise(60))
        await _until(lambda: session.heard_ms > 300, "the answer")
        usual_ms = session.of(PlaybackProgress)[-1].delay_ms
        while not any("it has 100 ms of latency" in notice.text for notice in session.of(AudioNotice)):
            await _stand_still(_child(), 0.12)
            await _hear_on(session, 1200)
        await _kill(_child())
        seen = len(session.of(PlaybackProgress))
        await _until(lambda: len(session.of(PlaybackProgress)) > seen + 9, "the next child")
        delays_ms = [progress.delay_ms for progress in session.of(PlaybackProgress)[seen:]]
        assert median(delays_ms) > usual_ms + 30
    assert rig.folder.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
async def test_what_a_terminal_signals_is_not_for_the_child(rig: Rig, number: signal.Signals) -> None:
    async with _session() as session:
        os.kill(_child(), number)
        session.say(_noise(0.3))
        await _until(lambda: session.heard_ms == 300, "the answer")
    assert not session.ends
    assert rig.folder.exists()


async def test_a_device_name_that_fits_none_is_refused(rig: Rig) -> None:
    engine = ChildEngine(AudioConfig(output_device="nonesuch"))
    with pytest.raises(UsageError, match="nonesuch"):
        await engine.open()
    await _until(lambda: not _children(os.getpid()), "its end")
    assert rig.folder.exists()


async def test_a_device_that_the_next_child_does_not_find_gives_way_to_the_default(rig: Rig) -> None:
    rig.name_devices({"card": "type pulse"})
    async with _session(AudioConfig(input_device="none", output_device="card")) as session:
        rig.name_devices({})
        await _kill(_child())
        session.say(_noise(0.3))
        await _until(lambda: session.heard_ms == 300, "the answer")
    assert [notice.text for notice in session.of(AudioNotice)] == [
        "the sound process ended (Killed); it is started again",
        "no output device matches 'card': the default takes its place",
    ]
    assert session.of(AudioReady)[-1] == AudioReady("", "default")


async def test_without_devices_there_is_no_sound_but_a_session(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_SERVER", f"unix:{rig.folder}/nobody")
    engine = ChildEngine(_DEFAULTS)
    assert await engine.open() == AudioReady()
    session = _Session(engine)
    running = asyncio.create_task(engine.run(session.posted.append))
    await _until(lambda: bool(session.of(AudioNotice)), "a notice")
    engine.stop()
    await _until(lambda: bool(session.of(PlaybackStopped)), "an answer")
    engine.close()
    await asyncio.wait_for(running, PATIENCE_S)


@pytest.mark.parametrize("trouble", ["no interpreter", "a bad interpreter", "frozen"])
async def test_where_no_child_can_be_started_this_process_plays(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    match trouble:
        case "no interpreter":
            monkeypatch.setattr(sys, "executable", "/nowhere/python")
        case "a bad interpreter":
            monkeypatch.setenv("PYTHONHOME", "/nowhere")
        case _:
            monkeypatch.setattr(sys, "frozen", True, raising=False)
    portaudio.refresh()
    engine = DeviceEngine(_DEFAULTS)
    assert await engine.open() == AudioReady("default", "default")
    posted: list[Inbound] = []
    running = asyncio.create_task(engine.run(posted.append))
    ear = await asyncio.to_thread(rig.record)
    sound = _noise(0.5)
    engine.play(PlayAudio("item_1", 0, sound, PCM_24K))
    engine.finish(FinishAudio("item_1", 0))
    await _until(
        lambda: 500 in (each.heard_ms for each in posted if isinstance(each, PlaybackProgress)), "its end"
    )
    heard = await asyncio.to_thread(ear.wait_for_silence)
    engine.close()
    await asyncio.wait_for(running, PATIENCE_S)
    assert _share(sound, heard) > 0.9
    notice = next(each for each in posted if isinstance(each, AudioNotice))
    assert notice.level == "warning"
    assert notice.text.startswith("the sound process cannot be started (")


async def test_a_thread_that_breaks_in_this_process_ends_the_sound_and_says_so(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def process(self, microphone: bytes, played: bytes) -> bytes:
            raise ValueError("the canceller broke")

    portaudio.refresh()
    engine = LocalEngine(_DEFAULTS, canceller=Broken())
    before = threading.excepthook
    posted: list[Inbound] = []
    running = asyncio.create_task(engine.run(posted.append))
    await _until(lambda: AudioReady("default", "default") in posted, "the devices")
    engine.listen(PCM_24K)
    await _until(lambda: any(isinstance(each, AudioNotice) for each in posted), "a notice")
    engine.close()
    await asyncio.wait_for(running, PATIENCE_S)
    assert posted[-2:] == [
        AudioReady(),
        AudioNotice(
            "error",
            "no sound from here on: ValueError: the canceller broke",
            "try `realtime devices --test`",
        ),
    ]
    assert threading.excepthook == before


_PARENT = textwrap.dedent(
    """
    import asyncio
    from realtime_cli.audio.child import ChildEngine
    from realtime_cli.audio.config import AudioConfig

    async def main():
        engine = ChildEngine(AudioConfig())
        await engine.open()
        print("open", flush=True)
        await engine.run(lambda happened: None)

    asyncio.run(main())
    """
)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_child_dies_with_its_parent(rig: Rig, number: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "open\n"
        (child,) = _children(parent.pid)
        parent.send_signal(number)
        wait_until(lambda: not Path(f"/proc/{child}").exists(), "the child's end")
    assert rig.folder.exists()


def test_a_job_that_was_stopped_for_a_while_goes_on_with_its_child(rig: Rig) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "open\n"
        (child,) = _children(parent.pid)
        os.killpg(parent.pid, signal.SIGSTOP)
        _let_pass(4)
        os.killpg(parent.pid, signal.SIGCONT)
        _let_pass(1)
        assert _children(parent.pid) == [child]
        parent.terminate()
    assert rig.folder.exists()


def _let_pass(seconds: float) -> None:
    """What must not happen in a while has no event."""
    until_s = time.monotonic() + seconds
    wait_until(lambda: time.monotonic() >= until_s, "time")
