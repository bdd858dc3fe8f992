from __future__ import annotations

from io import BytesIO, TextIOWrapper

import pytest

from realtime_cli.ui.commands import help_rows
from realtime_cli.ui.commands.registry import commands
from realtime_cli.ui.theme import make_console
from tests.support.desks import MemoryDesk

ALL = (
    "help mute ptt interrupt mode voice instructions set image say send items retrieve delete truncate usage "
    "latency tools approve deny answer cancel log save mark events inspect clear reconnect quit"
)


def test_all_commands_are_there() -> None:
    assert {command.name for command in commands()} == set(ALL.split())


@pytest.mark.parametrize("line", ["/help", "?", "/help all"])
def test_help_lists_every_command_and_key(line: str) -> None:
    shown = MemoryDesk().run(line)
    assert all(f"/{name}" in shown for name in ALL.split())
    assert all(key in shown for key in ("Enter", "Alt-Enter", "Tab", "Ctrl-C", "Ctrl-D", "F2", "F3", "Space"))


@pytest.mark.parametrize("width", [40, 59, 60, 80, 200])
def test_help_is_seen_at_once_on_24_rows(width: int) -> None:
    desk = MemoryDesk(width=width)
    desk.run("?")
    typed_input_and_status = 3
    assert len(desk.rows) + typed_input_and_status <= 24


@pytest.mark.parametrize("line", ["?", "/help all"])
@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_help_fits_the_screen(width: int, line: str) -> None:
    desk = MemoryDesk(width=width)
    desk.run(line)
    assert all(row.cell_len <= width for row in desk.rows)


@pytest.mark.parametrize("width", [40, 80])
def test_no_key_of_the_overview_stands_apart_from_what_it_does(width: int) -> None:
    shown = MemoryDesk(width=width).run("?")
    assert all(
        whole in shown for whole in ("Ctrl-C stop, clear, leave", "Ctrl-Y, Ctrl-N let a call run, or not")
    )


def test_where_only_lines_are_read_help_tells_of_no_keys() -> None:
    desk = MemoryDesk(has_keys=False)
    assert "Ctrl-" not in desk.run("?") + desk.run("/help all")


def test_help_on_all_tells_what_each_does_and_the_keys_of_the_raw_view() -> None:
    shown = MemoryDesk().run("/help all")
    assert all(words in shown for words in ("cut the assistant's speech", "stop the answer; clear the line"))
    assert "fold runs of events" in shown


def test_at_80_columns_nothing_but_the_foot_is_broken() -> None:
    rows = [row.plain for row in help_rows(MemoryDesk().console, 80)]
    assert [row for row in rows[:-2] if row.startswith(" ")] == []


def test_a_terminal_without_arrows_gets_words() -> None:
    console = make_console(TextIOWrapper(BytesIO(), encoding="ascii"), width=80)
    desk = MemoryDesk(console=console)
    for line in ("?", "/help all"):
        rows = desk.run(line)
        assert rows.isascii()
        assert "Up Down " in rows


@pytest.mark.parametrize("line", ["/help send", "/help /send"])
def test_help_on_one_command_shows_examples(line: str) -> None:
    shown = MemoryDesk().run(line)
    assert shown.startswith("/send TYPE")
    assert "/send events.jsonl" in shown


def test_help_by_another_name_tells_the_first() -> None:
    assert MemoryDesk().run("/help stop") == "/interrupt  stop the answer\nalso /stop"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("/voise marin", "there is no command /voise (did you mean /voice?)"),
        ("/help voise", "there is no command /voise (did you mean /voice?)"),
        ("/xyzzy", "there is no command /xyzzy (/help lists them; // begins a turn with /)"),
        ("/usr/bin/env is a path", "there is no command /usr/bin/env"),
        ("/", "there is no command /"),
        ("mute", "there is no command /mute"),
        ("/\x1b[2J", "there is no command /␛[2J"),
        ("/mute now", "/mute takes nothing more"),
        ("/mute!", "/mute does not take !"),
    ],
)
def test_a_wrong_command_is_one_line_with_the_nearest_one(line: str, words: str) -> None:
    desk = MemoryDesk(width=120)
    assert words in desk.run(line)
    assert len(desk.rows) == 1
    assert desk.done == []
