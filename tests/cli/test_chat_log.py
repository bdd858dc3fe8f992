"""What `realtime chat` records."""

from __future__ import annotations

import json
import sys

import pytest

from tests.cli.program import Program, side_by_side, words_of
from tests.cli.recordings import conversation
from tests.cli.servers import peer, saying
from tests.support.serving import eventually, serving

needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX")


async def test_the_log_holds_every_frame_byte_for_byte(realtime: Program) -> None:
    async with peer(saying("Grüße, 1.50 €")) as server:
        await realtime("chat", "--url", server.url, "--voice", "marin", stdin="hello\n")
    header, *entries = realtime.log().read_text(encoding="utf-8").splitlines()
    assert json.loads(header)["realtime_log"] == 1
    assert json.loads(header)["url"] == server.url
    assert json.loads(header)["session"]["audio"]["output"]["voice"] == "marin"
    sent = [line for line in entries if '"dir":"out"' in line]
    assert [line.partition('"event":')[2][:-1] for line in sent] == server.received
    assert [json.loads(line)["seq"] for line in entries] == list(range(1, len(entries) + 1))


@needs_posix
async def test_the_log_is_for_its_owners_eyes_only(realtime: Program) -> None:
    await realtime("chat", stdin="hello\n")
    assert realtime.log().stat().st_mode & 0o777 == 0o600
    assert realtime.logs.stat().st_mode & 0o777 == 0o700


async def test_no_log_writes_none_and_names_none(realtime: Program) -> None:
    done = await realtime("chat", "--no-log", stdin="hello\n")
    assert not realtime.logs.exists()
    assert "log" not in done.err.splitlines()[-1]


async def test_the_environment_turns_the_log_off(realtime: Program) -> None:
    await realtime("chat", stdin="hello\n", env={"REALTIME_LOG": "off"})
    assert not realtime.logs.exists()


async def test_the_log_goes_where_the_flag_says(realtime: Program) -> None:
    path = realtime.home / "there.jsonl"
    done = await realtime("chat", "--log", "there.jsonl", stdin="hello\n")
    assert done.err.endswith(f" · log {path}\n")
    assert '"user.text"' in path.read_text()
    assert not realtime.logs.exists()


async def test_a_file_with_something_in_it_is_never_written_to(realtime: Program) -> None:
    precious = realtime.file("precious.txt", "my novel")
    done = await realtime("chat", "--log", precious, stdin="hello\n")
    assert (done.status, done.out) == (3, "")
    assert f"realtime: {precious} has something in it already\n" in done.err
    assert precious.read_text() == "my novel"


async def test_a_place_where_nothing_can_be_written_is_one_clear_line(realtime: Program) -> None:
    realtime.file("file", "x")
    done = await realtime("chat", "--log", "file/log.jsonl", stdin="hello\n")
    assert (done.status, done.out) == (3, "")
    assert "realtime: the log cannot be written to " in done.err
    assert "--no-log" in done.err


NO_FOLDER = [
    ("chat", "--log", "none/there.jsonl"),
    ("chat", "--record", "none/there.wav"),
    ("chat", "--output", "none/there.wav"),
    ("send-event", "e.json", "--log", "none/there.jsonl"),
    ("replay", "mine.jsonl", "--wav", "none/there.wav"),
]


async def test_a_folder_that_is_missing_is_not_made(realtime: Program) -> None:
    realtime.file("e.json", {"type": "response.create"})
    realtime.file("mine.jsonl", conversation(("one", "1"), every_s=1))
    results = await side_by_side(realtime(*words, stdin="hello\n") for words in NO_FOLDER)
    for words, done in zip(NO_FOLDER, results, strict=True):
        assert (done.status, done.out) == (3, ""), words
        assert done.complaint.endswith(f"{words[-1]} cannot be written: there is no such folder")
        assert done.err.count("\n") == 2
    assert not (realtime.home / "none").exists()
    assert not realtime.logs.exists()


async def test_without_a_connection_there_is_no_log(realtime: Program) -> None:
    done = await realtime("chat", "--url", "ws://127.0.0.1:9", stdin="hello\n")
    assert done.status == 4
    assert list(realtime.logs.iterdir()) == []


@needs_posix
async def test_a_full_disk_stops_the_log_with_one_warning_and_not_the_conversation(realtime: Program) -> None:
    limited = f"ulimit -f 8; printf 'one\\ntwo\\n' | {' '.join(realtime.command)} chat"
    done = realtime.run_now("-c", limited, command=["sh"])
    assert done.status == 0
    assert len(done.lines) == 2
    (warning,) = [line for line in done.err.splitlines() if line.startswith("warning: ")]
    assert warning.startswith("warning: the log stopped after ")
    assert warning.endswith("; the conversation goes on")
    assert 0 < realtime.log().stat().st_size <= 8 * 1024
    again = await realtime("replay", "last", "--speed", "max")
    assert again.status == 0


async def test_a_killed_program_leaves_a_log_with_all_that_it_showed(realtime: Program) -> None:
    async with serving() as server, realtime.running("chat", "--url", server.url) as process:
        assert process.stdin is not None
        process.stdin.write(b"remember this\n")
        await words_of(process, until=b"\n")
        await eventually(lambda: b"response.done" in realtime.log().read_bytes())
        process.kill()
        await process.wait()
    again = await realtime("replay", "last", "--speed", "max")
    assert again.status == 0
    assert again.out == "› remember this\n● You said: remember this\n"
