from __future__ import annotations

import pytest
from prompt_toolkit.layout.screen import Char, Screen

from realtime_cli.ui.live.reflow import Wear, rows_added, wraps_rows


@pytest.mark.parametrize(
    "environ",
    [
        {"TMUX": "/tmp/tmux-0/default,1,0", "STY": "1.tty"},
        {"KITTY_WINDOW_ID": "1"},
        {"VTE_VERSION": "7600"},
        {"TERM_PROGRAM": "iTerm.app"},
    ],
)
def test_terminals_that_wrap(environ: dict[str, str]) -> None:
    assert wraps_rows(environ)


@pytest.mark.parametrize("environ", [{}, {"TERM_PROGRAM": "xterm"}, {"STY": "1.tty", "VTE_VERSION": "7600"}])
def test_terminals_that_do_not_or_nobody_knows(environ: dict[str, str]) -> None:
    assert not wraps_rows(environ)


def drawn(*rows: str) -> Screen:
    screen = Screen()
    screen.height = len(rows)
    for y, row in enumerate(rows):
        x = 0
        for char in map(Char, row):
            screen.data_buffer[y][x] = char
            x += char.width
    return screen


def test_rows_above_the_cursor_take_more_rows_where_they_are_wrapped() -> None:
    screen = drawn("x" * 40, "x" * 41, "", "x" * 20 + " " * 60, "x" * 80)
    assert rows_added(screen, cursor_row=4, cursor_column=0, width=40) == 1
    assert rows_added(screen, cursor_row=4, cursor_column=0, width=20) == 1 + 2
    assert rows_added(screen, cursor_row=4, cursor_column=45, width=20) == 1 + 2 + 2
    assert rows_added(screen, cursor_row=0, cursor_column=5, width=20) == 0


def test_no_wide_character_is_broken_in_two() -> None:
    screen = drawn("日" * 10, "x")
    assert rows_added(screen, cursor_row=1, cursor_column=0, width=20) == 0
    assert rows_added(screen, cursor_row=1, cursor_column=0, width=10) == 1
    assert rows_added(screen, cursor_row=1, cursor_column=0, width=7) == 3


def test_a_cursor_behind_the_end_of_its_row_stays_with_the_end() -> None:
    screen = drawn("x" * 20 + "  ")
    assert rows_added(screen, cursor_row=0, cursor_column=22, width=20) == 0
    assert rows_added(screen, cursor_row=0, cursor_column=22, width=10) == 1
    assert rows_added(screen, cursor_row=0, cursor_column=10, width=10) == 1
    assert rows_added(screen, cursor_row=0, cursor_column=9, width=10) == 0


def test_a_row_is_worn_where_something_longer_stood_until_all_is_erased() -> None:
    wear = Wear()
    assert not wear.drawn(drawn("x", "the status"), cursor_row=0)
    assert not wear.drawn(drawn("xx", "status"), cursor_row=0)
    assert wear.drawn(drawn("xx", "y", "status"), cursor_row=1)
    wear.erased()
    assert not wear.drawn(drawn("xx", "y", "status"), cursor_row=1)
