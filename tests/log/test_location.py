from __future__ import annotations

import os
import stat
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from realtime_cli.errors import BadInput
from realtime_cli.log.location import default_folder, find_log, make_private_folder, new_log_path

STARTED = datetime(2026, 11, 21, 2, 7, tzinfo=UTC)
NOW_S = 1_700_000_000

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_folder_is_the_platforms_place_for_state() -> None:
    folder = default_folder()
    assert folder.is_absolute()
    assert folder.parts[-2:] == ("realtime", "logs")


def test_the_environment_names_another_folder() -> None:
    assert default_folder({"REALTIME_LOG_FOLDER": "/somewhere/else"}) == Path("/somewhere/else")
    assert default_folder({"REALTIME_LOG_FOLDER": ""}) == default_folder({})
    assert default_folder({"REALTIME_LOG_FOLDER": "~/logs"}) == Path.home() / "logs"


def test_a_new_log_is_named_by_its_start_in_utc(tmp_path: Path) -> None:
    tokyo = STARTED.astimezone(timezone(timedelta(hours=9)))
    assert new_log_path(tmp_path, tokyo) == tmp_path / "2026-11-21T02-07-00_chat.jsonl"


def test_two_sessions_of_one_second_get_two_names_that_sort(tmp_path: Path) -> None:
    names = [new_log_path(tmp_path, STARTED).name for _ in range(3)]
    assert len(set(names)) == 3
    assert names == sorted(names)


@posix_only
def test_folders_and_files_are_for_their_owner_only(tmp_path: Path) -> None:
    path = new_log_path(tmp_path / "state" / "logs", STARTED)
    assert mode_of(tmp_path / "state") == mode_of(tmp_path / "state" / "logs") == 0o700
    assert mode_of(path) == 0o600


@posix_only
def test_a_folder_that_exists_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    make_private_folder(tmp_path)
    assert mode_of(tmp_path) == 0o755


def test_a_folder_that_cannot_be_made_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadInput, match="the log cannot be written to") as caught:
        new_log_path(tmp_path / "file" / "logs", STARTED)
    assert "--no-log" in caught.value.hint


def test_last_is_the_log_that_was_written_last(tmp_path: Path) -> None:
    for age_s, name in [(30, "c.jsonl"), (10, "a.jsonl"), (20, "b.jsonl"), (0, "notes.txt")]:
        (tmp_path / name).write_text("{}\n")
        os.utime(tmp_path / name, (NOW_S, NOW_S - age_s))
    assert find_log("last", tmp_path) == tmp_path / "a.jsonl"


def test_last_goes_by_name_where_times_are_equal(tmp_path: Path) -> None:
    for name in ("2026-11-21T02-07-00_chat_2.jsonl", "2026-11-21T02-07-00_chat.jsonl"):
        (tmp_path / name).write_text("{}\n")
        os.utime(tmp_path / name, (NOW_S, NOW_S))
    assert find_log("last", tmp_path).name == "2026-11-21T02-07-00_chat_2.jsonl"


def test_last_passes_over_a_log_without_a_line(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("{}\n")
    (tmp_path / "b.jsonl").touch()
    assert find_log("last", tmp_path) == tmp_path / "a.jsonl"


def test_last_passes_over_what_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("{}\n")
    (tmp_path / "folder.jsonl").mkdir()
    if sys.platform != "win32":
        (tmp_path / "gone.jsonl").symlink_to(tmp_path / "missing")
    assert find_log("last", tmp_path) == tmp_path / "a.jsonl"


@pytest.mark.parametrize("folder", [".", "missing"])
def test_no_last_log_is_bad_input_that_names_the_folder(tmp_path: Path, folder: str) -> None:
    with pytest.raises(BadInput, match="there is no log in") as caught:
        find_log("last", tmp_path / folder)
    assert str(tmp_path / folder) in str(caught.value)


def test_a_path_is_taken_as_given(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").touch()
    assert find_log(str(tmp_path / "x.jsonl"), tmp_path / "logs") == tmp_path / "x.jsonl"


@pytest.mark.parametrize("name", ["missing.jsonl", "x" * 5000])
def test_a_missing_path_is_bad_input_that_names_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match=f"there is no log {name}") as caught:
        find_log(name, tmp_path)
    assert str(tmp_path) in caught.value.hint
