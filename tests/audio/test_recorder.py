from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
import wave
from array import array
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from realtime_cli.audio.files import FileConfig, FileEngine
from realtime_cli.audio.recorder import Recorder
from realtime_cli.audio.sound import SoundFile, Voices, mono, save_sound, stereo
from realtime_cli.audio.timeline import SoundBlock
from realtime_cli.core.effects import FinishAudio, PlayAudio
from realtime_cli.core.inputs import AudioReady, PlaybackProgress, to_json
from realtime_cli.errors import BadInput
from realtime_cli.protocol.encoding import PCM_24K
from realtime_cli.runtime.ports import Inbound


def sound(ms: float) -> bytes:
    return array("h", (1 + number % 30_000 for number in range(round(ms * 24)))).tobytes()


def append(audio: bytes) -> str:
    return json.dumps({"type": "input_audio_buffer.append", "audio": b64encode(audio).decode()})


def delta(audio: bytes) -> str:
    part = {"item_id": "item_1", "content_index": 0}
    return json.dumps({"type": "response.output_audio.delta", **part, "delta": b64encode(audio).decode()})


def voices_of(path: Path) -> tuple[bytes, bytes]:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, 24000)
        samples = array("h", file.readframes(10**9))
    return samples[0::2].tobytes(), samples[1::2].tobytes()


class Complaints(list[str]):
    def expect_none(self) -> None:
        assert not self


def recorded(path: Path, *seen: tuple[str, str, float]) -> None:
    complaints = Complaints()
    recorder = Recorder(path, on_failure=complaints.append)
    for direction, raw, now_s in seen:
        tell(recorder, direction, raw, now_s)
    recorder.close()
    recorder.close()
    complaints.expect_none()


def tell(recorder: Recorder, direction: Any, raw: str, now_s: float) -> None:
    recorder.saw(direction, raw, now_s=now_s, is_object=True)


def within(limit_s: float, is_so: Callable[[], bool]) -> bool:
    ends = time.monotonic() + limit_s
    while not is_so() and time.monotonic() < ends:
        time.sleep(0.01)
    return is_so()


def test_the_user_is_left_and_the_assistant_right(tmp_path: Path) -> None:
    path = tmp_path / "talk.wav"
    recorded(
        path,
        ("local", to_json(AudioReady("microphone", "speaker")), 0.0),
        ("out", append(sound(100)), 0.1),
        ("in", delta(sound(300)), 0.2),
        ("local", to_json(PlaybackProgress("item_1", 0, 200)), 0.5),
    )
    user, assistant = voices_of(path)
    assert user == sound(100) + bytes(400 * 48)
    assert assistant == bytes(300 * 48) + sound(200)


def test_what_is_no_event_is_passed_over(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "talk.wav", on_failure=pytest.fail)
    recorder.saw("in", b"\0\1", now_s=0, is_object=False)
    tell(recorder, "out", append(sound(20)), 1.0)
    recorder.close()
    assert voices_of(tmp_path / "talk.wav")[0] == sound(20)


@pytest.mark.parametrize("index", ["1e999", "1" + "0" * 400, "null", "[]"])
def test_a_part_that_cannot_be_does_not_end_the_recording(tmp_path: Path, index: str) -> None:
    odd = f'{{"type":"response.output_audio.delta","item_id":"a","content_index":{index},"delta":"AAAA"}}'
    recorded(tmp_path / "talk.wav", ("in", odd, 0.0), ("out", append(sound(20)), 0.02))
    assert voices_of(tmp_path / "talk.wav")[0] == sound(20)


def test_a_recording_does_not_end_without_a_word(tmp_path: Path) -> None:
    complaints = Complaints()
    recorder = Recorder(tmp_path / "talk.wav", on_failure=complaints.append)
    tell(recorder, "sideways", "whatever no caller of ours does", 0.0)
    recorder.close()
    assert complaints == [f"the recording stopped: KeyError: 'sideways' ({tmp_path / 'talk.wav'})"]


def test_a_session_that_never_began_leaves_no_recording(tmp_path: Path) -> None:
    recorded(tmp_path / "talk.wav")
    assert not list(tmp_path.iterdir())


def test_a_file_that_was_there_stays_although_nothing_was_recorded(tmp_path: Path) -> None:
    (tmp_path / "talk.wav").touch()
    recorded(tmp_path / "talk.wav")
    assert voices_of(tmp_path / "talk.wav") == (b"", b"")


def test_what_comes_after_the_end_is_dropped(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "talk.wav", on_failure=pytest.fail)
    recorder.close()
    tell(recorder, "out", append(sound(20)), 1.0)
    assert not list(tmp_path.iterdir())


def test_a_file_with_something_in_it_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "talk.wav"
    path.write_text("precious")
    with pytest.raises(BadInput, match="has something in it already"):
        Recorder(path, on_failure=pytest.fail)
    assert path.read_text() == "precious"


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none" / "talk.wav", tmp_path, Path("talk\0.wav")):
        with pytest.raises(BadInput, match="cannot be written"):
            Recorder(path, on_failure=pytest.fail)


@pytest.mark.skipif(sys.platform == "win32", reason="Unix only")
def test_a_disk_that_fails_is_told_once_and_the_session_goes_on(tmp_path: Path) -> None:
    program = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from realtime_cli.audio.recorder import Recorder\n"
        "from base64 import b64encode\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "recorder = Recorder(Path(sys.argv[1]), on_failure=print)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "audio = b64encode(bytes(48_000)).decode()\n"
        """append = '{"type": "input_audio_buffer.append", "audio": "%s"}' % audio\n"""
        "for second in range(10):\n"
        "    recorder.saw('out', append, now_s=second, is_object=True)\n"
        "recorder.close()\n"
        "recorder.saw('out', append, now_s=11, is_object=True)\n"
        "recorder.close()\n"
    )
    path = tmp_path / "talk.wav"
    run = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True)
    assert run.stdout == f"the recording stopped: File too large ({path})\n"
    assert not run.stderr
    with wave.open(str(path)) as file:
        assert file.getnframes() > 20_000


@pytest.mark.skipif(sys.platform == "win32", reason="Unix only")
def test_a_killed_session_leaves_a_valid_recording(tmp_path: Path) -> None:
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from realtime_cli.audio.recorder import Recorder\n"
        "recorder = Recorder(Path(sys.argv[1]), on_failure=print)\n"
        "for tenth in range(100):\n"
        """    recorder.saw('in', '{"type": "x"}', now_s=tenth / 10, is_object=True)\n"""
        "time.sleep(60)\n"
    )
    path = tmp_path / "talk.wav"
    with subprocess.Popen([sys.executable, "-c", program, path]) as process:
        # 9.9 s less the 2 s of which more may come to light.
        assert within(20, lambda: path.exists() and path.stat().st_size >= 44 + 79 * 9600)
        process.send_signal(signal.SIGKILL)
    with wave.open(str(path)) as file:
        assert file.getnframes() == 79 * 2400


# Files of sound

BLOCK = SoundBlock(0, array("h", [1, 2, 30_000]).tobytes(), array("h", [0, -5, 30_000]).tobytes())
QUIET = SoundBlock(0, bytes(6), bytes(6))


def test_blocks_become_stereo_or_mono() -> None:
    assert array("h", stereo(BLOCK)).tolist() == [1, 0, 2, -5, 30_000, 30_000]
    assert mono(BLOCK, "user") is BLOCK.user
    assert mono(BLOCK, "assistant") is BLOCK.assistant
    assert array("h", mono(BLOCK, "both")).tolist() == [1, -3, 32_767]
    assert mono(QUIET, "both") == bytes(6)


@pytest.mark.parametrize(("voices", "channels"), [("both", 2), ("user", 1), ("assistant", 1)])
def test_sound_is_saved(tmp_path: Path, voices: Voices, channels: int) -> None:
    path = tmp_path / "talk.wav"
    save_sound([BLOCK, QUIET], path, voices=voices)
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getnframes()) == (channels, 6)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux only")
def test_a_full_disk_is_a_clear_error() -> None:
    with pytest.raises(BadInput, match="/dev/full cannot be written: No space left on device"):
        save_sound([BLOCK], Path("/dev/full"))
    with pytest.raises(BadInput, match="No space left on device"):
        SoundFile(Path("/dev/full"))


# The whole way


async def test_the_recording_agrees_with_what_the_speaker_played(tmp_path: Path) -> None:
    """A file as the speaker, interrupted: both files hold the same sound, at the same distances."""
    answer, talk = tmp_path / "answer.wav", tmp_path / "talk.wav"
    recorder = Recorder(talk, on_failure=pytest.fail)
    engine = FileEngine(FileConfig(output=str(answer)))
    started = asyncio.get_running_loop().time()
    stopped = asyncio.Event()

    def post(inbound: Inbound) -> None:
        assert not isinstance(inbound, str | bytes)
        tell(recorder, "local", to_json(inbound), asyncio.get_running_loop().time() - started)
        if "playback.stopped" in to_json(inbound):
            stopped.set()

    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        tasks.create_task(engine.run(post))
        for audio in (sound(100), sound(5000)):
            await asyncio.sleep(0.3)
            tell(recorder, "in", delta(audio), asyncio.get_running_loop().time() - started)
            engine.play(PlayAudio("item_1", 0, audio, PCM_24K))
        await asyncio.sleep(0.3)
        engine.stop()
        engine.finish(FinishAudio("item_1", 0))
        await stopped.wait()
        engine.close()
    recorder.close()
    with wave.open(str(answer)) as file:
        played = file.readframes(10**9)
    heard = voices_of(talk)[1]
    first, second = sound(100), sound(5000)
    # Each stretch stands where the clock says, give or take 60 ms.
    assert abs(pause(heard, first, second) - pause(played, first, second)) < 2 * 60 * 48
    assert common(heard[heard.rindex(second[:9600]) :], second) == pytest.approx(
        common(played[played.rindex(second[:9600]) :], second), abs=20
    )


def pause(line: bytes, first: bytes, second: bytes) -> int:
    """The bytes between the end of the first sound and the beginning of the second."""
    return line.rindex(second[:9600]) - (line.index(first) + len(first))


def common(line: bytes, whole: bytes) -> int:
    """How many bytes from the beginning are the same: up to the fade."""
    return next((at for at, (a, b) in enumerate(zip(line, whole, strict=False)) if a != b), len(line))
