"""What `realtime chat` makes of sound that is not what it should be: its files, its servers, its flags."""

from __future__ import annotations

import asyncio
import os
import signal
import struct
import sys
from array import array
from asyncio.subprocess import Process
from base64 import b64decode
from io import FileIO
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection

from realtime_cli.cli.sound import Files
from realtime_cli.errors import UsageError
from tests.cli.program import Program, Result, ended, side_by_side
from tests.cli.servers import GREETING, Frame, acting, event, peer, saying
from tests.cli.sounds import (
    asked_in,
    delta,
    deltas_in,
    duration_ms,
    kinds_in,
    plays_again,
    said_in,
    sound_in,
    speaking,
    spoken_answer,
    tone,
    voices_in,
    wav,
)
from tests.support.serving import eventually
from tests.support.speech import need

# What is wrong is told before a server is called.
NOWHERE = ("--url", "ws://127.0.0.1:9")
ONE_TURN = ("--vad", "none", "--pace", "max")
# No sound server is ever asked, and none is started for us.
NO_SOUND = {"PULSE_SERVER": "unix:/nowhere/native", "PULSE_RUNTIME_PATH": "/nowhere"}
posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and pipes with names")

# Files

BAD_FILES = [
    (b"", "is empty"),
    (b"not a wav file", "is not a WAV file (it begins with 'not a wa')"),
    (wav(b""), "has no audio"),
    (wav(tone(100))[:30], "is a damaged WAV file"),
    (wav(tone(100)).replace(b"\x10\0\0\0\x01\0", b"\x10\0\0\0\x55\0"), "format tag 0x0055 (MP3)"),
]


async def test_a_file_that_is_no_sound_is_one_clear_line_before_anybody_is_called(realtime: Program) -> None:
    files = [realtime.file(f"{number}.wav", content) for number, (content, _) in enumerate(BAD_FILES)]
    results = await side_by_side(
        realtime("chat", *NOWHERE, "--input", file) for file in [*files, "missing.wav", "."]
    )
    assert [(done.status, done.out) for done in results] == [(3, "")] * len(results)
    words = [*(words for _, words in BAD_FILES), "there is no file missing.wav", ". is a folder"]
    for expected, done in zip(words, results, strict=True):
        assert expected in done.complaint
        assert done.err.splitlines()[-1].startswith("  ")  # what to do


QUIET = tone(200)
FLOATS = array("f", (sample / 32768 for sample in array("h", QUIET))).tobytes()
AS_24_BIT = b"".join(b"\0" + struct.pack("<h", sample) for sample in array("h", QUIET))
STEREO = b"".join(struct.pack("<hh", sample, sample) for sample in array("h", QUIET))
GOOD_FILES = [
    (wav(AS_24_BIT, sample_bytes=3), QUIET),
    (wav(FLOATS, sample_bytes=4, is_float=True), QUIET),
    (wav(STEREO, channels=2), QUIET),
    (wav(QUIET)[:4844], QUIET[:4800]),  # cut off
]


async def test_every_kind_of_wav_is_heard_as_it_is(realtime: Program) -> None:
    telephone = realtime.file("telephone.wav", wav(STEREO, rate_hz=8000, channels=2))
    files = [realtime.file(f"{number}.wav", content) for number, (content, _) in enumerate(GOOD_FILES)]
    async with peer(saying("Yes.")) as server:
        results = await side_by_side(
            realtime("chat", "--url", server.url, "--input", file, *ONE_TURN, "--log", f"{file}.jsonl")
            for file in [*files, telephone]
        )
    assert [(done.status, done.out) for done in results] == [(0, "Yes.\n")] * len(results)
    for file, (_, expected) in zip(files, GOOD_FILES, strict=True):
        assert asked_in(file.with_suffix(".wav.jsonl")) == expected
    sent = asked_in(telephone.with_suffix(".wav.jsonl"))
    assert duration_ms(sent) == pytest.approx(3 * duration_ms(QUIET), abs=1)


async def test_the_microphone_and_the_speaker_are_two_files(realtime: Program) -> None:
    content = wav(tone(100))
    file = realtime.file("a.wav", content)
    (realtime.home / "b.wav").symlink_to(file)
    (realtime.home / "c.wav").hardlink_to(file)
    names = ("./a.wav", "b.wav", "c.wav")
    results = await side_by_side(
        realtime("chat", *NOWHERE, "--input", "a.wav", "--output", name) for name in names
    )
    assert [done.status for done in results] == [2, 2, 2]
    told = [done.complaint for done in results]
    assert told == [f"--input and --output both name {Path(name)}" for name in names]
    assert file.read_bytes() == content


async def test_less_than_a_syllable_is_told_and_is_no_turn(realtime: Program) -> None:
    file = realtime.file("short.wav", wav(tone(50)))
    done = await realtime("chat", "--input", file, *ONE_TURN)
    assert (done.status, done.out) == (0, "")
    assert "nothing was said: that was less than 100 ms" in done.err
    assert "out input_audio_buffer.commit" not in kinds_in(realtime.log())


async def test_sound_that_nobody_answers_is_not_waited_for_without_end(realtime: Program) -> None:
    """Silence; and speech that breaks off, where the server looks for its end."""
    started = event("input_audio_buffer.speech_started", audio_start_ms=0, item_id="user_1")
    numbers = count()

    def on_frame(frame: str) -> list[Frame]:
        return [started] if "input_audio_buffer.append" in frame and next(numbers) == 5 else []

    silent = realtime.file("silence.wav", wav(bytes(48_000)))
    broken_off = realtime.file("cut.wav", wav(tone(300)))
    async with peer(on_frame) as server:
        silence, cut = await side_by_side(
            [
                realtime("chat", "--input", silent, "--pace", "max", "--repeat-silence", "--output", "a.wav"),
                realtime("chat", "--url", server.url, "--input", broken_off),
            ]
        )
    assert (silence.status, silence.out) == (0, "")
    assert "0 turns" in silence.err
    assert silence.err.count("warning: ") == 1
    assert "silence.wav holds silence only: nothing in it is louder than -60 dBFS" in silence.err
    assert sound_in(realtime.home / "a.wav") == b""
    assert (cut.status, cut.out) == (8, "")
    assert cut.complaint == "the sound ended in mid speech, and the server waits for the rest"
    assert "--repeat-silence" in cut.err


async def _words(process: Process, until: str) -> str:
    """What the program says, up to the line with these words."""
    assert process.stderr is not None
    lines: list[str] = []
    while not lines or until not in lines[-1]:
        line = await process.stderr.readline()
        assert line, lines
        lines.append(line.decode())
    return "".join(lines)


async def _opened(pipe: Path) -> FileIO:
    """The pipe's other end, once somebody reads from it."""
    return await asyncio.to_thread(FileIO, pipe, "w")


@posix
async def test_a_pipe_that_gives_nothing_is_told_and_waited_for(realtime: Program) -> None:
    """One stalls and goes on, the other is opened by nobody and left."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_stalls(realtime))
        tasks.create_task(_is_left(realtime))


async def _stalls(realtime: Program) -> None:
    pipe, sound = realtime.home / "stalls", tone(400)
    os.mkfifo(pipe)
    async with peer(saying("Yes.")) as server:
        chat = ("chat", "--url", server.url, "--input", pipe, "--vad", "none", "--no-log")
        async with realtime.running(*chat) as process:
            with await _opened(pipe) as writer:
                writer.write(wav(sound)[:10_000])
                assert "warning: nothing comes from " in await _words(process, "nothing comes")
                writer.write(wav(sound)[10_000:])
            done = await ended(process)
    assert (done.status, done.out) == (0, "Yes.\n")
    assert b"".join(b64decode(sent["audio"]) for sent in server.events if "audio" in sent) == sound


async def _is_left(realtime: Program) -> None:
    os.mkfifo(realtime.home / "left")
    async with (
        peer(saying("Yes.")) as server,
        realtime.running("chat", "--url", server.url, "--input", "left") as process,
    ):
        await _words(process, "nothing comes from left")
        process.send_signal(signal.SIGINT)
        done = await ended(process)
    assert (done.status, done.out) == (130, "")
    await plays_again(realtime, realtime.log())


@posix
async def test_a_pipe_that_holds_no_wav_is_told_and_ends(realtime: Program) -> None:
    pipe = realtime.home / "pipe"
    os.mkfifo(pipe)
    async with (
        peer(saying("Yes.")) as server,
        realtime.running("chat", "--url", server.url, "--input", "pipe") as process,
    ):
        with await _opened(pipe) as writer:
            writer.write(b"not a wav file at all")
        done = await ended(process)
    assert (done.status, done.out) == (3, "")
    assert "error: pipe is not a WAV file (it begins with 'not a wa')" in done.err


# Servers

SOUND = tone(400)
NARROW = event(
    "session.created",
    session={
        "type": "realtime",
        "id": "s",
        "audio": {"output": {"format": {"type": "audio/pcm", "rate": 16000}}},
    },
)
NOT_BASE64 = "warning: audio of an answer is lost: what the server sent is not base64"


async def test_a_server_at_16_khz_sounds_at_its_own_speed(realtime: Program) -> None:
    async with peer(speaking(delta(SOUND)), greeting=(NARROW,)) as server:
        done = await realtime("chat", "--url", server.url, "--output", "a.wav", stdin="hello\n")
    assert (done.status, done.out) == (0, "Yes.\n")
    heard = sound_in(realtime.home / "a.wav").rstrip(b"\0")
    assert duration_ms(heard) == pytest.approx(600, abs=25)


ODD = [delta(SOUND[:1001]), delta(SOUND[1001:1002]), delta(b""), delta(SOUND[1002:3333])]
NO_BASE64 = [delta("!!!!"), delta(SOUND), delta("%"), delta("\u00e4\u20ac")]
# What a server sends within its answer and behind it, and what is heard of that.
STRANGE: dict[str, tuple[list[str], str, bytes]] = {
    "cut within a sample": (ODD, "", SOUND[:3332]),
    "not base64": (NO_BASE64, "", SOUND),
    "behind the end": ([delta(SOUND[:4800])], delta(SOUND[4800:9600]), SOUND[:9600]),
    "of an unknown item": ([delta(SOUND, item="item_9")], "", SOUND),
    "none": ([delta(b"")], "", b""),
    "silence only": ([delta(bytes(9600))], "", bytes(9600)),
}


async def _strange(realtime: Program, name: str) -> Result:
    frames, after, _ = STRANGE[name]
    async with peer(speaking(*frames, after=after)) as server:
        files = ("--output", f"{name}.wav", "--record", f"{name}.both.wav", "--log", f"{name}.jsonl")
        chat = ("chat", "--url", server.url, *files, "--pace", "max")
        return await realtime(*chat, stdin="hello\nstill there?\n")


async def test_strange_audio_is_heard_as_far_as_it_is_any_and_nothing_is_lost(realtime: Program) -> None:
    results = await side_by_side(_strange(realtime, name) for name in STRANGE)
    for (name, (_, _, heard)), done in zip(STRANGE.items(), results, strict=True):
        assert (done.status, done.out) == (0, "Yes.\nYes.\n"), name
        assert sound_in(realtime.home / f"{name}.wav") == 2 * heard, name
        _, recorded = voices_in(realtime.home / f"{name}.both.wav")
        assert recorded.count(heard) == 2 or not any(heard), name
        assert done.err.count(NOT_BASE64) == (2 if name == "not base64" else 0), name  # once an answer
    odd = ("not base64", "behind the end")
    for done in await side_by_side(plays_again(realtime, realtime.home / f"{name}.jsonl") for name in odd):
        assert done.out.count("Yes.") == 2


async def test_audio_of_an_answer_that_never_ends_is_not_waited_for_without_end(realtime: Program) -> None:
    stray = delta(SOUND, response="resp_9", item="item_9")
    async with peer(speaking(stray)) as server:
        chat = ("chat", "--url", server.url, "--output", "a.wav", "--timeout", "3")
        done = await realtime(*chat, stdin="hello\n")
    assert (done.status, done.out) == (8, "Yes.\n")
    assert "no answer came within 3 s" in done.complaint
    assert sound_in(realtime.home / "a.wav").rstrip(b"\0") == SOUND


@posix
async def test_ten_minutes_at_once_fit_and_are_dropped_at_once(realtime: Program) -> None:
    minute = tone(60_000)
    async with peer(speaking(*[delta(minute)] * 10)) as server:
        chat = ("chat", "--url", server.url, "--output", "a.wav")
        async with realtime.running(*chat) as process:
            assert process.stdin is not None
            process.stdin.write(b"hello\n")
            await eventually(lambda: _log_holds(realtime, b'"response.done"', b'"playback.progress"'))
            process.send_signal(signal.SIGINT)
            await eventually(lambda: "conversation.item.truncate" in "".join(server.received))
            done = await ended(process)
    assert done.status == 0
    (cut,) = [sent for sent in server.events if sent["type"] == "conversation.item.truncate"]
    heard = sound_in(realtime.home / "a.wav").rstrip(b"\0")
    assert minute.startswith(heard[:-960])
    assert duration_ms(heard) == pytest.approx(cut["audio_end_ms"], abs=2)
    assert len(said_in(realtime.log())) == 10 * len(minute)


def _log_holds(realtime: Program, *marks: bytes) -> bool:
    logs = list(realtime.logs.glob("*"))
    return bool(logs) and all(mark in logs[0].read_bytes() for mark in marks)


async def _until_cancelled(socket: ServerConnection) -> None:
    while "response.cancel" not in str(await socket.recv()):
        pass


@posix
async def test_an_endless_answer_ends_with_ctrl_c(realtime: Program) -> None:
    begin, end = spoken_answer()[:3], spoken_answer()[-1]

    async def talk(socket: ServerConnection) -> None:
        await socket.send(GREETING)
        async for frame in socket:
            if '"response.create"' in str(frame):
                break
        for each in begin:
            await socket.send(each)
        reading = asyncio.create_task(_until_cancelled(socket))
        while not reading.done():
            await socket.send(delta(SOUND))
            await asyncio.sleep(0.01)
        await socket.send(end.replace("completed", "cancelled"))
        await socket.wait_closed()

    async with acting(talk) as url, realtime.running("chat", "--url", url, "--output", "a.wav") as process:
        assert process.stdin is not None
        process.stdin.write(b"hello\n")
        await eventually(lambda: _log_holds(realtime, b'"playback.progress"'))
        process.send_signal(signal.SIGINT)
        await eventually(lambda: _log_holds(realtime, b'"response.done"', b'"conversation.item.truncate"'))
        done = await ended(process)
    assert done.status == 0
    assert len(sound_in(realtime.home / "a.wav")) < len(said_in(realtime.log()))
    await plays_again(realtime, realtime.log())


# The embedded server's voice


async def test_a_voice_that_fails_is_told_once_and_the_words_come(realtime: Program) -> None:
    chat = ("chat", "--tts-url", "http://127.0.0.1:9", "--output", "a.wav", "--pace", "max")
    done = await realtime(*chat, stdin="hello\nthank you\n")
    assert done.status == 0
    assert done.out.startswith("Hello! ")
    assert done.lines[-1] == "You are welcome."
    assert "speech: http://127.0.0.1:9/v1 speaks" in done.err
    (told,) = [line for line in done.err.splitlines() if "warning: " in line]
    assert told.startswith("warning: no speech, words only: the speech server at http://127.0.0.1:9")
    assert sound_in(realtime.home / "a.wav") == b""


async def test_speech_comes_in_deltas_of_the_length_that_was_asked_for(realtime: Program) -> None:
    need("espeak-ng")
    chat = ("chat", "--output", "a.wav", "--pace", "max", "--audio-delta-ms", "40")
    done = await realtime(*chat, stdin="thank you\n")
    assert (done.status, done.out) == (0, "You are welcome.\n")
    sizes_ms = [duration_ms(each) for each in deltas_in(realtime.log())]
    assert len(sizes_ms) > 5
    assert set(sizes_ms[:-1]) == {40}
    assert 0 < sizes_ms[-1] <= 40


# Flags

NONSENSE = [
    (["--vad", "loud"], "--vad is 'loud', but must be server, semantic or none"),
    (["--vad", "server", "--eagerness", "low"], "--eagerness is a setting of --vad semantic"),
    (["--speed", "9"], "--speed is 9.0, but must be a number from 0.25 to 1.5"),
    (["--block-ms", "1"], "--block-ms is 1.0, but must be milliseconds from 5 to 200"),
    (["--audio-delta-ms", "20"], "--audio-delta-ms is for the embedded server"),
    (["--audio-pace", "2"], "--audio-pace is for the embedded server"),
    (["--echo", "aec"], "--echo aec is for a microphone that hears a speaker, and here are not both"),
    (["--echo", "half-duplex", "--input", "q.wav", "--output-device", "0"], "--echo half-duplex is for a"),
    (["--echo", "magic"], "must be auto, aec, system, half-duplex or off"),
    (["--input", "q.wav", "--input-device", "0"], "--input and --input-device both name a microphone"),
    (["--output", "a.wav", "--output-device", "0"], "--output and --output-device both name a speaker"),
    (["--input", "q.wav", "--ptt"], "push-to-talk (--ptt) needs a key"),
]


async def test_flags_that_make_no_sense_are_one_clear_line(realtime: Program) -> None:
    realtime.file("q.wav", wav(tone(200)))
    results = await side_by_side(
        realtime("chat", *NOWHERE, *arguments, stdin="hello\n", env=NO_SOUND) for arguments, _ in NONSENSE
    )
    for (arguments, words), done in zip(NONSENSE, results, strict=True):
        assert (done.status, done.out) == (2, ""), arguments
        assert words in done.complaint
    assert not list(realtime.home.rglob("*.jsonl"))


async def test_an_echo_canceller_that_is_not_there_is_told_with_what_to_install(realtime: Program) -> None:
    hidden = realtime.file("sitecustomize.py", "import sys\nsys.modules['livekit'] = None\n").parent
    devices = ("--input-device", "0", "--output-device", "0")
    env = {**NO_SOUND, "PYTHONPATH": str(hidden)}
    aec, system = await side_by_side(
        realtime("chat", *devices, "--echo", policy, stdin="hello\n", env=env) for policy in ("aec", "system")
    )
    assert [(done.status, done.out) for done in (aec, system)] == [(2, ""), (2, "")]
    assert aec.complaint == "echo cancelling needs the package livekit, which is not installed"
    assert "install the extra `aec`" in aec.err
    assert "has no echo canceller" in system.complaint


LOCAL_NONSENSE = [
    (["--audio-delta-ms", "9"], "'--audio-delta-ms': Input should be greater than or equal to 10"),
    (["--audio-pace", "0"], "--audio-pace '0' is no pace"),
    (["--tts-url", "http://127.0.0.1:"], 'needs http:// or https:// and a host, but is "http://127.0.0.1:"'),
]


async def test_flags_of_the_embedded_server_that_make_no_sense_are_refused(realtime: Program) -> None:
    results = await side_by_side(
        realtime("chat", "--output", "a.wav", *arguments, stdin="hello\n") for arguments, _ in LOCAL_NONSENSE
    )
    for (arguments, words), done in zip(LOCAL_NONSENSE, results, strict=True):
        assert (done.status, done.out) == (2, ""), arguments
        assert words in " ".join(done.err.replace("\u2502", " ").split())


FILES = [
    ({"pace": "fast"}, "--pace 'fast' is no pace"),
    ({"raw_rate_hz": 5, "speaker": "a.raw"}, "--raw 5 is no sample rate"),
    ({"raw_rate_hz": 24_000}, "--raw says what is in a file"),
    ({"repeats_silence": True, "speaker": "a.wav"}, "--repeat-silence follows a file"),
]


@pytest.mark.parametrize(("flags", "words"), FILES, ids=["pace", "rate", "raw", "silence"])
def test_flags_of_files_need_files(flags: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words) as refused:
        Files(**flags)
    assert refused.value.hint
