from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_cli.errors import UsageError
from realtime_cli.ui.commands import as_turn, is_command
from realtime_cli.ui.commands.words import Line, cut, first, parse, quoted, split


def test_a_command_begins_with_one_slash_or_is_a_question_mark() -> None:
    assert is_command("/help")
    assert is_command(" ? ")
    assert not is_command("//usr/bin")
    assert not is_command("what?")
    assert not is_command(" /help")


def test_two_slashes_say_one() -> None:
    assert as_turn("//usr/bin") == "/usr/bin"
    assert as_turn("a // b") == "a // b"


@pytest.mark.parametrize(
    ("line", "parsed"),
    [
        ("/help", Line("help")),
        ("/Voice  marin ", Line("voice", "marin")),
        ("/send! {}", Line("send", "{}", insists=True)),
        ("/mark one\ntwo", Line("mark", "one\ntwo")),
        ("?", Line("help")),
        ("/", None),
        ("/usr/bin is a folder", None),
        ("/ help", None),
    ],
)
def test_a_line_is_a_name_and_a_rest(line: str, parsed: Line | None) -> None:
    assert parse(line) == parsed


def test_quotes_hold_words_together() -> None:
    assert split("""a 'b c' "d 'e'" f'g h'i""") == ["a", "b c", "d 'e'", "fg hi"]


def test_empty_quotes_are_an_empty_word() -> None:
    assert split("a '' b") == ["a", "", "b"]


def test_paths_of_windows_need_no_quotes() -> None:
    assert split(r"C:\Users\me\a.png \\server\share\b.png") == [r"C:\Users\me\a.png", r"\\server\share\b.png"]


def test_paths_of_windows_may_have_quotes() -> None:
    assert split(r'"C:\My Files\a.png" x') == [r"C:\My Files\a.png", "x"]


@pytest.mark.skipif(sys.platform == "win32", reason="a backslash is itself there")
def test_a_backslash_frees_a_space_and_a_quote() -> None:
    assert split(r"my\ file.png don\'t " + r'"say \"hi\""') == ["my file.png", "don't", 'say "hi"']


def test_an_open_quote_is_an_error_that_says_which() -> None:
    with pytest.raises(UsageError, match="a quote is open: '"):
        split("don't")


def test_the_first_word_leaves_the_rest_as_it_is() -> None:
    assert first("""'my file' it's  "this" """) == ("my file", """it's  "this\"""")
    assert first("") == ("", "")


def test_what_is_being_typed_is_the_last_word() -> None:
    typed = cut("one 'two thr")
    assert (typed.before, typed.word, typed.start) == (("one",), "two thr", 4)


def test_behind_a_space_a_new_word_begins() -> None:
    typed = cut("one ")
    assert (typed.before, typed.word, typed.start) == (("one",), "", 4)


@given(st.lists(st.text()))
def test_quoted_words_are_the_same_words(words: list[str]) -> None:
    assert split(" ".join(map(quoted, words))) == words


@given(st.text())
def test_any_text_can_be_cut(text: str) -> None:
    typed = cut(text)
    assert 0 <= typed.start <= len(text)
