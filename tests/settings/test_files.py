from __future__ import annotations

import sys
from pathlib import Path

import pytest

from realtime_cli.errors import BadInput
from realtime_cli.settings import read_instructions_file, read_session_file


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"instructions": "hi"}', {"instructions": "hi"}),
        ('{"type": "realtime", "voice": "marin"}', {"type": "realtime", "voice": "marin"}),
        ('{"type": "session.update", "event_id": "e", "session": {"voice": "marin"}}', {"voice": "marin"}),
        ('\ufeff{"voice": "é"}', {"voice": "é"}),
        ('{"type": 5}', {"type": 5}),
        ("{}", {}),
    ],
)
def test_a_session_file_is_a_session_or_its_update_event(
    tmp_path: Path, text: str, expected: dict[str, object]
) -> None:
    path = tmp_path / "session.json"
    path.write_text(text, encoding="utf-8")
    assert read_session_file(path) == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{\n  "voice": marin\n}', r"session\.json:2:12: not JSON: Expecting value"),
        (b"", r"session\.json:1:1: not JSON"),
        (b"[1]", "does not hold a JSON object"),
        (b'{"type": "response.create"}', "holds a 'response.create' event, not a session"),
        (b'{"type": "session.update", "session": []}', "holds a 'session.update' event, not a session"),
        (b"\xff\xfe{", r"is not UTF-8 text \(byte 0\)"),
        (b"[" * 200_000, "nested too deeply"),
        (b"[" + b"9" * 5_000 + b"]", "a number that is too long"),
    ],
)
def test_a_session_file_that_is_none_says_why(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "session.json"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=message):
        read_session_file(path)


def test_instructions_keep_their_line_breaks(tmp_path: Path) -> None:
    path = tmp_path / "é.md"
    path.write_text("# Be kind.\n\nAlways.\n", encoding="utf-8-sig")
    assert read_instructions_file(path) == "# Be kind.\n\nAlways.\n"


@pytest.mark.parametrize("name", ["none.md", ".", "a\0b"])
def test_a_file_that_cannot_be_read_is_bad_input(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="cannot read"):
        read_instructions_file(tmp_path / name)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions work differently")
def test_a_path_through_a_file_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(BadInput, match="Not a directory"):
        read_session_file(tmp_path / "file" / "session.json")
