from __future__ import annotations

import io

import pytest

from realtime_cli.ui.live.replay_keys import help_rows
from realtime_cli.ui.theme import make_console

CONSOLE = make_console(io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))


@pytest.mark.parametrize("width", [20, 40, 80])
def test_no_word_of_the_help_is_broken(width: int) -> None:
    rows = [row.plain for row in help_rows(CONSOLE, width=width)]
    assert all(len(row) <= width for row in rows)
    told, whole = (
        " ".join(rows).split(),
        " ".join(row.plain for row in help_rows(CONSOLE, width=200)).split(),
    )
    assert told == whole
