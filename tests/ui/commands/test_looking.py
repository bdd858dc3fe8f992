from __future__ import annotations

from pathlib import Path

import pytest

from realtime_cli.core.inputs import Marked
from tests.support.desks import MemoryDesk


@pytest.fixture
def logged(tmp_path: Path) -> MemoryDesk:
    log = tmp_path / "session.jsonl"
    log.write_text("{}\n" * 500)
    return MemoryDesk(log_path=log, width=300)


@pytest.mark.parametrize("width", [40, 80])
@pytest.mark.parametrize("line", ["/usage", "/latency"])
def test_figures_are_shown(line: str, width: int) -> None:
    desk = MemoryDesk(width=width)
    assert desk.run(line)
    assert all(row.cell_len <= width for row in desk.rows)


def test_the_log_has_a_place_and_a_size(logged: MemoryDesk) -> None:
    assert logged.run("/log") == f"{logged.log_path} · 2 kB"


def test_a_log_that_is_gone_is_said(logged: MemoryDesk, tmp_path: Path) -> None:
    (tmp_path / "session.jsonl").unlink()
    assert logged.run("/log").startswith(f"{logged.log_path} · No such file")


@pytest.mark.parametrize("line", ["/log", "/save copy.jsonl"])
def test_without_a_log_that_is_said(line: str) -> None:
    assert "this session is not recorded" in MemoryDesk().run(line)


def test_a_copy_is_saved(logged: MemoryDesk, tmp_path: Path) -> None:
    assert logged.run(f"/save '{tmp_path / 'my copy.jsonl'}'") == "saved to my copy.jsonl"
    assert (tmp_path / "my copy.jsonl").read_text() == "{}\n" * 500


def test_in_a_folder_a_copy_has_the_logs_name(logged: MemoryDesk, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    logged.run(f"/save {tmp_path / 'there'}")
    assert (tmp_path / "there" / "session.jsonl").is_file()


def test_a_copy_overwrites_only_when_told(logged: MemoryDesk, tmp_path: Path) -> None:
    (tmp_path / "old").write_text("old")
    assert "is there already (/save! FILE writes over it)" in logged.run(f"/save {tmp_path / 'old'}")
    assert (tmp_path / "old").read_text() == "old"
    logged.run(f"/save! {tmp_path / 'old'}")
    assert (tmp_path / "old").read_text() == "{}\n" * 500


@pytest.mark.parametrize("name", ["", "no/such/folder/file", "a b", "x" * 5000, "a\0b"])
def test_a_copy_that_cannot_be_made_is_an_error(logged: MemoryDesk, name: str) -> None:
    assert logged.run(f"/save {name}").startswith("error: ")


def test_a_moment_is_marked() -> None:
    desk = MemoryDesk()
    desk.run("/mark it's   here")
    desk.run("/mark")
    assert desk.posted == [Marked("it's here"), Marked("")]
    assert [notice.text for notice in desk.view.notices] == ["mark: it's here", "mark"]


def test_the_screen_is_emptied() -> None:
    desk = MemoryDesk()
    desk.run("/clear")
    assert desk.done == [("clear",)]
