from __future__ import annotations

import io

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

from realtime_cli.ui.theme import make_console
from realtime_cli.ui.wrap import parts_of, rows_of, shortened, untabbed, wrapped, wrapped_below

WORDS = st.text(st.sampled_from("ab cdé日🙂 \t.,"), max_size=80)


@settings(deadline=None)
@given(WORDS, st.integers(4, 30), st.integers(0, 4), st.integers(0, 9))
def test_rows_take_every_word_in_its_order(words: str, width: int, indent: int, lead: int) -> None:
    rows = rows_of(words, width=width, indent=indent, lead=lead)
    assert "".join("".join(words[begin:end].split()) for begin, end in rows) == "".join(words.split())
    assert all(begin <= end for begin, end in rows)


def test_before_the_first_row_more_may_be_taken() -> None:
    words = "one two three"
    assert [words[begin:end] for begin, end in rows_of(words, width=10, indent=2, lead=4)] == [
        "one",
        "two",
        "three",
    ]
    assert [words[begin:end] for begin, end in rows_of(words, width=10, indent=2)] == ["one two", "three"]


@given(WORDS, st.integers(1, 30))
def test_code_breaks_where_the_row_is_full(code: str, room: int) -> None:
    rows = parts_of(code, room=room)
    assert "".join(code[begin:end] for begin, end in rows) == code
    assert all(cell_len(code[begin:end].replace("\t", "")) <= max(room, 2) for begin, end in rows)


def test_styles_go_with_their_words() -> None:
    words = Text.assemble(("one two", "bold"), " three")
    first, second = wrapped(words, width=5)[:2]
    assert (first.plain, first.spans[0].style) == ("one", "bold")
    assert (second.plain, second.spans[0].style) == ("two", "bold")


def test_what_follows_is_indented_where_there_is_room() -> None:
    words = Text("one two three")
    assert [row.plain for row in wrapped_below(words, width=10)] == ["one two", "    three"]
    assert [row.plain for row in wrapped_below(words, width=7)] == ["one two", "three"]


def test_tabs_become_spaces_as_far_as_their_stops() -> None:
    assert untabbed("a\tb日\tc\t") == "a   b日 c   "


def test_a_row_is_cut_off_with_dots() -> None:
    console = make_console(io.StringIO())
    assert shortened(console, Text("too wide"), 5).plain == "too …"
    ascii_only = make_console(io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert shortened(ascii_only, Text("too wide"), 5).plain == "too w"
