"""What may be written to, and what is somebody's already."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from realtime_cli.cli.overwriting import refuse_full, refuse_same
from realtime_cli.errors import BadInput
from tests.cli.sounds import tone, wav


def test_what_is_empty_or_no_file_may_be_written_to(tmp_path: Path) -> None:
    empty, silent = tmp_path / "empty.wav", tmp_path / "silent.wav"
    empty.write_bytes(b"")
    silent.write_bytes(wav(b""))
    for path in (None, "-", os.devnull, tmp_path / "new.wav", tmp_path / "no\0name", empty, silent):
        refuse_full(path)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes with a name")
def test_a_pipe_takes_everything(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    refuse_full(pipe)
    refuse_same(record=pipe, output=pipe)


@pytest.mark.parametrize("content", [b"x", wav(tone(1)), tone(1)])
def test_a_file_with_something_in_it_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine.wav"
    path.write_bytes(content)
    with pytest.raises(BadInput, match="has something in it already"):
        refuse_full(path)


def test_standard_output_and_what_takes_everything_have_room_for_all() -> None:
    refuse_same(record=os.devnull, output=os.devnull, log="-")
    refuse_same(record="-", output="-")
