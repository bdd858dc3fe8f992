"""Where an answer is cut to be spoken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_cli.server.clauses import Clauses


def cut(*texts: str) -> list[str]:
    clauses = Clauses()
    return [*(piece for text in texts for piece in clauses.feed(text)), clauses.flush()]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Hello! How are you? Well.", ["Hello!", " How are you?", " Well."]),
        ("Well, yes, it costs 3.50 today. Fine.", ["Well, yes, it costs 3.50 today.", " Fine."]),
        ("After the first rain, the sun. It", ["After the first rain,", " the sun.", " It"]),
        ("He said “yes.” Then he left.", ["He said “yes.”", " Then he left."]),
        ("One line\nAnother", ["One line\n", "Another"]),
        ("你好。今天怎么样？", ["你好。", "今天怎么样？", ""]),
        ("no mark at all", ["no mark at all"]),
    ],
)
def test_sentences_and_a_first_clause(text: str, pieces: list[str]) -> None:
    assert cut(text) == pieces
    assert cut(*text) == pieces


def test_a_sentence_is_given_as_soon_as_it_is_complete() -> None:
    clauses = Clauses()
    assert not list(clauses.feed("Hello there."))
    assert list(clauses.feed(" ")) == ["Hello there."]


def test_long_sentences_are_cut_at_clauses() -> None:
    pieces = cut("Yes. " + "and then it went on and on for quite a while, " * 12)
    assert all(60 < len(piece) < 200 for piece in pieces[1:-1])
    assert all(piece.endswith(",") for piece in pieces[1:-1])


def test_what_has_no_marks_is_cut_between_words() -> None:
    pieces = cut("word " * 400)
    assert all(len(piece) < 330 for piece in pieces)
    assert all(piece.strip().endswith("word") for piece in pieces[:-1])


@given(st.lists(st.text(alphabet="ab .,!?\n。", max_size=30)))
def test_no_character_is_lost_however_it_comes(texts: list[str]) -> None:
    pieces = cut(*texts)
    assert "".join(pieces) == "".join(texts)
    assert pieces == cut("".join(texts)) or len("".join(texts)) > 160
