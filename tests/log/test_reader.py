from __future__ import annotations

import gzip
import json
import os
import sys
import tracemalloc
from pathlib import Path

import pytest

from realtime_cli.errors import BadInput
from realtime_cli.log import Damage, LogEntry, open_log
from realtime_cli.log.format import entry_line
from realtime_cli.log.reader import MAX_LINE_BYTES

FOREIGN = Path(__file__).parents[1] / "sessions" / "foreign"
HEADER = b'{"realtime_log":1,"program":"realtime 0.1.0","url":"wss://h","provider":"p","dialect":"ga","started":"s"}\n'
ENTRIES = [LogEntry(seq, seq / 4, "in", f'{{"type":"x", "n":{seq}}}') for seq in range(1, 6)]
LINES = [entry_line(entry, is_object=True) for entry in ENTRIES]


def log_of(tmp_path: Path, *chunks: bytes) -> Path:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(chunks))
    return path


def test_a_log_gives_its_header_and_its_entries_as_often_as_asked(tmp_path: Path) -> None:
    recording = open_log(log_of(tmp_path, HEADER, *LINES))
    assert recording.header is not None
    assert recording.header.program == "realtime 0.1.0"
    assert list(recording.entries()) == list(recording.entries()) == ENTRIES
    assert recording.damage is None


def test_a_log_of_a_header_alone_has_no_entries(tmp_path: Path) -> None:
    recording = open_log(log_of(tmp_path, HEADER))
    assert list(recording.entries()) == []
    assert recording.damage is None


@pytest.mark.parametrize("path", sorted(FOREIGN.rglob("*.jsonl")), ids=lambda path: path.stem)
def test_a_foreign_recording_is_read_whole(path: Path) -> None:
    recording = open_log(path)
    entries = list(recording.entries())
    lines = path.read_text(encoding="utf-8").splitlines()
    assert recording.header is None
    assert recording.damage is None
    assert len(entries) == len(lines)
    for entry, line in zip(entries, map(json.loads, lines), strict=True):
        assert isinstance(entry.raw, str)
        assert (entry.direction, json.loads(entry.raw)) == (line["dir"], line["event"])


def test_every_foreign_recording_is_there() -> None:
    assert len(list(FOREIGN.rglob("*.jsonl"))) == 20


@pytest.mark.parametrize("cut", [1, 2, 20, len(LINES[-1]) - 2])
def test_a_log_that_is_cut_off_plays_up_to_there(tmp_path: Path, cut: int) -> None:
    whole = b"".join((HEADER, *LINES))
    recording = open_log(log_of(tmp_path, whole[: -cut - 1]))
    assert list(recording.entries()) == ENTRIES[:-1]
    assert recording.damage == Damage(6, len(whole) - len(LINES[-1]), "is cut off")


def test_a_last_line_without_its_line_feed_is_whole(tmp_path: Path) -> None:
    recording = open_log(log_of(tmp_path, HEADER, b"".join(LINES).removesuffix(b"\n")))
    assert list(recording.entries()) == ENTRIES
    assert recording.damage is None


@pytest.mark.parametrize(
    ("garbage", "reason"),
    [
        (b"garbage\n", "is not JSON"),
        (b"\0" * 4096 + b"\n", "is not JSON"),
        (b"\xff\xfe\n", "is not UTF-8"),
        (LINES[2][:30] + b"\n", "is not JSON"),
        (LINES[2][:-20] + LINES[3], "is not JSON"),
        (HEADER, "is the header of another log"),
    ],
)
def test_garbage_in_the_middle_ends_the_log_there(tmp_path: Path, garbage: bytes, reason: str) -> None:
    recording = open_log(log_of(tmp_path, HEADER, *LINES[:2], garbage, *LINES[3:]))
    assert list(recording.entries()) == ENTRIES[:2]
    assert recording.damage == Damage(4, len(HEADER) + len(LINES[0]) + len(LINES[1]), reason)


def test_damage_is_told_in_words() -> None:
    assert str(Damage(1212, 88_412, "is cut off")) == "line 1,212 (byte 88,412) is cut off"


def test_a_line_of_more_than_64_mib_is_damage_and_never_in_memory_whole(tmp_path: Path) -> None:
    path = log_of(tmp_path, HEADER, LINES[0])
    with path.open("r+b") as file:
        file.truncate(8 * MAX_LINE_BYTES)  # a sparse file: zero bytes without a line feed
    recording = open_log(path)
    tracemalloc.start()
    assert list(recording.entries()) == ENTRIES[:1]
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 3 * MAX_LINE_BYTES
    assert str(recording.damage) == f"line 3 (byte {len(HEADER) + len(LINES[0])}) is longer than 64 MiB"


def test_a_frame_of_20_mb_is_read(tmp_path: Path) -> None:
    entry = LogEntry(1, 0.0, "in", f'{{"delta":"{"A" * 20_000_000}"}}')
    recording = open_log(log_of(tmp_path, HEADER, entry_line(entry, is_object=True)))
    assert list(recording.entries()) == [entry]


def test_a_log_that_goes_away_is_damage(tmp_path: Path) -> None:
    path = log_of(tmp_path, HEADER, *LINES)
    recording = open_log(path)
    path.unlink()
    assert list(recording.entries()) == []
    assert str(recording.damage).startswith("line 1 (byte 0) cannot be read: ")


def test_a_log_from_the_future_says_so(tmp_path: Path) -> None:
    path = log_of(tmp_path, b'{"realtime_log":7,"shape":"unknown"}\n')
    with pytest.raises(BadInput) as caught:
        open_log(path)
    assert (
        str(caught.value) == f"{path} was written by a newer realtime (log version 7; this one reads up to 1)"
    )
    assert "newer" in caught.value.hint


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (gzip.compress(HEADER), r"is compressed \(gzip\)"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is not a recorded session: line 1 is not UTF-8"),
        (b"RIFF\0\0\0\0WAVE", "is a binary file, not a log"),
        ('{"realtime_log":1}\n'.encode("utf-16-le"), "is a binary file, not a log"),
        (b"hello\nworld\n", "is not a recorded session: line 1 is not JSON"),
        (HEADER[:40], "is not a recorded session: line 1 is cut off"),
        (b'{"type":"response.create"}\n', "is not a recorded session: line 1 has no `dir`"),
    ],
)
def test_a_file_that_is_no_log_is_bad_input(tmp_path: Path, content: bytes, words: str) -> None:
    path = log_of(tmp_path, content)
    with pytest.raises(BadInput, match=words) as caught:
        open_log(path)
    assert str(path) in str(caught.value)
    assert caught.value.hint


def test_a_folder_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is a folder, not a log"):
        open_log(tmp_path)


@pytest.mark.parametrize("name", ["missing.jsonl", "a.jsonl/missing.jsonl", "x" * 5000])
def test_a_missing_file_is_bad_input(tmp_path: Path, name: str) -> None:
    log_of(tmp_path, HEADER)
    with pytest.raises(BadInput, match=r"there is no log|cannot be read"):
        open_log(tmp_path / name)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
def test_a_pipe_is_bad_input(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadInput, match="is not a regular file"):
        open_log(tmp_path / "pipe")
