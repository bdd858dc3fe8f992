"""Files and pipes as the microphone and the speaker of `realtime chat`."""

from __future__ import annotations

import signal
import sys
import wave
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.cli.program import Program, Result, ended, side_by_side
from tests.cli.servers import Peer, peer, saying
from tests.cli.sounds import (
    asked_in,
    delta,
    duration_ms,
    events_in,
    kinds_in,
    plays_again,
    said_in,
    sound_in,
    speaking,
    tone,
    voices_in,
    wav,
)
from tests.support.listening import was_heard
from tests.support.serving import eventually
from tests.support.speech import need, silence, speech_share, spoken

SCRIPT = """
turns:
  - when: [good morning]
    say: "Welcome to support."
  - otherwise: true
    say: "I did not get that."
"""
ONE_TURN = ("--vad", "none", "--pace", "max")
SPEECH_MS = 300
# How often a speaker tells what it has played: a recording knows no more of a session that breaks off.
TOLD_EVERY_MS = 100


def _question() -> bytes:
    need("espeak-ng", "pocketsphinx")
    return silence(100) + spoken("good morning")


def _with_script(realtime: Program) -> tuple[str, ...]:
    return ("chat", "--script", str(realtime.file("script.yaml", SCRIPT)), "--audio-pace", "max")


async def test_a_spoken_question_in_a_file_is_answered_in_a_file(realtime: Program) -> None:
    question = _question()
    file = realtime.file("question.wav", wav(question))
    sound = ("--input", file, "--repeat-silence", "--output", "answer.wav", "--record", "both.wav")
    done = await realtime(*_with_script(realtime), *sound, "--json")
    assert done.status == 0, done.err
    (turn,) = done.of_type("turn")
    assert (turn["user"], turn["assistant"]) == ("good morning", "Welcome to support.")
    heard, said = sound_in(realtime.home / "answer.wav"), said_in(realtime.log())
    assert was_heard(said, heard)
    assert speech_share(heard) > 0.5
    assert "microphone: question.wav · speaker: answer.wav" in done.err.replace(f"{realtime.home}/", "")
    user, assistant = voices_in(realtime.home / "both.wav")
    assert len(user) == len(assistant)
    assert question in user
    assert was_heard(said, assistant)
    assert not any(assistant[: len(question)])
    await plays_again(realtime, realtime.log())


async def test_at_full_pace_the_answer_is_exactly_what_was_sent(realtime: Program) -> None:
    file = realtime.file("question.wav", wav(_question()))
    sound = ("--input", file, "--repeat-silence", "--output", "answer.wav", "--pace", "max")
    done = await realtime(*_with_script(realtime), *sound)
    assert (done.status, done.out) == (0, "Welcome to support.\n")
    assert sound_in(realtime.home / "answer.wav") == said_in(realtime.log())


async def test_a_file_is_one_turn_where_nobody_looks_for_turns(realtime: Program) -> None:
    question = _question()
    script, file = _with_script(realtime), realtime.file("question.wav", wav(question))
    runs: list[tuple[tuple[str | Path, ...], bytes]] = [
        (("--input", file, "--output", "a.wav"), b""),
        (("--input", "-", "--output", "b.wav"), wav(question)),
        (("--input", "-", "--output", "c.raw", "--raw", "24000"), question),
        (("--input", "-", "--output", "d.wav", "--audio-format", "pcmu"), wav(question)),
        (("--input", file, "--text"), b""),
    ]
    logs = [f"{number}.jsonl" for number in range(len(runs))]
    results = await side_by_side(
        realtime(*script, *ONE_TURN, "--log", log, *options, stdin=stdin)
        for log, (options, stdin) in zip(logs, runs, strict=True)
    )
    assert [(done.status, done.out) for done in results] == [(0, "Welcome to support.\n")] * len(runs)
    assert not any("leaked" in done.err for done in results)  # what a converter's library says at the end
    home = realtime.home
    said = [said_in(home / log) for log in logs]
    assert [sound_in(home / "a.wav"), sound_in(home / "b.wav")] == said[:2]
    assert (home / "c.raw").read_bytes() == said[2]
    assert asked_in(home / logs[2]) == question
    assert duration_ms(sound_in(home / "d.wav")) == pytest.approx(len(said[3]) / 8, abs=2)
    assert speech_share(sound_in(home / "d.wav")) > 0.5
    assert not said[4]
    committed = [kinds_in(home / log).count("out input_audio_buffer.commit") for log in logs]
    assert committed == [1] * len(runs)


async def test_stdout_is_the_sound_and_nothing_else(realtime: Program) -> None:
    sound = tone(500)
    async with peer(speaking(delta(sound))) as server:
        as_wav, raw, narrow = await side_by_side(
            realtime("chat", "--url", server.url, "--output", "-", "--pace", "max", *more, stdin="hello\n")
            for more in ((), ("--raw", "24000"), ("--raw", "16000"))
        )
    assert sound_in(as_wav.stdout) == sound
    assert raw.stdout == sound
    assert len(narrow.stdout) == pytest.approx(len(sound) * 2 / 3, abs=4)
    assert [done.status for done in (as_wav, raw, narrow)] == [0, 0, 0]
    assert all(done.err.splitlines()[-2] == "Yes." for done in (as_wav, raw, narrow))


async def test_each_answer_is_heard_to_its_end_before_the_next_line(realtime: Program) -> None:
    sound = tone(SPEECH_MS)
    async with peer(speaking(delta(sound))) as server:
        done = await realtime("chat", "--url", server.url, "--output", "a.wav", stdin="one\ntwo\n")
    assert (done.status, done.out) == (0, "Yes.\nYes.\n")
    heard = sound_in(realtime.home / "a.wav")
    assert heard.count(sound) == 2
    happened = [each["event"] for each in events_in(realtime.log()) if each["dir"] == "local"]
    steps = [event for event in happened if event["type"] in ("user.text", "playback.progress")]
    second = [event["type"] for event in steps].index("user.text", 1)
    assert steps[second - 1]["heard_ms"] == SPEECH_MS
    assert "conversation.item.truncate" not in "".join(server.received)


async def test_json_counts_the_sound(realtime: Program) -> None:
    file = realtime.file("question.wav", wav(tone(SPEECH_MS)))
    async with peer(speaking(delta(tone(SPEECH_MS)))) as server:
        sound = ("--input", file, "--output", "a.wav", "--vad", "none", "--json")
        done = await realtime("chat", "--url", server.url, *sound)
    assert done.status == 0, done.err
    (turn,) = done.of_type("turn")
    assert turn["assistant"] == "Yes."
    assert turn["latency_ms"]["first_audio"] >= 0
    counted = done.objects[-1]["events"]
    assert (counted["audio_in_bytes"], counted["audio_out_bytes"]) == (len(tone(SPEECH_MS)),) * 2


async def test_a_file_passes_in_real_time_unless_told_otherwise(realtime: Program) -> None:
    file = realtime.file("question.wav", wav(tone(1000)))
    async with peer(saying("Yes.")) as server:
        chat = ("chat", "--url", server.url, "--input", file, "--vad", "none")
        real, quick = await side_by_side(
            realtime(*chat, *more)
            for more in (("--log", "real.jsonl"), ("--pace", "max", "--log", "max.jsonl"))
        )
    assert (real.status, quick.status) == (0, 0)
    assert _sending_s(realtime.home / "real.jsonl") > 0.9
    assert _sending_s(realtime.home / "max.jsonl") < 0.5
    assert asked_in(realtime.home / "real.jsonl") == asked_in(realtime.home / "max.jsonl") == tone(1000)


def _sending_s(log: Path) -> float:
    appends = [e["t"] for e in events_in(log) if e["event"]["type"] == "input_audio_buffer.append"]
    return float(appends[-1] - appends[0])


async def test_without_an_output_answers_are_text_and_with_a_recording_they_sound(realtime: Program) -> None:
    file = realtime.file("question.wav", wav(tone(SPEECH_MS)))
    async with peer(speaking(delta(tone(SPEECH_MS)))) as server:
        chat = ("chat", "--url", server.url, "--input", file, "--vad", "none")
        silent, recorded = await side_by_side(
            realtime(*chat, *more)
            for more in (("--log", "silent.jsonl"), ("--log", "recorded.jsonl", "--record", "both.wav"))
        )
    assert (silent.status, recorded.status) == (0, 0)
    assert "no speaker: answers are text" in silent.err
    assert "no speaker: answers sound in both.wav" in recorded.err
    assert '"output_modalities":["text"]' in (realtime.home / "silent.jsonl").read_text().replace(" ", "")
    assert "output_modalities" not in (realtime.home / "recorded.jsonl").read_text()
    user, assistant = voices_in(realtime.home / "both.wav")
    assert tone(SPEECH_MS) in user
    assert tone(SPEECH_MS) in assistant


UNWRITABLE = [("--output", "no/such/folder/a.wav"), ("--output", "."), ("--record", "no/such/folder/a.wav")]


async def test_an_output_that_cannot_be_written_is_told_before_anybody_is_called(realtime: Program) -> None:
    nowhere = ("--url", "ws://127.0.0.1:9")
    results = await side_by_side(realtime("chat", *nowhere, flag, path) for flag, path in UNWRITABLE)
    assert [(done.status, done.out) for done in results] == [(3, "")] * len(results)
    assert all("cannot be written: " in done.complaint for done in results)


async def test_a_recording_overwrites_nothing(realtime: Program) -> None:
    file = realtime.file("both.wav", b"precious")
    done = await realtime("chat", "--record", file, stdin="hello\n")
    assert (done.status, done.out) == (3, "")
    assert done.complaint.endswith("both.wav has something in it already")
    assert file.read_bytes() == b"precious"


async def test_a_recording_of_nothing_is_in_nobodys_way(realtime: Program) -> None:
    chat = ("chat", "--url", "ws://127.0.0.1:9", "--record", "both.wav")
    results = [await realtime(*chat, stdin="hello\n") for _ in range(2)]
    assert [done.status for done in results] == [4, 4]
    assert not (realtime.home / "both.wav").exists()


full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux only")


@full
async def test_a_full_disk_is_an_error_but_the_conversation_goes_on(realtime: Program) -> None:
    async with peer(speaking(delta(tone(SPEECH_MS)))) as server:
        lost = ("chat", "--url", server.url, "--output", "/dev/full")
        real, quick = await side_by_side(
            realtime(*lost, *more, stdin="one\ntwo\n") for more in ((), ("--pace", "max"))
        )
    for done in (real, quick):
        assert (done.status, done.out) == (1, "Yes.\nYes.\n")
        assert done.err.count("no longer written to /dev/full: No space left on device") == 1


@full
async def test_a_speaker_that_is_lost_is_not_blamed_on_the_microphone(realtime: Program) -> None:
    (realtime.home / "in.wav").write_bytes(wav(tone(500)))
    async with peer(speaking(delta(tone(SPEECH_MS)))) as server:
        files = ("--input", "in.wav", "--output", "/dev/full", "--vad", "none", "--pace", "max")
        done = await realtime("chat", "--url", server.url, *files)
    assert "no longer written to /dev/full: No space left on device" in done.err
    assert done.status == 1


@full
async def test_a_full_disk_under_the_recording_is_said_before_the_conversation(realtime: Program) -> None:
    done = await realtime("chat", "--record", "/dev/full", stdin="hello\n")
    assert (done.status, done.out) == (3, "")
    assert done.complaint == "/dev/full cannot be written: No space left on device"


async def test_a_closed_or_empty_stdin_is_no_microphone(realtime: Program) -> None:
    realtime.file("run", f'#!/bin/sh\nexec {" ".join(realtime.command)} "$@"\n').chmod(0o755)
    closed = realtime.run_now(
        "-c", f'"{realtime.home}/run" chat --input - --output a.wav <&-', command=["sh"]
    )
    empty = await realtime("chat", "--input", "-", "--output", "a.wav")
    for done in (closed, empty):
        assert (done.status, done.out) == (3, "")
        assert "error: stdin is empty" in done.err
        assert sound_in(realtime.home / "a.wav") == b""


async def test_a_reader_of_the_sound_that_leaves_ends_nothing(realtime: Program) -> None:
    async with (
        peer(speaking(delta(tone(5000)))) as server,
        realtime.running("chat", "--url", server.url, "--output", "-", "--pace", "max") as process,
    ):
        process._transport.get_pipe_transport(1).close()
        done = await ended(process, stdin=b"one\ntwo\n")
    assert done.status == 0
    assert done.err.count("no longer written to stdout: Broken pipe") == 1
    assert [sent["type"] for sent in server.events].count("response.create") == 2


posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


@asynccontextmanager
async def _in_mid_answer(realtime: Program) -> AsyncIterator[tuple[Peer, Process]]:
    """A server, and a program that has played a part of its long answer, into two files."""
    async with peer(speaking(delta(tone(10_000)))) as server:
        files = ("--output", "a.wav", "--record", "both.wav")
        async with realtime.running("chat", "--url", server.url, *files) as process:
            assert process.stdin is not None
            process.stdin.write(b"hello\n")
            await eventually(lambda: bool(list(realtime.logs.glob("*"))) and _progress(realtime) > 2)
            yield server, process


def _progress(realtime: Program) -> int:
    return realtime.log().read_bytes().count(b'"playback.progress"')


def _frames_told(path: Path) -> int:
    with wave.open(str(path)) as file:
        return file.getnframes()


def _valid_files(realtime: Program, done: Result) -> tuple[float, float]:
    """How much of the answer is in each of both files, which must be its beginning."""
    assert str(realtime.log()) in done.err
    heard = sound_in(realtime.home / "a.wav").rstrip(b"\0")
    _, recorded = voices_in(realtime.home / "both.wav")
    recorded = recorded.strip(b"\0")
    fade = 2 * 24 * 20
    assert tone(10_000).startswith(heard[:-fade])
    assert tone(10_000).startswith(recorded[:-fade])
    return duration_ms(heard), duration_ms(recorded)


@posix
async def test_ctrl_c_in_mid_answer_leaves_valid_files_and_tells_what_was_heard(realtime: Program) -> None:
    async with _in_mid_answer(realtime) as (server, process):
        process.send_signal(signal.SIGINT)
        await eventually(lambda: "conversation.item.truncate" in "".join(server.received))
        done = await ended(process)
    assert done.status == 0
    (cut,) = [sent for sent in server.events if sent["type"] == "conversation.item.truncate"]
    heard_ms, recorded_ms = _valid_files(realtime, done)
    assert 0 < cut["audio_end_ms"] < 10_000
    assert heard_ms == pytest.approx(cut["audio_end_ms"], abs=2)
    assert recorded_ms == pytest.approx(cut["audio_end_ms"], abs=2)


@posix
async def test_a_request_to_end_in_mid_answer_leaves_valid_files(realtime: Program) -> None:
    async with _in_mid_answer(realtime) as (_, process):
        process.send_signal(signal.SIGTERM)
        done = await ended(process)
    assert done.status == 130
    heard_ms, recorded_ms = _valid_files(realtime, done)
    assert 0 <= heard_ms - recorded_ms <= TOLD_EVERY_MS + 20
    await plays_again(realtime, realtime.log())


@posix
async def test_a_program_that_is_killed_leaves_files_that_can_be_played(realtime: Program) -> None:
    async with _in_mid_answer(realtime) as (_, process):
        files = [realtime.home / name for name in ("a.wav", "both.wav")]
        # A block is in the file a moment before the header tells of it.
        await eventually(lambda: all(map(_frames_told, files)))
        process.kill()
        await process.wait()
    assert all(map(_frames_told, files))
    await plays_again(realtime, realtime.log())
