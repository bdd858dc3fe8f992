from __future__ import annotations

import json
import os
import stat
import sys
from multiprocessing.pool import ThreadPool
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.history import InMemoryHistory

from realtime_cli.redaction import Redactor
from realtime_cli.ui.live.history import FileHistory, history, history_path

KEY = "sk-" + "a1B2c3D4" * 4


def newest_first(path: Path) -> list[str]:
    """What a later session finds."""
    return list(FileHistory(path).load_history_strings())


def test_entries_come_back_in_the_next_session(tmp_path: Path) -> None:
    path = tmp_path / "state" / "history.jsonl"
    typed = FileHistory(path)
    for line in ("hello", "/voice marin", "two\nlines", "ünï ␛\x1b \ud800"):
        typed.append_string(line)
    assert newest_first(path) == ["ünï ␛\x1b \ud800", "two\nlines", "/voice marin", "hello"]


async def test_entries_of_this_session_are_there_at_once(tmp_path: Path) -> None:
    (tmp_path / "history").write_text('"before"\n')
    typed = FileHistory(tmp_path / "history")
    assert [line async for line in typed.load()] == ["before"]
    typed.append_string("now")
    assert [line async for line in typed.load()] == ["now", "before"]


def test_nothing_is_kept_twice_in_a_row_or_empty(tmp_path: Path) -> None:
    path = tmp_path / "history"
    typed = FileHistory(path)
    for line in ("a", "a", "  ", "", "b", "a"):
        typed.append_string(line)
    assert newest_first(path) == ["a", "b", "a"]


@pytest.mark.parametrize(
    "line",
    [
        f"my key is {KEY}",
        '/send {"authorization": "hunter2 hunter2"}',
        "the word is correcthorse",
        "x" * 20_001,
    ],
)
def test_secrets_and_monsters_are_not_kept(tmp_path: Path, line: str) -> None:
    path = tmp_path / "history"
    typed = FileHistory(path, redactor=Redactor(["correcthorse"]))
    typed.append_string(line)
    assert typed.get_strings() == []
    assert not path.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "state" / "history"
    FileHistory(path).append_string("hello")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "history"
    path.touch(0o644)
    FileHistory(path).append_string("hello")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_broken_lines_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "history"
    deep = b"[" * 100_000
    path.write_bytes(b'"one"\nnonsense\n7\n""\n\xff\xfe\n' + deep + b'\n"two"\n"half')
    assert newest_first(path) == ["two", "one"]


def test_a_line_behind_half_a_line_is_its_own(tmp_path: Path) -> None:
    path = tmp_path / "history"
    path.write_bytes(b'"one"\n"half')
    typed = FileHistory(path)
    typed.append_string("two")
    assert newest_first(path) == ["two", "one"]


def test_only_the_last_entries_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "history"
    path.write_text("".join(f'"{number}"\n' for number in range(5000)))
    assert newest_first(path) == [str(number) for number in range(4999, 2999, -1)]
    assert len(path.read_text().split()) == 2000
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_is_far_too_large_is_read_from_its_end(tmp_path: Path) -> None:
    path = tmp_path / "history"
    path.write_text(json.dumps("x" * 5_000_000) + '\n"last"\n')
    assert newest_first(path) == ["last"]


def test_a_place_that_cannot_be_written_disturbs_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file" / "history", tmp_path, tmp_path / "a\0b"):
        typed = FileHistory(path)
        typed.append_string("hello")
        assert typed.get_strings() == ["hello"]
        assert newest_first(path) == []


@pytest.mark.skipif(sys.platform == "win32", reason="no named pipes")
def test_a_pipe_in_its_place_is_left_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "history")
    FileHistory(tmp_path / "history").append_string("hello")
    assert newest_first(tmp_path / "history") == []


def test_sessions_side_by_side_do_not_mix_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "history"

    def session(name: int) -> None:
        typed = FileHistory(path)
        for number in range(100):
            typed.append_string(f"{name} {number} " + "x" * 200)

    with ThreadPool(4) as pool:
        pool.map(session, range(4))
    assert sorted(line[:-201] for line in newest_first(path)) == sorted(
        f"{name} {number}" for name in range(4) for number in range(100)
    )


def test_without_a_path_there_is_this_session_only() -> None:
    assert isinstance(history(None), InMemoryHistory)


def test_a_path_makes_a_lasting_history(tmp_path: Path) -> None:
    history(tmp_path / "history").append_string("hello")
    assert newest_first(tmp_path / "history") == ["hello"]


def test_its_place_is_the_platforms_place_for_state() -> None:
    assert history_path().parts[-2:] == ("realtime", "history.jsonl") or sys.platform != "linux"


@given(st.binary(max_size=200))
def test_any_file_can_be_loaded(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("history") / "history"
    path.write_bytes(data)
    assert all(newest_first(path))
